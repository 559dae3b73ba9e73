//! `bench`: measures what is asked for and prints the tables.

#![allow(clippy::print_stdout, reason = "it prints its tables")]

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use bench::parts::{self, hot::Projecting};
use bench::report::Report;
use bench::scene::{Scene, Settings};
use bench::server::Server;
use bench::show::{CAPACITY, Show};
use bench::{against, credentials, in_turn, limits, row_security, table};
use clap::{Parser, ValueEnum};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Measures Turnout beside what limits it on this machine.
#[derive(Debug, Parser)]
struct Arguments {
    /// The built `turnout`.
    #[arg(long, default_value = "target/release/turnout")]
    binary: PathBuf,
    /// Some parts only, with commas between them.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
    /// Seconds of each window.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Rounds of windows in turn.
    #[arg(long, default_value_t = in_turn::ROUNDS)]
    rounds: usize,
    /// Connections to one show, some rows of the table each.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 64])]
    connections: Vec<usize>,
    /// Events in the log, for the part `growth`: it is filled up to each of them in turn.
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 1_000_000, 10_000_000])]
    events: Vec<u64>,
    /// Events in the log, for the parts `read-side` and `history`.
    #[arg(long, default_value_t = 1_000_000)]
    read_side_events: u64,
    /// Another build of `turnout`: instead of all else its sales and check-ins, `before`, in turn with this one's, `after`.
    #[arg(long, conflicts_with = "only")]
    against: Option<PathBuf>,
    /// Where the temporary data directory is made; on a RAM disk the figures mean nothing.
    #[arg(long)]
    folder: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// What this PostgreSQL commits at most.
    Limits,
    /// The bare limit by itself.
    Bare,
    /// Sales and check-ins of one show, projectors held back.
    Hot,
    /// The same with projectors running.
    Projecting,
    /// How many sales a second the projectors follow.
    Sustained,
    /// Sales over a hundred shows.
    Shows,
    /// Sales without HTTP, by the desks that this bench was built with.
    InProcess,
    /// Growing and signing the log's tree behind the sales, and catching up.
    Tree,
    /// Rejections of a show that is sold out.
    SoldOut,
    /// Two thousand connections.
    Overload,
    /// The first command to a show of 300,000 events.
    Opening,
    /// The past of a usual show and of a long one, early, in the middle and late, with snapshots and without.
    AsOf,
    /// Several servers on one database.
    Nodes,
    /// How soon changes are visible, and rebuilding read models from a million events.
    ReadSide,
    /// More and more events in the log. It takes some twenty minutes and as many gigabytes, so it is only
    /// measured when it is named.
    Growth,
    /// What credentials and row-level security cost: tables of their own.
    Credentials,
    /// Availability and seats of a hot show, beside a trivial handler.
    Reading,
    /// The seat map of 50,000 seats.
    SeatMap,
    /// Ten thousand listeners of one show.
    Listeners,
    /// A show's bundle, and the history of a million events as NDJSON.
    History,
}

/// Those of a run where nothing else is said.
const USUAL: &[Part] = &[
    Part::Limits,
    Part::Bare,
    Part::Hot,
    Part::Projecting,
    Part::Sustained,
    Part::Shows,
    Part::InProcess,
    Part::Tree,
    Part::SoldOut,
    Part::Overload,
    Part::Opening,
    Part::AsOf,
    Part::Nodes,
    Part::ReadSide,
    Part::Credentials,
    Part::Reading,
    Part::SeatMap,
    Part::Listeners,
    Part::History,
];

/// The load is one thread: more of them cost the server more than they give.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    // Two thousand connections, here and in the server, which inherits it.
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most)?;
    let load_average = table::load_average();
    if let Some(other) = &arguments.against {
        let folder = arguments.folder.as_deref();
        let compared = against::measure(&arguments.binary, other, folder, &arguments.connections).await?;
        print!("{}", table::ways(&compared));
        return Ok(());
    }
    let mut tables = Tables::default();
    let measured = measure(&arguments, &mut tables).await;
    // What was measured until something failed is printed all the same.
    println!("{}", table::machine(&tables.postgres, load_average));
    println!("{}", tables.report.table());
    for table in tables.others {
        println!("{table}");
    }
    measured
}

/// What is printed in the end.
#[derive(Default)]
struct Tables {
    postgres: String,
    report: Report,
    others: Vec<String>,
}

async fn measure(arguments: &Arguments, tables: &mut Tables) -> Result<()> {
    let (binary, folder) = (&arguments.binary, arguments.folder.as_deref());
    let parts = if arguments.only.is_empty() { USUAL } else { &arguments.only };
    let settings = Settings {
        connections: arguments.connections.clone(),
        window: Duration::from_secs_f64(arguments.seconds),
        rounds: arguments.rounds,
    };
    let report = &mut tables.report;
    let server = Server::start(binary, folder)?;
    tables.postgres = limits::version(&server).await?;
    let mut scene = Scene::set(server, settings.clone()).await?;
    for part in parts {
        match part {
            Part::Limits => limits::measure(&scene, report).await?,
            Part::Bare => parts::bare::measure(&mut scene, report).await?,
            Part::Hot => parts::hot::measure(&mut scene, report, Projecting::HeldBack).await?,
            Part::Projecting => parts::hot::measure(&mut scene, report, Projecting::Running).await?,
            Part::Sustained => parts::sustained::measure(&mut scene, report).await?,
            Part::Shows => parts::shows::many(&scene, report).await?,
            Part::InProcess => parts::in_process::measure(&mut scene, report).await?,
            Part::Tree => parts::tree::measure(&mut scene, report).await?,
            Part::SoldOut => parts::shows::sold_out(&scene, report).await?,
            Part::Overload => parts::overload::measure(&scene, report).await?,
            Part::Credentials => tables.others = costs(&mut scene).await?,
            Part::Reading => parts::reading::measure(&mut scene, report).await?,
            Part::Opening
            | Part::AsOf
            | Part::Nodes
            | Part::ReadSide
            | Part::Growth
            | Part::SeatMap
            | Part::Listeners
            | Part::History => {}
        }
    }
    // Those that have a server of their own.
    scene.stop()?;
    if parts.contains(&Part::Opening) {
        parts::opening::measure(binary, folder, report).await?;
    }
    if parts.contains(&Part::AsOf) {
        parts::as_of::measure(binary, folder, report).await?;
    }
    if parts.contains(&Part::SeatMap) {
        parts::seat_map::measure(binary, folder, report).await?;
    }
    if parts.contains(&Part::Listeners) {
        parts::listeners::measure(binary, folder, report).await?;
    }
    if parts.contains(&Part::Nodes) {
        parts::nodes::measure(binary, folder, &settings, report).await?;
    }
    if parts.contains(&Part::ReadSide) {
        parts::read_side::measure(binary, folder, arguments.read_side_events, report).await?;
    }
    if parts.contains(&Part::History) {
        parts::history::measure(binary, folder, arguments.read_side_events, report).await?;
    }
    if parts.contains(&Part::Growth) {
        parts::growth::measure(binary, folder, settings, &arguments.events, report).await?;
    }
    Ok(())
}

/// What credentials cost, then what row-level security does, on a show of their own.
async fn costs(scene: &mut Scene) -> Result<Vec<String>> {
    scene.projectors.let_go().await?;
    scene.projectors.drain().await?;
    let show = Show::standing(&scene.server.address, CAPACITY).await?;
    let ways = table::ways(&credentials::measure(&scene.server, &show, limits::CONNECTIONS).await?);
    show.settle().await?;
    let row_security = table::row_security(&row_security::measure(&scene.server, &show.id).await?);
    scene.projectors.hold().await?;
    Ok(vec![ways, row_security])
}
