//! The log's tree: it holds what the log holds, is never rewritten, and says so when the log was.

use std::{sync::Arc, time::Duration};

use event_store::{
    Ids, Log, SystemClock,
    pools::Role,
    tree::{CheckpointKey, CheckpointSigner, Edge, Head, Salts, Sealer, Tree, consistent, included, seed_of},
};
use sqlx::AssertSqlSafe;
use tokio::{sync::watch, task::JoinHandle};

use crate::{roles::refusal, world::World};

/// RFC 8032, 7.1, test 1.
const SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
const PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

fn bytes(digits: &str) -> anyhow::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(digits, &mut bytes)?;
    Ok(bytes)
}

/// RFC 8032, 7.1, test 2.
const LATER_SEED: &str = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
const LATER_PUBLIC: &str = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";

struct Sealing {
    task: JoinHandle<()>,
    stop: watch::Sender<bool>,
    keys: watch::Sender<Arc<CheckpointSigner>>,
}

impl Sealing {
    /// A node's sealer.
    async fn start(world: &World) -> anyhow::Result<Self> {
        let pool = world.pool(Role::Write).await?;
        let signer = CheckpointSigner::new(&Tree::new(pool.clone()).origin().await?, &bytes(SEED)?, &bytes(PUBLIC)?)?;
        let log = Log::new(pool.clone(), None).looking_every(Duration::from_millis(5));
        let (stop, stopped) = watch::channel(false);
        let (keys, signer) = watch::channel(Arc::new(signer));
        let sealer = Sealer::new(pool, log, signer, Arc::new(SystemClock), || [7; 32]);
        Ok(Self { task: tokio::spawn(sealer.run(stopped)), stop, keys })
    }

    /// It signs what there is.
    async fn end(self) -> anyhow::Result<()> {
        self.stop.send_replace(true);
        Ok(self.task.await?)
    }
}

async fn tree(world: &World) -> anyhow::Result<(Tree, CheckpointKey)> {
    let tree = Tree::new(world.pool(Role::Query).await?);
    let signer = CheckpointSigner::new(&tree.origin().await?, &bytes(SEED)?, &bytes(PUBLIC)?)?;
    let key = CheckpointKey::parse(signer.verifier_key())?;
    Ok((tree, key))
}

/// The hashes of the leaves of what the log holds, from its rows.
async fn edge_of_log(world: &World, tree: &Tree) -> anyhow::Result<Edge> {
    let mut edge = Edge::default();
    for event in world.log().await?.page(0, 100_000).await? {
        let seeds = tree.seeds(event.position, event.position).await?;
        let leaf = event_store::tree::Leaf {
            position: event.position,
            organization: event.organization,
            stream_type: event.stream_type.as_str(),
            stream: event.stream,
            version: event.version,
            recorded_at: event.recorded_at.timestamp_micros(),
            content_hash: event.content_hash,
            salt: Salts::new(&seeds[&seed_of(event.position)]).at(event.position),
        };
        edge.push(leaf.hash());
    }
    Ok(edge)
}

#[tokio::test]
async fn what_was_recorded_is_signed_and_proved_whoever_signs_it() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let (tree, key) = tree(&world).await?;
    let mut signed = Vec::new();
    for events in [1, 254, 1, 1, 300, 256, 700] {
        // Two nodes at once, one of which comes too late.
        let nodes = [Sealing::start(&world).await?, Sealing::start(&world).await?];
        recorder.append(world.append(world.ids.next(), 0, events)).await?;
        for node in nodes {
            node.end().await?;
        }
        let newest = tree.newest().await?.expect("a checkpoint");
        let head = Head::open(&newest.note, std::slice::from_ref(&key))?;
        assert_eq!((head.size, head.root), (newest.size, newest.root));
        let edge = edge_of_log(&world, &tree).await?;
        assert_eq!((newest.size, newest.root), (edge.size(), edge.root()));
        for position in [1, newest.size / 2 + 1, newest.size] {
            let proof = tree.inclusion(position, &newest).await?;
            assert!(included(position, proof.leaf, &proof.hashes, newest.size, newest.root));
        }
        signed.push(newest);
    }
    let last = signed.last().expect("the last");
    for earlier in &signed {
        let proof = tree.consistency(earlier.size, last.size, last).await?;
        assert!(consistent(earlier.size, earlier.root, last.size, last.root, &proof.hashes));
    }
    Ok(())
}

#[tokio::test]
async fn nobody_rewrites_what_was_signed() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    recorder.append(world.append(world.ids.next(), 0, 300)).await?;
    Sealing::start(&world).await?.end().await?;
    let changes = [
        "UPDATE log.tiles SET hashes = substring(hashes FROM 33) WHERE level = 0",
        "UPDATE log.tiles SET number = number + 1",
        "DELETE FROM log.tiles",
        "TRUNCATE log.tiles",
        "UPDATE log.seeds SET seed = sha256(seed)",
        "DELETE FROM log.seeds",
        "UPDATE log.checkpoints SET note = ''",
        "UPDATE log.checkpoints SET note = note || E'\n'",
        "UPDATE log.checkpoints SET note = E'— a AAAA\\n' || note",
        "UPDATE log.checkpoints SET note = note || E'— a AAAA\\n', signed_at = signed_at + interval '1 day'",
        "UPDATE log.checkpoints SET size = size + 1, note = note || E'— a AAAA\\n'",
        "DELETE FROM log.checkpoints WHERE false",
        "TRUNCATE log.checkpoints",
        "UPDATE log.origin SET origin = 'another'",
    ];
    for change in changes {
        assert_eq!(refusal(&world.owner, change).await.as_deref(), Some("42501"), "the owner: {change}");
        for role in [Role::Write, Role::Query, Role::Identity] {
            assert_eq!(refusal(&world.pool(role).await?, change).await.as_deref(), Some("42501"), "{role:?}: {change}");
        }
    }
    let insert = "INSERT INTO log.checkpoints SELECT size + 1, root, note, signed_at FROM log.checkpoints";
    assert_eq!(refusal(&world.pool(Role::Write).await?, insert).await.as_deref(), Some("42501"));
    Ok(())
}

#[tokio::test]
async fn nothing_is_signed_any_more_once_the_log_is_not_what_was_signed() -> anyhow::Result<()> {
    let changes = [
        "UPDATE log.events SET content_hash = sha256(content_hash) WHERE position = 299",
        "DELETE FROM log.events WHERE position = 300",
        "UPDATE log.seeds SET seed = sha256(seed)",
        "DELETE FROM log.tiles WHERE level = 0 AND number = 1",
        "UPDATE log.checkpoints SET root = sha256(root)",
    ];
    for change in changes {
        let world = World::new().await?;
        let (recorder, _task) = world.recorder().await?;
        recorder.append(world.append(world.ids.next(), 0, 300)).await?;
        Sealing::start(&world).await?.end().await?;
        for table in ["events", "seeds", "tiles", "checkpoints"] {
            let disable = format!("ALTER TABLE log.{table} DISABLE TRIGGER ALL");
            sqlx::query(AssertSqlSafe(disable)).execute(&world.owner).await?;
        }
        sqlx::query(AssertSqlSafe(change.to_owned())).execute(&world.owner).await?;
        recorder.append(world.append(world.ids.next(), 0, 5)).await?;
        Sealing::start(&world).await?.end().await?;
        assert_eq!(world.count("SELECT max(size) FROM log.checkpoints").await?, 300, "{change}");
    }
    Ok(())
}

#[tokio::test]
async fn a_sealer_that_stood_still_between_tiles_and_signature_signs_when_it_comes_back() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    recorder.append(world.append(world.ids.next(), 0, 20)).await?;
    Sealing::start(&world).await?.end().await?;
    sqlx::raw_sql("ALTER TABLE log.checkpoints DISABLE TRIGGER ALL; DELETE FROM log.checkpoints")
        .execute(&world.owner)
        .await?;
    let sealing = Sealing::start(&world).await?;
    let (tree, _) = tree(&world).await?;
    let signed = tokio::time::timeout(Duration::from_secs(30), async {
        loop {
            if let Some(newest) = tree.newest().await? {
                return anyhow::Ok(newest);
            }
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(signed.await??.size, 20);
    sealing.end().await
}

#[tokio::test]
async fn a_key_that_comes_later_signs_the_newest_checkpoint_too_and_the_others_stay() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let (tree, old) = tree(&world).await?;
    recorder.append(world.append(world.ids.next(), 0, 20)).await?;
    Sealing::start(&world).await?.end().await?;
    recorder.append(world.append(world.ids.next(), 0, 20)).await?;

    // Several nodes learn of it, one after the other.
    let nodes = [Sealing::start(&world).await?, Sealing::start(&world).await?];
    let origin = tree.origin().await?;
    let later =
        || CheckpointSigner::new(&origin, &bytes(LATER_SEED)?, &bytes(LATER_PUBLIC)?).map_err(anyhow::Error::from);
    let new = CheckpointKey::parse(later()?.verifier_key())?;
    let signed_by = async |key: &CheckpointKey, size: u64| {
        let looked = async {
            loop {
                let newest = tree.newest().await?;
                if let Some(newest) = newest.filter(|newest| newest.size >= size)
                    && Head::open(&newest.note, std::slice::from_ref(key)).is_ok()
                {
                    return anyhow::Ok(newest);
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), looked).await?
    };
    signed_by(&old, 40).await?;
    for node in &nodes {
        let both = later()?.beside(CheckpointSigner::new(&origin, &bytes(SEED)?, &bytes(PUBLIC)?)?);
        node.keys.send_replace(Arc::new(both));
    }
    // No event comes, and whoever knows only one of the keys believes all the same.
    let newest = signed_by(&new, 40).await?;
    assert_eq!(Head::open(&newest.note, std::slice::from_ref(&old))?.size, 40);
    recorder.append(world.append(world.ids.next(), 0, 2)).await?;
    for key in [&new, &old] {
        signed_by(key, 42).await?;
    }
    for node in nodes {
        node.end().await?;
    }
    let signatures = |note: &str| note.matches("\n— ").count();
    let mut notes = Vec::new();
    for size in [20, 40, 42] {
        notes.push(signatures(&tree.checkpoint(size).await?.expect("a checkpoint").note));
    }
    assert_eq!(notes, [1, 2, 2]);
    Ok(())
}
