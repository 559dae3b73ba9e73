//! What reaches a desk: two bounded mailboxes, the door's drained first. A full one turns away; it never queues
//! without end.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{sync::mpsc, time::Instant};

use super::{
    Outcome, Submission,
    question::{Question, Reply},
};

/// How many letters wait at most in a mailbox, however fast the desk is.
pub(super) const LETTERS_MAX: usize = 2_048;
/// How many may wait however slow it is.
const LETTERS_MIN: usize = 256;
/// Fewer letters in a turn say little of the pace: most of their time is the flush, which many would share.
const BUSY: usize = 16;
/// For how long a letter waits in it at most, as things go; besides, it waits for the turn under way and for its own: more mail than a desk decides in this time is turned away at once,
/// so that what is taken is answered soon.
const WAIT_MAX: Duration = Duration::from_millis(50);
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
    /// How many commands may wait in `sales` as fast as the desk is now.
    room: Arc<AtomicUsize>,
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
    room: Arc<AtomicUsize>,
    /// What a letter took lately; nothing until a turn was busy.
    pace: Option<Duration>,
}

/// A pair of mailboxes.
pub(super) fn mailboxes() -> (Slots, Mailboxes) {
    let (door, door_mail) = mpsc::channel(LETTERS_MAX);
    let (sales, sales_mail) = mpsc::channel(LETTERS_MAX);
    let room = Arc::new(AtomicUsize::new(LETTERS_MAX));
    let slots = Slots { door, sales, room: Arc::clone(&room) };
    (slots, Mailboxes { door: door_mail, sales: sales_mail, room, pace: None })
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
        if !of_the_door && matches!(mail, Mail::Command(_)) && self.waiting().1 >= self.room.load(Ordering::Relaxed) {
            return Err(NotTaken::Full);
        }
        slot.try_send(mail).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotTaken::Full,
            mpsc::error::TrySendError::Closed(mail) => NotTaken::Gone(mail),
        })
    }
}

impl Slots {
    /// How much mail waits: the door's, and the rest.
    pub(super) fn waiting(&self) -> (usize, usize) {
        let in_slot = |slot: &mpsc::Sender<Mail>| slot.max_capacity() - slot.capacity();
        (in_slot(&self.door), in_slot(&self.sales))
    }
}

impl Mailboxes {
    /// So many letters were answered in this time: makes room for as many as will not wait too long.
    pub(super) fn answered(&mut self, letters: usize, took: Duration) {
        if letters < BUSY {
            return;
        }
        let Some(each) = u32::try_from(letters).ok().and_then(|letters| took.checked_div(letters)) else { return };
        let pace = self.pace.map_or(each, |pace| (pace * 7 + each) / 8);
        self.pace = Some(pace);
        let room = WAIT_MAX.as_nanos() / pace.as_nanos().max(1);
        let room = usize::try_from(room).unwrap_or(LETTERS_MAX).clamp(LETTERS_MIN, LETTERS_MAX);
        self.room.store(room, Ordering::Relaxed);
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
