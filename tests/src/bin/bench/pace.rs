//! A given number of forms offered each second, come what may: a form's time runs from
//! when it was due, so a server that falls behind cannot hide it.

use std::time::Duration;

use saksi_proto::checkpoint::LogKey;
use tokio::time::{Instant, sleep_until};

use crate::answers;
use crate::crew::crew;
use crate::device::Job;
use crate::line::Dial;
use crate::quantile::Times;

/// Handshakes at a time while connections are made.
const GREETING: usize = 64;

/// Rest between the last handshake and the first form.
const REST: Duration = Duration::from_millis(100);

/// Offers single forms, so many each second over all connections together.
pub(crate) async fn run(
    dial: &Dial,
    jobs: Vec<Job>,
    per_second: u32,
    key: Option<&LogKey>,
) -> anyhow::Result<Times> {
    let dial = dial.clone();
    let lines = crew(GREETING, jobs, move |job| {
        let dial = dial.clone();
        async move { Ok((dial.open(&job.tls).await?, job)) }
    });
    let lines = lines.await?;
    let connections = lines.len();
    let gap = Duration::from_secs(1) / per_second;
    let begun = Instant::now() + REST;
    let starts = (0..).zip(lines).map(|(at, line)| (begun + gap * at, line)).collect();
    let between = gap * u32::try_from(connections)?;
    let done = crew(connections, starts, move |(mut due, (mut line, job))| async move {
        let mut answers = Vec::with_capacity(job.batches.len());
        for form in job.batches.iter() {
            sleep_until(due).await;
            let answer = line.ask(form).await?;
            answers.push((answer, due.elapsed()));
            due += between;
        }
        Ok((line, job, answers))
    });
    let mut times = Vec::new();
    for (_, job, answers) in &done.await? {
        for (form, (answer, time)) in job.batches.iter().zip(answers) {
            times.push(*time);
            key.map_or(Ok(()), |key| answers::check(form, answer, key))?;
        }
    }
    Ok(Times::new(times))
}
