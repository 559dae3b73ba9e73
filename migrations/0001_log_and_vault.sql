-- The log (append only), the vault (personal data and free text, can be erased), the schemas and the roles.
--
-- What always holds: positions are 1, 2, 3 …; only log.append inserts; nobody updates, deletes or truncates log.events.
-- Roles belong to the whole cluster and may exist already: then they are left as they are. The schemas belong to whoever migrates.
-- Tables of `read`, `identity` and `reaction` come with their own migrations, and so do the rights to them.

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['turnout_owner', 'turnout_write', 'turnout_project', 'turnout_query', 'turnout_react', 'turnout_identity'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- another database of this cluster was migrated in the same moment
            END;
        END IF;
    END LOOP;

    -- The server logs in as `turnout`, which may do nothing until it takes one of the five. It can never become the owner.
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'turnout') THEN
        BEGIN
            CREATE ROLE turnout LOGIN NOINHERIT;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END IF;
    FOREACH name IN ARRAY ARRAY['turnout_write', 'turnout_project', 'turnout_query', 'turnout_react', 'turnout_identity'] LOOP
        IF NOT pg_catalog.pg_has_role('turnout', name, 'MEMBER') THEN
            BEGIN
                EXECUTE format('GRANT %I TO turnout', name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
            WHEN OTHERS THEN
                IF SQLERRM <> 'tuple concurrently updated' THEN
                    RAISE;
                END IF;
            END;
        END IF;
    END LOOP;
END
$$;

CREATE SCHEMA log;
CREATE SCHEMA vault;
CREATE SCHEMA read;
CREATE SCHEMA identity;
CREATE SCHEMA reaction;

GRANT USAGE ON SCHEMA log TO turnout_write, turnout_project, turnout_query, turnout_react, turnout_identity;
GRANT USAGE ON SCHEMA vault TO turnout_write, turnout_query, turnout_identity;
GRANT USAGE ON SCHEMA read TO turnout_project, turnout_query;
GRANT USAGE ON SCHEMA identity TO turnout_identity;
GRANT USAGE ON SCHEMA reaction TO turnout_react;

CREATE TABLE log.events (
    position     bigint      NOT NULL,
    organization uuid        NOT NULL,
    stream_type  text        NOT NULL,
    stream       uuid        NOT NULL,
    version      bigint      NOT NULL,
    type         text        NOT NULL,
    schema       integer     NOT NULL,
    payload      json        NOT NULL, -- kept byte for byte: content_hash covers its text
    actor        text        NOT NULL,
    device       uuid,
    channel      text,
    command      uuid        NOT NULL,
    request_hmac bytea,
    correlation  uuid        NOT NULL,
    causation    uuid,
    content_hash bytea       NOT NULL,
    recorded_at  timestamptz NOT NULL,
    CONSTRAINT events_pkey PRIMARY KEY (position),
    CONSTRAINT events_stream_version_key UNIQUE (stream, version),
    CONSTRAINT events_position_positive CHECK (position > 0),
    CONSTRAINT events_version_positive CHECK (version > 0),
    CONSTRAINT events_stream_type_known CHECK (stream_type IN ('show', 'organization')),
    CONSTRAINT events_type_present CHECK (type <> ''),
    CONSTRAINT events_schema_positive CHECK (schema > 0),
    CONSTRAINT events_actor_present CHECK (actor <> ''),
    CONSTRAINT events_request_hmac_length CHECK (octet_length(request_hmac) = 32),
    CONSTRAINT events_content_hash_length CHECK (octet_length(content_hash) = 32)
);
CREATE INDEX events_command_idx ON log.events (command);
CREATE INDEX events_organization_position_idx ON log.events (organization, position);

-- For everybody, the owner and superusers included. A statement trigger, so that it also speaks when no row matches.
CREATE FUNCTION log.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'log.events is append only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER events_are_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON log.events
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
ALTER TABLE log.events ENABLE ALWAYS TRIGGER events_are_never_changed;

GRANT SELECT ON log.events TO turnout_write, turnout_project, turnout_query, turnout_react, turnout_identity;
ALTER TABLE log.events ENABLE ROW LEVEL SECURITY;
ALTER TABLE log.events FORCE ROW LEVEL SECURITY;
CREATE POLICY events_owner_reads ON log.events FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY events_owner_appends ON log.events FOR INSERT TO CURRENT_USER WITH CHECK (true); -- log.append runs as the owner
CREATE POLICY events_read_by_server ON log.events FOR SELECT
    TO turnout_write, turnout_project, turnout_react, turnout_identity USING (true);
CREATE POLICY events_read_of_organization ON log.events FOR SELECT TO turnout_query
    USING (organization = nullif(current_setting('turnout.organization', true), '')::uuid);

-- Personal data and whatever people type. `person`: whom a text is about; null for a person's own entry.
CREATE TABLE vault.entries (
    id           uuid        NOT NULL,
    organization uuid        NOT NULL,
    kind         text        NOT NULL,
    person       uuid,
    show         uuid,
    purpose      text        NOT NULL,
    fields       jsonb       NOT NULL,
    created_at   timestamptz NOT NULL,
    CONSTRAINT entries_pkey PRIMARY KEY (id),
    CONSTRAINT entries_kind_known CHECK (kind IN ('person', 'text')),
    CONSTRAINT entries_person_about_nobody_else CHECK (kind = 'text' OR person IS NULL),
    CONSTRAINT entries_purpose_present CHECK (purpose <> ''),
    CONSTRAINT entries_fields_object CHECK (jsonb_typeof(fields) = 'object')
);
CREATE INDEX entries_organization_kind_idx ON vault.entries (organization, kind);
CREATE INDEX entries_person_idx ON vault.entries (person) WHERE person IS NOT NULL;

-- How often something of an organization was erased: answers with names count it in their ETag.
CREATE TABLE vault.erasures (
    organization uuid   NOT NULL,
    erasures     bigint NOT NULL,
    CONSTRAINT erasures_pkey PRIMARY KEY (organization),
    CONSTRAINT erasures_positive CHECK (erasures > 0)
);

GRANT SELECT ON vault.entries, vault.erasures TO turnout_write, turnout_query;
GRANT SELECT, DELETE ON vault.entries TO turnout_identity;
GRANT SELECT, INSERT, UPDATE ON vault.erasures TO turnout_identity;
ALTER TABLE vault.entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE vault.entries FORCE ROW LEVEL SECURITY;
CREATE POLICY entries_owner ON vault.entries TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY entries_read_for_repeats ON vault.entries FOR SELECT TO turnout_write USING (true);
CREATE POLICY entries_read_of_organization ON vault.entries FOR SELECT TO turnout_query
    USING (organization = nullif(current_setting('turnout.organization', true), '')::uuid);
CREATE POLICY entries_read_for_erasure ON vault.entries FOR SELECT TO turnout_identity USING (true);
CREATE POLICY entries_erase ON vault.entries FOR DELETE TO turnout_identity USING (true);
ALTER TABLE vault.erasures ENABLE ROW LEVEL SECURITY;
ALTER TABLE vault.erasures FORCE ROW LEVEL SECURITY;
CREATE POLICY erasures_owner ON vault.erasures TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY erasures_counted ON vault.erasures TO turnout_identity USING (true) WITH CHECK (true);
CREATE POLICY erasures_read ON vault.erasures FOR SELECT TO turnout_write USING (true);
CREATE POLICY erasures_read_of_organization ON vault.erasures FOR SELECT TO turnout_query
    USING (organization = nullif(current_setting('turnout.organization', true), '')::uuid);

-- The one way into the log: one batch of items, at most one item per stream, each accepted or turned back alone.
--
-- item_*: one element per item; item_expected_version is 0 for a new stream. event_* and vault_*: one element per event or
-- vault entry, with event_item and vault_item the number of its item, from 1; an item's events in their order.
-- Answers one row per item, in order:
--   accepted         its expected version was current (an item without events is only confirmed or denied)
--   current_version  the stream's version after this call, 0 if it has no events
--   first_position   of the item's first event; null when nothing was written for it
--   last_position    of the stream's last event after this call; null if it has none
--   recorded_at      one time for the whole batch, never before that of an earlier event
--
-- Separate statements, and only READ COMMITTED: each then takes its snapshot after the lock was got. In one statement (or under
-- a snapshot of the whole transaction) the head would be read from before the lock, and the batch die or leave a hole.
-- The lock is held until after the commit is visible, so position order is commit order.
--
-- enable_seqscan = off: the recorder's session keeps its plans. Made while the table had one page, they read all of it for every
-- append later, until the next ANALYZE: measured, 115 appends a second in place of 35,000.
CREATE FUNCTION log.append(
    item_organization     uuid[],
    item_stream_type      text[],
    item_stream           uuid[],
    item_expected_version bigint[],
    event_item            integer[],
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
    vault_fields          text[]
) RETURNS TABLE (
    accepted        boolean,
    current_version bigint,
    first_position  bigint,
    last_position   bigint,
    recorded_at     timestamptz
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    items      constant integer := coalesce(cardinality(item_stream), 0);
    head       bigint;
    head_at    timestamptz;
    batch_at   timestamptz;
    versions   bigint[];
    positions  bigint[];
    foreigners bigint;
    accepts    boolean[];
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'log.append runs only under READ COMMITTED, not %', current_setting('transaction_isolation')
            USING ERRCODE = 'invalid_transaction_state';
    END IF;
    IF (SELECT count(DISTINCT s) FROM unnest(item_stream) AS s) <> items THEN
        RAISE EXCEPTION 'log.append takes at most one item per stream' USING ERRCODE = 'cardinality_violation';
    END IF;
    IF EXISTS (SELECT FROM unnest(event_item || vault_item) AS i WHERE i IS NULL OR i < 1 OR i > items) THEN
        RAISE EXCEPTION 'log.append was given an event or a vault entry of no item' USING ERRCODE = 'invalid_parameter_value';
    END IF;

    PERFORM pg_advisory_xact_lock(32780231637955956); -- "turnout", read as a number: the lock of the log

    SELECT e.position, e.recorded_at INTO head, head_at
      FROM log.events AS e ORDER BY e.position DESC LIMIT 1;
    head := coalesce(head, 0);
    batch_at := greatest(clock_timestamp(), head_at);

    SELECT array_agg(coalesce(last.version, 0) ORDER BY i.item),
           array_agg(last.position ORDER BY i.item),
           array_agg(coalesce(last.version, 0) = i.expected_version ORDER BY i.item),
           count(*) FILTER (WHERE last.organization <> i.organization OR last.stream_type <> i.stream_type)
      INTO versions, positions, accepts, foreigners
      FROM unnest(item_organization, item_stream_type, item_stream, item_expected_version)
           WITH ORDINALITY AS i (organization, stream_type, stream, expected_version, item)
      LEFT JOIN LATERAL (
           SELECT e.version, e.position, e.organization, e.stream_type FROM log.events AS e
            WHERE e.stream = i.stream ORDER BY e.version DESC LIMIT 1
      ) AS last ON true;
    IF foreigners > 0 THEN
        RAISE EXCEPTION 'a stream belongs to one organization and has one type for ever' USING ERRCODE = 'integrity_constraint_violation';
    END IF;

    IF cardinality(event_item) > 0 THEN
        INSERT INTO log.events (position, organization, stream_type, stream, version, type, schema, payload, actor, device, channel,
                                command, request_hmac, correlation, causation, content_hash, recorded_at)
        SELECT head + row_number() OVER (ORDER BY e.item, e.ordinal),
               item_organization[e.item], item_stream_type[e.item], item_stream[e.item],
               versions[e.item] + row_number() OVER (PARTITION BY e.item ORDER BY e.ordinal),
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
    -- Here part 5 adds the leaves of the Merkle tree over the rows just written.

    RETURN QUERY
    SELECT accepts[c.item],
           versions[c.item] + c.written,
           CASE WHEN c.written > 0 THEN head + c.behind - c.written + 1 END,
           CASE WHEN c.written > 0 THEN head + c.behind ELSE positions[c.item] END,
           batch_at
      FROM (
           SELECT w.item, w.written, (sum(w.written) OVER (ORDER BY w.item))::bigint AS behind
             FROM (
                  SELECT i.item, count(e.item) FILTER (WHERE accepts[i.item]) AS written
                    FROM generate_series(1, items) AS i (item)
                    LEFT JOIN unnest(event_item) AS e (item) ON e.item = i.item
                   GROUP BY i.item
             ) AS w
      ) AS c
     ORDER BY c.item;
END
$$;
REVOKE ALL ON FUNCTION log.append FROM PUBLIC;
REVOKE ALL ON FUNCTION log.refuse_change FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.append TO turnout_write;
