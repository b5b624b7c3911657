//! A lone form while nothing else happens, and the disk alone in the same moments.

use std::time::{Duration, Instant};

use saksi_proto::checkpoint::LogKey;

use crate::answers;
use crate::device::Job;
use crate::disk::Disk;
use crate::line::Dial;
use crate::quantile::Times;

/// Quiet before each form.
const QUIET: Duration = Duration::from_millis(5);

/// Sends single forms one after the other: how long each took, and the disk alone.
pub(crate) async fn run(
    dial: &Dial,
    job: &Job,
    disk: &mut Disk,
    key: &LogKey,
) -> anyhow::Result<(Times, Times)> {
    let mut line = dial.open(&job.tls).await?;
    let (mut forms, mut raw) = (Vec::new(), Vec::new());
    for form in job.batches.iter() {
        // In turns: the same disk varies within a minute.
        raw.push(disk.append()?);
        tokio::time::sleep(QUIET).await;
        let sent = Instant::now();
        let answer = line.ask(form).await?;
        forms.push(sent.elapsed());
        answers::check(form, &answer, key)?;
    }
    line.close().await?;
    Ok((Times::new(forms), Times::new(raw)))
}
