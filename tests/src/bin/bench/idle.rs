//! Connections that are greeted and then say nothing.

use crate::crew::crew;
use crate::device::Job;
use crate::line::Dial;
use crate::server::Server;

/// Handshakes at a time.
const GREETING: usize = 64;

/// Bytes resident more for each connection, at each of these numbers of connections.
/// The server is to be a fresh one: what earlier work left free would hide some.
pub(crate) async fn run(
    server: &Server,
    dial: &Dial,
    jobs: &[Job],
    numbers: &[usize],
) -> anyhow::Result<Vec<f64>> {
    let open = |connections: usize| {
        let jobs = jobs.iter().cycle().take(connections).cloned().collect();
        let dial = dial.clone();
        crew(GREETING, jobs, move |job: Job| {
            let dial = dial.clone();
            async move { dial.open(&job.tls).await }
        })
    };
    // What the first connections of a process bring into memory is not theirs.
    for line in open(GREETING).await? {
        line.close().await?;
    }
    let before = server.resident_bytes()?;
    let mut lines = Vec::new();
    let mut found = Vec::new();
    for number in numbers {
        lines.extend(open(number.saturating_sub(lines.len())).await?);
        found.push((server.resident_bytes()? - before) / lines.len() as f64);
    }
    Ok(found)
}
