CREATE TABLE events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  status text NOT NULL DEFAULT 'on_sale',
  total_tickets integer NOT NULL,
  available_tickets integer NOT NULL,
  sold_tickets integer NOT NULL DEFAULT 0,
  max_tickets_per_user integer,
  revision bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  -- An index on this column, not on the count: a sale then changes no index until the last ticket goes.
  is_available boolean NOT NULL GENERATED ALWAYS AS (status = 'on_sale' AND available_tickets > 0) STORED,
  CHECK (available_tickets >= 0 AND sold_tickets >= 0 AND available_tickets + sold_tickets = total_tickets)
-- Half of each page stays free, so that a sale rewrites its row there.
) WITH (fillfactor = 50);
CREATE INDEX ON events (created_at DESC, id DESC);
CREATE INDEX ON events (created_at DESC, id DESC) WHERE is_available;

CREATE TABLE bookings (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id bigint NOT NULL,
  user_id text NOT NULL,
  quantity integer NOT NULL CHECK (quantity > 0),
  status text NOT NULL CHECK (status IN ('confirmed', 'cancelled')),
  booked_at timestamptz NOT NULL,
  cancelled_at timestamptz,
  reference text,
  metadata jsonb,
  idempotency_key text,
  fingerprint text
);
CREATE INDEX ON bookings (booked_at DESC, id DESC);
CREATE INDEX ON bookings (event_id, booked_at DESC, id DESC);
CREATE INDEX ON bookings (user_id, booked_at DESC, id DESC);
CREATE INDEX ON bookings (event_id, user_id, booked_at DESC, id DESC);
CREATE UNIQUE INDEX ON bookings (event_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- How many tickets a user has of an event that limits them.
CREATE TABLE user_tickets (
  event_id bigint,
  user_id text,
  tickets integer NOT NULL,
  PRIMARY KEY (event_id, user_id)
) WITH (fillfactor = 80);

CREATE TABLE movements (
  event_id bigint,
  revision bigint,
  kind text NOT NULL,
  booking_id bigint NOT NULL,
  quantity integer NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (event_id, revision)
);

-- Books in one round trip and one commit. Each statement in here sees what was committed before it.
-- The event's row is locked last, so that the next booking of a hot event waits for little more than the commit.
CREATE FUNCTION book(
  an_event bigint, a_user text, wanted integer, now_at timestamptz, a_reference text, some_metadata jsonb,
  a_key text, a_fingerprint text, OUT code text, OUT booking bigint, OUT made_at timestamptz
) LANGUAGE plpgsql AS $$
DECLARE
  event record;
  twin record;
BEGIN
  SELECT status, available_tickets, max_tickets_per_user INTO event FROM events WHERE id = an_event;
  code := CASE
    WHEN NOT FOUND THEN 'event_not_found'
    WHEN event.status <> 'on_sale' THEN 'not_on_sale'
    WHEN event.available_tickets = 0 THEN 'sold_out'
    WHEN event.available_tickets < wanted THEN 'not_enough_tickets'
    WHEN event.max_tickets_per_user < wanted THEN 'user_limit_reached'
  END;

  IF code IS NULL AND event.max_tickets_per_user IS NOT NULL THEN
    INSERT INTO user_tickets AS had VALUES (an_event, a_user, wanted)
      ON CONFLICT (event_id, user_id) DO UPDATE SET tickets = had.tickets + wanted
      WHERE had.tickets + wanted <= event.max_tickets_per_user;
    IF NOT FOUND THEN
      code := 'user_limit_reached';
    END IF;
  END IF;

  IF code IS NULL THEN
    INSERT INTO bookings
        (event_id, user_id, quantity, status, booked_at, reference, metadata, idempotency_key, fingerprint)
      VALUES (an_event, a_user, wanted, 'confirmed', now_at, a_reference, some_metadata, a_key, a_fingerprint)
      ON CONFLICT (event_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
      RETURNING id, booked_at INTO booking, made_at;
    IF NOT FOUND AND event.max_tickets_per_user IS NOT NULL THEN
      UPDATE user_tickets SET tickets = tickets - wanted WHERE event_id = an_event AND user_id = a_user;
    END IF;
  END IF;

  IF booking IS NULL THEN
    -- Refused, unless an earlier request with the same key was not.
    SELECT id, booked_at, fingerprint INTO twin FROM bookings WHERE event_id = an_event AND idempotency_key = a_key;
    IF FOUND AND twin.fingerprint = a_fingerprint THEN
      code := 'replayed';
      booking := twin.id;
      made_at := twin.booked_at;
    ELSIF FOUND THEN
      code := 'idempotency_key_reused';
    END IF;
    RETURN;
  END IF;

  WITH taken AS (
    UPDATE events SET available_tickets = available_tickets - wanted, sold_tickets = sold_tickets + wanted,
        revision = revision + 1, updated_at = now_at
      WHERE id = an_event AND status = 'on_sale' AND available_tickets >= wanted
      RETURNING revision
  )
  INSERT INTO movements SELECT an_event, revision, 'booked', booking, wanted, now_at FROM taken;
  IF NOT FOUND THEN
    -- Others took them since this call looked: undoes the booking, and lets the caller look again.
    RAISE EXCEPTION 'the event has changed' USING ERRCODE = 'serialization_failure';
  END IF;
  code := 'booked';
END $$;
