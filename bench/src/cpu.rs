//! Processor time, from `/proc`: of a process, and of a process with its children, those that have ended included.
//!
//! What others do on the machine is not in it, so it stays right where it is shared; it counts in hundredths of a second. Where
//! there is no `/proc`, nothing is known.

use std::fs;
use std::ops::{Add, Sub};
use std::time::Duration;

/// The unit of `/proc/PID/stat`, `USER_HZ`: 100 a second on every architecture that Linux runs servers on.
const TICK: Duration = Duration::from_millis(10);

/// Whom to look at.
#[derive(Clone, Copy, Debug)]
pub struct Processes {
    /// The server's; its children do not count.
    pub server: u32,
    /// The PostgreSQL's first one (the postmaster); all of its children count.
    pub postgres: u32,
}

/// Processor time, of the whole life of these processes or of a part.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cpu {
    /// Of the server.
    pub server: Duration,
    /// Of all of PostgreSQL.
    pub postgres: Duration,
    /// Of this program, the load.
    pub client: Duration,
}

impl Processes {
    /// What they have used so far.
    pub fn used(self) -> Cpu {
        let children = all().into_iter().filter(|stat| stat.parent == self.postgres).map(|stat| stat.own).sum();
        let postmaster = stat(&self.postgres.to_string()).unwrap_or_default();
        Cpu {
            server: stat(&self.server.to_string()).unwrap_or_default().own,
            postgres: postmaster.own + postmaster.ended + children,
            client: stat("self").unwrap_or_default().own,
        }
    }
}

impl Sub for Cpu {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            server: self.server.saturating_sub(before.server),
            postgres: self.postgres.saturating_sub(before.postgres),
            client: self.client.saturating_sub(before.client),
        }
    }
}

impl Add for Cpu {
    type Output = Self;

    fn add(self, more: Self) -> Self {
        Self {
            server: self.server + more.server,
            postgres: self.postgres + more.postgres,
            client: self.client + more.client,
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Stat {
    parent: u32,
    own: Duration,
    /// Of children that have ended and were waited for.
    ended: Duration,
}

fn all() -> Vec<Stat> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit())).filter_map(|name| stat(&name)).collect()
}

/// `proc_pid_stat(5)`: fields 4 (parent), 14 to 17 (time of the process, and of children that ended; each in user and system).
fn stat(process: &str) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name, field 2, may hold anything, also spaces and brackets.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let field = |number: usize| fields.get(number - 3)?.parse::<u32>().ok();
    Some(Stat { parent: field(4)?, own: TICK * (field(14)? + field(15)?), ended: TICK * (field(16)? + field(17)?) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_busy_process_is_seen() {
        let me = Processes { server: std::process::id(), postgres: std::process::id() };
        let before = me.used();
        let mut number = 1_u64;
        while (me.used() - before).client < TICK * 2 {
            for _ in 0..100_000 {
                number = std::hint::black_box(number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
            }
        }
        assert!((me.used() - before).server >= TICK * 2);
    }
}
