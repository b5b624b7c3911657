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
        let stat = self.proc("stat")?;
        // proc(5): fields 14 and 15; the name before them may have spaces.
        let (_, fields) = stat.rsplit_once(") ").context("a name in brackets")?;
        let ticks: Vec<f64> =
            fields.split(' ').skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
        ensure!(ticks.len() == 2, "utime and stime");
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
