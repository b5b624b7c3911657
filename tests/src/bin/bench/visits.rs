//! One connection per form: connect, shake hands, greet, one form, goodbye.

use std::sync::Arc;
use std::time::Instant;

use anyhow::ensure;
use rustls::ClientConfig;
use rustls::client::Resumption;
use saksi_proto::checkpoint::LogKey;

use crate::answers;
use crate::country::Country;
use crate::crew::crew;
use crate::device::Job;
use crate::line::Dial;

/// A device that comes once for each of its forms.
#[derive(Clone)]
pub(crate) struct Visitor {
    tls: Arc<ClientConfig>,
    job: Job,
    resuming: bool,
}

/// Visitors for the jobs of consecutive stations, of which this is the first.
pub(crate) fn visitors(
    country: &Country,
    first: usize,
    jobs: &[Job],
    resuming: bool,
) -> anyhow::Result<Vec<Visitor>> {
    let resumption = || {
        if resuming { Resumption::in_memory_sessions(2) } else { Resumption::disabled() }
    };
    let visitor = |(device, job): (usize, &Job)| {
        let tls = country.devices[device].tls(resumption())?;
        Ok(Visitor { tls, job: job.clone(), resuming })
    };
    (first..).zip(jobs).map(visitor).collect()
}

/// All of them at the same time; the seconds it takes.
pub(crate) async fn run(
    dial: &Dial,
    visitors: Vec<Visitor>,
    key: Option<&LogKey>,
) -> anyhow::Result<f64> {
    let hands = visitors.len();
    for visitor in visitors.iter().filter(|visitor| visitor.resuming) {
        // The ticket for the first visit.
        dial.open(&visitor.tls).await?.close().await?;
    }
    let dial = dial.clone();
    let begun = Instant::now();
    let done = crew(hands, visitors, move |visitor| {
        let dial = dial.clone();
        async move {
            let mut answers = Vec::with_capacity(visitor.job.batches.len());
            for form in visitor.job.batches.iter() {
                let mut line = dial.open(&visitor.tls).await?;
                ensure!(line.is_resumed() == visitor.resuming, "another handshake than asked for");
                answers.push(line.ask(form).await?);
                line.close().await?;
            }
            Ok((visitor, answers))
        }
    });
    let done = done.await?;
    let seconds = begun.elapsed().as_secs_f64();
    for (visitor, answers) in &done {
        for (form, answer) in visitor.job.batches.iter().zip(answers) {
            key.map_or(Ok(()), |key| answers::check(form, answer, key))?;
        }
    }
    Ok(seconds)
}
