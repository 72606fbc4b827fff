"""Sells tickets through the generated client and prints what it saw. Arguments: the server's URL and an API key."""

import json
import sys

from openapi_client import (
    ApiClient,
    ApiException,
    BookingsApi,
    BookItemDto,
    BookItemsDto,
    BookRequest,
    BookTicketsDto,
    Configuration,
    CreateEventRequest,
    CreateEventWithSectionsDto,
    CreateEventWithTicketsDto,
    CreateSectionDto,
    EventsApi,
    HealthApi,
    PriceDto,
)

url, key = sys.argv[1:]
client = ApiClient(Configuration(host=url, access_token=key))
events, bookings = EventsApi(client), BookingsApi(client)
seen = {"health": HealthApi(client).is_ready().status}

price = PriceDto(amount=3_000_000_000, currency="EUR")
film = CreateEventWithTicketsDto(name="Film", totalTickets=1, price=price)
film = events.create_event(CreateEventRequest(film)).event
sections = [CreateSectionDto(name="Balcony", capacity=40, price=price), CreateSectionDto(name="Stalls", capacity=120)]
concert = CreateEventWithSectionsDto(name="Concert", sections=sections)
concert = events.create_event(CreateEventRequest(concert), idempotency_key="concert").event
seen["amount"] = concert.sections[0].price.amount

one_ticket = BookRequest(BookTicketsDto(eventId=film.id, userId="Ada"))
ticket = bookings.book(one_ticket, idempotency_key="ticket").booking
items = [BookItemDto(sectionId=section.id, quantity=2) for section in concert.sections]
party = BookItemsDto(
    eventId=concert.id, userId="Ada", items=items, reference="order-1001", metadata={"channel": "web"}
)
party = bookings.book(BookRequest(party)).booking
seen["party"] = [party.quantity, party.reference, party.metadata["channel"]]

try:
    bookings.book(one_ticket)
except ApiException as refusal:
    problem = json.loads(refusal.body)
    seen["refusal"] = [problem["status"], problem["code"]]
seen["cancelled"] = bookings.cancel_booking(ticket.id).booking.status
seen["left"] = events.get_event(film.id).event.available_tickets

first = events.list_events(limit=1)
second = events.list_events(limit=1, cursor=first.next_cursor)
seen["events"] = [first.events[0].name, second.events[0].name]
seen["users"], cursor = [], None
while True:
    page = bookings.list_bookings(limit=2, cursor=cursor)
    seen["users"] += [booking.user_id for booking in page.bookings]
    cursor = page.next_cursor
    if cursor is None:
        break
print(json.dumps(seen))
