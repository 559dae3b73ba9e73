-- The log as a Merkle tree (RFC 6962): hash tiles (C2SP tlog-tiles), the seeds of its leaves' salts, and signed checkpoints.
--
-- What always holds: nothing here is ever changed. A tile grows at its end until it is full; seeds and checkpoints stay for ever.
-- Tiles, in one place behind the other, are the leaves' hashes; so a tree that was grown by a program that stood still in the middle
-- is grown on by the next one. Not on the way of an append: who grows the tree takes a lock of its own.

-- Which log this is, for whoever holds several: the first line of its checkpoints. A copy of the database is a copy of the same log.
CREATE TABLE log.origin (
    single boolean NOT NULL DEFAULT true,
    origin text    NOT NULL,
    CONSTRAINT origin_pkey PRIMARY KEY (single),
    CONSTRAINT origin_is_one CHECK (single),
    CONSTRAINT origin_is_name_of_key CHECK (origin ~ '^[^\s+]+$')
);
INSERT INTO log.origin (origin) VALUES ('turnout/' || gen_random_uuid());

CREATE TABLE log.tiles (
    level  smallint NOT NULL,
    number bigint   NOT NULL,
    hashes bytea    NOT NULL, -- 1 to 256 of 32 bytes
    CONSTRAINT tiles_pkey PRIMARY KEY (level, number),
    CONSTRAINT tiles_level_known CHECK (level BETWEEN 0 AND 7),
    CONSTRAINT tiles_number_not_negative CHECK (number >= 0),
    CONSTRAINT tiles_hashes_whole CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0)
);
-- Hashes cannot be compressed.
ALTER TABLE log.tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE TABLE log.seeds (
    tile bigint NOT NULL, -- its number on level 0
    seed bytea  NOT NULL,
    CONSTRAINT seeds_pkey PRIMARY KEY (tile),
    CONSTRAINT seeds_length CHECK (octet_length(seed) = 32)
);

CREATE TABLE log.checkpoints (
    size      bigint      NOT NULL, -- events up to this position
    root      bytea       NOT NULL,
    note      text        NOT NULL, -- signed
    signed_at timestamptz NOT NULL,
    CONSTRAINT checkpoints_pkey PRIMARY KEY (size),
    CONSTRAINT checkpoints_size_positive CHECK (size > 0),
    CONSTRAINT checkpoints_root_length CHECK (octet_length(root) = 32)
);

CREATE FUNCTION log.refuse_rewriting() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '%.% is never rewritten: % is refused', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE FUNCTION log.refuse_tile_rewriting() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.level <> OLD.level OR NEW.number <> OLD.number OR substring(NEW.hashes FOR octet_length(OLD.hashes)) <> OLD.hashes THEN
        RAISE EXCEPTION 'a tile only grows at its end' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER origin_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON log.origin
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_rewriting();
CREATE TRIGGER seeds_are_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON log.seeds
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_rewriting();
CREATE TRIGGER checkpoints_are_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON log.checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_rewriting();
CREATE TRIGGER tiles_are_never_removed BEFORE DELETE OR TRUNCATE ON log.tiles
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_rewriting();
CREATE TRIGGER tiles_only_grow BEFORE UPDATE ON log.tiles
    FOR EACH ROW EXECUTE FUNCTION log.refuse_tile_rewriting();
ALTER TABLE log.origin ENABLE ALWAYS TRIGGER origin_is_never_changed;
ALTER TABLE log.seeds ENABLE ALWAYS TRIGGER seeds_are_never_changed;
ALTER TABLE log.checkpoints ENABLE ALWAYS TRIGGER checkpoints_are_never_changed;
ALTER TABLE log.tiles ENABLE ALWAYS TRIGGER tiles_are_never_removed;
ALTER TABLE log.tiles ENABLE ALWAYS TRIGGER tiles_only_grow;

-- How many leaves the tiles have.
CREATE FUNCTION log.tree_size() RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce((SELECT number * 256 + octet_length(hashes) / 32 FROM log.tiles WHERE level = 0 ORDER BY number DESC LIMIT 1), 0)
$$;

-- Writes the tiles of a tree that grows from one size to another, with the seeds of those that are begun. False: it has another
-- size by now, as somebody else makes it grow, too; then nothing was written.
CREATE FUNCTION log.grow_tree(
    from_size bigint, to_size bigint, tile_levels smallint[], tile_numbers bigint[], tile_hashes bytea[], seed_tiles bigint[], seed_values bytea[]
) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'log.grow_tree must run READ COMMITTED: it has to see what was committed before its lock';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('turnout/tree', 0));
    IF log.tree_size() <> from_size THEN
        RETURN false;
    END IF;
    IF to_size <= from_size OR NOT EXISTS (SELECT FROM log.events WHERE position = to_size) THEN
        RAISE EXCEPTION 'the tree cannot grow from % to %', from_size, to_size;
    END IF;
    INSERT INTO log.seeds (tile, seed) SELECT * FROM unnest(seed_tiles, seed_values);
    INSERT INTO log.tiles AS t (level, number, hashes)
    SELECT * FROM unnest(tile_levels, tile_numbers, tile_hashes)
    ON CONFLICT (level, number) DO UPDATE SET hashes = EXCLUDED.hashes;
    IF log.tree_size() <> to_size THEN
        RAISE EXCEPTION 'the tiles make a tree of %, not of %', log.tree_size(), to_size;
    END IF;
    RETURN true;
END
$$;

-- Keeps a checkpoint for ever. Of two for one size the first stays: both say the same.
CREATE FUNCTION log.keep_checkpoint(size bigint, root bytea, note text, signed_at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_variable
BEGIN
    IF size > log.tree_size() THEN
        RAISE EXCEPTION 'there is no tree of % yet', size;
    END IF;
    INSERT INTO log.checkpoints VALUES (size, root, note, signed_at) ON CONFLICT DO NOTHING;
END
$$;

REVOKE ALL ON FUNCTION log.refuse_rewriting(), log.refuse_tile_rewriting(), log.tree_size(), log.grow_tree, log.keep_checkpoint FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.tree_size(), log.grow_tree, log.keep_checkpoint TO turnout_write;
GRANT SELECT ON log.origin, log.tiles, log.seeds, log.checkpoints TO turnout_write, turnout_query, turnout_identity;
