-- The read models: what queries answer from. A function of the log: dropped and built anew, they are equal row for row.
--
-- What always holds: rows hold ids of people, never names; every row has its organization, and turnout_query sees one
-- organization's rows only, whatever it asks (the setting `public` shows published shows of all, nothing else).
-- `position` of a row is that of the last event that it was rendered after; rows of seats that are free again stay, so that
-- "what changed since N" is a question of positions. Names are written in full here; the programs' SQL leaves the schema to
-- the search_path, so that a second copy can be built beside this one.

CREATE TABLE read.checkpoints (
    name     text   NOT NULL,
    position bigint NOT NULL,
    fence    bigint NOT NULL,
    CONSTRAINT checkpoints_pkey PRIMARY KEY (name),
    CONSTRAINT checkpoints_position_not_negative CHECK (position >= 0)
) WITH (fillfactor = 10); -- a hot row: room on its page for versions that a foreign open snapshot keeps

CREATE TABLE read.leases (
    name       text        NOT NULL,
    holder     uuid        NOT NULL,
    fence      bigint      NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT leases_pkey PRIMARY KEY (name)
) WITH (fillfactor = 10);

CREATE TABLE read.poisoned_streams (
    stream       uuid   NOT NULL,
    organization uuid   NOT NULL,
    position     bigint NOT NULL,
    type         text   NOT NULL,
    error        text   NOT NULL,
    CONSTRAINT poisoned_streams_pkey PRIMARY KEY (stream)
);

CREATE TABLE read.shows (
    id           uuid        NOT NULL,
    organization uuid        NOT NULL,
    slug         text        NOT NULL,
    status       text        NOT NULL,
    is_public    boolean     NOT NULL,
    name         text        NOT NULL,
    starts_at    timestamptz NOT NULL,
    body         jsonb       NOT NULL,
    position     bigint      NOT NULL,
    CONSTRAINT shows_pkey PRIMARY KEY (id)
);
-- Not unique: two slugs of one name differ by 25 random bits only, and a read model does not reject what was recorded.
CREATE INDEX shows_slug_idx ON read.shows (slug);
CREATE INDEX shows_organization_starts_at_idx ON read.shows (organization, starts_at, id);
CREATE INDEX shows_public_starts_at_idx ON read.shows (starts_at, id) WHERE is_public;

CREATE TABLE read.seating (
    show         uuid   NOT NULL,
    organization uuid   NOT NULL,
    body         jsonb  NOT NULL,
    position     bigint NOT NULL,
    CONSTRAINT seating_pkey PRIMARY KEY (show)
);

CREATE TABLE read.seats (
    show         uuid   NOT NULL,
    seat         text   NOT NULL,
    organization uuid   NOT NULL,
    state        text,   -- null: free again
    hold         uuid,
    order_id     uuid,
    ticket       uuid,
    position     bigint NOT NULL,
    CONSTRAINT seats_pkey PRIMARY KEY (show, seat),
    CONSTRAINT seats_state_known CHECK (state IN ('held', 'sold', 'blocked'))
);
CREATE INDEX seats_show_position_idx ON read.seats (show, position);

CREATE TABLE read.availability (
    show         uuid   NOT NULL,
    organization uuid   NOT NULL,
    body         jsonb  NOT NULL,
    position     bigint NOT NULL,
    CONSTRAINT availability_pkey PRIMARY KEY (show)
);

CREATE TABLE read.orders (
    id              uuid        NOT NULL,
    show            uuid        NOT NULL,
    organization    uuid        NOT NULL,
    reference       text        NOT NULL,
    status          text        NOT NULL,
    customer        uuid,
    body            jsonb       NOT NULL,
    placed_at       timestamptz NOT NULL,
    placed_position bigint      NOT NULL,
    position        bigint      NOT NULL,
    CONSTRAINT orders_pkey PRIMARY KEY (id)
);
CREATE INDEX orders_show_placed_position_idx ON read.orders (show, placed_position);
CREATE INDEX orders_customer_idx ON read.orders (customer) WHERE customer IS NOT NULL;

CREATE TABLE read.tickets (
    id              uuid    NOT NULL,
    show            uuid    NOT NULL,
    organization    uuid    NOT NULL,
    order_id        uuid    NOT NULL,
    short_code      text    NOT NULL,
    seat            text,
    status          text    NOT NULL,
    holder          uuid,
    issue           integer NOT NULL,
    iat             bigint  NOT NULL,
    kid             text    NOT NULL,
    body            jsonb   NOT NULL,
    issued_position bigint  NOT NULL,
    position        bigint  NOT NULL,
    CONSTRAINT tickets_pkey PRIMARY KEY (id),
    CONSTRAINT tickets_status_known CHECK (status IN ('valid', 'void'))
);
CREATE INDEX tickets_order_idx ON read.tickets (order_id);
CREATE INDEX tickets_show_issued_position_idx ON read.tickets (show, issued_position);
CREATE INDEX tickets_show_short_code_idx ON read.tickets (show, short_code);
CREATE INDEX tickets_holder_idx ON read.tickets (holder) WHERE holder IS NOT NULL;

CREATE TABLE read.attendance (
    show         uuid   NOT NULL,
    organization uuid   NOT NULL,
    body         jsonb  NOT NULL,
    position     bigint NOT NULL,
    CONSTRAINT attendance_pkey PRIMARY KEY (show)
);

CREATE TABLE read.door_list (
    ticket       uuid   NOT NULL,
    show         uuid   NOT NULL,
    organization uuid   NOT NULL,
    holder       uuid,
    body         jsonb  NOT NULL,
    position     bigint NOT NULL,
    CONSTRAINT door_list_pkey PRIMARY KEY (ticket)
);
CREATE INDEX door_list_show_position_idx ON read.door_list (show, position);

-- What GET /history filters by; the events themselves are read from the log.
CREATE TABLE read.activity (
    position     bigint      NOT NULL,
    organization uuid        NOT NULL,
    stream_type  text        NOT NULL,
    stream       uuid        NOT NULL,
    type         text        NOT NULL,
    actor        text        NOT NULL,
    device       uuid,
    correlation  uuid        NOT NULL,
    persons      uuid[]      NOT NULL,
    recorded_at  timestamptz NOT NULL,
    CONSTRAINT activity_pkey PRIMARY KEY (position)
);
CREATE INDEX activity_organization_position_idx ON read.activity (organization, position);
CREATE INDEX activity_stream_position_idx ON read.activity (stream, position);
CREATE INDEX activity_correlation_idx ON read.activity (correlation);
CREATE INDEX activity_organization_recorded_at_idx ON read.activity (organization, recorded_at);
CREATE INDEX activity_persons_idx ON read.activity USING gin (persons) WHERE persons <> '{}';

-- The scope is asked once a statement (a subquery without columns), not once a row.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['poisoned_streams', 'shows', 'seating', 'seats', 'availability', 'orders', 'tickets', 'attendance',
                                'door_list', 'activity'] LOOP
        EXECUTE format('ALTER TABLE read.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE read.%I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY %I ON read.%I TO CURRENT_USER USING (true) WITH CHECK (true)', name || '_owner', name);
        EXECUTE format('CREATE POLICY %I ON read.%I TO turnout_project USING (true) WITH CHECK (true)', name || '_project', name);
        EXECUTE format($policy$
            CREATE POLICY %I ON read.%I FOR SELECT TO turnout_query USING (organization = (
                SELECT CASE WHEN current_setting('turnout.organization', true) = 'public' THEN NULL
                            ELSE nullif(current_setting('turnout.organization', true), '')::uuid END))
            $policy$, name || '_read_of_organization', name);
    END LOOP;
END
$$;
CREATE POLICY shows_read_by_public ON read.shows FOR SELECT TO turnout_query
    USING (is_public AND (SELECT current_setting('turnout.organization', true) = 'public'));

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA read TO turnout_project;
GRANT SELECT ON read.checkpoints, read.poisoned_streams, read.shows, read.seating, read.seats, read.availability, read.orders,
    read.tickets, read.attendance, read.door_list, read.activity TO turnout_query;

-- What must be looked up before the organization is known: one thing by what one knows of it. The bodies are parsed once and
-- name tables by identity, so they follow a schema that is renamed.
CREATE FUNCTION read.find_show(asked text)
RETURNS TABLE (id uuid, organization uuid, is_public boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT s.id, s.organization, s.is_public FROM read.shows AS s
     WHERE s.slug = asked
        OR s.id = CASE WHEN asked ~ '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' THEN asked::uuid END
     ORDER BY s.id LIMIT 1;
END;

CREATE FUNCTION read.find_order(asked uuid)
RETURNS TABLE (show uuid, organization uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT o.show, o.organization FROM read.orders AS o WHERE o.id = asked;
END;

CREATE FUNCTION read.find_ticket(asked uuid)
RETURNS TABLE (show uuid, organization uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT t.show, t.organization FROM read.tickets AS t WHERE t.id = asked;
END;

REVOKE ALL ON FUNCTION read.find_show(text), read.find_order(uuid), read.find_ticket(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION read.find_show(text), read.find_order(uuid), read.find_ticket(uuid) TO turnout_query;
