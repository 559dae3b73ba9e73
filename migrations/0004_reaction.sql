-- What has to follow from events: how far each reaction got, and what ends when.
--
-- What always holds: a reaction's checkpoint and what it wrote are committed together, by compare-and-set on the
-- checkpoint, so that two nodes never both count. Outbox and deliveries come with a later migration.

CREATE TABLE reaction.checkpoints (
    reaction text   NOT NULL,
    position bigint NOT NULL,
    CONSTRAINT checkpoints_key PRIMARY KEY (reaction),
    CONSTRAINT checkpoints_position_not_negative CHECK (position >= 0)
);

-- Open holds and unpaid orders, with the moment at which they end.
CREATE TABLE reaction.ends (
    subject uuid        NOT NULL,
    show    uuid        NOT NULL,
    due_at  timestamptz NOT NULL,
    CONSTRAINT ends_key PRIMARY KEY (subject)
);
CREATE INDEX ends_by_due_at ON reaction.ends (due_at);

GRANT SELECT, INSERT, UPDATE ON reaction.checkpoints TO turnout_react;
GRANT SELECT, INSERT, UPDATE, DELETE ON reaction.ends TO turnout_react;
