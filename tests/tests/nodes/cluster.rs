//! Several servers on one PostgreSQL of their own, and which of them a request goes to.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::time::Duration;

use black_box::{Answer, Call, Client, Server, Show, turnout};
use embedded_postgres::{TemporaryPostgres, temporary};
use futures::future::join_all;

/// A server that sheds load, or whose desk gave up after five seconds of conflicts, is asked again, so often at most.
const ASKED_MAX: u32 = 60;
const PAUSE: Duration = Duration::from_millis(50);

/// Servers on one database; they end with this value, and the database after them.
pub struct Cluster {
    /// The servers.
    pub nodes: Vec<Server>,
    _postgres: TemporaryPostgres,
}

impl Cluster {
    /// So many servers on an empty database that its owner has migrated.
    pub async fn start(nodes: usize) -> Self {
        Self::start_set(nodes, &[]).await
    }

    /// The same with more settings for each server.
    pub async fn start_set(nodes: usize, environment: &'static [(&'static str, &'static str)]) -> Self {
        let postgres = temporary().await.expect("a PostgreSQL");
        let database = postgres.fresh_database().await.expect("a database");
        let migrated = turnout().arg("migrate").env("TURNOUT_OWNER_DATABASE_URL", &database.owner_url).output();
        let migrated = migrated.expect("to migrate");
        assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
        // The first makes the organization and the keys that the others find.
        let mut started = vec![Self::node(database.app_url.clone(), environment).await];
        started.extend(join_all((1..nodes).map(|_| Self::node(database.app_url.clone(), environment))).await);
        Self { nodes: started, _postgres: postgres }
    }

    async fn node(database_url: String, environment: &'static [(&'static str, &'static str)]) -> Server {
        let starting = tokio::task::spawn_blocking(move || Server::start_node(&database_url, environment));
        starting.await.expect("a server")
    }

    /// The installation's owner, at each of the first `count` nodes.
    pub fn staff(&self, count: usize) -> Vec<Client> {
        self.nodes[..count].iter().map(Server::staff).collect()
    }
}

/// The same show, asked at another node.
pub fn at(show: &Show, node: &Server) -> Show {
    Show { id: show.id.clone(), staff: node.staff(), anyone: node.anyone() }
}

/// The node of a show, as a balancer with a hash on the show chooses it.
pub fn hashed(show: &str, nodes: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    show.hash(&mut hasher);
    usize::try_from(hasher.finish() % nodes as u64).expect("a small number")
}

/// Sends a call until the server decides it: 503 says to come again, with `Retry-After`. What is sent has a key, unless
/// it may happen twice.
pub async fn decided(mut call: impl FnMut() -> Call) -> Answer {
    for _ in 0..ASKED_MAX {
        let answer = call().send().await;
        if answer.status != 503 {
            return answer;
        }
        assert!(answer.header("retry-after").is_some(), "{answer}");
        tokio::time::sleep(PAUSE).await;
    }
    panic!("not decided after {ASKED_MAX} times");
}
