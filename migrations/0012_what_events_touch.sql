-- The history is asked about things, too: what an order, a ticket, a hold, a block, a scan or a seat went through.
--
-- What always holds: subjects are ids only, each once, in ascending order: of the people whom an event is about, and of the things
-- that it touched; a seat's is a UUIDv8 of its show and address. One index answers for all of them. Times are no column to search
-- by: they never go back in the log, so a time is a position.

DROP INDEX read.activity_organization_recorded_at_idx;
DROP INDEX read.activity_persons_idx;
ALTER TABLE read.activity RENAME COLUMN persons TO subjects;
CREATE INDEX activity_subjects_idx ON read.activity USING gin (subjects) WHERE subjects <> '{}';

-- Which events touched all of these, of a part of the log; ascending. As the owner, because under row-level security no index answers
-- for `@>`, which might leak what it sees; of the organization that the transaction is for, and no other. In plpgsql, as find_show.
CREATE FUNCTION read.positions_touching(asked uuid[], behind bigint, until bigint) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT a.position FROM read.activity AS a
     WHERE a.subjects <> '{}' AND a.subjects @> asked AND a.position > behind AND a.position < until
       AND a.organization = CASE WHEN current_setting('turnout.organization', true) = 'public' THEN NULL
                                 ELSE nullif(current_setting('turnout.organization', true), '')::uuid END
     ORDER BY a.position;
END
$$;

-- Of each thing, counted from 1: the last event of a stream before a position that touched it and is of one of these types, whose
-- names are separated by spaces.
CREATE FUNCTION read.latest_touching(of_stream uuid, asked uuid[], befores bigint[], types text[])
RETURNS TABLE (question bigint, found bigint, found_type text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT w.ordinal, f.position, f.type
      FROM unnest(asked, befores, types) WITH ORDINALITY AS w (subject, before, of_types, ordinal)
     CROSS JOIN LATERAL (
           SELECT t.position, t.type
             FROM (SELECT a.position, a.type FROM read.activity AS a
                    WHERE a.stream = of_stream AND a.subjects <> '{}' AND a.subjects @> ARRAY[w.subject] AND a.position < w.before
                      AND a.type = ANY(string_to_array(w.of_types, ' '))
                      AND a.organization = CASE WHEN current_setting('turnout.organization', true) = 'public' THEN NULL
                                                ELSE nullif(current_setting('turnout.organization', true), '')::uuid END
                   OFFSET 0) AS t -- found by what they touched, then the last of them
            ORDER BY t.position DESC LIMIT 1) AS f;
END
$$;
REVOKE ALL ON FUNCTION read.positions_touching(uuid[], bigint, bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION read.latest_touching(uuid, uuid[], bigint[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION read.positions_touching(uuid[], bigint, bigint) TO turnout_query;
GRANT EXECUTE ON FUNCTION read.latest_touching(uuid, uuid[], bigint[], text[]) TO turnout_query;

-- Of keys, devices and pairings of an organization: by which entry of the vault each is called. Whoever reads the history is told
-- who acted; nothing else of them.
CREATE FUNCTION identity.names_of_credentials(of_organization uuid, asked uuid[]) RETURNS TABLE (credential uuid, name uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.credential, c.name FROM identity.credentials AS c
     WHERE c.organization = of_organization AND c.credential = ANY(asked) AND c.name IS NOT NULL
$$;
REVOKE ALL ON FUNCTION identity.names_of_credentials(uuid, uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identity.names_of_credentials(uuid, uuid[]) TO turnout_query;

-- Of members of an organization: by what name they sign in. No address.
CREATE FUNCTION identity.names_of_members(of_organization uuid, asked uuid[]) RETURNS TABLE (member uuid, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT m.member, a.name FROM identity.members AS m JOIN identity.accounts AS a ON a.account = m.account
     WHERE m.organization = of_organization AND m.member = ANY(asked)
$$;
REVOKE ALL ON FUNCTION identity.names_of_members(uuid, uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identity.names_of_members(uuid, uuid[]) TO turnout_query;

-- Of what happened before there were subjects they are found by reading the log again.
TRUNCATE read.poisoned_streams, read.shows, read.seating, read.seats, read.availability, read.orders, read.tickets, read.attendance,
    read.door_list, read.organizations, read.activity, read.sales_facts, read.door_facts, read.hold_facts;
UPDATE read.checkpoints SET position = 0;
