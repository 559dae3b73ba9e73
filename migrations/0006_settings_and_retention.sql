-- Settings of organizations on the read side, and what ends the keeping of people's data.
--
-- What always holds: a row of read.organizations is what the organization's stream says; reaction.shows holds of every show when
-- it is over, so that what is known of its people can go so many days later. How many stands in the organization's settings.

CREATE TABLE read.organizations (
    organization     uuid    NOT NULL,
    slug             text    NOT NULL,
    name             text    NOT NULL,
    public_numbers   boolean NOT NULL,
    numbers_position bigint  NOT NULL, -- of the event that last changed public_numbers
    settings         jsonb   NOT NULL,
    position         bigint  NOT NULL,
    CONSTRAINT organizations_pkey PRIMARY KEY (organization)
);
ALTER TABLE read.organizations ENABLE ROW LEVEL SECURITY;
ALTER TABLE read.organizations FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations_owner ON read.organizations TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY organizations_project ON read.organizations TO turnout_project USING (true) WITH CHECK (true);
CREATE POLICY organizations_read_of_organization ON read.organizations FOR SELECT TO turnout_query USING (organization = (
    SELECT CASE WHEN current_setting('turnout.organization', true) = 'public' THEN NULL
                ELSE nullif(current_setting('turnout.organization', true), '')::uuid END));
GRANT SELECT, INSERT, UPDATE, DELETE ON read.organizations TO turnout_project;
GRANT SELECT ON read.organizations TO turnout_query;

-- The activity names more people than before (of payments, cancellations, voided tickets …): the read models are built anew.
TRUNCATE read.poisoned_streams, read.shows, read.seating, read.seats, read.availability, read.orders, read.tickets, read.attendance,
    read.door_list, read.activity;
UPDATE read.checkpoints SET position = 0;

-- To whom a ticket was transferred: from then on it is theirs, not its order's customer's.
ALTER TABLE read.tickets ADD COLUMN customer uuid;
CREATE INDEX tickets_customer_idx ON read.tickets (customer) WHERE customer IS NOT NULL;

-- Whether somebody was erased since a position.
CREATE INDEX activity_of_organizations_idx ON read.activity (organization, position) WHERE stream_type = 'organization';

-- When each show is over: its end, or a day after its start where it has none, or when it was cancelled before.
CREATE TABLE reaction.shows (
    show         uuid        NOT NULL,
    organization uuid        NOT NULL,
    over_at      timestamptz NOT NULL,
    CONSTRAINT shows_key PRIMARY KEY (show)
);
CREATE INDEX shows_by_over_at ON reaction.shows (over_at);
GRANT SELECT, INSERT, UPDATE ON reaction.shows TO turnout_react;

-- What is left of a show is looked for, and erased, by the show.
CREATE INDEX entries_show_idx ON vault.entries (show) WHERE show IS NOT NULL;

-- Whether anything is left in the vault of these shows: of people, and at all. Nothing of what it says.
CREATE FUNCTION vault.left_of_shows(shows uuid[]) RETURNS TABLE (show uuid, of_people boolean, anything boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.show,
           EXISTS (SELECT FROM vault.entries AS e WHERE e.show = s.show
                      AND e.purpose NOT IN (SELECT p.purpose FROM vault.purposes AS p WHERE p.retention = 'money')),
           EXISTS (SELECT FROM vault.entries AS e WHERE e.show = s.show)
      FROM unnest(shows) AS s (show)
$$;
REVOKE ALL ON FUNCTION vault.left_of_shows(uuid[]) FROM PUBLIC;
GRANT USAGE ON SCHEMA vault TO turnout_react;
GRANT EXECUTE ON FUNCTION vault.left_of_shows(uuid[]) TO turnout_react;

-- ANALYZE keeps samples of a column's values, which would outlive a row that is erased: not of these.
ALTER TABLE vault.entries ALTER COLUMN fields SET STATISTICS 0;
ALTER TABLE identity.accounts ALTER COLUMN email SET STATISTICS 0, ALTER COLUMN name SET STATISTICS 0,
    ALTER COLUMN password SET STATISTICS 0;
