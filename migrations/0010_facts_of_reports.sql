-- The facts of reports: what each event changed in the figures of sales, of the door and of holds, a row for every thing it changed.
--
-- What always holds: rows are only added; a figure is the sum of its column over the rows that are asked for, and null adds nothing.
-- So "as of" is a bound on the position, and what opens a figure are the rows that it is the sum of. `happened_at` is when the event
-- was recorded, at the door when the ticket was looked at (a device without the network sends that later).
-- The key holds rows of a show together and in order; an organization's are those of its shows.

CREATE TABLE read.sales_facts (
    show         uuid        NOT NULL,
    position     bigint      NOT NULL,
    ordinal      integer     NOT NULL,
    organization uuid        NOT NULL,
    happened_at  timestamptz NOT NULL,
    order_id     uuid,
    ticket       uuid,
    status       text,    -- how the order stands from here on
    ticket_type  uuid,
    channel      text,
    price        bigint,
    category     text,
    section      text,
    tickets      integer,
    voided       integer,
    persons      integer,
    gross        bigint,
    cancelled    bigint,
    tax          bigint,
    paid         bigint,
    refunded     bigint,
    capacity     integer, -- persons, as are the next three
    held         integer,
    sold         integer,
    blocked      integer,
    CONSTRAINT sales_facts_pkey PRIMARY KEY (show, position, ordinal)
);

CREATE TABLE read.door_facts (
    show         uuid        NOT NULL,
    position     bigint      NOT NULL,
    ordinal      integer     NOT NULL,
    organization uuid        NOT NULL,
    happened_at  timestamptz NOT NULL,
    order_id     uuid,
    ticket       uuid,
    ticket_type  uuid,
    channel      text,
    category     text,
    section      text,
    gate         text,
    area         text,
    device       uuid,
    reason       text,    -- why refused, or which rule was set aside
    admitted     integer,
    returned     integer,
    departed     integer,
    undone       integer,
    overridden   integer,
    refused      integer,
    came         integer, -- persons of valid tickets who came at least once
    CONSTRAINT door_facts_pkey PRIMARY KEY (show, position, ordinal)
);

CREATE TABLE read.hold_facts (
    show         uuid        NOT NULL,
    position     bigint      NOT NULL,
    ordinal      integer     NOT NULL,
    organization uuid        NOT NULL,
    happened_at  timestamptz NOT NULL,
    hold         uuid        NOT NULL,
    order_id     uuid,
    outcome      text,    -- what became of the hold
    ticket_type  uuid,
    channel      text,
    category     text,
    section      text,
    holds        integer,
    places       integer,
    value        bigint,
    held         integer,
    blocked      integer,
    CONSTRAINT hold_facts_pkey PRIMARY KEY (show, position, ordinal)
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['sales_facts', 'door_facts', 'hold_facts'] LOOP
        EXECUTE format('ALTER TABLE read.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE read.%I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY %I ON read.%I TO CURRENT_USER USING (true) WITH CHECK (true)', name || '_owner', name);
        EXECUTE format('CREATE POLICY %I ON read.%I TO turnout_project USING (true) WITH CHECK (true)', name || '_project', name);
        EXECUTE format($policy$
            CREATE POLICY %I ON read.%I FOR SELECT TO turnout_query USING (organization = (
                SELECT CASE WHEN current_setting('turnout.organization', true) = 'public' THEN NULL
                            ELSE nullif(current_setting('turnout.organization', true), '')::uuid END))
            $policy$, name || '_read_of_organization', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON read.%I TO turnout_project', name);
        EXECUTE format('GRANT SELECT ON read.%I TO turnout_query', name);
    END LOOP;
END
$$;

-- Of what happened before there were facts they are made by reading the log again.
TRUNCATE read.poisoned_streams, read.shows, read.seating, read.seats, read.availability, read.orders, read.tickets, read.attendance,
    read.door_list, read.organizations, read.activity;
UPDATE read.checkpoints SET position = 0;
