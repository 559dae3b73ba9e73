//! Two organizations that have the same kinds of things, and the API's own description, from which every operation is asked:
//! what `strangers` and `permissions` work with. A new operation, or a new name in a path, is met by itself or fails loudly.

use std::collections::BTreeMap;

use black_box::{Answer, Client, Show, invite, invite_link, issue_key, pair};
use reqwest::Method;
use serde_json::{Value, json};

/// The roles, as the columns of the golden table have them.
pub const ROLES: [&str; 6] = ["owner", "manager", "seller", "door", "auditor", "analyst"];

/// An id that nothing has.
pub const UNKNOWN: &str = "0199aa00-0000-7000-8000-00000000dead";

/// A position that nothing has.
pub const UNKNOWN_POSITION: &str = "999999999";

/// An organization and everything in it that has an id.
pub struct Tenant {
    /// Its id.
    pub id: String,
    /// Who may do everything in it.
    pub owner: Client,
    /// A published show, with a sale, a hold, a block and a scan.
    pub show: Show,
    /// A show that is not published.
    pub draft: Show,
    /// What stands in a path for what: the name of the parameter and an id.
    pub ids: BTreeMap<&'static str, String>,
    /// A hold's and an order's secret.
    pub hold_secret: String,
    pub order_secret: String,
    /// A ticket's token.
    pub ticket_token: String,
    /// A key of each role.
    pub keys: BTreeMap<&'static str, Client>,
    /// A text that stands in every name.
    pub name: &'static str,
}

/// An operation of the API.
#[derive(Debug, Clone)]
pub struct Operation {
    pub id: String,
    pub method: Method,
    /// Below `/api/v1`, with names in braces.
    pub path: String,
    /// The names in its path.
    pub names: Vec<String>,
}

/// What the golden table says of an operation: a mark by column.
pub type Permissions = BTreeMap<String, BTreeMap<String, char>>;

impl Tenant {
    /// The first organization of a server, or another that its owner makes.
    pub async fn of(owner: &Client, name: &'static str) -> Self {
        let made = owner.post("/organizations", &json!({ "name": name })).expect(201).await;
        let id = made.text("id");
        let owner = owner.in_organization(&id);
        let address = name.to_lowercase();
        let (member, _) = invite(&owner, &format!("member@{address}.example"), "seller").await;
        let (invited, _) = invite_link(&owner, &format!("invited@{address}.example"), "door").await;

        let draft = Show::draft(&owner, &format!("{name} draft"), json!({})).await;
        let show = Show::draft(&owner, &format!("{name} evening"), json!({})).await;
        show.seating(json!([{ "name": "Stalls", "rows": [{ "label": "1", "first": 1, "last": 30 }] }])).await;
        let pool = show.pool("Fire limit", 30).await;
        let ticket_type =
            show.ticket_type(json!({ "name": format!("{name} seat"), "price": 4000, "pools": [pool] })).await;
        show.door(json!({ "gates": [{ "name": format!("{name} gate"), "area": "main" }] })).await;
        show.publish().await;
        let places =
            json!({ "label": format!("{name} guests"), "kind": "house", "places": [{ "seats": ["Stalls-1-30"] }] });
        let block = owner.post(&show.path("/blocks"), &places).expect(201).await.text("id");
        let held = show.hold(json!([{ "ticket_type": ticket_type, "seats": ["Stalls-1-1"] }])).await;
        let other = show.hold(json!([{ "ticket_type": ticket_type, "seats": ["Stalls-1-2"] }])).await;
        let customer = json!({ "name": format!("{name} customer"), "email": format!("customer@{address}.example") });
        let order = json!({ "hold": other.text("id"), "customer": customer, "terms": "pay_at_door" });
        let ordered = owner.post(&show.path("/orders"), &order).expect(201).await;
        let sold = show.sell(json!([{ "ticket_type": ticket_type, "seats": ["Stalls-1-3"] }])).await;
        let scan = show.check_in(json!({ "ticket": sold.text("/tickets/0/id") })).await.text("scan");
        let mut keys = BTreeMap::new();
        for role in ROLES {
            keys.insert(role, issue_key(&owner, role, json!({})).await.1);
        }
        let (key, _) = issue_key(&owner, "manager", json!({ "name": format!("{name} key") })).await;
        let (device, _) = pair(&show, &format!("{name} device"), json!({})).await;
        let head = show.head().await;
        let person = person(&owner, head).await;
        let (me, session) = invite(&owner, &format!("session@{address}.example"), "owner").await;
        let sessions = session.get("/sessions").expect(200).await;
        let _ = invited;
        let ids = BTreeMap::from([
            ("show", show.id.clone()),
            ("pool", pool),
            ("ticket_type", ticket_type),
            ("block", block),
            ("hold", held.text("id")),
            ("order", ordered.text("id")),
            ("ticket", sold.text("/tickets/0/id")),
            ("scan", scan),
            ("position", head.to_string()),
            // The first leaf's hash: a tile that is not full.
            ("level", "0".to_owned()),
            ("number", "000.p/1".to_owned()),
            ("key", key),
            ("member", member),
            ("device", device.text("device")),
            ("session", sessions.text("/items/0/id")),
            ("person", person.unwrap_or(me)),
        ]);
        Self {
            id,
            show,
            draft,
            ids,
            hold_secret: held.text("secret"),
            order_secret: ordered.text("secret"),
            ticket_token: sold.text("/tickets/0/token"),
            keys,
            name,
            owner,
        }
    }

    /// The same organization as somebody who signed in as its owner sees it.
    pub async fn session(&self, role: &str) -> Client {
        let address = self.name.to_lowercase();
        invite(&self.owner, &format!("signed-in-{role}@{address}.example"), role).await.1
    }
}

/// A customer's id, where people are shown.
async fn person(owner: &Client, position: u64) -> Option<String> {
    let people = owner.get("/people?q=customer").at_position(position).send().await;
    (people.status == 200).then(|| people.text("/items/0/id"))
}

impl Operation {
    /// Everything that the server describes below `/api/v1`.
    pub async fn all(anyone: &Client) -> Vec<Self> {
        let document = anyone.get("//openapi.json").expect(200).await;
        let mut all = Vec::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            let Some(path) = path.strip_prefix("/api/v1") else { continue };
            for (method, operation) in item.as_object().expect("operations") {
                let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
                let names =
                    path.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name.to_owned());
                let id = operation["operationId"].as_str().expect("an id").to_owned();
                all.push(Self { id, method, path: path.to_owned(), names: names.collect() });
            }
        }
        assert!(all.len() > 80, "only {} operations are described", all.len());
        all
    }

    /// Its path with `fill` in place of each name.
    pub fn at(&self, fill: impl Fn(&str) -> String) -> String {
        self.names.iter().fold(self.path.clone(), |path, name| path.replace(&format!("{{{name}}}"), &fill(name)))
    }

    /// Its path with ids that nothing has.
    pub fn at_nothing(&self) -> String {
        self.at(|name| nothing(name).to_owned())
    }

    /// Asks it with a body that is none: whatever looks at the body comes behind who asks and what the path names.
    pub async fn ask(&self, caller: &Client, path: &str) -> Answer {
        let call = caller.call(self.method.clone(), path);
        let call = if self.method == Method::GET { call.at_once() } else { call.body("application/json", "{\"") };
        call.send().await
    }
}

/// What stands for a name in a path and names nothing.
pub fn nothing(name: &str) -> &'static str {
    if name == "position" { UNKNOWN_POSITION } else { UNKNOWN }
}

/// The golden table, as reviewers read it.
pub fn golden() -> Permissions {
    let text = include_str!("../../../api/permissions.txt");
    let mut lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let columns: Vec<&str> = lines.next().expect("the heads of columns").split_whitespace().collect();
    assert_eq!(columns[..6], ROLES);
    let rows = lines.map(|line| {
        let mut words = line.split_whitespace();
        let operation = words.next().expect("an operation").to_owned();
        let marks: Vec<char> = words.map(|word| word.chars().next().expect("a mark")).collect();
        assert_eq!(marks.len(), columns.len(), "{line}");
        (operation, columns.iter().map(|column| (*column).to_owned()).zip(marks).collect())
    });
    rows.collect()
}

/// The mark of an operation in a column.
pub fn mark(golden: &Permissions, operation: &Operation, column: &str) -> char {
    *golden.get(&operation.id).and_then(|row| row.get(column)).unwrap_or_else(|| panic!("no mark of {}", operation.id))
}

/// What an answer says, apart from what differs between two answers alike.
pub fn said(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    (answer.status, answer.lasting_headers(), answer.text.clone())
}

/// A problem's code.
pub fn code(answer: &Answer) -> Option<&str> {
    answer.json.get("code").and_then(Value::as_str)
}
