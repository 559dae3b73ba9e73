//! What is known of a person, and that it is gone once they are erased.

use anyhow::Result;
use chrono::TimeDelta;
use domain::{ShowEvent, events::PersonErased, events::TicketIssued};
use event_store::{Ids, VaultEntry, VaultKind};
use projections::queries::Page;
use serde_json::json;
use uuid::Uuid;

use crate::{
    story::Story,
    world::{World, catch_up, noon, options},
};

const ORGANIZATION: Uuid = Uuid::from_u128(0xA);

/// A story with a paid order of a customer, with a ticket that names a holder.
fn sold() -> (Story, TicketIssued) {
    let mut story = Story::begin(3);
    loop {
        story.hold();
        story.order();
        story.payment();
        let found = story.events.iter().find_map(|event| match event {
            ShowEvent::TicketIssued(issued) if issued.holder.is_some() => Some(issued.clone()),
            _ => None,
        });
        if let Some(issued) = found {
            return (story, issued);
        }
    }
}

fn entry(id: Uuid, kind: VaultKind, person: Option<Uuid>, show: Uuid, fields: serde_json::Value) -> VaultEntry {
    let purpose = if kind == VaultKind::Person { "customer" } else { "refund_reason" }.to_owned();
    VaultEntry { id, kind, person, show: Some(show), purpose, fields }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_is_shown_with_all_that_is_theirs_and_gone_when_erased() -> Result<()> {
    let world = World::new().await?;
    world.found(ORGANIZATION).await?;
    let (story, issued) = sold();
    let order = story.show().order(issued.order).unwrap().clone();
    let (holder, customer, show) = (issued.holder.unwrap().0, order.customer.unwrap().0, story.show.0);
    let named = |name: &str| json!({"name": name, "email": null, "phone": "+49 361 1", "locale": null});
    let vault = vec![
        entry(customer, VaultKind::Person, None, show, named("Grace Hopper")),
        entry(holder, VaultKind::Person, None, show, named("Ada Lovelace")),
        entry(world.ids.next(), VaultKind::Text, Some(customer), show, json!({"text": "was ill"})),
    ];
    world.record_with(ORGANIZATION, show, &story.events, vault).await?;
    let mut projector = world.projector(options(1_000, 10));
    let head = catch_up(&mut projector).await?;
    let queries = world.queries(&projector);
    let page = |limit, cursor| Page { limit, cursor };

    let first = queries.list_people(ORGANIZATION, None, &[], &page(1, None)).await?.body;
    let second = queries.list_people(ORGANIZATION, None, &[], &page(1, first.next.clone())).await?.body;
    assert_eq!((first.items.len(), second.items.len(), second.next), (1, 1, None));
    let found = queries.list_people(ORGANIZATION, Some("grace"), &[], &page(50, None)).await?.body.items;
    assert_eq!(found.iter().map(|item| item.id).collect::<Vec<_>>(), [customer]);
    assert!(queries.list_people(Uuid::from_u128(0xB), None, &[], &page(50, None)).await?.body.items.is_empty());

    let grace = queries.person(ORGANIZATION, customer).await?.body.unwrap();
    assert_eq!((grace.texts.len(), grace.texts[0].text.as_deref()), (1, Some("was ill")));
    assert_eq!(grace.orders.iter().map(|order| order.id).collect::<Vec<_>>(), [issued.order.0]);
    assert!(grace.tickets.iter().all(|ticket| ticket.id != issued.ticket.0), "it is Ada's");
    let over_at = story.show().schedule.over_at();
    assert_eq!(grace.erases_at, Some(over_at + TimeDelta::days(180)));
    let ada = queries.person(ORGANIZATION, holder).await?.body.unwrap();
    assert_eq!(ada.tickets.iter().map(|ticket| ticket.id).collect::<Vec<_>>(), [issued.ticket.0]);
    assert!(ada.orders.is_empty() && ada.texts.is_empty());
    assert!(queries.person(Uuid::from_u128(0xB), customer).await?.body.is_none());

    let export = queries.export_person(ORGANIZATION, customer, None, noon()).await?.body.unwrap();
    let types: Vec<_> = export.events.iter().map(|event| event.event_type.as_str()).collect();
    assert!(types.contains(&"OrderPlaced") && types.contains(&"PaymentRecorded"), "{types:?}");
    assert!(!serde_json::to_string(&export)?.contains("Ada"), "somebody else is told");
    let export = queries.export_person(ORGANIZATION, holder, None, noon()).await?.body.unwrap();
    assert_eq!(export.tickets[0].ticket.id, issued.ticket.0);

    let list = queries.door_list(ORGANIZATION, show, Some(head)).await?.body.unwrap();
    assert!(!list.whole && list.tickets.is_empty());
    let erased = PersonErased { person: customer.into(), reason: None };
    world.record_of_organization(ORGANIZATION, erased).await?;
    catch_up(&mut projector).await?;
    assert!(queries.person(ORGANIZATION, customer).await?.body.is_none());
    assert!(queries.export_person(ORGANIZATION, customer, None, noon()).await?.body.is_none());
    assert!(queries.person(ORGANIZATION, holder).await?.body.is_some());
    assert_eq!(queries.order(ORGANIZATION, issued.order.0).await?.body.unwrap().order.customer, None);
    assert_eq!(queries.erasures(ORGANIZATION).await?, 1);
    let list = queries.door_list(ORGANIZATION, show, Some(head)).await?.body.unwrap();
    assert!(list.whole, "devices forget the names that they have");
    Ok(())
}
