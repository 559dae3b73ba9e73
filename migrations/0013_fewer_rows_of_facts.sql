-- Facts of reports in fewer rows: one for up to sixteen consecutive events of a show, with a column an array and an element a fact.
--
-- What always holds: facts are only added; a row that is not full is written again, as a whole, when the show goes on. Arrays of a row
-- have as many elements as it has facts, and are null where they would hold nothing else. What an event changed are the elements
-- with its position; unnested in one SELECT they are rows as they were (docs/decisions/0008-facts-are-kept-by-the-sixteen-events.md).
-- Rows are kept as they are up to a page: compressing two kilobytes at a time costs more than it saves.

-- Of what happened before they are made by reading the log again.
TRUNCATE read.poisoned_streams, read.shows, read.seating, read.seats, read.availability, read.orders, read.tickets, read.attendance,
    read.door_list, read.organizations, read.activity;
UPDATE read.checkpoints SET position = 0;

DROP TABLE read.sales_facts, read.door_facts, read.hold_facts;

CREATE TABLE read.sales_facts (
    show           uuid          NOT NULL,
    part           integer       NOT NULL, -- which sixteen events of the show, from 0
    organization   uuid          NOT NULL,
    first_position bigint        NOT NULL, -- of the first fact
    position       bigint[]      NOT NULL,
    happened_at    timestamptz[] NOT NULL,
    order_id       uuid[],
    ticket         uuid[],
    status         text[],
    ticket_type    uuid[],
    channel        text[],
    price          bigint[],
    category       text[],
    section        text[],
    tickets        integer[],
    voided         integer[],
    persons        integer[],
    gross          bigint[],
    cancelled      bigint[],
    tax            bigint[],
    paid           bigint[],
    refunded       bigint[],
    capacity       integer[],
    held           integer[],
    sold           integer[],
    blocked        integer[],
    CONSTRAINT sales_facts_pkey PRIMARY KEY (show, part)
) WITH (toast_tuple_target = 8160, fillfactor = 90);

CREATE TABLE read.door_facts (
    show           uuid          NOT NULL,
    part           integer       NOT NULL, -- which sixteen events of the show, from 0
    organization   uuid          NOT NULL,
    first_position bigint        NOT NULL, -- of the first fact
    position       bigint[]      NOT NULL,
    happened_at    timestamptz[] NOT NULL,
    order_id       uuid[],
    ticket         uuid[],
    ticket_type    uuid[],
    channel        text[],
    category       text[],
    section        text[],
    gate           text[],
    area           text[],
    device         uuid[],
    reason         text[],
    admitted       integer[],
    returned       integer[],
    departed       integer[],
    undone         integer[],
    overridden     integer[],
    refused        integer[],
    came           integer[],
    CONSTRAINT door_facts_pkey PRIMARY KEY (show, part)
) WITH (toast_tuple_target = 8160, fillfactor = 90);

CREATE TABLE read.hold_facts (
    show           uuid          NOT NULL,
    part           integer       NOT NULL, -- which sixteen events of the show, from 0
    organization   uuid          NOT NULL,
    first_position bigint        NOT NULL, -- of the first fact
    position       bigint[]      NOT NULL,
    happened_at    timestamptz[] NOT NULL,
    hold           uuid[],
    order_id       uuid[],
    outcome        text[],
    ticket_type    uuid[],
    channel        text[],
    category       text[],
    section        text[],
    holds          integer[],
    places         integer[],
    value          bigint[],
    held           integer[],
    blocked        integer[],
    CONSTRAINT hold_facts_pkey PRIMARY KEY (show, part)
) WITH (toast_tuple_target = 8160, fillfactor = 90);

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
        -- Nobody asks for what is in an array, and counting their elements is most of an ANALYZE.
        EXECUTE (SELECT format('ALTER TABLE read.%I ', name) || string_agg(format('ALTER COLUMN %I SET STATISTICS 0', attname), ', ')
                   FROM pg_attribute WHERE attrelid = format('read.%I', name)::regclass AND attndims > 0);
    END LOOP;
END
$$;

-- Documents are read as they were written, and nothing looks into them: parsing them twice a row was for nothing.
ALTER TABLE read.shows ALTER COLUMN body TYPE text;
ALTER TABLE read.seating ALTER COLUMN body TYPE text;
ALTER TABLE read.availability ALTER COLUMN body TYPE text;
ALTER TABLE read.orders ALTER COLUMN body TYPE text;
ALTER TABLE read.tickets ALTER COLUMN body TYPE text;
ALTER TABLE read.attendance ALTER COLUMN body TYPE text;
ALTER TABLE read.door_list ALTER COLUMN body TYPE text;

-- What waits to be sorted into this index is sorted in by whoever writes when it is this much (kB). With the usual four megabytes one page of
-- the projector in some hundred took a fifth of a second longer; in smaller portions it takes less time altogether, too.
ALTER INDEX read.activity_subjects_idx SET (gin_pending_list_limit = 128);
