#!/bin/sh
# Runs the README's walks on a running server: sh examples/tour.sh [http://localhost:5000]
# Makes an API key in the server's database (MONGO_URI, or the embedded one of this folder), unless KEY is set.
set -eu
API=${1:-http://localhost:5000}

# Prints the curl command, sends the request, prints the answer, and keeps it in $ANSWER.
ask() {
  printf '$ curl -s -H "Authorization: Bearer $KEY"'
  for word in "$@"; do
    case $word in *[\ \?\"]*) printf " '%s'" "$word" ;; *) printf ' %s' "$word" ;; esac
  done
  echo
  ANSWER=$(curl -s -H "Authorization: Bearer $KEY" "$@")
  printf '%s\n\n' "$ANSWER"
}
# Ends the tour unless the last answer contains the text.
expect() {
  case $ANSWER in *"$1"*) ;; *) echo "The answer does not contain $1" >&2 && exit 1 ;; esac
}
# Prints the first id in the last answer.
id() {
  printf '%s' "$ANSWER" | sed 's/.*"_id":"\([0-9a-f]*\)","\(name":"Concert\|eventId\).*/\1/'
}
JSON='content-type: application/json'
PROJECT=$(dirname "$0")/..

if [ -z "${KEY:-}" ]; then
  echo '$ KEY=$(npm run -s keys -- create --scope sell --scope operate --name tour)'
  KEY=$(node "$PROJECT/dist/cli/keys.js" create --scope sell --scope operate --name tour)
  echo
fi

ask "$API/events/create" -H "$JSON" -d '{"name": "Concert Night", "totalTickets": 10}'
EVENT=$(id)

# A purchase: hold, pay, confirm.
ask "$API/holds" -H "$JSON" -d "{\"eventId\": \"$EVENT\", \"userId\": \"user789\", \"quantity\": 2}"
expect '"status":"active"'
HOLD=$(id)
ask "$API/events/$EVENT"
expect '"heldTickets":2'
ask "$API/holds/$HOLD/confirm" -H "$JSON" -d "{\"paymentReference\": \"pay-$HOLD\"}"
expect '"message":"Booking successful"'
ask "$API/holds/$HOLD"
expect '"settlement":"booked"'

# After it: a part is given back, another user gets the rest, the event is edited and paused.
ask "$API/bookings/$HOLD/cancel" -H "$JSON" -H "Idempotency-Key: return-$HOLD" -d '{"quantity": 1, "reason": "One of us is ill"}'
expect '"cancelledQuantity":1'
ask "$API/bookings/$HOLD/transfer" -H "$JSON" -d '{"userId": "user456"}'
expect '"userId":"user456"'
ask "$API/bookings/$HOLD/history"
expect '"kind":"transferred"'
MERGE='content-type: application/merge-patch+json'
ask -X PATCH "$API/events/$EVENT" -H "$MERGE" -H 'If-Match: *' -d '{"totalTickets": 11, "maxTicketsPerUser": 10}'
expect '"totalTickets":11'
ask -X PATCH "$API/events/$EVENT" -H "$MERGE" -H 'If-Match: *' -d '{"status": "paused"}'
ask "$API/book" -H "$JSON" -d "{\"eventId\": \"$EVENT\", \"userId\": \"user123\"}"
expect '"code":"not_on_sale"'
ask -X PATCH "$API/events/$EVENT" -H "$MERGE" -H 'If-Match: *' -d '{"status": "on_sale"}'

ask "$API/book" -H "$JSON" -d "{\"eventId\": \"$EVENT\", \"userId\": \"user123\", \"quantity\": 2}"
BOOKING=$(id)
ask "$API/book" -H "$JSON" -d "{\"eventId\": \"$EVENT\", \"userId\": \"user456\", \"quantity\": 9}"
expect '"code":"not_enough_tickets"'
ask "$API/events/$EVENT"
ask -X POST "$API/bookings/$BOOKING/cancel"

# A waitlist: all of the tickets are sold, one becomes free, and is offered.
ask "$API/events/create" -H "$JSON" -d '{"name": "Concert Matinee", "totalTickets": 1}'
MATINEE=$(id)
ask "$API/book" -H "$JSON" -d "{\"eventId\": \"$MATINEE\", \"userId\": \"user123\"}"
LAST=$(id)
ask "$API/events/$MATINEE/waitlist" -H "$JSON" -d '{"userId": "user789"}'
expect '"position":1'
ENTRY=$(id)
ask -X POST "$API/bookings/$LAST/cancel"
ask "$API/events/$MATINEE/waitlist/$ENTRY"
expect '"status":"offered"'
ask "$API/holds/$ENTRY/confirm" -H "$JSON" -d '{}'
expect '"message":"Booking successful"'

ask "$API/bookings?eventId=$EVENT"
ask "$API/events/$EVENT/movements?limit=3"
expect '"hasMore":true'
ask "$API/events/$EVENT/bookings.csv"
expect ',user456,confirmed,'
ask "$API/events/$EVENT/integrity"
expect '"balanced":true'
