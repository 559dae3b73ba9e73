//! Shows to sell and to let people into, and what a load asks of them.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use crate::http::{Connection, Credentials, NUMBER, TICKET, Template, Ticket};
use crate::load::{self, Expected, Load, Ready, Requests, Run};
use crate::measured::Measured;

/// More than can be sold in all windows together, and what a show may have at most.
pub const CAPACITY: u32 = 1_000_000;

/// A desk that is not ready in time says so; what is read until then is not lost.
const KNOCK_AGAIN: Duration = Duration::from_millis(10);

/// A show that is on sale.
#[derive(Clone, Debug)]
pub struct Show {
    /// `host:port` of the server.
    pub address: String,
    /// Its id.
    pub id: String,
    path: String,
    ticket_type: String,
}

impl Show {
    /// With one standing section for so many.
    pub async fn standing(address: &str, capacity: u32) -> Result<Self> {
        Self::with_seating(address, &json!({ "sections": [{ "name": "Field", "capacity": capacity }] })).await
    }

    /// With this seating, and one ticket type for all of it.
    pub async fn with_seating(address: &str, seating: &Value) -> Result<Self> {
        let mut connection = Connection::open(address, &Credentials::admin()).await?;
        let body = json!({
            "name": "Bench", "description": "", "venue": { "name": "Field", "address": "Field 1" },
            "timezone": "Europe/Berlin", "starts_at": "2041-05-04T18:00:00Z", "currency": "EUR",
        });
        let id = text(&command(&mut connection, "POST", "/shows", &body).await?, "id")?;
        let path = format!("/shows/{id}");
        command(&mut connection, "PUT", &format!("{path}/seating"), seating).await?;
        let kind = json!({ "name": "Standing", "price": 2500 });
        let ticket_type = text(&command(&mut connection, "POST", &format!("{path}/ticket-types"), &kind).await?, "id")?;
        command(&mut connection, "POST", &format!("{path}/publish"), &json!({})).await?;
        Ok(Self { address: address.to_owned(), id, path, ticket_type })
    }

    /// What the bare limit takes for one: it has no shows, but is asked in the same words.
    pub fn of_bare(address: &str) -> Self {
        let id = "01a1fe8c-2f31-77b4-9dcd-ed30b49f03e9";
        Self {
            address: address.to_owned(),
            id: id.to_owned(),
            path: format!("/shows/{id}"),
            ticket_type: id.to_owned(),
        }
    }

    /// The same show, asked at another server of its database.
    pub fn at(&self, address: &str) -> Self {
        Self { address: address.to_owned(), ..self.clone() }
    }

    /// Sells one ticket after the other on every connection.
    pub async fn sell(&self, load: Load<'_>) -> Result<Run> {
        sell(std::slice::from_ref(self), load, Expected::Done).await
    }

    /// Checks these tickets in, one after the other on every connection, until the window or the tickets end; none: always the
    /// same ticket, which only the bare limit takes.
    pub async fn check_in(&self, load: Load<'_>, tickets: Option<Arc<[Ticket]>>) -> Result<Run> {
        let path = format!("{}/check-ins", self.path);
        let ticket = if tickets.is_some() { TICKET } else { &self.id };
        let body = format!(r#"{{"ticket":"{ticket}","scan":"00000000-0000-8000-8000-{NUMBER}"}}"#);
        let of = |connection: &Connection| vec![Template::new(connection.command("POST", &path, None, &body))];
        let requests = Requests { of: &of, tickets, expected: Expected::Done, keep_tickets: false };
        load::send(&self.address, load, requests).await
    }

    /// The path of what is left of it.
    pub fn availability(&self) -> String {
        format!("{}/availability", self.path)
    }

    /// Asks what is left, again and again on every connection.
    pub async fn ask_what_is_left(&self, load: Load<'_>) -> Result<Measured> {
        let path = self.availability();
        let of = |connection: &Connection| vec![Template::new(connection.query(&path, None))];
        let requests = Requests { of: &of, tickets: None, expected: Expected::Done, keep_tickets: false };
        Ok(load::send(&self.address, load, requests).await?.measured)
    }

    /// Waits until the read models have seen all that was sold and admitted, so that the next window pays for itself only.
    pub async fn settle(&self) -> Result<()> {
        let mut connection = Connection::open(&self.address, &Credentials::admin()).await?;
        // A command that changes nothing tells where the show's history ends.
        let answer = connection.send("PATCH", &self.path, None, "{}").await?;
        let position = answer.position().with_context(|| format!("no position, but {}", answer.status))?;
        loop {
            // The server waits for some seconds.
            match connection.get(&self.path, Some(position)).await?.status {
                200 => return Ok(()),
                503 => {}
                other => bail!("the read models do not follow: {other}"),
            }
        }
    }

    /// Sells so many, one after the other.
    pub async fn sell_some(&self, who: &Credentials, count: u32) -> Result<()> {
        let mut connection = Connection::open(&self.address, who).await?;
        let mut sale = self.sale(&connection);
        for _ in 0..count {
            let answer = connection.exchange(sale.numbered(load::number())).await?;
            ensure!(answer.status == 201, "{}: {}", answer.status, String::from_utf8_lossy(answer.body));
        }
        Ok(())
    }

    /// Sells these seats, one after the other on every connection.
    pub async fn sell_seats(&self, load: Load<'_>, seats: Arc<[Ticket]>) -> Result<Run> {
        let items = format!(r#"{{"ticket_type":"{}","seats":["{TICKET}"]}}"#, self.ticket_type);
        let of = |connection: &Connection| vec![self.sale_of(connection, &items)];
        let requests = Requests { of: &of, tickets: Some(seats), expected: Expected::Done, keep_tickets: false };
        load::send(&self.address, load, requests).await
    }

    /// Asks for a change of nothing, which is answered when the desk is open and the log has confirmed it; again, as long as the
    /// server turns it away.
    pub async fn knock(&self) -> Result<()> {
        let mut connection = Connection::open(&self.address, &Credentials::admin()).await?;
        loop {
            let answer = connection.send("PATCH", &self.path, None, "{}").await?;
            match answer.status {
                200 => return Ok(()),
                503 => tokio::time::sleep(KNOCK_AGAIN).await,
                other => bail!("the show does not open: {other} {}", String::from_utf8_lossy(answer.body)),
            }
        }
    }

    /// A sale with all that a real one carries: a key, a customer, a payment.
    pub fn sale(&self, connection: &Connection) -> Template {
        self.sale_of(connection, &format!(r#"{{"ticket_type":"{}","quantity":1}}"#, self.ticket_type))
    }

    fn sale_of(&self, connection: &Connection, item: &str) -> Template {
        let customer = format!(r#"{{"name":"Visitor {NUMBER}","email":"visitor.{NUMBER}@bench.example"}}"#);
        let body = format!(r#"{{"items":[{item}],"customer":{customer},"payment":{{"method":"cash"}}}}"#);
        let key = format!("00000000-0000-8000-8000-{NUMBER}");
        Template::new(connection.command("POST", &format!("{}/tickets", self.path), Some(&key), &body))
    }
}

/// Sells tickets of these shows in turn on every connection.
pub async fn sell(shows: &[Show], load: Load<'_>, expected: Expected) -> Result<Run> {
    ready_to_sell(shows, load, expected).await?.send().await
}

/// The same with its connections open.
pub async fn ready_to_sell<'a>(shows: &[Show], load: Load<'a>, expected: Expected) -> Result<Ready<'a>> {
    let address = &shows.first().context("no show")?.address;
    let of = |connection: &Connection| shows.iter().map(|show| show.sale(connection)).collect();
    let requests = Requests { of: &of, tickets: None, expected, keep_tickets: expected == Expected::Done };
    load::open(address, load, requests).await
}

/// Programs that sell, so many, each with a key of its own.
pub async fn sellers(address: &str, count: usize) -> Result<Vec<Credentials>> {
    let mut admin = Connection::open(address, &Credentials::admin()).await?;
    let mut keys = Vec::new();
    for number in 1..=count {
        let key = json!({ "name": format!("Box office {number}"), "role": "seller" });
        let issued = command(&mut admin, "POST", "/api-keys", &key).await?;
        keys.push(Credentials::bearer(&text(&issued, "token")?));
    }
    Ok(keys)
}

/// Devices at the door of these shows, so many, paired. Pairings are limited to one a second for each address, after the first
/// sixty: it waits where it must.
pub async fn devices(address: &str, shows: &[&Show], count: usize) -> Result<Vec<Credentials>> {
    let mut admin = Connection::open(address, &Credentials::admin()).await?;
    let mut anybody = Connection::open(address, &Credentials::none()).await?;
    let shows: Vec<&str> = shows.iter().map(|show| show.id.as_str()).collect();
    let mut devices = Vec::new();
    for number in 1..=count {
        let offer = json!({ "name": format!("Gate {number}"), "shows": shows });
        let pairing = text(&command(&mut admin, "POST", "/devices/pairings", &offer).await?, "pairing")?;
        let body = json!({ "pairing": pairing }).to_string();
        let paired: Value = loop {
            let answer = anybody.send("POST", "/devices", None, &body).await?;
            match answer.status {
                200..300 => break serde_json::from_slice(answer.body)?,
                429 => {}
                other => bail!("a device is not paired: {other} {}", String::from_utf8_lossy(answer.body)),
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        };
        devices.push(Credentials::bearer(&text(&paired, "token")?));
    }
    Ok(devices)
}

/// Sends a command that has to be done, and reads its answer.
pub async fn command(connection: &mut Connection, method: &str, path: &str, body: &Value) -> Result<Value> {
    let answer = connection.send(method, path, None, &body.to_string()).await?;
    if !(200..300).contains(&answer.status) {
        bail!("{method} {path}: {} {}", answer.status, String::from_utf8_lossy(answer.body));
    }
    Ok(serde_json::from_slice(answer.body)?)
}

/// A field that has to be there.
pub fn text(value: &Value, field: &str) -> Result<String> {
    Ok(value[field].as_str().with_context(|| format!("no `{field}` in {value}"))?.to_owned())
}
