//! `turnout replay`: tells a show's story from the log, with its state at each step, and whether each step may have happened.
//!
//! Two who share no code follow every event: the fold, by which the server decides, and the judge of `turnout verify`, who counts
//! from the events alone; where they differ, or the judge objects, it is told at that step. It reads the log and nothing else (no
//! snapshot, no read model), in pages, so that a long story needs no more memory than its show. `--hashes` prints the state's hash
//! at every checkpoint instead, to be compared with what another machine made of its copy.

mod compare;
mod figures;
mod points;
mod source;
mod stepping;
mod story;
mod until;
mod whole;

use std::{
    io::{self, BufReader, BufWriter, IsTerminal as _, Stdin, Stdout, Write as _},
    path::PathBuf,
    process::ExitCode,
    time::Instant,
};

use anyhow::{Context as _, bail};
use chrono_tz::Tz;
use clap::Args;
use domain::StateHash;
use event_store::{
    Log,
    pools::{self, Role},
};
use projections::history::{Language, Words};
use serde_json::json;
use sqlx::{Executor as _, PgPool};

use crate::{
    tool_database::Database,
    verify::{self, findings::Findings},
};
use stepping::{Next, Stepper};
use story::{Step, Story};
use until::Until;

/// The exit code when the log could not be looked at.
const COULD_NOT_LOOK: u8 = 2;

/// What `turnout replay` is told.
#[derive(Args, Clone)]
pub struct Options {
    /// The show, by its id or the readable part of its address.
    #[arg(long, value_name = "ID|SLUG", required_unless_present = "all")]
    show: Option<String>,
    /// All streams instead of one show: nothing is told, their states are hashed.
    #[arg(long, conflicts_with_all = ["show", "step", "summary"])]
    all: bool,
    /// How far: a position, a moment (2027-03-01T18:00:00Z), or one by the show's clock (2027-03-01T19:00).
    #[arg(long, value_name = "TIME|POSITION")]
    until: Option<Until>,
    /// The language of the story: sentences, figures, money and times.
    #[arg(long, value_name = "en|de", default_value = "en", value_parser = language, conflicts_with = "hashes")]
    language: Language,
    /// Wait for Enter between steps.
    #[arg(long, conflicts_with_all = ["json", "summary", "hashes"])]
    step: bool,
    /// A JSON object a line, the summary last.
    #[arg(long)]
    json: bool,
    /// Only what is wrong, and the summary at the end.
    #[arg(long, visible_alias = "quiet", conflicts_with = "hashes")]
    summary: bool,
    /// Print the state's hash at every signed checkpoint of the log instead of the story.
    #[arg(long)]
    hashes: bool,
    /// With --hashes: at every so many events instead, of the whole log.
    #[arg(long, value_name = "EVENTS", requires = "hashes")]
    every: Option<i64>,
    /// Where the data lies; as of the server.
    #[arg(long, env = "TURNOUT_DATA", default_value = "./data", value_name = "DIR")]
    data: PathBuf,
    /// The database, where it is not the server's own; one with a password is taken from DATABASE_URL alone.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
}

fn language(code: &str) -> Result<Language, String> {
    Language::ALL.into_iter().find(|language| language.code() == code).ok_or_else(|| "there are en and de".to_owned())
}

/// Tells the story. The exit code is 0 when all is right, 1 when something is wrong, 2 when it could not look.
pub async fn run(options: Options) -> ExitCode {
    match look(&options).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // Whoever read along has seen enough, as `head` does.
        Err(error)
            if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) =>
        {
            ExitCode::from(COULD_NOT_LOOK)
        }
        Err(error) => {
            eprintln!("turnout: the log could not be replayed: {error:#}");
            ExitCode::from(COULD_NOT_LOOK)
        }
    }
}

async fn look(options: &Options) -> anyhow::Result<bool> {
    if options.step && !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        bail!("--step waits for somebody at a terminal, and there is none; leave it out, or say --until POSITION");
    }
    let database = Database::find(options.database_url.as_deref(), &options.data).await?;
    let looked = read(options, database.url()).await;
    database.leave().await;
    looked
}

async fn read(options: &Options, url: &str) -> anyhow::Result<bool> {
    let pool = pools::connect(url, Role::Write, 1).await.context("the database cannot be reached")?;
    let right = replay(options, &pool).await;
    pool.close().await;
    right
}

async fn replay(options: &Options, pool: &PgPool) -> anyhow::Result<bool> {
    let log = Log::new(pool.clone(), None);
    let head = log.head().await.context("the log cannot be read")?;
    let points = if options.hashes {
        points::points(source::checkpoints(&mut *pool.acquire().await?).await?, options.every, head)?
    } else {
        Vec::new()
    };
    let mut out = Out::new();
    let right = match &options.show {
        Some(show) => tell(options, pool, show, &points, head, &mut out).await?,
        None => {
            let until = match options.until {
                None => head,
                Some(Until::Position(position)) => position.min(head),
                Some(Until::Moment(moment)) => log.position_at(moment).await.context("the log cannot be read")?,
                Some(Until::Local(_)) => {
                    bail!("--all has no show whose clock it could be: write the moment as 2027-03-01T18:00:00Z")
                }
            };
            whole::fold(&log, &points, until, options.json, &mut out).await?;
            true
        }
    };
    out.flush()?;
    Ok(right)
}

/// One show's story; whether all was right.
async fn tell(
    options: &Options,
    pool: &PgPool,
    named: &str,
    points: &[i64],
    head: i64,
    out: &mut Out,
) -> anyhow::Result<bool> {
    let mut connection = pool.acquire().await?;
    // A slug is looked for in the whole log.
    connection.execute("SET statement_timeout = 0").await?;
    let show = source::show(&mut connection, named).await?;
    let last = match options.until {
        Some(Until::Position(position)) => position.min(head),
        _ => head,
    };
    let began = Instant::now();
    let events = source::count(&mut connection, show, last).await?;
    let quiet = options.summary || options.hashes;
    let progress = if quiet { verify::progress(u64::try_from(events)?) } else { verify::progress(0) };
    let words = Words(options.language);
    let mut teller = Teller {
        words,
        story: Story::new(show, options.language),
        findings: Findings::default(),
        stepper: options
            .step
            .then(|| Stepper::new(BufReader::new(io::stdin()), io::stdout(), words.say("replay-help", []))),
        hashes: Hashes { points: points.to_vec(), next: 0, known: None },
        quiet,
        json: options.json,
        told: 0,
    };
    let (mut read, mut stopped) = (0, false);
    'pages: while read < events {
        let page = source::page(&mut connection, show, read).await?;
        if page.is_empty() {
            break;
        }
        read += i64::try_from(page.len())?;
        for recorded in page {
            let (position, at) = (recorded.looked.position, recorded.looked.recorded_at);
            let behind = position > last
                || options.until.is_some_and(|until| until.is_before(position, at, teller.zone(&recorded)));
            if behind || !teller.step(recorded, out)? {
                stopped = true;
                break 'pages;
            }
            progress.inc(1);
        }
    }
    progress.finish_and_clear();
    if !stopped {
        teller.hashes.until(last + 1, &teller.story, options.json, out)?;
    }
    teller.end(began, out)
}

/// Who tells a story, and what was told.
struct Teller {
    words: Words,
    story: Story,
    findings: Findings,
    stepper: Option<Stepper<BufReader<Stdin>, Stdout>>,
    hashes: Hashes,
    quiet: bool,
    json: bool,
    told: u64,
}

impl Teller {
    /// The zone of the story's clock: of a show that only begins, as its first event says.
    fn zone(&self, next: &source::Recorded) -> Tz {
        match &next.looked.of_show {
            Some(domain::ShowEvent::ShowScheduled(event)) if self.story.version() == 0 => event.timezone.tz(),
            _ => self.story.zone(),
        }
    }

    /// The next event; false: nobody wants to hear more.
    fn step(&mut self, recorded: source::Recorded, out: &mut Out) -> anyhow::Result<bool> {
        let position = recorded.looked.position;
        self.hashes.until(position, &self.story, self.json, out)?;
        let next = match &mut self.stepper {
            Some(stepper) => {
                out.flush()?;
                stepper.next(position)?
            }
            None => Next::Tell,
        };
        if next == Next::Stop {
            return Ok(false);
        }
        let step = self.story.take(recorded);
        for wrong in &step.wrong {
            self.findings.add(position, wrong.clone());
        }
        if !self.quiet && (next == Next::Tell || !step.wrong.is_empty()) {
            self.line(&step, out)?;
        }
        Ok(true)
    }

    fn line(&mut self, step: &Step, out: &mut Out) -> anyhow::Result<()> {
        if self.told == 0 && !self.json {
            out.line(&self.words.say("replay-zone", [("zone", self.story.zone().name().into())]))?;
        }
        self.told += 1;
        out.line(&if self.json { step.json() } else { self.story.line(step) })
    }

    /// The summary; whether all was right.
    fn end(mut self, began: Instant, out: &mut Out) -> anyhow::Result<bool> {
        for difference in self.story.last_look() {
            self.findings.add(self.story.position(), difference);
        }
        let (events, seconds) = (u64::try_from(self.story.version())?, began.elapsed().as_secs_f64());
        if self.json {
            let mut end = self.story.end_json();
            let looked: serde_json::Value = serde_json::from_str(&self.findings.json(events, 1, seconds))?;
            for name in ["right", "findings", "first", "seconds"] {
                end[name] = looked[name].clone();
            }
            out.line(&json!({ "summary": end }).to_string())?;
        } else {
            let found = self.findings.text(self.words, events, 1, seconds);
            out.line(&format!("\n{}\n{found}", self.story.end_text()))?;
        }
        Ok(self.findings.is_empty())
    }
}

/// The hashes of a show's states at some positions of the log.
struct Hashes {
    points: Vec<i64>,
    next: usize,
    /// The version that was hashed last.
    known: Option<(i64, StateHash)>,
}

impl Hashes {
    /// Prints those of the points before a position, now that the story stands there. Before the show began there is nothing to
    /// hash, and a state that nothing happened to is not hashed again.
    fn until(&mut self, position: i64, story: &Story, json: bool, out: &mut Out) -> anyhow::Result<()> {
        while let Some(point) = self.points.get(self.next).copied().filter(|point| *point < position) {
            self.next += 1;
            if story.version() == 0 {
                continue;
            }
            let hash = match self.known {
                Some((version, hash)) if version == story.version() => hash,
                _ => story.hash(),
            };
            self.known = Some((story.version(), hash));
            out.line(&printed(point, hash, json))?;
        }
        Ok(())
    }
}

/// A position and the hash of the state there.
fn printed(position: i64, hash: StateHash, json: bool) -> String {
    if json {
        json!({ "position": position, "state_hash": hash.to_string() }).to_string()
    } else {
        format!("{position:>9}  {hash}")
    }
}

/// Standard output, which somebody may stop reading.
struct Out(BufWriter<Stdout>);

impl Out {
    fn new() -> Self {
        Self(BufWriter::new(io::stdout()))
    }

    fn line(&mut self, line: &str) -> anyhow::Result<()> {
        Ok(writeln!(self.0, "{line}")?)
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        Ok(self.0.flush()?)
    }
}
