//! Steady state: connections that are there, each with one batch in flight.
//!
//! All connections are made before the clock starts, a station each; so many at a time
//! send all they have, batch after batch, then the next ones do.

use std::time::{Duration, Instant};

use anyhow::ensure;
use saksi_proto::checkpoint::LogKey;

use crate::answers;
use crate::crew::crew;
use crate::device::Job;
use crate::line::Dial;
use crate::quantile::Times;
use crate::server::Server;

/// Handshakes at a time while connections are made.
const GREETING: usize = 64;

/// What a run came to.
pub(crate) struct Run {
    /// Forms acknowledged in a second.
    pub(crate) rate: f64,
    /// The server's processor time for a million forms, in seconds.
    pub(crate) cpu: f64,
    /// From a batch sent to its answer received.
    pub(crate) acknowledged: Times,
}

/// Who is asked, and by how many at a time.
pub(crate) struct Load<'a> {
    /// The process.
    pub(crate) server: &'a Server,
    /// The way to it.
    pub(crate) dial: &'a Dial,
    /// Connections sending at a time.
    pub(crate) connections: usize,
    /// Forms in a batch.
    pub(crate) forms: usize,
}

/// Sends all of it; receipts are checked with the key, which the floor has not.
pub(crate) async fn run(
    load: Load<'_>,
    jobs: Vec<Job>,
    key: Option<&LogKey>,
) -> anyhow::Result<Run> {
    let dial = load.dial.clone();
    let lines = crew(GREETING, jobs, move |job| {
        let dial = dial.clone();
        async move { Ok((dial.open(&job.tls).await?, job)) }
    });
    let lines = lines.await?;
    let cpu = load.server.cpu_seconds()?;
    let begun = Instant::now();
    let done = crew(load.connections, lines, |(mut line, job)| async move {
        let mut answers = Vec::with_capacity(job.batches.len());
        for batch in job.batches.iter() {
            let sent = Instant::now();
            answers.push((line.ask(batch).await?, sent.elapsed()));
        }
        // The line goes along: nothing is closed while the clock runs.
        Ok((line, job, answers))
    });
    let done = done.await?;
    let seconds = begun.elapsed().as_secs_f64();
    let cpu = load.server.cpu_seconds()? - cpu;
    let mut times: Vec<Duration> = Vec::new();
    for (_, job, answers) in &done {
        ensure!(job.batches.len() == answers.len(), "one answer a batch");
        for (batch, (answer, time)) in job.batches.iter().zip(answers) {
            times.push(*time);
            key.map_or(Ok(()), |key| answers::check(batch, answer, key))?;
        }
    }
    // Contests are a multiple of the batch: every batch is full.
    let forms = (times.len() * load.forms) as f64;
    let (rate, cpu) = (forms / seconds, cpu / forms * 1e6);
    Ok(Run { rate, cpu, acknowledged: Times::new(times) })
}
