//! A log of the first version, whose names held characters that are no longer taken: it is right, its shows are sold on, and what
//! is recorded from then on has the schema of today.

use black_box::{Server, Show};
use serde_json::json;
use sqlx::Connection as _;

use super::{assert_right, written::Written};

#[tokio::test(flavor = "multi_thread")]
async fn a_log_of_the_first_version_is_right_and_goes_on() {
    let log = Written::new().await;
    let head = log.number("SELECT max(position) FROM log.events").await;
    let url = log
        .changed(
            "older",
            "UPDATE log.events SET schema = 1, payload = replace(replace(payload::text, 'Floor', E'Fl\\u202Eoor'), 'Stalls',
                    E'St\\u2066alls')::json WHERE stream_type = 'show';
             SELECT pg_temp.rehash(position) FROM log.events;
             DO $$ DECLARE of_read text; BEGIN
                 FOR of_read IN SELECT table_name FROM information_schema.tables WHERE table_schema = 'read' LOOP
                     EXECUTE format('TRUNCATE read.%I', of_read);
                 END LOOP;
             END $$",
        )
        .await;
    assert_right(&url);

    let mut server = Server::start_on(&url);
    let staff = server.staff();
    let shows = staff.get("/shows").at_position(u64::try_from(head).expect("a position")).expect(200).await;
    let of_name = |name: &str| {
        let shows = shows["items"].as_array().expect("shows");
        let show = shows.iter().find(|show| show["name"] == name).unwrap_or_else(|| panic!("no {name} in {shows:?}"));
        let id = show["id"].as_str().expect("an id").to_owned();
        Show { id, staff: staff.clone(), anyone: staff.without_bearer() }
    };
    let (seated, standing) = (of_name("Seated"), of_name("Standing"));
    let seats = seated.seen("/seats", seated.head().await).await;
    assert_eq!(seats["seats"]["St\u{FFFD}alls-1-1"], "sold", "{seats}");
    let types = standing.seen("", standing.head().await).await;
    let floor = types["ticket_types"][0]["id"].as_str().expect("a ticket type");
    let ticket = standing.sell_one(floor).await;
    assert_eq!(standing.check_in(json!({ "ticket": ticket["id"] })).await["result"], "admitted");
    server.terminate();

    let mut connection = log.connect("older").await;
    let new: Vec<(String, i32, String)> =
        sqlx::query_as("SELECT type, schema, payload::text FROM log.events WHERE position > $1 ORDER BY position")
            .bind(head)
            .fetch_all(&mut connection)
            .await
            .expect("the new events");
    connection.close().await.expect("to leave");
    let issued = new.iter().find(|(event_type, ..)| event_type == "TicketIssued").expect("the new ticket");
    assert_eq!(issued.1, 2);
    assert!(issued.2.contains("Fl\u{FFFD}oor"), "{}", issued.2);
    assert_right(&url);
}
