//! What somebody with the database's own rights may do to a log, and where it is found.

use super::{assert_right, assert_wrong, verify, written::Written};

/// The position of the first (or last) event of a type.
fn position(which: &str, event_type: &str) -> String {
    format!("SELECT {which}(position) FROM log.events WHERE type = '{event_type}'")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_tampered_with_is_found_at_its_position() {
    let log = Written::new().await;
    let head = log.number("SELECT max(position) FROM log.events").await;
    let said = assert_right(log.url());
    assert_eq!(
        (&said["events"], said["streams"].as_u64()),
        (&head.into(), Some(3)),
        "two shows and their organization"
    );

    let sold = log.number(&position("min", "TicketIssued")).await;
    let paid = log.number(&position("min", "PaymentRecorded")).await;

    let url = log.changed("payload", &format!(
        "UPDATE log.events SET payload = replace(payload::text, '\"amount\":', '\"amount\": ')::json WHERE position = {paid}"
    )).await;
    assert_wrong(&url, paid, "content hash");

    let url = log.changed("actor", &format!("UPDATE log.events SET actor = 'nobody' WHERE position = {sold}")).await;
    assert_wrong(&url, sold, "content hash");

    let url = log.changed("removed", &format!("DELETE FROM log.events WHERE position = {paid}")).await;
    assert_wrong(&url, paid, "there is no event");
    assert_wrong(&url, paid + 1, "has to come");

    let url = log
        .changed(
            "swapped",
            &format!(
                "UPDATE log.events SET version = version + 1000000 WHERE position IN ({sold}, {paid});
         UPDATE log.events AS e SET version = o.version - 1000000 FROM log.events AS o
          WHERE (e.position, o.position) IN (({sold}, {paid}), ({paid}, {sold}))"
            ),
        )
        .await;
    assert_wrong(&url, sold.min(paid), "has to come");
    assert_wrong(&url, sold.max(paid), "has to come");

    let url = log
        .changed(
            "earlier",
            &format!("UPDATE log.events SET recorded_at = recorded_at - interval '1 day' WHERE position = {sold}"),
        )
        .await;
    assert_wrong(&url, sold, "recorded at");

    let url = log
        .changed(
            "unreadable",
            &format!("UPDATE log.events SET payload = '{{}}' WHERE position = {sold}; SELECT pg_temp.rehash({sold})"),
        )
        .await;
    assert_wrong(&url, sold, "it cannot be read");

    let url = log
        .changed("stranger", &format!("UPDATE log.events SET organization = gen_random_uuid() WHERE position = {sold}"))
        .await;
    assert_wrong(&url, sold, "of the organization");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_have_happened_is_found_though_every_hash_is_right() {
    let log = Written::new().await;
    let head = log.number("SELECT max(position) FROM log.events").await;
    let forge = |like: &str, change: &str| {
        format!("SELECT pg_temp.forge(position, {change}) FROM log.events WHERE position = ({like})")
    };
    let other_id =
        |field: &str| format!("jsonb_set(payload::jsonb, '{{{field}}}', to_jsonb(gen_random_uuid()::text))::text");

    // The forging itself is none of what is found: a fact that changes nothing is right.
    let url = log.changed("harmless", &forge(&position("min", "CheckInRefused"), "payload::text")).await;
    assert_right(&url);

    let held = position("max", "HoldPlaced");
    let url = log.changed("held_twice", &forge(&held, &other_id("hold"))).await;
    assert_wrong(&url, head + 1, "the seat Stalls-2-5 is given to the hold");

    let url = log.changed("sold_twice", &forge(&position("min", "OrderPlaced"), &other_id("order"))).await;
    assert_wrong(&url, head + 1, "is given to the order");

    let url = log.changed("issued_twice", &forge(&position("min", "TicketIssued"), &other_id("ticket"))).await;
    assert_wrong(&url, head + 1, "for no line of an order");

    let url = log
        .changed(
            "in_twice",
            &forge(
                &position("min", "CheckedIn"),
                "replace(payload::text, payload->'scan'->>'scan', gen_random_uuid()::text)",
            ),
        )
        .await;
    assert_wrong(&url, head + 1, "lets 2 into main and admits 1");

    let url = log.changed("scanned_twice", &forge(&position("min", "CheckedIn"), "payload::text")).await;
    assert_wrong(&url, head + 1, "lets somebody pass twice");

    // The seats of a section of the standing show: a smaller one than what was sold.
    let smaller =
        forge(&position("max", "SeatingAdopted"), "replace(payload::text, '\"capacity\":10', '\"capacity\":6')");
    let url = log.changed("smaller", &smaller).await;
    assert_wrong(&url, head + 1, "7 places of the section Floor are taken, which has 6");

    // What is wrong is counted in full, and the first twenty are named.
    let many = forge(&held, &other_id("hold"))
        .replace("FROM log.events WHERE", "FROM log.events, generate_series(1, 30) WHERE");
    let (said, code) = verify(&log.changed("many", &many).await);
    let first = said["first"].as_array().map(Vec::len);
    assert_eq!((code, first), (1, Some(20)), "{said:#}");
    assert!(said["findings"].as_u64() >= Some(30), "{said:#}");
}
