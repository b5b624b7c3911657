//! What a device does with a receipt: it reads the file and verifies every link of it.

use std::time::Instant;

use anyhow::Context as _;
use saksi_agent::proof::prove;
use saksi_tests::large_log::LargeLog;

use crate::quantile::Times;

/// Entries of the log: inclusion proofs of 20 hashes.
const ENTRIES: u64 = 1_000_000;

/// Witnesses, all of whom have cosigned.
const WITNESSES: u8 = 3;

/// Times that each is verified.
const ROUNDS: usize = 500;

/// Times to verify a receipt by the log's key alone, and with the cosignatures.
pub(crate) fn receipts() -> anyhow::Result<[Times; 2]> {
    let log = LargeLog::new(ENTRIES, 1, WITNESSES)?;
    let (key, policy) = (log.log_key(), log.policy()?);
    let form = log.forms().first().context("a form")?;
    let times = |is_cosigned: bool| {
        let receipt = log.receipt(0, is_cosigned)?.to_tlog_proof(form.digest());
        let policy = is_cosigned.then_some(&policy);
        let round = || -> anyhow::Result<_> {
            let begun = Instant::now();
            prove(&receipt, form.bytes(), &key, policy)?;
            Ok(begun.elapsed())
        };
        Ok(Times::new((0..ROUNDS).map(|_| round()).collect::<anyhow::Result<_>>()?))
    };
    let both = [times(false), times(true)];
    let [alone, cosigned]: [anyhow::Result<Times>; 2] = both;
    Ok([alone?, cosigned?])
}
