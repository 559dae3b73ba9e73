-- What an organization typed about itself ends as well: names of keys and devices some time after these have ended, reasons of
-- erasures some time after they were typed. How long is in the organization's settings, as for shows.
--
-- What always holds: a name goes when nothing that is still taken is called by it, so a key keeps its name while one that it took
-- over from, or that took over from it, lives on; and it goes with an event that says so, as everything in the vault does.

ALTER TABLE vault.purposes DROP CONSTRAINT purposes_retention_known;
UPDATE vault.purposes SET retention = 'credential' WHERE purpose IN ('api_key_name', 'device_name');
UPDATE vault.purposes SET retention = 'proof' WHERE purpose = 'erasure_reason';
-- `credential`: until retention.people_days after the last key, device or pairing of this name has ended; `proof`: until
-- retention.money_days after it was typed. The others as before.
ALTER TABLE vault.purposes ADD CONSTRAINT purposes_retention_known
    CHECK (retention IN ('people', 'money', 'organization', 'credential', 'proof'));

CREATE INDEX credentials_by_name ON identity.credentials (name) WHERE name IS NOT NULL;

-- When the last of what is called by this name has ended; infinity while one is taken. What was never made has ended at once.
CREATE FUNCTION identity.name_ended_at(of_organization uuid, asked uuid, typed_at timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce((SELECT max(coalesce(c.ends_at, 'infinity')) FROM identity.credentials AS c
                      WHERE c.name = asked AND c.organization = of_organization), typed_at)
$$;
REVOKE ALL ON FUNCTION identity.name_ended_at FROM PUBLIC;

-- Of each organization that has any of it: since when the longest ended name is of nothing that is taken (null: none is), and since
-- when the oldest reason of an erasure is kept. Nothing of what they say. What is no show's is little: members, names, reasons.
CREATE FUNCTION vault.left_of_organizations() RETURNS TABLE (organization uuid, name_since timestamptz, reason_since timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT f.organization, min(f.ended_at) FILTER (WHERE isfinite(f.ended_at)), min(f.typed_at)
      FROM (SELECT e.organization,
                   CASE WHEN p.retention = 'credential' THEN identity.name_ended_at(e.organization, e.id, e.created_at) END AS ended_at,
                   CASE WHEN p.retention = 'proof' THEN e.created_at END AS typed_at
              FROM identity.organizations AS o
              JOIN vault.entries AS e ON e.organization = o.organization AND e.show IS NULL
              JOIN vault.purposes AS p ON p.purpose = e.purpose AND p.retention IN ('credential', 'proof')) AS f
     GROUP BY f.organization
$$;
REVOKE ALL ON FUNCTION vault.left_of_organizations() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION vault.left_of_organizations() TO turnout_react;

-- Forgets names and reasons as the event TextRetentionEnded says.
CREATE FUNCTION vault.forget_texts(of_organization uuid, payload json) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM vault.entries AS e USING vault.purposes AS p
     WHERE e.organization = of_organization AND e.show IS NULL AND p.purpose = e.purpose
       AND CASE p.retention
           WHEN 'credential' THEN identity.name_ended_at(e.organization, e.id, e.created_at) <= (payload->>'names_ended_by')::timestamptz
           WHEN 'proof' THEN e.created_at <= (payload->>'reasons_typed_by')::timestamptz
           ELSE false END;
    SELECT vault.count_erasure(of_organization)
$$;
REVOKE ALL ON FUNCTION vault.forget_texts FROM PUBLIC;

-- As before, and the event TextRetentionEnded.
CREATE OR REPLACE FUNCTION identity.take_in(of_organization uuid, event_type text, payload json, at timestamptz) RETURNS void
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
    WHEN 'TextRetentionEnded' THEN
        PERFORM vault.forget_texts(of_organization, payload);
    WHEN 'SignedIn', 'SignInsFailed', 'CodeGuessingNoticed' THEN
        NULL; -- for auditors to read
    ELSE
        RAISE EXCEPTION 'no event type % of an organization is known', event_type USING ERRCODE = 'feature_not_supported';
    END CASE;
END
$$;
