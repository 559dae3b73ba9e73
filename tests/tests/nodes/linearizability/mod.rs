//! Holds, sales and the door of a show are linearizable over all nodes: what the clients saw could have been seen of one server
//! that does one thing after the other.

mod checker;
mod checker_tests;
mod clients;
mod models;

use futures::future::join_all;

use self::checker::check;
use self::clients::Scene;
use crate::cluster::Cluster;

const NODES: usize = 2;
/// Shows at once, each with clients of its own.
const SHOWS: usize = 3;
const CLIENTS: u64 = 6;
const OPERATIONS_EACH: u32 = 100;
/// What the clients do is the same in every run with one seed; `TURNOUT_SEED` names another.
const SEED: u64 = 20_261_121;

fn seed() -> u64 {
    std::env::var("TURNOUT_SEED").map_or(SEED, |seed| seed.parse().expect("TURNOUT_SEED is a number"))
}

#[tokio::test(flavor = "multi_thread")]
async fn holds_sales_and_check_ins_over_two_nodes_are_linearizable() {
    let cluster = Cluster::start(NODES).await;
    let nodes = cluster.staff(NODES);
    let scenes = join_all((0..SHOWS).map(|_| Scene::prepare(&nodes))).await;
    let played = scenes.iter().zip(seed()..).map(|(scene, seed)| scene.play(CLIENTS, OPERATIONS_EACH, seed));
    let histories = join_all(played).await;

    let mut operations = 0;
    for (scene, history) in scenes.iter().zip(histories.iter().flatten().collect::<Vec<_>>().chunks(clients::SEATS + 1))
    {
        for object in history {
            operations += object.operations.len();
            if let Err(violation) = check(&object.places, &object.operations) {
                panic!("seed {}, {} of show {}: {violation:?}", seed(), object.name, scene.show().id);
            }
        }
    }
    assert!(operations >= SHOWS * CLIENTS as usize * OPERATIONS_EACH as usize, "{operations}");
    assert_worth_checking(histories.iter().flatten());
}

/// A history without overlaps, open ends or any of the answers would prove nothing.
fn assert_worth_checking<'a>(histories: impl Iterator<Item = &'a clients::History>) {
    let mut answers = std::collections::BTreeMap::<String, usize>::new();
    let (mut overlaps, mut open) = (0, 0);
    for history in histories {
        for operation in &history.operations {
            *answers.entry(format!("{:?}", operation.answer)).or_default() += 1;
            open += usize::from(operation.returned.is_none());
            let meets = |other: &&checker::Operation<models::Places>| {
                other.called < operation.called && other.returned.is_some_and(|returned| returned > operation.called)
            };
            overlaps += history.operations.iter().filter(meets).count();
        }
    }
    assert!(overlaps > 100 && open > 5, "{overlaps} overlaps, {open} without an answer: {answers:?}");
    for code in
        ["seat_taken", "sold_out", "already_checked_in", "already_void", "holder_inside", "already_undone", "void"]
    {
        assert!(answers.keys().any(|answer| answer.contains(&format!("\"{code}\""))), "{code} in {answers:?}");
    }
}
