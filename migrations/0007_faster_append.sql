-- A faster log.append, and fewer indexes under it: see docs/decisions/0005-what-an-append-costs.md for what each gave.
--
-- What always holds stays as it was: one call is one commit; under the lock of the log positions go on without a hole, an item whose
-- expected version is stale is turned back alone, and what is in the vault and in `identity` is committed together with the events.

-- A repeated command on a show is found by the show's desk, which keeps the commands of its stream in memory; on an organization,
-- here. History is read through read.activity, and nobody asks the log for an organization's positions.
DROP INDEX log.events_command_idx;
DROP INDEX log.events_organization_position_idx;
DROP INDEX log.events_of_organizations_idx;
CREATE INDEX events_organization_command_idx ON log.events (stream, command) WHERE stream_type = 'organization';

-- One index serves whoever looks for the people of an organization, and whoever erases what is left of a show.
DROP INDEX vault.entries_organization_kind_idx;
DROP INDEX vault.entries_show_idx;
CREATE INDEX entries_organization_show_idx ON vault.entries (organization, show);

CREATE OR REPLACE FUNCTION vault.left_of_shows(shows uuid[]) RETURNS TABLE (show uuid, of_people boolean, anything boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.show,
           EXISTS (SELECT FROM vault.entries AS e WHERE e.organization = s.organization AND e.show = s.show
                      AND e.purpose NOT IN (SELECT p.purpose FROM vault.purposes AS p WHERE p.retention = 'money')),
           EXISTS (SELECT FROM vault.entries AS e WHERE e.organization = s.organization AND e.show = s.show)
      FROM reaction.shows AS s WHERE s.show = ANY (shows)
$$;

DROP FUNCTION log.append;

-- Appends a batch: items, one a stream, with their events in the order of the items, `item_events` of each. Vault entries and secrets
-- name their item by its number, from 1. A row of the answer is an item: with `accepted`, `current_version` is the version that it
-- has now; without, nothing of the item was written. `first_position` is null for an item without events, whose `last_position` is
-- that of the stream's last event (null where there is none).
CREATE FUNCTION log.append(
    item_organization     uuid[],
    item_stream_type      text[],
    item_stream           uuid[],
    item_expected_version bigint[],
    item_events           integer[],
    event_type            text[],
    event_schema          integer[],
    event_payload         text[],
    event_actor           text[],
    event_device          uuid[],
    event_channel         text[],
    event_command         uuid[],
    event_request_hmac    bytea[],
    event_correlation     uuid[],
    event_causation       uuid[],
    event_content_hash    bytea[],
    vault_item            integer[],
    vault_id              uuid[],
    vault_kind            text[],
    vault_person          uuid[],
    vault_show            uuid[],
    vault_purpose         text[],
    vault_fields          text[],
    secret_item           integer[],
    secret_id             uuid[],
    secret_hash           bytea[]
) RETURNS TABLE (
    accepted        boolean,
    current_version bigint,
    first_position  bigint,
    last_position   bigint,
    recorded_at     timestamptz
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    items      constant integer := coalesce(cardinality(item_stream), 0);
    events     constant integer := coalesce(cardinality(event_type), 0);
    event_item integer[]; -- whose each event is
    offsets    bigint[];  -- how many events of other items stand before an item's in the arrays
    head       bigint;
    head_at    timestamptz;
    batch_at   timestamptz;
    versions   bigint[];
    starts     bigint[];  -- the position before an item's first event
    lasts      bigint[];  -- the position of the last event that its stream had before
    accepts    boolean[];
    foreigners bigint;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'log.append runs only under READ COMMITTED, not %', current_setting('transaction_isolation')
            USING ERRCODE = 'invalid_transaction_state';
    END IF;
    IF items > 1 AND (SELECT count(DISTINCT s) FROM unnest(item_stream) AS s) <> items THEN
        RAISE EXCEPTION 'log.append takes at most one item per stream' USING ERRCODE = 'cardinality_violation';
    END IF;
    IF (cardinality(item_events) = items AND 0 <= ALL (item_events)
        AND events = (SELECT coalesce(sum(n), 0) FROM unnest(item_events) AS n)
        AND 1 <= ALL (vault_item || secret_item) AND items >= ALL (vault_item || secret_item)) IS NOT TRUE THEN
        RAISE EXCEPTION 'log.append was given an event, a vault entry or a secret of no item' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF EXISTS (SELECT FROM unnest(secret_item) AS i WHERE item_stream_type[i] <> 'organization') THEN
        RAISE EXCEPTION 'only organizations have secrets' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF items = 1 THEN
        event_item := array_fill(1, ARRAY[events]);
        offsets := '{0}';
    ELSE
        SELECT array_agg(i.item ORDER BY i.item) INTO event_item
          FROM unnest(item_events) WITH ORDINALITY AS i (events, item), generate_series(1, i.events);
        SELECT array_agg(i.behind ORDER BY i.item) INTO offsets
          FROM (SELECT e.item, sum(e.events) OVER (ORDER BY e.item) - e.events AS behind
                  FROM unnest(item_events) WITH ORDINALITY AS e (events, item)) AS i;
    END IF;

    PERFORM pg_advisory_xact_lock(32780231637955956); -- "turnout", read as a number: the lock of the log

    -- Each of what follows is a statement of its own, and so sees what was committed before the lock was got.
    SELECT e.position, e.recorded_at INTO head, head_at
      FROM log.events AS e ORDER BY e.position DESC LIMIT 1;
    head := coalesce(head, 0);
    batch_at := greatest(clock_timestamp(), head_at);

    SELECT array_agg(s.version ORDER BY s.item),
           array_agg(s.position ORDER BY s.item),
           array_agg(s.accepted ORDER BY s.item),
           array_agg(head + s.until - s.events ORDER BY s.item),
           count(*) FILTER (WHERE s.is_foreign)
      INTO versions, lasts, accepts, starts, foreigners
      FROM (
           SELECT i.item, coalesce(last.version, 0) AS version, last.position, coalesce(last.version, 0) = i.expected_version AS accepted,
                  CASE WHEN coalesce(last.version, 0) = i.expected_version THEN i.events ELSE 0 END AS events,
                  (sum(CASE WHEN coalesce(last.version, 0) = i.expected_version THEN i.events ELSE 0 END)
                   OVER (ORDER BY i.item))::bigint AS until,
                  last.organization <> i.organization OR last.stream_type <> i.stream_type AS is_foreign
             FROM unnest(item_organization, item_stream_type, item_stream, item_expected_version, item_events)
                  WITH ORDINALITY AS i (organization, stream_type, stream, expected_version, events, item)
             LEFT JOIN LATERAL (
                  SELECT e.version, e.position, e.organization, e.stream_type FROM log.events AS e
                   WHERE e.stream = i.stream ORDER BY e.version DESC LIMIT 1
             ) AS last ON true
      ) AS s;
    IF foreigners > 0 THEN
        RAISE EXCEPTION 'a stream belongs to one organization and has one type for ever' USING ERRCODE = 'integrity_constraint_violation';
    END IF;

    IF events > 0 THEN
        INSERT INTO log.events (position, organization, stream_type, stream, version, type, schema, payload, actor, device, channel,
                                command, request_hmac, correlation, causation, content_hash, recorded_at)
        SELECT starts[e.item] + e.ordinal - offsets[e.item],
               item_organization[e.item], item_stream_type[e.item], item_stream[e.item],
               versions[e.item] + e.ordinal - offsets[e.item],
               e.type, e.schema, e.payload::json, e.actor, e.device, e.channel,
               e.command, e.request_hmac, e.correlation, e.causation, e.content_hash, batch_at
          FROM unnest(event_item, event_type, event_schema, event_payload, event_actor, event_device, event_channel,
                      event_command, event_request_hmac, event_correlation, event_causation, event_content_hash)
               WITH ORDINALITY AS e (item, type, schema, payload, actor, device, channel,
                                     command, request_hmac, correlation, causation, content_hash, ordinal)
         WHERE accepts[e.item];
    END IF;
    IF cardinality(vault_item) > 0 THEN
        INSERT INTO vault.entries (organization, id, kind, person, show, purpose, fields, created_at)
        SELECT item_organization[v.item], v.id, v.kind, v.person, v.show, v.purpose, v.fields::jsonb, batch_at
          FROM unnest(vault_item, vault_id, vault_kind, vault_person, vault_show, vault_purpose, vault_fields)
               AS v (item, id, kind, person, show, purpose, fields)
         WHERE accepts[v.item];
    END IF;
    IF 'organization' = ANY (item_stream_type) THEN
        PERFORM identity.take_in(written.organization, written.type, written.payload, written.recorded_at)
          FROM (SELECT e.organization, e.type, e.payload, e.recorded_at FROM log.events AS e
                 WHERE e.position > head AND e.stream_type = 'organization' ORDER BY e.position) AS written;
        INSERT INTO identity.secrets (hash, credential)
        SELECT s.hash, s.id FROM unnest(secret_item, secret_id, secret_hash) AS s (item, id, hash) WHERE accepts[s.item];
    END IF;
    -- The leaves of the Merkle tree are made behind the append, from the rows just written.

    RETURN QUERY
    SELECT accepts[i],
           versions[i] + CASE WHEN accepts[i] THEN item_events[i] ELSE 0 END,
           CASE WHEN accepts[i] AND item_events[i] > 0 THEN starts[i] + 1 END,
           CASE WHEN accepts[i] AND item_events[i] > 0 THEN starts[i] + item_events[i] ELSE lasts[i] END,
           batch_at
      FROM generate_series(1, items) AS i
     ORDER BY i;
END
$$;
REVOKE ALL ON FUNCTION log.append FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.append TO turnout_write;

-- What folding a stream gave, so that a long one need not be folded from its beginning: a cache of the log, which may be emptied at
-- any time. No personal data, as in the log. The latest of each 100,000 versions is kept, so that a moment of the past has one near it.
CREATE TABLE log.snapshots (
    stream       uuid        NOT NULL,
    version      bigint      NOT NULL,
    fold         integer     NOT NULL, -- which way of folding it is of: another one does not read it
    organization uuid        NOT NULL,
    position     bigint      NOT NULL,
    recorded_at  timestamptz NOT NULL,
    state        bytea       NOT NULL,
    CONSTRAINT snapshots_pkey PRIMARY KEY (stream, version),
    CONSTRAINT snapshots_version_positive CHECK (version > 0)
);
-- It was compressed before it came here.
ALTER TABLE log.snapshots ALTER COLUMN state SET STORAGE EXTERNAL;
GRANT SELECT, INSERT, DELETE ON log.snapshots TO turnout_write;
ALTER TABLE log.snapshots ENABLE ROW LEVEL SECURITY;
ALTER TABLE log.snapshots FORCE ROW LEVEL SECURITY;
CREATE POLICY snapshots_owner ON log.snapshots TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY snapshots_of_desks ON log.snapshots TO turnout_write USING (true) WITH CHECK (true);
