-- log.append with less work a call and an event: see docs/decisions/0009-a-sale-nearer-to-its-limit.md for what each gave.
--
-- What always holds stays as it was, and so do the parameters and the answer. What changed is how it is asked for:
-- the arrays are variables of the function, which PostgreSQL keeps taken apart, so that an element is found at once. `unnest` of
-- twelve arrays made twelve tables of them first. And a batch of one item, as a busy show makes it, is looked up by a single row.

CREATE OR REPLACE FUNCTION log.append(
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
    entries    constant integer := coalesce(cardinality(vault_item), 0);
    secrets    constant integer := coalesce(cardinality(secret_item), 0);
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
    last_of    record;
    -- A parameter is searched from its beginning for each element; a variable is not.
    organizations uuid[] := item_organization;
    stream_types  text[] := item_stream_type;
    streams       uuid[] := item_stream;
    counts        integer[] := item_events;
    types         text[] := event_type;
    schemas       integer[] := event_schema;
    payloads      text[] := event_payload;
    actors        text[] := event_actor;
    devices       uuid[] := event_device;
    channels      text[] := event_channel;
    commands      uuid[] := event_command;
    hmacs         bytea[] := event_request_hmac;
    correlations  uuid[] := event_correlation;
    causations    uuid[] := event_causation;
    hashes        bytea[] := event_content_hash;
    entry_items   integer[] := vault_item;
    entry_ids     uuid[] := vault_id;
    entry_kinds   text[] := vault_kind;
    entry_people  uuid[] := vault_person;
    entry_shows   uuid[] := vault_show;
    purposes      text[] := vault_purpose;
    fields        text[] := vault_fields;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'log.append runs only under READ COMMITTED, not %', current_setting('transaction_isolation')
            USING ERRCODE = 'invalid_transaction_state';
    END IF;
    IF items > 1 THEN
        IF (SELECT count(DISTINCT s) FROM unnest(item_stream) AS s) <> items THEN
            RAISE EXCEPTION 'log.append takes at most one item per stream' USING ERRCODE = 'cardinality_violation';
        END IF;
    END IF;
    IF (cardinality(item_events) = items AND 0 <= ALL (item_events)
        AND 1 <= ALL (vault_item || secret_item) AND items >= ALL (vault_item || secret_item)) IS NOT TRUE
        OR (items = 1 AND item_events[1] <> events) THEN
        RAISE EXCEPTION 'log.append was given an event, a vault entry or a secret of no item' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF items <> 1 THEN
        IF events <> (SELECT coalesce(sum(n), 0) FROM unnest(item_events) AS n) THEN
            RAISE EXCEPTION 'log.append was given an event of no item' USING ERRCODE = 'invalid_parameter_value';
        END IF;
    END IF;
    IF secrets > 0 THEN
        IF EXISTS (SELECT FROM unnest(secret_item) AS i WHERE item_stream_type[i] <> 'organization') THEN
            RAISE EXCEPTION 'only organizations have secrets' USING ERRCODE = 'invalid_parameter_value';
        END IF;
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

    IF items = 1 THEN
        SELECT e.version, e.position, e.organization, e.stream_type INTO last_of
          FROM log.events AS e WHERE e.stream = streams[1] ORDER BY e.version DESC LIMIT 1;
        foreigners := (last_of.organization <> organizations[1] OR last_of.stream_type <> stream_types[1])::integer;
        versions := ARRAY[coalesce(last_of.version, 0)];
        lasts := ARRAY[last_of.position];
        accepts := ARRAY[coalesce(last_of.version, 0) = item_expected_version[1]];
        starts := ARRAY[head];
    ELSE
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
    END IF;
    IF foreigners > 0 THEN
        RAISE EXCEPTION 'a stream belongs to one organization and has one type for ever' USING ERRCODE = 'integrity_constraint_violation';
    END IF;

    IF events > 0 THEN
        INSERT INTO log.events (position, organization, stream_type, stream, version, type, schema, payload, actor, device, channel,
                                command, request_hmac, correlation, causation, content_hash, recorded_at)
        SELECT starts[event_item[e.n]] + e.n - offsets[event_item[e.n]],
               organizations[event_item[e.n]], stream_types[event_item[e.n]], streams[event_item[e.n]],
               versions[event_item[e.n]] + e.n - offsets[event_item[e.n]],
               types[e.n], schemas[e.n], payloads[e.n]::json, actors[e.n], devices[e.n], channels[e.n],
               commands[e.n], hmacs[e.n], correlations[e.n], causations[e.n], hashes[e.n], batch_at
          FROM generate_series(1, events) AS e (n)
         WHERE accepts[event_item[e.n]];
    END IF;
    IF entries > 0 THEN
        INSERT INTO vault.entries (organization, id, kind, person, show, purpose, fields, created_at)
        SELECT organizations[entry_items[v.n]], entry_ids[v.n], entry_kinds[v.n], entry_people[v.n], entry_shows[v.n], purposes[v.n],
               fields[v.n]::jsonb, batch_at
          FROM generate_series(1, entries) AS v (n)
         WHERE accepts[entry_items[v.n]];
    END IF;
    IF 'organization' = ANY (item_stream_type) THEN
        PERFORM identity.take_in(written.organization, written.type, written.payload, written.recorded_at)
          FROM (SELECT e.organization, e.type, e.payload, e.recorded_at FROM log.events AS e
                 WHERE e.position > head AND e.stream_type = 'organization' ORDER BY e.position) AS written;
        INSERT INTO identity.secrets (hash, credential)
        SELECT s.hash, s.id FROM unnest(secret_item, secret_id, secret_hash) AS s (item, id, hash) WHERE accepts[s.item];
    END IF;
    -- The leaves of the Merkle tree are made behind the append, from the rows just written.

    FOR i IN 1 .. items LOOP
        accepted := accepts[i];
        current_version := versions[i] + CASE WHEN accepts[i] THEN counts[i] ELSE 0 END;
        first_position := CASE WHEN accepts[i] AND counts[i] > 0 THEN starts[i] + 1 END;
        last_position := CASE WHEN accepts[i] AND counts[i] > 0 THEN starts[i] + counts[i] ELSE lasts[i] END;
        recorded_at := batch_at;
        RETURN NEXT;
    END LOOP;
END
$$;
