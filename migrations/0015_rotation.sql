-- The key that signs checkpoints may be replaced by another one, which signs beside it for a while.

-- Of a retired key of checkpoints: until then it signs beside the one in its place.
ALTER TABLE identity.signing_keys ADD COLUMN signs_until timestamptz,
    ADD CONSTRAINT signing_keys_signs_until_retired CHECK (signs_until IS NULL OR (state = 'retired' AND purpose = 'checkpoint'));

-- A checkpoint stays what it is for ever, but another key may sign it, too: its note grows at the end by lines of signatures.
DROP TRIGGER checkpoints_are_never_changed ON log.checkpoints;

CREATE FUNCTION log.refuse_checkpoint_rewriting() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (NEW.size, NEW.root, NEW.signed_at) IS DISTINCT FROM (OLD.size, OLD.root, OLD.signed_at)
        OR left(NEW.note, length(OLD.note)) <> OLD.note
        OR substr(NEW.note, length(OLD.note) + 1) !~ '^(— [^\s+]+ [A-Za-z0-9+/]+={0,2}\n)+$'
    THEN
        RAISE EXCEPTION 'a checkpoint is never rewritten: its note only grows, by signatures' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER checkpoints_are_never_removed BEFORE DELETE OR TRUNCATE ON log.checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_rewriting();
CREATE TRIGGER checkpoints_are_never_changed BEFORE UPDATE ON log.checkpoints
    FOR EACH ROW EXECUTE FUNCTION log.refuse_checkpoint_rewriting();
ALTER TABLE log.checkpoints ENABLE ALWAYS TRIGGER checkpoints_are_never_removed;
ALTER TABLE log.checkpoints ENABLE ALWAYS TRIGGER checkpoints_are_never_changed;

-- Adds signatures, lines of a signed note, to the checkpoint of a size; those that it has are not added again.
CREATE FUNCTION log.countersign(size bigint, signatures text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_variable
BEGIN
    UPDATE log.checkpoints AS c SET note = c.note || signatures WHERE c.size = size AND strpos(c.note, signatures) = 0;
END
$$;

REVOKE ALL ON FUNCTION log.refuse_checkpoint_rewriting(), log.countersign FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.countersign TO turnout_write;
