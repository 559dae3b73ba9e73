//! What the system says of this process, by the names that Prometheus' own client libraries use. Memory and open files are
//! known on Linux alone.

use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};
use tokio::runtime::Handle;

use super::samples::Samples;

/// Of the process.
pub(super) fn write(samples: &mut Samples) {
    if let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) {
        samples.add("process_cpu_seconds_total", &[], seconds(usage.user_time()) + seconds(usage.system_time()));
    }
    if let Some(bytes) = resident_bytes() {
        samples.add("process_resident_memory_bytes", &[], bytes);
    }
    // One of them is the folder itself, which is being read.
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        samples.add("process_open_fds", &[], files.count().saturating_sub(1) as f64);
    }
    if let Ok((now, _)) = getrlimit(Resource::RLIMIT_NOFILE) {
        samples.add("process_max_fds", &[], now as f64);
    }
}

/// Of the runtime that runs its tasks.
pub(super) fn write_runtime(samples: &mut Samples) {
    let runtime = Handle::current().metrics();
    samples.add("turnout_runtime_workers", &[], runtime.num_workers() as f64);
    samples.add("turnout_runtime_tasks", &[], runtime.num_alive_tasks() as f64);
    samples.add("turnout_runtime_queued_tasks", &[], runtime.global_queue_depth() as f64);
    let busy = (0..runtime.num_workers()).map(|worker| runtime.worker_total_busy_duration(worker).as_secs_f64()).sum();
    samples.add("turnout_runtime_busy_seconds_total", &[], busy);
}

fn seconds(time: TimeVal) -> f64 {
    time.num_microseconds() as f64 / 1e6
}

/// `VmRSS` of proc(5), which is in kibibytes.
fn resident_bytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024.0)
}
