//! The description of the API: served, of version 3.1, and complete for what part 1 promises.

use std::collections::BTreeSet;

use black_box::shared;

/// Method and path below the base, as the contract has them; names of parameters do not matter.
const PROMISED: &[&str] = &[
    "post /shows",
    "get /shows",
    "get /shows/{}",
    "patch /shows/{}",
    "post /shows/{}/reschedule",
    "put /shows/{}/seating",
    "get /shows/{}/seating",
    "post /shows/{}/pools",
    "patch /shows/{}/pools/{}",
    "post /shows/{}/ticket-types",
    "patch /shows/{}/ticket-types/{}",
    "put /shows/{}/door",
    "post /shows/{}/publish",
    "post /shows/{}/pause-sales",
    "post /shows/{}/resume-sales",
    "post /shows/{}/close-sales",
    "post /shows/{}/cancel",
    "post /shows/{}/blocks",
    "post /shows/{}/blocks/{}/release",
    "post /shows/{}/holds",
    "patch /shows/{}/holds/{}",
    "post /shows/{}/holds/{}/extend",
    "delete /shows/{}/holds/{}",
    "post /shows/{}/orders",
    "get /shows/{}/orders",
    "post /shows/{}/orders/{}/payments",
    "post /shows/{}/orders/{}/cancel",
    "post /shows/{}/orders/{}/refunds",
    "post /shows/{}/tickets",
    "get /shows/{}/tickets",
    "post /shows/{}/tickets/{}/void",
    "post /shows/{}/tickets/{}/reissue",
    "post /shows/{}/tickets/{}/move",
    "put /shows/{}/tickets/{}/holder",
    "post /shows/{}/tickets/{}/transfer",
    "post /shows/{}/check-ins",
    "post /shows/{}/check-ins/batch",
    "post /shows/{}/check-ins/{}/undo",
    "post /shows/{}/counts",
    "get /shows/{}/availability",
    "get /shows/{}/seats",
    "get /shows/{}/changes",
    "get /shows/{}/live",
    "get /shows/{}/socket",
    "get /shows/{}/attendance",
    "get /shows/{}/door-list",
    "get /orders/{}",
    "get /tickets/{}",
    "get /tickets/{}/qr.png",
    "get /tickets/{}/calendar.ics",
    "get /history",
    "get /history/{}",
    "post /session",
    "delete /session",
    "get /me",
];

fn without_names(path: &str) -> String {
    let mut plain = String::new();
    for (index, part) in path.split('{').enumerate() {
        match part.split_once('}') {
            Some((_, rest)) if index > 0 => {
                plain.push_str("{}");
                plain.push_str(rest);
            }
            _ => plain.push_str(part),
        }
    }
    plain
}

#[tokio::test]
async fn the_document_has_every_path_of_the_contract() {
    let document = shared().without_bearer().get("//openapi.json").expect(200).await;
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")), "{}", document["openapi"]);
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("operations").keys() {
            let below_base = path.strip_prefix("/api/v1").unwrap_or(path);
            described.insert(format!("{method} {}", without_names(below_base)));
        }
    }
    let missing: Vec<&&str> = PROMISED.iter().filter(|promised| !described.contains(**promised)).collect();
    assert!(missing.is_empty(), "not described: {missing:#?}");
}

#[tokio::test]
async fn every_operation_has_an_id_of_its_own_and_says_what_it_is() {
    let document = shared().without_bearer().get("//openapi.json").expect(200).await;
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path} has no id"));
            assert!(ids.insert(id.to_owned()), "{id} twice");
            let told = ["summary", "description"]
                .iter()
                .any(|field| operation[*field].as_str().is_some_and(|text| !text.is_empty()));
            assert!(told, "{method} {path} says nothing");
        }
    }
}

#[tokio::test]
async fn the_bundled_page_loads_nothing_from_elsewhere() {
    let anyone = shared().without_bearer();
    let page = anyone.get("//docs/").send().await;
    let page = if page.status == 200 { page } else { anyone.get("//docs").expect(200).await };
    assert!(!page.text.contains("src=\"http") && !page.text.contains("href=\"http"), "{page}");
}
