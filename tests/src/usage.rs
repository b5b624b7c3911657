//! What a process takes of the machine, as Linux tells it.

use anyhow::{Context as _, ensure};

/// Linux counts processor time of processes in hundredths of a second (`USER_HZ`).
const TICKS: f64 = 100.0;

/// A process, by its id.
#[derive(Debug, Clone, Copy)]
pub struct Usage(u32);

impl Usage {
    /// Of a process that runs.
    #[must_use]
    pub fn of(process: u32) -> Self {
        Self(process)
    }

    /// Processor time of all children of this process that have ended and were waited for,
    /// in seconds.
    ///
    /// # Errors
    /// If Linux does not tell.
    pub fn of_ended_children() -> anyhow::Result<f64> {
        // proc(5): fields 16 and 17.
        Self(std::process::id()).ticks(13)
    }

    /// Resident memory, in bytes.
    ///
    /// # Errors
    /// If it does not run.
    pub fn resident_bytes(self) -> anyhow::Result<u64> {
        self.status("VmRSS:")
    }

    /// The most resident memory that it ever had, in bytes.
    ///
    /// # Errors
    /// If it does not run.
    pub fn peak_bytes(self) -> anyhow::Result<u64> {
        self.status("VmHWM:")
    }

    /// Processor time so far, its own and the system's for it, in seconds.
    ///
    /// # Errors
    /// If it does not run.
    pub fn cpu_seconds(self) -> anyhow::Result<f64> {
        // proc(5): fields 14 and 15.
        self.ticks(11)
    }

    /// The sum of two fields of `stat`, behind so many after the name, in seconds.
    fn ticks(self, behind: usize) -> anyhow::Result<f64> {
        let stat = self.proc("stat")?;
        // The name may have spaces.
        let (_, fields) = stat.rsplit_once(") ").context("a name in brackets")?;
        let ticks: Vec<f64> =
            fields.split(' ').skip(behind).take(2).map(str::parse).collect::<Result<_, _>>()?;
        ensure!(ticks.len() == 2, "user's and system's time");
        Ok(ticks.iter().sum::<f64>() / TICKS)
    }

    fn status(self, line: &'static str) -> anyhow::Result<u64> {
        let status = self.proc("status")?;
        let kilobytes = status.lines().find_map(|found| found.strip_prefix(line));
        let kilobytes = kilobytes.and_then(|found| found.trim().strip_suffix(" kB"));
        Ok(kilobytes.context(line)?.trim().parse::<u64>()? * 1024)
    }

    fn proc(self, file: &str) -> anyhow::Result<String> {
        let path = format!("/proc/{}/{file}", self.0);
        std::fs::read_to_string(&path).context(path)
    }
}
