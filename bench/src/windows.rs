//! Windows that another program measures in its own process: a line asks for one, a line answers.
//!
//! Asked: tasks and milliseconds. Answered: microseconds that it took, how often something was done, and the latencies.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::latencies::Latencies;
use crate::measured::Measured;

/// In that program: answers until nobody asks any more.
pub async fn answer<F, Measuring>(measure: F) -> Result<()>
where
    F: Fn(usize, Duration) -> Measuring,
    Measuring: Future<Output = Result<Measured>>,
{
    while let Some(line) = tokio::task::spawn_blocking(|| std::io::stdin().lines().next()).await? {
        let line = line?;
        let (tasks, milliseconds) = line.split_once(' ').context("not two numbers")?;
        let window = Duration::from_millis(milliseconds.parse()?);
        let measured = measure(tasks.parse()?, window).await?;
        let mut output = std::io::stdout().lock();
        writeln!(output, "{} {} {}", measured.elapsed.as_micros(), measured.count, measured.latencies)?;
        output.flush()?;
    }
    Ok(())
}

/// Does something again and again in so many tasks, each with its next turn when the last one is over.
pub async fn in_tasks<F, Asking>(tasks: usize, window: Duration, ask: F) -> Result<Measured>
where
    F: Fn() -> Asking + Clone + Send + 'static,
    Asking: Future<Output = Result<()>> + Send,
{
    let started = Instant::now();
    let mut running = Vec::with_capacity(tasks);
    for _ in 0..tasks {
        let ask = ask.clone();
        running.push(tokio::spawn(async move {
            let mut latencies = Latencies::default();
            while started.elapsed() < window {
                let asked = Instant::now();
                ask().await?;
                latencies.note(asked.elapsed());
            }
            anyhow::Ok(latencies)
        }));
    }
    let mut latencies = Latencies::default();
    for task in running {
        latencies.add(&task.await??);
    }
    Ok(Measured::new(started.elapsed(), latencies))
}

/// Here: that program, which ends with this value.
#[derive(Debug)]
pub struct Program {
    child: Child,
    /// None while it ends.
    asked: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Program {
    /// Starts a program that lies beside this one; what it prints first is a line.
    pub fn start(name: &str, arguments: impl FnOnce(&mut Command)) -> Result<(Self, String)> {
        let path = std::env::current_exe()?.with_file_name(name);
        let mut command = Command::new(&path);
        arguments(&mut command);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {}; it is built together with this program", path.display()))?;
        let asked = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().context("no output")?);
        let mut program = Self { child, asked, answers };
        let line = program.line()?;
        Ok((program, line))
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// A window in its own process.
    pub fn window(&mut self, tasks: usize, window: Duration) -> Result<Measured> {
        let asked = self.asked.as_mut().context("it has ended")?;
        writeln!(asked, "{tasks} {}", window.as_millis())?;
        let line = self.line()?;
        let mut parts = line.splitn(3, ' ');
        let mut next = || parts.next().with_context(|| format!("an answer of three parts, not `{line}`"));
        let elapsed = Duration::from_micros(next()?.parse()?);
        let count = next()?.parse()?;
        Ok(Measured { elapsed, count, latencies: next()?.parse()?, cpu: None })
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            bail!("the program ended: {}", self.child.wait()?);
        }
        Ok(line.trim_end().to_owned())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It ends when nobody can ask any more.
        drop(self.asked.take());
        let _ = self.child.wait();
    }
}
