//! What reaches a desk: two bounded mailboxes, the door's drained first. A full one turns away; it never queues
//! without end.
//!
//! A command is in hand from its coming until whoever sent it has taken up the answer, not only while it waits here: where the
//! processors are the bound, most of the waiting is done for them, and by everybody, the door included. Therefore a few of those
//! in hand are at work, and the others wait in their order where it costs nothing; the door's never wait for that.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::Instant,
};

use super::{
    Outcome, Submission,
    question::{Question, Reply},
};

/// How many letters are in hand at most, and wait in a mailbox, however fast they are answered.
pub(super) const LETTERS_MAX: usize = 1_024;
/// How many may be before it is known how fast that goes.
const LETTERS_FIRST: usize = 512;
/// How many may be however slow it goes.
const LETTERS_MIN: usize = 256;
/// How many in hand are a crowd, by which the pace is found: of fewer the next ones may not have come yet. Well below the least room,
/// which is full only now and then: else a desk that was slow once would never learn that it is quick again.
const CROWD_MIN: usize = LETTERS_MIN / 2;
/// For how long a letter is in hand, as things go: more than are answered in this time are turned away, so that what is
/// taken is answered soon.
const IN_HAND_MAX: Duration = Duration::from_millis(50);
/// How many of them are at work at once: as many as keep the desk and the log busy (measured, see
/// `docs/decisions/0009-a-sale-nearer-to-its-limit.md`). More would only wait for a processor, several times each, before the door's.
const AT_WORK_MAX: usize = 64;
/// Over how long the pace is found: some turns.
const COUNTED_OVER: Duration = Duration::from_millis(25);
/// How many letters a desk takes up at once.
pub(super) const TURN_MAX: usize = 512;

/// A command, and where its answer goes.
pub(super) struct Letter {
    pub submission: Submission,
    pub deadline: Instant,
    pub reply: Reply<Outcome>,
}

/// Something for a desk to do.
pub(super) enum Mail {
    /// Decide.
    Command(Box<Letter>),
    /// Answer.
    Question(Question),
    /// End what is due.
    Wake,
}

/// The slots into which others drop mail.
#[derive(Clone)]
pub(super) struct Slots {
    door: mpsc::Sender<Mail>,
    sales: mpsc::Sender<Mail>,
    crowd: Arc<Crowd>,
}

/// The commands that are in hand, but for those of the door.
struct Crowd {
    in_hand: AtomicUsize,
    /// How many may be, as fast as they are answered now.
    room: AtomicUsize,
    at_work: Arc<Semaphore>,
}

impl Crowd {
    /// How many wait for a place at work.
    fn waiting(&self) -> usize {
        let at_work = AT_WORK_MAX - self.at_work.available_permits();
        self.in_hand.load(Ordering::Relaxed).saturating_sub(at_work)
    }
}

/// A command in hand, until this is dropped.
pub(super) struct InHand(Arc<Crowd>);

/// A command at work, until this is dropped.
pub(super) struct AtWork {
    _place: Option<OwnedSemaphorePermit>,
    _in_hand: InHand,
}

impl InHand {
    /// Waits for a place at work, behind those who came before.
    pub(super) async fn at_work(self) -> AtWork {
        // Nobody closes it; if anybody did, a command that works is worth more than one that waits.
        let place = Arc::clone(&self.0.at_work).acquire_owned().await.ok();
        AtWork { _place: place, _in_hand: self }
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        self.0.in_hand.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Why mail was not taken.
pub(super) enum NotTaken {
    /// The mailbox is full.
    Full,
    /// The desk has gone home; its successor may take it.
    Gone(Mail),
}

/// What came.
pub(super) enum Taken {
    /// Mail.
    Mail(Vec<Mail>),
    /// None in the time.
    Nothing,
    /// None, and nobody can send any more.
    Nobody,
}

/// A desk's own end of its mailboxes.
pub(super) struct Mailboxes {
    door: mpsc::Receiver<Mail>,
    sales: mpsc::Receiver<Mail>,
    crowd: Arc<Crowd>,
    /// Since when letters are counted, and how many were answered; nothing while there is no crowd.
    counted: Option<(Instant, usize)>,
    /// How many were answered in how long, when there last was one.
    pace: Option<(usize, Duration)>,
}

/// A pair of mailboxes.
pub(super) fn mailboxes() -> (Slots, Mailboxes) {
    let (door, door_mail) = mpsc::channel(LETTERS_MAX);
    let (sales, sales_mail) = mpsc::channel(LETTERS_MAX);
    let crowd = Arc::new(Crowd {
        in_hand: AtomicUsize::new(0),
        room: AtomicUsize::new(LETTERS_FIRST),
        at_work: Arc::new(Semaphore::new(AT_WORK_MAX)),
    });
    let slots = Slots { door, sales, crowd: Arc::clone(&crowd) };
    (slots, Mailboxes { door: door_mail, sales: sales_mail, crowd, counted: None, pace: None })
}

impl Slots {
    /// Drops mail in, or gives it back.
    pub(super) fn drop_in(&self, mail: Mail) -> Result<(), NotTaken> {
        let of_the_door = match &mail {
            Mail::Command(letter) => letter.submission.command.is_of_the_door(),
            Mail::Question(Question::Kept(..)) | Mail::Wake => false,
            Mail::Question(_) => true,
        };
        let slot = if of_the_door { &self.door } else { &self.sales };
        slot.try_send(mail).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotTaken::Full,
            mpsc::error::TrySendError::Closed(mail) => NotTaken::Gone(mail),
        })
    }

    /// Takes a command in hand that is not the door's, before it is dropped in; nothing if there are as many as there may be.
    pub(super) fn take_in_hand(&self) -> Option<InHand> {
        let crowd = &self.crowd;
        let in_hand = InHand(Arc::clone(crowd));
        let before = crowd.in_hand.fetch_add(1, Ordering::Relaxed);
        (before < crowd.room.load(Ordering::Relaxed)).then_some(in_hand)
    }
}

impl Slots {
    /// How much mail waits: the door's, and the rest with what waits to be worked at.
    pub(super) fn waiting(&self) -> (usize, usize) {
        let in_slot = |slot: &mpsc::Sender<Mail>| slot.max_capacity() - slot.capacity();
        (in_slot(&self.door), in_slot(&self.sales) + self.crowd.waiting())
    }
}

impl Mailboxes {
    /// So many letters were answered: makes room for as many as will not be in hand too long.
    pub(super) fn answered(&mut self, letters: usize, now: Instant) {
        if self.crowd.in_hand.load(Ordering::Relaxed) < CROWD_MIN {
            self.counted = None;
            return;
        }
        // What was answered before the crowd was there says nothing.
        let Some((since, answered)) = &mut self.counted else {
            self.counted = Some((now, 0));
            return;
        };
        *answered += letters;
        let took = now - *since;
        if took >= COUNTED_OVER {
            self.pace = Some((*answered, took));
            self.counted = Some((now, 0));
            let room = self.answered_in(IN_HAND_MAX).clamp(LETTERS_MIN, LETTERS_MAX);
            self.crowd.room.store(room, Ordering::Relaxed);
        }
    }

    /// How many letters are answered in a time when there is a crowd; without end before there was one.
    pub(super) fn answered_in(&self, time: Duration) -> usize {
        let Some((letters, took)) = self.pace else { return usize::MAX };
        let letters = letters as u128 * time.as_nanos() / took.as_nanos().max(1);
        usize::try_from(letters).unwrap_or(usize::MAX)
    }

    /// Waits for mail, and takes what there is, the door's first.
    pub(super) async fn take(&mut self, wait: Duration) -> Taken {
        let first = tokio::time::timeout(wait, async {
            tokio::select! {
                biased;
                mail = self.door.recv() => mail,
                mail = self.sales.recv() => mail,
            }
        });
        match first.await {
            Ok(Some(mail)) => Taken::Mail(self.with_waiting(vec![mail])),
            Ok(None) => Taken::Nobody,
            Err(_) => Taken::Nothing,
        }
    }

    /// Takes no more mail; what had come meanwhile is the last.
    pub(super) fn close(&mut self) -> Vec<Mail> {
        self.door.close();
        self.sales.close();
        self.more()
    }

    /// How many letters wait in them.
    pub(super) fn waiting(&self) -> usize {
        self.door.len() + self.sales.len()
    }

    /// What there is besides.
    pub(super) fn more(&mut self) -> Vec<Mail> {
        self.with_waiting(Vec::new())
    }

    fn with_waiting(&mut self, mut taken: Vec<Mail>) -> Vec<Mail> {
        for mailbox in [&mut self.door, &mut self.sales] {
            while taken.len() < TURN_MAX {
                match mailbox.try_recv() {
                    Ok(mail) => taken.push(mail),
                    Err(_) => break,
                }
            }
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    fn millis(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[test]
    fn as_many_are_in_hand_as_are_answered_soon() {
        let (slots, mut mailboxes) = mailboxes();
        let mut in_hand: Vec<InHand> = std::iter::from_fn(|| slots.take_in_hand()).collect();
        assert_eq!(in_hand.len(), LETTERS_FIRST, "nothing is known of the pace");
        let start = Instant::now();
        mailboxes.answered(70, start);
        mailboxes.answered(100, start + millis(10));
        assert_eq!(mailboxes.answered_in(millis(10)), usize::MAX, "so little says nothing");
        mailboxes.answered(150, start + millis(25));
        assert_eq!(mailboxes.answered_in(millis(10)), 100);
        in_hand.truncate(500);
        assert!(slots.take_in_hand().is_none(), "250 in 25 ms are 500 in the time that they may take");
        in_hand.pop();
        assert!(slots.take_in_hand().is_some());
    }

    #[tokio::test]
    async fn a_few_in_hand_are_at_work_and_the_others_follow_in_their_order() {
        let (slots, _mailboxes) = mailboxes();
        let mut at_work = Vec::new();
        for _ in 0..AT_WORK_MAX {
            at_work.push(slots.take_in_hand().unwrap().at_work().await);
        }
        let mut first = Box::pin(slots.take_in_hand().unwrap().at_work());
        let mut second = Box::pin(slots.take_in_hand().unwrap().at_work());
        assert!(first.as_mut().now_or_never().is_none() && second.as_mut().now_or_never().is_none(), "no place");
        assert_eq!(slots.waiting(), (0, 2));
        at_work.pop();
        assert!(second.as_mut().now_or_never().is_none(), "it is not its turn");
        let first = first.now_or_never().expect("a place is free");
        drop(first);
        assert!(second.now_or_never().is_some());
    }

    #[test]
    fn few_in_hand_say_nothing_of_the_pace() {
        let (slots, mut mailboxes) = mailboxes();
        let _in_hand: Vec<InHand> = (1..CROWD_MIN).filter_map(|_| slots.take_in_hand()).collect();
        let start = Instant::now();
        mailboxes.answered(1, start);
        mailboxes.answered(1, start + millis(1_000));
        assert_eq!(mailboxes.answered_in(IN_HAND_MAX), usize::MAX);
    }

    #[test]
    fn a_desk_that_was_slow_and_is_quick_again_takes_more_in_hand() {
        let (slots, mut mailboxes) = mailboxes();
        let mut in_hand: Vec<InHand> = std::iter::from_fn(|| slots.take_in_hand()).collect();
        let start = Instant::now();
        mailboxes.answered(1, start);
        mailboxes.answered(1, start + millis(1_000));
        in_hand.truncate(LETTERS_MIN - 1);
        assert!(slots.take_in_hand().is_some());
        // Not quite full: some were answered, and the next ones are on their way.
        in_hand.truncate(LETTERS_MIN - 50);
        mailboxes.answered(1, start + millis(2_000));
        mailboxes.answered(500, start + millis(2_025));
        in_hand.extend(std::iter::from_fn(|| slots.take_in_hand()));
        assert_eq!(in_hand.len(), 1_000);
    }

    #[test]
    fn however_slow_it_goes_some_are_taken_in_hand() {
        let (slots, mut mailboxes) = mailboxes();
        let mut in_hand: Vec<InHand> = (0..LETTERS_MIN).filter_map(|_| slots.take_in_hand()).collect();
        let start = Instant::now();
        mailboxes.answered(1, start);
        mailboxes.answered(1, start + millis(1_000));
        assert!(slots.take_in_hand().is_none());
        in_hand.pop();
        assert!(slots.take_in_hand().is_some());
    }
}
