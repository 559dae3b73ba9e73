//! Who may write the log, and where personal data lies: looked up in the database itself.

use black_box::{Server, Show, database, shared};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, Executor};

/// The roles that the server takes; it logs in as `turnout` and owns nothing.
const ROLES: &[&str] =
    &["turnout", "turnout_write", "turnout_project", "turnout_query", "turnout_react", "turnout_identity"];

/// SQLSTATE of insufficient privilege.
const DENIED: &str = "42501";

/// The embedded server's superuser: only this role sees past row-level security.
const SUPERUSER: &str = "turnout_owner";

#[tokio::test]
async fn no_role_of_the_server_writes_the_log_but_through_its_door() {
    let server = Server::start();
    let (show, floor) = Show::standing(&server.staff(), "Recorded", 10, json!({})).await;
    show.sell_one(&floor).await;
    let mut owner = database::connect(&server.data(), SUPERUSER).await;
    for role in ROLES {
        let mut connection = database::connect(&server.data(), "turnout").await;
        connection.execute(AssertSqlSafe(format!("SET ROLE {role}"))).await.expect("a role that the server may take");
        for statement in [
            // Each needs the one privilege alone: no column is read and no constraint is reached.
            "INSERT INTO log.events DEFAULT VALUES",
            "UPDATE log.events SET version = 1 WHERE false",
            "DELETE FROM log.events WHERE false",
            "TRUNCATE log.events",
            "DROP TABLE log.events",
            "ALTER TABLE log.events DISABLE TRIGGER ALL",
            "ALTER TABLE log.events OWNER TO turnout",
        ] {
            let failure = database::failure(&mut connection, statement).await;
            assert_eq!(failure.as_deref(), Some(DENIED), "{role}: {statement}");
        }
        for privilege in ["INSERT", "UPDATE", "REFERENCES"] {
            let may: bool = sqlx::query_scalar("SELECT has_any_column_privilege($1, 'log.events', $2)")
                .bind(role)
                .bind(privilege)
                .fetch_one(&mut owner)
                .await
                .expect("an answer");
            assert!(!may, "{role}: {privilege} on a column");
        }
        connection.close().await.expect("the connection's end");
    }
}

#[tokio::test]
async fn what_is_recorded_is_refused_to_be_changed_by_the_owner_too() {
    let server = Server::start();
    Show::standing(&server.staff(), "For ever", 10, json!({})).await;
    let mut connection = database::connect(&server.data(), SUPERUSER).await;
    for statement in
        ["UPDATE log.events SET version = version", "DELETE FROM log.events", "TRUNCATE log.events CASCADE"]
    {
        let failure = database::failure(&mut connection, statement).await;
        assert_eq!(failure.as_deref(), Some(DENIED), "{statement}");
    }
}

#[tokio::test]
async fn the_server_cannot_become_the_owner_or_a_superuser() {
    let server = Server::start();
    let mut connection = database::connect(&server.data(), "turnout").await;
    for statement in ["SET ROLE turnout_owner", "SET SESSION AUTHORIZATION turnout_owner"] {
        let failure = database::failure(&mut connection, statement).await;
        assert_eq!(failure.as_deref(), Some(DENIED), "{statement}");
    }
    let mighty: Vec<String> = sqlx::query_scalar(
        "SELECT rolname::text FROM pg_roles WHERE rolname = ANY($1) AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)",
    )
    .bind(ROLES)
    .fetch_all(&mut connection)
    .await
    .expect("an answer");
    assert!(mighty.is_empty(), "{mighty:?}");
    let owned: Vec<String> = sqlx::query_scalar(
        "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = ANY($1)",
    )
    .bind(ROLES)
    .fetch_all(&mut connection)
    .await
    .expect("an answer");
    assert!(owned.is_empty(), "{owned:?}");
}

#[tokio::test]
async fn queries_see_no_row_without_an_organization() {
    let server = Server::start();
    let (show, floor) = Show::standing(&server.staff(), "Whose rows", 10, json!({})).await;
    let sold = show.sell(json!([{ "ticket_type": floor, "quantity": 1 }])).await;
    show.seen("/tickets", sold.position()).await;
    let mut owner = database::connect(&server.data(), SUPERUSER).await;
    let mut connection = database::connect(&server.data(), "turnout").await;
    connection.execute("SET ROLE turnout_query").await.expect("the role");
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization'
         WHERE n.nspname IN ('read', 'vault', 'log') AND c.relkind IN ('r', 'p')",
    )
    .fetch_all(&mut owner)
    .await
    .expect("the tables of organizations");
    assert!(tables.len() > 5, "rows have their organization: {tables:?}");
    for table in tables {
        let forced: bool = sqlx::query_scalar(
            "SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = $1::text::regclass",
        )
        .bind(&table)
        .fetch_one(&mut owner)
        .await
        .expect("an answer");
        assert!(forced, "{table}: row-level security is not forced");
        let statement = format!("SELECT count(*) FROM {table}");
        let seen: Result<i64, sqlx::Error> =
            sqlx::query_scalar(AssertSqlSafe(statement)).fetch_one(&mut connection).await;
        // Refusing outright is as good as an empty answer.
        assert!(matches!(seen, Ok(0) | Err(sqlx::Error::Database(_))), "{table}: {seen:?}");
    }
}

#[tokio::test]
async fn names_reasons_and_references_stand_in_the_vault_and_nowhere_else() {
    let server = Server::start();
    let staff = server.staff();
    let (show, floor) = Show::standing(&staff, "Private", 50, json!({})).await;
    let planted = [
        ("a customer's name", "Zebedeia Plantagenista"),
        ("an address of a mail", "zebedeia.plantagenista@example.org"),
        ("a telephone number", "+49 361 5550199"),
        ("a holder's name", "Hildeguard Holderlina"),
        ("a new holder's name", "Renamina Renamedia"),
        ("a new owner's name", "Transfera Newownera"),
        ("a payment's reference", "refnummer-77-quillwort"),
        ("an order payment's reference", "wire-88-foxglove"),
        ("a reason to void", "voidreason hellebore"),
        ("a reason to cancel", "cancelreason larkspur"),
        ("a reason to refund", "refundreason toadflax"),
        ("a reason to give away", "giftreason speedwell"),
        ("a block's label", "blocklabel celandine"),
        ("a reason to override", "overridereason mugwort"),
        ("a reason to undo", "undoreason pimpernel"),
        ("a reason to count", "countreason saxifrage"),
    ];
    let word = |what: &str| planted.iter().find(|(name, _)| *name == what).expect("planted").1;

    let sold = staff
        .post(
            &show.path("/tickets"),
            &json!({
                "items": [{ "ticket_type": floor, "quantity": 2 }],
                "customer": { "name": word("a customer's name"), "email": word("an address of a mail"), "phone": word("a telephone number") },
                "payment": { "method": "bank_transfer", "reference": word("a payment's reference") },
            }),
        )
        .expect(201)
        .await;
    let (first, second) = (sold.text("/tickets/0/id"), sold.text("/tickets/1/id"));

    let held = show.hold(json!([{ "ticket_type": floor, "quantity": 1 }])).await;
    let buyer = show.anyone.with_bearer(&held.text("secret"));
    let order = buyer
        .post(
            &show.path("/orders"),
            &json!({
                "hold": held["id"],
                "customer": { "name": word("a customer's name"), "email": word("an address of a mail") },
                "tickets": [{ "item": held["items"][0]["id"], "holder": { "name": word("a holder's name") } }],
            }),
        )
        .expect(201)
        .await
        .text("id");
    let order = show.path(&format!("/orders/{order}"));
    let pay = json!({ "method": "bank_transfer", "amount": 2500, "reference": word("an order payment's reference") });
    staff.post(&format!("{order}/payments"), &pay).expect(201).await;
    staff.post(&format!("{order}/cancel"), &json!({ "reason": word("a reason to cancel") })).expect(200).await;
    let refund = json!({ "amount": 2500, "method": "cash", "reason": word("a reason to refund") });
    staff.post(&format!("{order}/refunds"), &refund).expect(201).await;

    let gift = json!({ "items": [{ "ticket_type": floor, "quantity": 1 }],
        "payment": { "complimentary": { "reason": word("a reason to give away") } } });
    staff.post(&show.path("/tickets"), &gift).expect(201).await;
    let block =
        json!({ "label": word("a block's label"), "kind": "house", "places": [{ "section": "Floor", "quantity": 1 }] });
    staff.post(&show.path("/blocks"), &block).expect(201).await;
    let name = json!({ "name": word("a new holder's name") });
    staff.put(&show.path(&format!("/tickets/{first}/holder")), &name).expect(200).await;
    let owner = json!({ "customer": { "name": word("a new owner's name"), "email": "transfera@example.org" } });
    staff.post(&show.path(&format!("/tickets/{second}/transfer")), &owner).expect(200).await;
    let scan = show.check_in(json!({ "ticket": first })).await;
    show.check_in(json!({ "ticket": first, "override": { "reason": word("a reason to override") } })).await;
    let undo = show.path(&format!("/check-ins/{}/undo", scan.text("scan")));
    staff.post(&undo, &json!({ "reason": word("a reason to undo") })).expect(200).await;
    let count = json!({ "area": "main", "direction": "in", "persons": 2, "reason": word("a reason to count") });
    staff.post(&show.path("/counts"), &count).expect(201).await;
    let void = json!({ "reason": word("a reason to void") });
    let voided = staff.post(&show.path(&format!("/tickets/{second}/void")), &void).expect(200).await;
    // A body that is not understood is not written down either.
    let broken = format!("{{\"customer\": {{\"name\": \"{}\"", word("a customer's name"));
    staff
        .call(reqwest::Method::POST, &show.path("/tickets"))
        .body("application/json", broken)
        .problem(400, "not_json")
        .await;
    show.seen("/tickets", voided.position()).await;
    show.seen("/orders?q=zebedeia", voided.position()).await;

    let mut connection = database::connect(&server.data(), SUPERUSER).await;
    for (what, text) in planted {
        let found = database::tables_with(&mut connection, text).await;
        assert!(!found.is_empty(), "{what} is nowhere");
        assert!(found.iter().all(|table| table.starts_with("vault.")), "{what} stands in {found:?}");
    }
    connection.close().await.expect("the connection's end");
    let output = server.output();
    for (what, text) in planted {
        assert!(!output.contains(text), "{what} stands in the server's own output");
    }
    let secret = held.text("secret");
    assert!(!output.contains(&secret), "a hold's secret stands in the server's own output");
    assert!(!output.contains(black_box::ADMIN_TOKEN), "the owner's token stands in the server's own output");
}

#[tokio::test]
async fn the_history_shows_names_in_sentences_alone() {
    let staff = shared();
    let (show, floor) = Show::standing(&staff, "No names", 10, json!({})).await;
    staff
        .post(
            &show.path("/tickets"),
            &json!({
                "items": [{ "ticket_type": floor, "quantity": 1 }],
                "customer": { "name": "Quirinia Nohistory", "email": "quirinia@example.org" },
                "payment": { "method": "cash", "reference": "note 4711-nohistory" },
            }),
        )
        .expect(201)
        .await;
    for event in show.history().await {
        let text = event.without_sentence().to_string();
        assert!(!text.to_lowercase().contains("nohistory") && !text.contains("quirinia@"), "{text}");
    }
}
