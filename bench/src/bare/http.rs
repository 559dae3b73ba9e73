//! The same HTTP server as Turnout's: axum's router behind hyper's HTTP/1.1, a task for each connection, bodies parsed, answers
//! as long as Turnout's.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

use super::desk::{Desk, Kind};

/// As long as a signed token of a ticket.
const TOKEN: &str = "eyJhbGciOiJFZERTQSIsImtpZCI6IlE0ZWpRWDkwIn0.eyJzdWIiOiJBYUgtakM5NGVMU0dIYmhiQjNpZlJBIiwiYXVkIjoiQWFILWpDOHhkN1NkemUwd3RKOEQ2USIsImlhdCI6MTc5NTI3MTk2MiwibiI6MX0.tnP5D6PJ-j9ur4ypKKD-0xKQw6aRSQei6SvQrUzrmPWTlAvBuYPseVNnS3mN6nei7fLpGk0RMuIfCqVgcMl-Ag";

/// As long as what is left of a show with a section and a ticket type.
const LEFT: &str = r#"{"status":"published","on_sale":true,"ticket_types":[{"id":"01a1fe8c-2f31-77b4-9dcd-ed30b49f03e9","name":"Standing","prices":[{"category":null,"price":{"amount":2500,"currency":"EUR"}}],"level":"plenty","capacity":null,"available":null,"held":null,"sold":null,"blocked":null}],"sections":[{"name":"Stalls","level":"plenty","capacity":null,"available":null,"held":null,"sold":null,"blocked":null}]}"#;

#[derive(Clone)]
struct App {
    desk: Desk,
    ids: Arc<AtomicU64>,
}

impl App {
    fn id(&self) -> Uuid {
        Uuid::from_u128(
            0x01a1_fe8c_2f78_7154_a848_0000_0000_0000 + u128::from(self.ids.fetch_add(1, Ordering::Relaxed)),
        )
    }
}

/// Answers on this listener until the program ends.
pub async fn serve(listener: TcpListener, desk: Desk) -> Result<()> {
    let app = App { desk, ids: Arc::new(AtomicU64::new(1)) };
    let router = Router::new()
        .route("/api/v1/shows/{show}/tickets", post(sell))
        .route("/api/v1/shows/{show}/check-ins", post(check_in))
        .route("/api/v1/shows/{show}/availability", get(left))
        .with_state(app);
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(answer(stream, router.clone()));
    }
}

async fn answer(stream: TcpStream, router: Router) {
    let service = TowerToHyperService::new(tower::service_fn(move |request: hyper::Request<Incoming>| {
        tower::ServiceExt::oneshot(router.clone(), request.map(Body::new))
    }));
    // A connection that cannot be served any more has nobody to tell.
    let _ = stream.set_nodelay(true);
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

#[derive(Deserialize)]
struct Sale {
    items: Vec<Item>,
    customer: Customer,
    payment: Payment,
}

#[derive(Deserialize)]
struct Item {
    ticket_type: Uuid,
    quantity: u32,
}

#[derive(Deserialize)]
struct Customer {
    name: String,
    email: String,
}

#[derive(Deserialize)]
struct Payment {
    method: String,
}

#[derive(Serialize)]
struct Sold {
    order: Uuid,
    reference: &'static str,
    total: Money,
    tickets: Vec<Ticket>,
}

#[derive(Serialize)]
struct Money {
    amount: i64,
    currency: &'static str,
}

#[derive(Serialize)]
struct Ticket {
    id: Uuid,
    short_code: &'static str,
    ticket_type: Uuid,
    seat: Option<&'static str>,
    token: &'static str,
}

async fn sell(State(app): State<App>, Path(_show): Path<Uuid>, Json(sale): Json<Sale>) -> Response {
    let Some(item) = sale.items.first() else { return StatusCode::UNPROCESSABLE_ENTITY.into_response() };
    let empty = [&sale.customer.name, &sale.customer.email, &sale.payment.method].iter().any(|text| text.is_empty());
    if empty || item.quantity != 1 {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    }
    let id = app.id();
    let ticket = Ticket { id, short_code: "4722961", ticket_type: item.ticket_type, seat: None, token: TOKEN };
    let total = Money { amount: 2500, currency: "EUR" };
    let sold = Sold { order: id, reference: "T2ZAA", total, tickets: vec![ticket] };
    done(app.desk.submit(Kind::Sale, id).await, StatusCode::CREATED, sold)
}

#[derive(Deserialize)]
struct Scan {
    ticket: Uuid,
    scan: Uuid,
}

/// The trivial handler: it answers, and looks at nothing.
async fn left() -> ([(HeaderName, &'static str); 1], &'static str) {
    ([(CONTENT_TYPE, "application/json")], LEFT)
}

#[derive(Serialize)]
struct Admitted {
    scan: Uuid,
    at: &'static str,
    result: &'static str,
    say: &'static str,
    ticket: Uuid,
}

async fn check_in(State(app): State<App>, Path(_show): Path<Uuid>, Json(scan): Json<Scan>) -> Response {
    let id = app.id();
    let admitted = Admitted {
        scan: scan.scan,
        at: "2026-11-21T14:39:22.536288Z",
        result: "admitted",
        say: "Come in: 1 person, Field.",
        ticket: scan.ticket,
    };
    done(app.desk.submit(Kind::CheckIn, id).await, StatusCode::OK, admitted)
}

fn done(position: Result<i64>, status: StatusCode, body: impl Serialize) -> Response {
    match position {
        Ok(position) => (status, [(HeaderName::from_static("turnout-position"), position)], Json(body)).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
