//! A collector that shows another log than the one that the device has seen is told so,
//! with the signed checkpoint that proves it: its staff have to know.

use saksi_proto::bundle::CollectorAddress;
use saksi_proto::refusal::Farewell;

use super::Forwarder;
use super::fault::LinkFault;
use super::outbox::Keep as _;
use crate::reason::Reason;
use crate::seen::Seen;

/// Whether an attempt ended because of the log that the collector has.
pub(crate) fn is_of_the_log(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::OtherLog
            | Reason::Farewell(Farewell::RolledBack)
            | Reason::Farewell(Farewell::Contradicted)
    )
}

impl Forwarder<'_> {
    /// Tells a collector once what the device holds against its log, in a session of its
    /// own: the one before has ended.
    pub(super) async fn accuse(&mut self, collector: &CollectorAddress) {
        let seen = match self.desk.store().seen() {
            Ok(Some(seen)) => seen,
            Ok(None) => return,
            Err(fault) => return tracing::warn!(%fault, "what was seen of the log is not known"),
        };
        let told = (collector.address.clone(), seen.entries());
        if self.accused.contains(&told) {
            return;
        }
        let address = &collector.address;
        match self.hold_against(collector, &seen).await {
            Ok(()) => {
                tracing::warn!(%address, "the collector agrees with what the device has seen");
            }
            Err(LinkFault::Farewell(farewell)) => {
                tracing::warn!(%address, answer = farewell.code(), "the collector was told what the device has seen of its log");
            }
            // It is told with the next attempt.
            Err(fault) => return tracing::warn!(%address, %fault, "the collector was not told"),
        }
        self.accused.insert(told);
    }

    async fn hold_against(
        &mut self,
        collector: &CollectorAddress,
        seen: &Seen,
    ) -> Result<(), LinkFault> {
        let (mut session, _) = self.begin(collector).await?;
        session.accuse(&seen.note).await?;
        session.end().await;
        Ok(())
    }
}
