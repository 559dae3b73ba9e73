-- Organizations, sessions and signing keys: what credentials are checked against.
--
-- What always holds: no secret lies here in the clear. A session is the hash of its token, a signing key is sealed
-- with the installation's secret key. Only turnout_identity reads and writes the tables; others look up what they
-- need before they know the organization through the functions at the end, which answer one row for what one knows.
-- Members, API keys and devices come with a later migration.

CREATE TABLE identity.organizations (
    organization uuid        NOT NULL,
    slug         text        NOT NULL,
    name         text        NOT NULL,
    created_at   timestamptz NOT NULL,
    CONSTRAINT organizations_key PRIMARY KEY (organization),
    CONSTRAINT organizations_slug_unique UNIQUE (slug),
    CONSTRAINT organizations_slug_form CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 80),
    CONSTRAINT organizations_name_length CHECK (length(name) BETWEEN 1 AND 200)
);

CREATE TABLE identity.sessions (
    token_hash   bytea       NOT NULL,
    account      text        NOT NULL,
    started_at   timestamptz NOT NULL,
    seen_at      timestamptz NOT NULL,
    idle_ends_at timestamptz NOT NULL,
    ends_at      timestamptz NOT NULL,
    CONSTRAINT sessions_key PRIMARY KEY (token_hash),
    CONSTRAINT sessions_token_hash_is_sha256 CHECK (octet_length(token_hash) = 32),
    CONSTRAINT sessions_account_length CHECK (length(account) BETWEEN 1 AND 100),
    CONSTRAINT sessions_idle_end_within_end CHECK (idle_ends_at <= ends_at)
);
CREATE INDEX sessions_by_idle_end ON identity.sessions (idle_ends_at);

CREATE TABLE identity.signing_keys (
    kid        text        NOT NULL,
    purpose    text        NOT NULL,
    state      text        NOT NULL,
    public_key bytea       NOT NULL,
    sealed     bytea       NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT signing_keys_key PRIMARY KEY (kid),
    CONSTRAINT signing_keys_kid_form CHECK (kid ~ '^[A-Za-z0-9_-]{8}$'),
    CONSTRAINT signing_keys_purpose_known CHECK (purpose IN ('ticket', 'checkpoint')),
    CONSTRAINT signing_keys_state_known CHECK (state IN ('active', 'retired', 'revoked')),
    CONSTRAINT signing_keys_public_key_is_ed25519 CHECK (octet_length(public_key) = 32)
);
-- Two nodes that start together make one key, also if one of them forgot the lock.
CREATE UNIQUE INDEX signing_keys_one_active ON identity.signing_keys (purpose) WHERE state = 'active';

GRANT SELECT, INSERT, UPDATE ON identity.organizations TO turnout_identity;
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.sessions TO turnout_identity;
GRANT SELECT, INSERT, UPDATE ON identity.signing_keys TO turnout_identity;

CREATE FUNCTION identity.find_session(asked_hash bytea, asked_at timestamptz)
RETURNS TABLE (account text, seen_at timestamptz, ends_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.account, s.seen_at, s.ends_at
    FROM identity.sessions AS s
    WHERE s.token_hash = asked_hash AND s.idle_ends_at > asked_at AND s.ends_at > asked_at
$$;

CREATE FUNCTION identity.find_organization(asked uuid)
RETURNS TABLE (organization uuid, slug text, name text, created_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT o.organization, o.slug, o.name, o.created_at
    FROM identity.organizations AS o
    WHERE o.organization = asked
$$;

REVOKE ALL ON FUNCTION identity.find_session(bytea, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION identity.find_organization(uuid) FROM PUBLIC;
GRANT USAGE ON SCHEMA identity TO turnout_query;
GRANT EXECUTE ON FUNCTION identity.find_session(bytea, timestamptz) TO turnout_identity, turnout_query;
GRANT EXECUTE ON FUNCTION identity.find_organization(uuid) TO turnout_identity, turnout_query;
