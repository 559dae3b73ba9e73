//! The whole API on a database of its own, asked without a socket.

#![allow(dead_code, reason = "each test program uses a part")]

use std::sync::Arc;

use api::{
    App, CommandSide, DefenceSettings, Defences, Node, QuerySide, Server,
    app::{AppParts, CommandParts, NodeParts, QueryParts},
    rate_limits::{DEFAULTS, Rates},
};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use chrono::{DateTime, Utc};
use commands::{
    OrganizationCommand,
    desk::{DeskParts, Desks},
    organization::{add_member::AddMember, found_organization::FoundOrganization},
    organization_desk::{OrganizationParts, OrganizationSubmission, Organizations},
};
use domain::ids::{AccountId, MemberId, OrganizationId};
use embedded_postgres::TemporaryPostgres;
use event_store::{
    Clock, FixedClock, Ids, Log, Recorder, RecorderOptions, Snapshots, SystemClock, SystemIds, Turns, Vault,
    pools::{self, Role},
};
use identity::{AdminToken, CodeKeys, CommandIds, Email, Gate, LinkSecrets, NewAccount, SecretKey};
use projections::{Follower, HotShows, LiveFeeds, LiveOptions, Projector, ProjectorOptions, Queries};
use serde_json::{Value, json};
use sqlx::PgPool;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};
use tower::ServiceExt;
use uuid::Uuid;

pub const ADMIN: &str = "0123456789abcdef0123456789abcdef";

/// Who set the installation up.
pub const OWNER_EMAIL: &str = "ada@example.org";
pub const OWNER_PASSWORD: &str = "seven quiet lanterns";

/// A server without a socket.
pub struct World {
    router: Router,
    pub ready: watch::Sender<bool>,
    /// By which the server asks who somebody is: closed, nobody is looked up any more.
    pub identity_pool: PgPool,
    /// Its database as the owner.
    pub owner_url: String,
    /// What records: for more events than commands would bring about.
    pub recorder: Recorder,
    log: Log,
    _projecting: DropGuard,
    // Behind everything that is connected to it.
    _postgres: TemporaryPostgres,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    pub json: Value,
}

impl World {
    pub async fn new() -> anyhow::Result<Self> {
        Self::with(DEFAULTS).await
    }

    /// One whose callers may ask so often.
    pub async fn with(rates: Rates) -> anyhow::Result<Self> {
        Self::told(rates, Arc::new(SystemClock)).await
    }

    /// One that takes the time from a clock of the test. What is recorded has the database's time all the same.
    pub async fn at(clock: Arc<FixedClock>) -> anyhow::Result<Self> {
        Self::told(DEFAULTS, clock).await
    }

    async fn told(rates: Rates, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let postgres = embedded_postgres::temporary().await?;
        let database = postgres.fresh_database().await?;
        let owner = pools::connect(&database.owner_url, Role::Owner, 1).await?;
        event_store::migrate(&owner).await?;
        owner.close().await;
        let url = &database.app_url;
        let now = clock.now();
        let secret = SecretKey::parse("a secret of this installation, and of no other")?;
        let identity_pool = pools::connect(url, Role::Identity, 4).await?;
        let first = SystemIds.next();
        let token = AdminToken::parse(ADMIN)?;
        let gate = Gate::new(identity_pool.clone(), &secret, Some(token), first);
        let ticket_keys = Arc::new(identity::load_or_create_ticket_keys(&identity_pool, &secret, now).await?);

        let (recorder, _) = Recorder::start(url, RecorderOptions::default()).await?;
        let project = pools::connect(url, Role::Project, 4).await?;
        let log = Log::new(project.clone(), Some(recorder.head()));
        let organizations = Organizations::new(OrganizationParts {
            recorder: recorder.clone(),
            log: log.clone(),
            clock: Arc::clone(&clock),
            randomness: Arc::new(random),
        });
        set_up(&organizations, &gate, OrganizationId(first), now).await?;
        let options = ProjectorOptions::default();
        let projector = Projector::new(project, log.clone(), Arc::clone(&clock), Uuid::from_u128(2), options);
        let query = pools::connect(url, Role::Query, 8).await?;
        let follower = Follower::start(log.clone(), projector.checkpoint());
        let queries = Queries::new(query.clone(), log.clone(), follower.checkpoint());
        let hot = HotShows::new(queries.clone(), follower);
        let projecting = CancellationToken::new();
        tokio::spawn(projector.run(projecting.clone()));

        let codes = CodeKeys::new(&secret);
        let kid = ticket_keys.current_kid().to_owned();
        let desks = Desks::new(DeskParts {
            recorder: recorder.clone(),
            log: log.clone(),
            snapshots: Snapshots::none(),
            turns: Turns::none(),
            clock: Arc::clone(&clock),
            randomness: Arc::new(random),
            code_key: Arc::new(move |show| codes.of_show(show.0)),
            kid: Arc::new(move || kid.clone()),
        });
        let (ready, is_ready) = watch::channel(true);
        let node = Node::from(NodeParts {
            clock: Arc::clone(&clock),
            ids: Arc::new(SystemIds),
            public_url: "http://127.0.0.1:8080".into(),
            defences: Arc::new(Defences::new(DefenceSettings { rates, ..DefenceSettings::default() })),
            ready: is_ready,
            stopped_streams: watch::channel(None).1,
            closing: CancellationToken::new(),
        });
        let app = App::from(AppParts {
            node: node.clone(),
            gate: Arc::new(gate),
            identity_pool: identity_pool.clone(),
            ticket_keys,
        });
        let commands = CommandSide::from(CommandParts {
            app: app.clone(),
            desks,
            organizations,
            links: LinkSecrets::new(&secret),
            command_ids: Arc::new(CommandIds::new(&secret)),
            vault: Vault::new(query),
            why: queries.clone(),
            sign_in_samples: Arc::default(),
            secure_cookies: false,
        });
        let live = LiveFeeds::new(hot.clone(), clock, LiveOptions::default());
        let tree = event_store::tree::Tree::new(pools::connect(url, Role::Query, 1).await?);
        let queries =
            QuerySide::from(QueryParts { app, queries, hot, live, tree, log_keys: watch::channel([].into()).1 });
        let server = Server { node, commands: Some(commands), queries: Some(queries) };
        let router = api::router(server, Router::new());
        Ok(Self {
            router,
            ready,
            identity_pool,
            owner_url: database.owner_url.clone(),
            recorder,
            log,
            _projecting: projecting.drop_guard(),
            _postgres: postgres,
        })
    }

    /// The service itself.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// How many events a stream has.
    pub async fn versions(&self, stream: Uuid) -> anyhow::Result<i64> {
        Ok(self.log.version_at(stream, i64::MAX).await?)
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router().oneshot(request).await.expect("routers never fail");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a whole body");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let json = serde_json::from_str(&text).unwrap_or_default();
        Answer { status: parts.status, headers: parts.headers, text, json }
    }

    /// `GET` of an address, with headers.
    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(request(Method::GET, path, headers, Body::empty())).await
    }

    /// `GET` as the administrator, having seen a position.
    pub async fn seen(&self, path: &str, position: &str) -> Answer {
        let bearer = format!("Bearer {ADMIN}");
        self.get(path, &[("authorization", &bearer), ("turnout-position", position)]).await
    }

    /// A command as the administrator.
    pub async fn command(&self, method: Method, path: &str, body: Value) -> Answer {
        let bearer = format!("Bearer {ADMIN}");
        let headers = [("authorization", &*bearer), ("content-type", "application/json")];
        let answer = self.send(request(method.clone(), path, &headers, Body::from(body.to_string()))).await;
        assert!(answer.status.is_success(), "{method} {path} {body}: {answer:?}");
        answer
    }

    /// A published show of rows 1 and 2 of five seats each, all at 40.00: its id and the ticket type's.
    pub async fn show(&self, name: &str) -> (String, String) {
        let body = json!({
            "name": name,
            "description": "",
            "venue": { "name": "Town hall", "address": "Market 1\n12345 Town" },
            "timezone": "Europe/Berlin",
            "starts_at": "2041-05-04T18:00:00Z",
            "currency": "EUR",
        });
        let show = self.command(Method::POST, "/api/v1/shows", body).await.text_of("/id");
        let at = format!("/api/v1/shows/{show}");
        let rows = json!([{ "label": "1", "first": 1, "last": 5 }, { "label": "2", "first": 1, "last": 5 }]);
        let sections = json!({ "sections": [{ "name": "Stalls-Left", "rows": rows }] });
        self.command(Method::PUT, &format!("{at}/seating"), sections).await;
        let ticket_type = json!({ "name": "Seat", "price": 4000 });
        let ticket_type = self.command(Method::POST, &format!("{at}/ticket-types"), ticket_type).await.text_of("/id");
        self.command(Method::POST, &format!("{at}/publish"), json!({})).await;
        (show, ticket_type)
    }

    /// Sells a seat at the box office: the answer.
    pub async fn sell(&self, show: &str, ticket_type: &str, seat: &str) -> Answer {
        let body = json!({
            "items": [{ "ticket_type": ticket_type, "seats": [seat] }],
            "payment": { "method": "cash" },
            "customer": { "name": "Ada Buyer", "email": "ada@example.org" },
        });
        self.command(Method::POST, &format!("/api/v1/shows/{show}/tickets"), body).await
    }
}

fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(SystemIds.next().as_bytes());
    bytes[16..].copy_from_slice(SystemIds.next().as_bytes());
    bytes
}

/// Founds the first organization, with an owner who can sign in.
async fn set_up(
    organizations: &Organizations,
    gate: &Gate,
    first: OrganizationId,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let submit = async |command: OrganizationCommand| {
        let id = SystemIds.next();
        let submission = OrganizationSubmission {
            command,
            vault: Vec::new(),
            secrets: Vec::new(),
            command_id: id,
            request_hmac: None,
            correlation: id,
            actor: "turnout".to_owned(),
            role: None,
            device: None,
            channel: None,
        };
        organizations.submit(first, submission).await
    };
    let name = "Box office".try_into()?;
    let found = FoundOrganization { organization: first, name, slug: None, currency: None, timezone: None };
    submit(found.into()).await?;
    let account = SystemIds.next();
    let email = Email::try_from(OWNER_EMAIL.to_owned())?;
    let new =
        NewAccount { account, email: &email, name: "Ada Example", password: OWNER_PASSWORD, installation_owner: true };
    gate.accounts().create(&new, now).await?;
    let (member, account) = (MemberId(SystemIds.next()), AccountId(account));
    submit(AddMember { member, role: identity::Role::Owner, account }.into()).await?;
    Ok(())
}

impl Answer {
    pub fn text_of(&self, pointer: &str) -> String {
        self.json.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} of {self:?}")).to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("{name} of {self:?}")).to_str().expect("a text")
    }

    pub fn position(&self) -> String {
        self.header("turnout-position").to_owned()
    }

    pub fn number(&self) -> i64 {
        self.position().parse().expect("a number")
    }

    /// That it is this problem, with every member.
    #[track_caller]
    pub fn is(&self, status: u16, code: &str) {
        assert_eq!((self.status.as_u16(), self.json["code"].as_str()), (status, Some(code)), "{self:?}");
        assert_eq!(self.header(header::CONTENT_TYPE.as_str()), "application/problem+json");
        for member in ["type", "title", "detail", "errors"] {
            assert!(self.json.get(member).is_some_and(|value| value != ""), "{member} of {self:?}");
        }
    }
}

pub fn request(method: Method, path: &str, headers: &[(&str, &str)], body: Body) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body).expect("a request")
}
