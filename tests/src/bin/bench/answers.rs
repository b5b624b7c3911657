//! What the collector answered, looked at when the clock has stopped: every form is in
//! the log and counted, and one receipt of each batch proves it. (All of a batch lead to
//! the same checkpoint; verifying each would take longer than the measurement.)

use anyhow::{Context as _, bail, ensure};
use saksi_proto::checkpoint::LogKey;
use saksi_proto::message::{
    Logged, Outcome, Outcomes, Standing, ToAgent, ToCollector, decode_message,
};
use saksi_proto::receipt::Receipt;
use saksi_proto::seal::SealedForm;

/// Length of a frame's length.
const LENGTH: usize = 4;

/// Checks the answer to a framed batch.
pub(crate) fn check(batch: &[u8], answer: &[u8], key: &LogKey) -> anyhow::Result<()> {
    let ToCollector::Submit(batch) = decode_message(&batch[LENGTH..])? else { bail!("no batch") };
    let ToAgent::Outcomes(Outcomes { checkpoints, outcomes, .. }) = decode_message(answer)? else {
        bail!("no outcomes")
    };
    ensure!(outcomes.len() == batch.forms.len(), "one outcome a form");
    let logged = outcomes.into_iter().map(|outcome| match outcome {
        Outcome::Logged(logged) if logged.standing == Standing::Counted => Ok(logged),
        other => bail!("not counted: {other:?}"),
    });
    let logged = logged.collect::<anyhow::Result<Vec<_>>>()?;
    let Logged { index, arrived_ms, proof, checkpoint, .. } =
        logged.into_iter().next_back().context("an empty batch")?;
    let checkpoint = checkpoints.get(usize::from(checkpoint)).context("a checkpoint")?.clone();
    let form = batch.forms.into_iter().next_back().context("an empty batch")?;
    Receipt { index, arrived_ms, proof, checkpoint }.verify(&SealedForm::from_bytes(form)?, key)?;
    Ok(())
}
