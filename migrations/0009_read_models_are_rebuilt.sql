-- Read models are built a second time beside those in use and put in their place (turnout rebuild).
--
-- What always holds: whoever reads more than one table of `read` in one snapshot first locks read.checkpoints ACCESS SHARE, before
-- the snapshot is taken; the switch takes it ACCESS EXCLUSIVE. So no snapshot is older than the tables that it meets.

-- By name and no longer by identity: a function that was parsed once would go on reading the tables that were replaced. In plpgsql,
-- which keeps the plan and makes it anew when a name means another table.
CREATE OR REPLACE FUNCTION read.find_show(asked text)
RETURNS TABLE (id uuid, organization uuid, is_public boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT s.id, s.organization, s.is_public FROM read.shows AS s
     WHERE s.slug = asked
        OR s.id = CASE WHEN asked ~ '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' THEN asked::uuid END
     ORDER BY s.id LIMIT 1;
END
$$;

CREATE OR REPLACE FUNCTION read.find_order(asked uuid)
RETURNS TABLE (show uuid, organization uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT o.show, o.organization FROM read.orders AS o WHERE o.id = asked;
END
$$;

CREATE OR REPLACE FUNCTION read.find_ticket(asked uuid)
RETURNS TABLE (show uuid, organization uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT t.show, t.organization FROM read.tickets AS t WHERE t.id = asked;
END
$$;
