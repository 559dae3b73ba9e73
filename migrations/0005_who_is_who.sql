-- Who is who: accounts, members, API keys, devices, invitations. And that they are one commit with an organization's events.
--
-- What always holds: `members` and `credentials` are a projection of the streams of organizations, written by identity.take_in in
-- the transaction that appends the events: a credential exists from the moment that its event does, and a revoked one from no
-- later moment on. Nobody else writes them. No token lies here, only its SHA-256; of a password its argon2id hash. Accounts
-- (people who sign in, of whichever organizations), their sessions and links are no organization's and are written by turnout_identity.

-- The demo's sessions at most: whoever was signed in signs in again.
DELETE FROM identity.sessions;
ALTER TABLE identity.sessions
    DROP CONSTRAINT sessions_account_length,
    ALTER COLUMN account TYPE uuid USING account::uuid,
    ADD COLUMN session uuid NOT NULL,
    ADD COLUMN client  text NOT NULL, -- such as "Firefox on Linux", for the list of one's sessions
    ADD CONSTRAINT sessions_session_unique UNIQUE (session),
    ADD CONSTRAINT sessions_client_length CHECK (length(client) <= 100);
CREATE INDEX sessions_by_account ON identity.sessions (account);

CREATE TABLE identity.accounts (
    account            uuid        NOT NULL,
    email              text        NOT NULL, -- in lower case
    name               text        NOT NULL,
    password           text        NOT NULL, -- argon2id, as a PHC string
    installation_owner boolean     NOT NULL,
    created_at         timestamptz NOT NULL,
    CONSTRAINT accounts_key PRIMARY KEY (account),
    CONSTRAINT accounts_email_unique UNIQUE (email),
    CONSTRAINT accounts_email_form CHECK (length(email) BETWEEN 3 AND 254 AND email = lower(email)),
    CONSTRAINT accounts_name_length CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT accounts_password_is_argon2id CHECK (password LIKE '$argon2id$%')
);

-- Links that are followed once and belong to no organization: set-up of the installation, a new password.
CREATE TABLE identity.links (
    hash       bytea       NOT NULL,
    kind       text        NOT NULL,
    account    uuid,
    expires_at timestamptz NOT NULL,
    CONSTRAINT links_key PRIMARY KEY (hash),
    CONSTRAINT links_hash_is_sha256 CHECK (octet_length(hash) = 32),
    CONSTRAINT links_kind_known CHECK (kind IN ('setup', 'password_reset')),
    CONSTRAINT links_account_of_resets CHECK ((kind = 'password_reset') = (account IS NOT NULL))
);

CREATE TABLE identity.members (
    member       uuid        NOT NULL, -- also the person's id in the vault
    organization uuid        NOT NULL,
    role         text        NOT NULL,
    account      uuid,                 -- null until the invitation is accepted
    invited_at   timestamptz NOT NULL,
    joined_at    timestamptz,
    CONSTRAINT members_key PRIMARY KEY (member),
    CONSTRAINT members_account_once UNIQUE (organization, account),
    CONSTRAINT members_role_known CHECK (role IN ('owner', 'manager', 'seller', 'door', 'auditor', 'analyst')),
    CONSTRAINT members_joined_with_account CHECK ((account IS NULL) = (joined_at IS NULL))
);
CREATE INDEX members_by_account ON identity.members (account) WHERE account IS NOT NULL;

CREATE TABLE identity.credentials (
    credential   uuid        NOT NULL,
    organization uuid        NOT NULL,
    kind         text        NOT NULL,
    role         text,
    name         uuid,                 -- a text of the vault
    shows        uuid[],               -- null: all of the organization
    gates        text[]      NOT NULL,
    may_override boolean     NOT NULL,
    member       uuid,                 -- of an invitation
    replaces     uuid,                 -- the key that this one took over from
    created_at   timestamptz NOT NULL,
    ends_at      timestamptz,          -- it admits nobody from then on: expired, used, retired or revoked
    last_used_at timestamptz,
    CONSTRAINT credentials_key PRIMARY KEY (credential),
    CONSTRAINT credentials_kind_known CHECK (kind IN ('api_key', 'device', 'pairing', 'invitation')),
    CONSTRAINT credentials_role_known CHECK (role IN ('owner', 'manager', 'seller', 'door', 'auditor', 'analyst'))
);
CREATE INDEX credentials_of_organization ON identity.credentials (organization, kind);
CREATE INDEX credentials_of_member ON identity.credentials (member) WHERE member IS NOT NULL;

CREATE TABLE identity.secrets (
    hash       bytea NOT NULL,
    credential uuid  NOT NULL,
    CONSTRAINT secrets_key PRIMARY KEY (hash),
    CONSTRAINT secrets_credential_unique UNIQUE (credential),
    CONSTRAINT secrets_hash_is_sha256 CHECK (octet_length(hash) = 32)
);

-- For how long what is in the vault is kept. `people`: until so many days after its show as the organization says
-- (retention.people_days); `money`: likewise (retention.money_days); `organization`: until the person or what it names is erased.
CREATE TABLE vault.purposes (
    purpose   text NOT NULL,
    retention text NOT NULL,
    fields    text NOT NULL, -- which, and why they are kept
    CONSTRAINT purposes_key PRIMARY KEY (purpose),
    CONSTRAINT purposes_retention_known CHECK (retention IN ('people', 'money', 'organization'))
);
INSERT INTO vault.purposes (purpose, retention, fields) VALUES
    ('customer',             'people',       'name, email, phone, locale: to deliver tickets and to answer whoever bought them'),
    ('holder',               'people',       'name: to know at the door whose ticket it is'),
    ('override_reason',      'people',       'text: why somebody was let in against the rules'),
    ('undo_reason',          'people',       'text: why a look at a ticket was taken back'),
    ('count_reason',         'people',       'text: why people without tickets were counted'),
    ('void_reason',          'people',       'text: why a ticket was voided'),
    ('block_label',          'people',       'text: for whom places are kept'),
    ('payment_reference',    'money',        'text: by which a payment is found in the books'),
    ('complimentary_reason', 'money',        'text: why nothing was paid'),
    ('cancel_reason',        'money',        'text: why an order or a show was cancelled'),
    ('refund_reason',        'money',        'text: why money went back'),
    ('member',               'organization', 'name, email: who works here; for the history'),
    ('api_key_name',         'organization', 'text: what a key is for'),
    ('device_name',          'organization', 'text: which device it is'),
    ('erasure_reason',       'organization', 'text: why a person was erased');
GRANT SELECT ON vault.purposes TO turnout_identity, turnout_query, turnout_write;

-- How often something of an organization was erased.
CREATE FUNCTION vault.count_erasure(of_organization uuid) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO vault.erasures AS e (organization, erasures) VALUES (of_organization, 1)
    ON CONFLICT (organization) DO UPDATE SET erasures = e.erasures + 1
$$;

-- What an event of an organization says about who may do what, and what is to be forgotten. Called by log.append alone, with the
-- event just written. An event that it does not know stops the append: who may do what would no longer follow from the log.
CREATE FUNCTION identity.take_in(of_organization uuid, event_type text, payload json, at timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    CASE event_type
    WHEN 'OrganizationFounded' THEN
        -- An organization that was made before organizations had events has its row already.
        INSERT INTO identity.organizations (organization, slug, name, created_at)
        VALUES (of_organization, payload->>'slug', payload->>'name', at)
        ON CONFLICT ON CONSTRAINT organizations_key DO UPDATE SET name = excluded.name;
    WHEN 'SettingsChanged' THEN
        UPDATE identity.organizations SET name = payload->'settings'->>'name' WHERE organization = of_organization;
    WHEN 'MemberInvited' THEN
        INSERT INTO identity.members (member, organization, role, invited_at)
        VALUES ((payload->>'member')::uuid, of_organization, payload->>'role', at)
        ON CONFLICT ON CONSTRAINT members_key DO UPDATE SET role = excluded.role, invited_at = at; -- asked anew
        UPDATE identity.credentials SET ends_at = least(ends_at, at)
         WHERE member = (payload->>'member')::uuid AND organization = of_organization;
        INSERT INTO identity.credentials (credential, organization, kind, role, gates, may_override, member, created_at, ends_at)
        VALUES ((payload->>'invitation')::uuid, of_organization, 'invitation', payload->>'role', '{}', false,
                (payload->>'member')::uuid, at, (payload->>'expires_at')::timestamptz);
    WHEN 'MemberAdded' THEN
        INSERT INTO identity.members (member, organization, role, account, invited_at, joined_at)
        VALUES ((payload->>'member')::uuid, of_organization, payload->>'role', (payload->>'account')::uuid, at, at);
    WHEN 'MemberJoined' THEN
        UPDATE identity.members SET account = (payload->>'account')::uuid, joined_at = at
         WHERE member = (payload->>'member')::uuid AND organization = of_organization;
        UPDATE identity.credentials SET ends_at = least(ends_at, at)
         WHERE credential = (payload->>'invitation')::uuid AND organization = of_organization;
    WHEN 'MemberRoleChanged' THEN
        UPDATE identity.members SET role = payload->>'to'
         WHERE member = (payload->>'member')::uuid AND organization = of_organization;
        UPDATE identity.credentials SET role = payload->>'to'
         WHERE member = (payload->>'member')::uuid AND organization = of_organization;
    WHEN 'MemberRemoved' THEN
        UPDATE identity.credentials SET ends_at = least(ends_at, at)
         WHERE member = (payload->>'member')::uuid AND organization = of_organization;
        DELETE FROM identity.members WHERE member = (payload->>'member')::uuid AND organization = of_organization;
    WHEN 'ApiKeyIssued' THEN
        INSERT INTO identity.credentials (credential, organization, kind, role, name, shows, gates, may_override, replaces, created_at, ends_at)
        VALUES ((payload->>'key')::uuid, of_organization, 'api_key', payload->>'role', (payload->>'name')::uuid,
                identity.ids(payload->'shows'), '{}', true, (payload->>'replaces')::uuid, at, (payload->>'expires_at')::timestamptz);
    WHEN 'ApiKeyRetired' THEN
        UPDATE identity.credentials SET ends_at = least(ends_at, (payload->>'ends_at')::timestamptz)
         WHERE credential = (payload->>'key')::uuid AND organization = of_organization;
    WHEN 'ApiKeyRevoked' THEN
        UPDATE identity.credentials SET ends_at = least(ends_at, at)
         WHERE credential = (payload->>'key')::uuid AND organization = of_organization;
    WHEN 'DevicePairingOffered' THEN
        INSERT INTO identity.credentials (credential, organization, kind, role, name, shows, gates, may_override, created_at, ends_at)
        VALUES ((payload->>'pairing')::uuid, of_organization, 'pairing', 'door', (payload->>'name')::uuid, identity.ids(payload->'shows'),
                identity.texts(payload->'gates'), (payload->>'may_override')::boolean, at, (payload->>'expires_at')::timestamptz);
    WHEN 'DevicePaired' THEN
        UPDATE identity.credentials SET ends_at = least(ends_at, at)
         WHERE credential = (payload->>'pairing')::uuid AND organization = of_organization;
        INSERT INTO identity.credentials (credential, organization, kind, role, name, shows, gates, may_override, created_at)
        VALUES ((payload->>'device')::uuid, of_organization, 'device', 'door', (payload->>'name')::uuid, identity.ids(payload->'shows'),
                identity.texts(payload->'gates'), (payload->>'may_override')::boolean, at);
    WHEN 'DeviceRevoked' THEN
        UPDATE identity.credentials SET ends_at = least(ends_at, at)
         WHERE credential = (payload->>'device')::uuid AND organization = of_organization;
    WHEN 'PersonErased' THEN
        DELETE FROM vault.entries
         WHERE organization = of_organization
           AND (id = (payload->>'person')::uuid AND kind = 'person' OR person = (payload->>'person')::uuid);
        PERFORM vault.count_erasure(of_organization);
    WHEN 'RetentionEnded' THEN
        DELETE FROM vault.entries
         WHERE organization = of_organization AND show = (payload->>'show')::uuid
           AND (payload->>'kept' = 'nothing'
                OR purpose NOT IN (SELECT p.purpose FROM vault.purposes AS p WHERE p.retention = 'money'));
        PERFORM vault.count_erasure(of_organization);
    WHEN 'SignedIn', 'SignInsFailed', 'CodeGuessingNoticed' THEN
        NULL; -- for auditors to read
    ELSE
        RAISE EXCEPTION 'no event type % of an organization is known', event_type USING ERRCODE = 'feature_not_supported';
    END CASE;
END
$$;

-- JSON lists as arrays; null stays null.
CREATE FUNCTION identity.ids(list json) RETURNS uuid[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN json_typeof(list) = 'array' THEN ARRAY(SELECT e::uuid FROM json_array_elements_text(list) AS e) END
$$;
CREATE FUNCTION identity.texts(list json) RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN json_typeof(list) = 'array' THEN ARRAY(SELECT json_array_elements_text(list)) ELSE '{}' END
$$;

-- log.append as before, which now also takes the hashes of tokens, and takes in what organizations say, in the same transaction.
DROP FUNCTION log.append;
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
    IF EXISTS (SELECT FROM unnest(event_item || vault_item || secret_item) AS i WHERE i IS NULL OR i < 1 OR i > items) THEN
        RAISE EXCEPTION 'log.append was given an event, a vault entry or a secret of no item' USING ERRCODE = 'invalid_parameter_value';
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
    IF 'organization' = ANY (item_stream_type) THEN
        PERFORM identity.take_in(written.organization, written.type, written.payload, written.recorded_at)
          FROM (SELECT e.organization, e.type, e.payload, e.recorded_at FROM log.events AS e
                 WHERE e.position > head AND e.stream_type = 'organization' ORDER BY e.position) AS written;
        INSERT INTO identity.secrets (hash, credential)
        SELECT s.hash, s.id FROM unnest(secret_item, secret_id, secret_hash) AS s (item, id, hash) WHERE accepts[s.item];
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
GRANT EXECUTE ON FUNCTION log.append TO turnout_write;
REVOKE ALL ON FUNCTION identity.take_in, identity.ids, identity.texts, vault.count_erasure FROM PUBLIC;

-- The streams of organizations are few events among many.
CREATE INDEX events_of_organizations_idx ON log.events (position) WHERE stream_type = 'organization';

GRANT SELECT, INSERT, UPDATE, DELETE ON identity.accounts, identity.links TO turnout_identity;
GRANT SELECT ON identity.members, identity.credentials TO turnout_identity;
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['members', 'credentials'] LOOP
        EXECUTE format('ALTER TABLE identity.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE identity.%I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY %I ON identity.%I TO CURRENT_USER USING (true) WITH CHECK (true)', name || '_owner', name);
        EXECUTE format($policy$
            CREATE POLICY %I ON identity.%I FOR SELECT TO turnout_identity
                USING (organization = (SELECT nullif(current_setting('turnout.organization', true), '')::uuid))
            $policy$, name || '_read_of_organization', name);
    END LOOP;
END
$$;

-- Erasing goes through events from now on: nobody deletes from the vault by hand.
DROP POLICY entries_erase ON vault.entries;
DROP POLICY entries_read_for_erasure ON vault.entries;
REVOKE DELETE ON vault.entries FROM turnout_identity;
REVOKE INSERT, UPDATE ON vault.erasures FROM turnout_identity;
DROP POLICY erasures_counted ON vault.erasures;
CREATE POLICY entries_read_by_identity ON vault.entries FOR SELECT TO turnout_identity
    USING (organization = (SELECT nullif(current_setting('turnout.organization', true), '')::uuid));

-- What is asked before the organization is known: one row for whoever knows a token.
DROP FUNCTION identity.find_session;
CREATE FUNCTION identity.find_session(asked_hash bytea, asked_at timestamptz)
RETURNS TABLE (session uuid, account uuid, email text, name text, installation_owner boolean, seen_at timestamptz, ends_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.session, s.account, a.email, a.name, a.installation_owner, s.seen_at, s.ends_at
    FROM identity.sessions AS s
    JOIN identity.accounts AS a ON a.account = s.account
    WHERE s.token_hash = asked_hash AND s.idle_ends_at > asked_at AND s.ends_at > asked_at
$$;

CREATE FUNCTION identity.find_memberships(asked uuid)
RETURNS TABLE (member uuid, role text, organization uuid, slug text, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT m.member, m.role, o.organization, o.slug, o.name
    FROM identity.members AS m
    JOIN identity.organizations AS o ON o.organization = m.organization
    WHERE m.account = asked
    ORDER BY m.joined_at, m.member
$$;

CREATE FUNCTION identity.find_credential(asked_hash bytea)
RETURNS TABLE (credential uuid, organization uuid, kind text, role text, name uuid, shows uuid[], gates text[], may_override boolean,
               member uuid, ends_at timestamptz, last_used_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.credential, c.organization, c.kind, c.role, c.name, c.shows, c.gates, c.may_override, c.member, c.ends_at, c.last_used_at
    FROM identity.secrets AS s
    JOIN identity.credentials AS c ON c.credential = s.credential
    WHERE s.hash = asked_hash
$$;

-- When a credential was last used; never earlier than known.
CREATE FUNCTION identity.touch_credential(asked uuid, used_at timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE identity.credentials SET last_used_at = used_at WHERE credential = asked AND (last_used_at IS NULL OR last_used_at < used_at)
$$;

-- Whether anybody owns an organization of this installation yet: until then it can be set up.
CREATE FUNCTION identity.has_owner() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM identity.members WHERE role = 'owner' AND account IS NOT NULL)
$$;

-- An account of which no organization knows any more is of no use and personal data: it goes, with its sessions and links.
CREATE FUNCTION identity.forget_account(asked uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM identity.accounts AS a
     WHERE a.account = asked AND NOT a.installation_owner
       AND NOT EXISTS (SELECT FROM identity.members AS m WHERE m.account = asked);
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM identity.sessions WHERE account = asked;
    DELETE FROM identity.links WHERE account = asked;
    RETURN true;
END
$$;

REVOKE ALL ON FUNCTION identity.find_session, identity.find_memberships, identity.find_credential, identity.touch_credential,
    identity.has_owner, identity.forget_account FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identity.find_session, identity.find_memberships, identity.find_credential, identity.touch_credential,
    identity.has_owner, identity.forget_account TO turnout_identity;
