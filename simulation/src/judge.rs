//! The judge: the log as it is in the end, and everything that anybody was told meanwhile.

use std::collections::BTreeMap;

use domain::{ShowEvent, ShowState};
use event_store::{NewEvent, RecordedEvent, content_hash};
use uuid::Uuid;

use crate::{
    clients::{Answered, Told},
    follower::decode,
    plain::Plain,
    shows::Sold,
    stored::State,
    writers::{Answer, Noted},
};

/// Says what is wrong, if anything is.
pub fn judge(state: &State, shows: &[Sold], answers: &[Answered], noted: &[Noted]) -> Result<(), String> {
    log_is_whole(&state.events)?;
    for (number, sold) in shows.iter().enumerate() {
        let told: Vec<&Answered> = answers.iter().filter(|answered| answered.show == number).collect();
        show(state, sold, &told)?;
    }
    for noted in noted {
        recorder_told_the_truth(state, noted)?;
    }
    read_models_say_the_same(state)
}

/// No hole in positions and versions, no time that goes back, no content that is not what was hashed.
fn log_is_whole(events: &[RecordedEvent]) -> Result<(), String> {
    let mut versions: BTreeMap<Uuid, i64> = BTreeMap::new();
    let mut last = None;
    for (expected, event) in (1..).zip(events) {
        if event.position != expected {
            return Err(format!("position {expected} is {}", event.position));
        }
        let version = versions.entry(event.stream).or_default();
        *version += 1;
        if event.version != *version {
            return Err(format!("position {expected} has version {}, not {version}", event.version));
        }
        if last > Some(event.recorded_at) {
            return Err(format!("position {expected} was recorded before the one before it"));
        }
        last = Some(event.recorded_at);
        let said = NewEvent {
            event_type: event.event_type.clone(),
            schema: event.schema,
            payload: event.payload.clone(),
            metadata: event.metadata.clone(),
        };
        if content_hash(&said) != event.content_hash {
            return Err(format!("position {expected} is not what was hashed"));
        }
    }
    Ok(())
}

/// A show event by event, and every answer about it.
fn show(state: &State, sold: &Sold, told: &[&Answered]) -> Result<(), String> {
    let events: Vec<&RecordedEvent> = state.stream(sold.show.0).collect();
    let mut commands: BTreeMap<Uuid, Vec<(&RecordedEvent, ShowEvent)>> = BTreeMap::new();
    let mut plain = Plain::new(sold.hall);
    // Of each answer that changes nothing: whether it was true at any version at which it can have been confirmed.
    let mut unproven: Vec<(&Answered, usize, usize)> = Vec::new();
    for answered in told {
        let until = |position: i64| events.partition_point(|event| event.position <= position);
        match &answered.told {
            Told::Done(outcome) if !outcome.events.is_empty() => {}
            Told::Done(_) | Told::Rejected(_) => {
                unproven.push((answered, until(answered.asked_at), until(answered.told_at)));
            }
        }
    }
    let prove = |plain: &Plain, version: usize, unproven: &mut Vec<(&Answered, usize, usize)>| {
        unproven.retain(|(answered, from, to)| {
            let then = *from <= version && version <= *to;
            !then
                || match &answered.told {
                    Told::Done(_) => !plain.has_nothing_to_do(&answered.wish),
                    Told::Rejected(rejection) => !plain.justifies(&answered.wish, rejection),
                }
        });
    };
    prove(&plain, 0, &mut unproven);
    for (version, recorded) in (1..).zip(&events) {
        let event = decode(recorded).map_err(|error| error.to_string())?;
        plain.take(&event).map_err(|why| format!("position {}: {why}", recorded.position))?;
        commands.entry(recorded.metadata.command).or_default().push((recorded, event));
        prove(&plain, version, &mut unproven);
    }
    if let Some((answered, from, to)) = unproven.first() {
        return Err(format!("true at no version from {from} to {to}: {answered:?}"));
    }
    for (command, said) in &commands {
        happened_once(*command, said)?;
    }
    told.iter().try_for_each(|answered| was_told_the_truth(answered, commands.get(&answered.command)))
}

/// The events of a command stand one behind the other, and say nothing twice that a command says once.
fn happened_once(command: Uuid, said: &[(&RecordedEvent, ShowEvent)]) -> Result<(), String> {
    let together = said.windows(2).all(|pair| pair[0].0.version + 1 == pair[1].0.version);
    let firsts = said.iter().filter(|(_, event)| {
        matches!(
            event,
            ShowEvent::HoldPlaced(_)
                | ShowEvent::OrderPlaced(_)
                | ShowEvent::HoldReleased(_)
                | ShowEvent::CheckedIn(_)
                | ShowEvent::CheckInRefused(_)
                | ShowEvent::CheckInUndone(_)
                | ShowEvent::TicketVoided(_)
        )
    });
    if together && firsts.count() <= 1 { Ok(()) } else { Err(format!("command {command} happened twice")) }
}

fn was_told_the_truth(answered: &Answered, said: Option<&Vec<(&RecordedEvent, ShowEvent)>>) -> Result<(), String> {
    let wrong = |why: &str| Err(format!("{why}: {answered:?}; recorded: {said:?}"));
    let first = said.and_then(|said| said.first()).map(|(recorded, _)| recorded.position);
    match &answered.told {
        Told::Rejected(_) if first.is_some_and(|first| first <= answered.asked_at) => {
            wrong("what was recorded before is rejected")
        }
        Told::Rejected(_) if answered.sure && first.is_some_and(|first| first <= answered.told_at) => {
            wrong("what was rejected happened")
        }
        Told::Rejected(_) => Ok(()),
        Told::Done(outcome) if outcome.position > answered.told_at => wrong("it was told before it was recorded"),
        Told::Done(outcome) if outcome.events.is_empty() => Ok(()),
        Told::Done(outcome) => {
            let Some(said) = said else { return wrong("what was acknowledged is not there") };
            let same = said.iter().map(|(_, event)| event).eq(&outcome.events);
            let last = said.last().map(|(recorded, _)| recorded.position);
            if same && last == Some(outcome.position) {
                Ok(())
            } else {
                wrong("what was acknowledged is something else")
            }
        }
    }
}

/// An append is there as a whole where it was said, or not at all.
fn recorder_told_the_truth(state: &State, noted: &Noted) -> Result<(), String> {
    let found: Vec<&RecordedEvent> =
        state.stream(noted.stream).filter(|event| event.metadata.command == noted.command).collect();
    let positions: Vec<i64> = found.iter().map(|event| event.position).collect();
    let whole = found.len() as i64 == noted.events;
    let right = match &noted.answer {
        Answer::NotWritten => found.is_empty(),
        Answer::Open => whole || found.is_empty(),
        Answer::Written(appended) => {
            let last = found.last();
            whole
                && positions.first().copied() == appended.first_position
                && last.is_some_and(|last| last.position == appended.last_position && last.version == appended.version)
                && last.is_some_and(|last| last.recorded_at == appended.recorded_at)
        }
    };
    if right { Ok(()) } else { Err(format!("the recorder said {noted:?}, and at {positions:?} it stands")) }
}

/// Every event was counted once, in order, and every row is what the log folds to.
fn read_models_say_the_same(state: &State) -> Result<(), String> {
    let models = &state.read_models;
    if !models.seen.iter().copied().eq(1..=state.head()) {
        return Err(format!("the follower of {} positions counted {:?}", state.head(), models.seen));
    }
    for (show, row) in &models.rows {
        let events: Result<Vec<ShowEvent>, _> = state.stream(*show).map(decode).collect();
        if ShowState::fold(&events.map_err(|error| error.to_string())?) != *row {
            return Err(format!("the rows of show {show} are not what the log says"));
        }
    }
    Ok(())
}
