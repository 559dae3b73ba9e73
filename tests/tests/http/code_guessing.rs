//! Guessing short codes at the door: nobody but a paired device tries more than some dozens at once, in whatever way.

use std::time::Duration;

use black_box::{Server, Show, eventually, issue_key, pair};
use serde_json::{Value, json};
use uuid::Uuid;

/// Longer than anything here takes where nothing is wrong.
const LONG: Duration = Duration::from_secs(30);

/// Unknown codes at once; then one a second. Some more may pass while a test takes its time.
const UNKNOWN_AT_ONCE: usize = 60;
const MEANWHILE: usize = 30;

#[tokio::test]
async fn whoever_guesses_short_codes_has_to_wait_and_is_told_of() {
    let server = Server::start();
    let (show, floor) = Show::standing(&server.staff(), "Guessed", 100, json!({})).await;
    let ticket = show.sell_one(&floor).await;
    let code = ticket["short_code"].as_str().expect("a short code");
    let guess = |code: String| show.staff.post(&show.path("/check-ins"), &json!({ "short_code": code })).send();
    let wrong = (0..10_000).map(|number| format!("{number:0width$}", width = code.len())).filter(|guess| guess != code);
    let mut unknown = 0;
    let mut stopped = None;
    for code in wrong.take(300) {
        let answer = guess(code).await;
        if answer.status == 429 {
            stopped = Some(answer);
            break;
        }
        assert_eq!(answer["reason"], "unknown_code", "{answer}");
        unknown += 1;
    }
    assert!(stopped.expect("to be turned away").header("retry-after").is_some());
    assert!(unknown >= 60, "a tired hand is no guesser: {unknown}");
    // By its token a ticket is admitted all the same.
    let admitted = show.check_in(json!({ "token": ticket["token"] })).await;
    assert_eq!(admitted["result"], "admitted", "{admitted}");
    let noticed = eventually(LONG, "the organization hears of it", async || {
        let found = show.staff.get("/history?type=CodeGuessingNoticed").expect(200).await;
        found["items"].as_array().filter(|items| !items.is_empty()).cloned()
    })
    .await;
    assert_eq!(noticed.len(), 1, "{noticed:?}");
    assert_eq!(noticed[0]["payload"]["show"], show.id.as_str());
    assert_eq!(noticed[0]["payload"]["throttled"], true);
}

/// Codes of a show that no ticket has.
fn wrong_codes(code: &str, how_many: usize) -> Vec<String> {
    let all = (0..100_000).map(|number| format!("{number:0width$}", width = code.len()));
    all.filter(|guess| guess != code && guess.len() == code.len()).take(how_many).collect()
}

#[tokio::test]
async fn a_batch_tries_no_more_codes_than_one_by_one() {
    let server = Server::start();
    let (show, floor) = Show::standing(&server.staff(), "Guessed in a batch", 100, json!({})).await;
    let ticket = show.sell_one(&floor).await;
    let code = ticket["short_code"].as_str().expect("a short code");
    let scans: Vec<Value> = wrong_codes(code, 300).into_iter().map(|code| json!({ "short_code": code })).collect();
    let answer = show.staff.post(&show.path("/check-ins/batch"), &json!({ "scans": scans })).expect(200).await;
    let results = answer["results"].as_array().expect("results");
    assert_eq!(results.len(), 300);
    let tried = results.iter().filter(|result| result["reason"] == "unknown_code").count();
    assert!((UNKNOWN_AT_ONCE..=UNKNOWN_AT_ONCE + MEANWHILE).contains(&tried), "{tried} of 300");
    let turned_away = results.iter().filter(|result| result["result"] == "invalid").count();
    assert_eq!(tried + turned_away, 300);

    // What a device decided by itself is recorded all the same; whose ticket it was is kept back.
    let scan = Uuid::new_v8([7; 16]);
    let offline = json!({ "result": "admitted", "list_position": 1, "sequence": 1 });
    let fact = json!({ "short_code": code, "scan": scan, "offline": offline });
    let answer = show.staff.post(&show.path("/check-ins/batch"), &json!({ "scans": [fact] })).expect(200).await;
    let told = &answer["results"][0];
    assert_eq!((&told["scan"], &told["ticket"]), (&json!(scan), &Value::Null), "{told}");
    let position = answer.header("turnout-position").expect("a position").to_owned();
    let recorded = show.staff.get(&format!("/history/{position}")).expect(200).await;
    assert_eq!(recorded["type"], "CheckedIn", "{recorded}");
}

#[tokio::test]
async fn a_paired_device_goes_on_while_others_have_to_wait_and_both_raise_the_alarm() {
    let token = "metrics-token-of-the-tests-0123456789";
    let server = Server::start_set(&[("TURNOUT_METRICS_TOKEN", token)]);
    let (show, floor) = Show::standing(&server.staff(), "Guessed twice", 100, json!({})).await;
    let ticket = show.sell_one(&floor).await;
    let code = ticket["short_code"].as_str().expect("a short code");
    let counted = async |guesser: &str| {
        let text = server.anyone().with_bearer(token).get("//metrics").expect(200).await.text;
        let sample = format!("turnout_door_code_guessing_alerts_total{{guesser=\"{guesser}\"}} ");
        let value =
            text.lines().find_map(|line| line.strip_prefix(&sample)).expect("the count is there from the start");
        value.parse::<u32>().expect("a number")
    };
    assert_eq!((counted("device").await, counted("throttled").await), (0, 0));

    let (paired, keypad) = pair(&show, "North gate", json!({})).await;
    let (_, program) = issue_key(&show.staff, "door", json!({})).await;
    let path = show.path("/check-ins");
    for code in wrong_codes(code, UNKNOWN_AT_ONCE + MEANWHILE) {
        let answer = keypad.post(&path, &json!({ "short_code": code })).expect(200).await;
        assert_eq!(answer["reason"], "unknown_code", "{answer}");
    }
    let mut turned_away = 0;
    for code in wrong_codes(code, 300) {
        let answer = program.post(&path, &json!({ "short_code": code })).send().await;
        turned_away += usize::from(answer.status == 429);
        if turned_away == 3 {
            break;
        }
    }
    assert_eq!(turned_away, 3, "whoever is no paired device has to wait");
    let admitted = keypad.post(&path, &json!({ "short_code": code })).expect(200).await;
    assert_eq!(admitted["result"], "admitted", "the device's door is open: {admitted}");

    let noticed = eventually(LONG, "the organization hears of both", async || {
        let found = show.staff.get("/history?type=CodeGuessingNoticed").expect(200).await;
        found["items"].as_array().filter(|items| items.len() == 2).cloned()
    })
    .await;
    let told = |throttled: bool| noticed.iter().find(|event| event["payload"]["throttled"] == throttled).expect("both");
    assert_eq!(told(false)["payload"]["device"], paired.text("device").as_str());
    assert_eq!(told(true)["payload"]["device"], Value::Null);
    assert_eq!((counted("device").await, counted("throttled").await), (1, 1));
}
