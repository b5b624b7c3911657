//! When to ask for new papers. Pure: no socket, no clock; `since` is the time since the
//! forwarder began.

use std::time::Duration;

use saksi_proto::bundle::Papers;

/// Between two questions, whatever came of the first.
const ASK_EVERY: Duration = Duration::from_secs(24 * 3_600);

/// How long before its end a certificate is renewed at the latest, if it lasts so long:
/// an election and the months of disputes after it, in milliseconds.
const MARGIN_MS: u64 = 90 * 24 * 3_600 * 1_000;

/// Devices that have nothing to send connect within this time of each other. A nation's
/// 822,116 whose papers were issued in one night are 228 a second then.
const SPREAD: Duration = Duration::from_secs(3_600);

/// When papers may be asked for. Owned by the forwarder.
#[derive(Debug, Default)]
pub(super) struct Renewals {
    /// No question before this time.
    ask_at: Duration,
    /// No connection for nothing but a question before this time.
    call_at: Option<Duration>,
}

/// Since when papers are to be renewed, milliseconds since 1970, UTC: at half of their
/// time, and [`MARGIN_MS`] before their end if that is earlier and not before their issue.
fn due_ms(papers: &Papers) -> u64 {
    let Papers { issued_ms, certified_until_ms, .. } = *papers;
    let half = issued_ms + certified_until_ms.saturating_sub(issued_ms) / 2;
    let margin = certified_until_ms.saturating_sub(MARGIN_MS);
    if margin > issued_ms { half.min(margin) } else { half }
}

impl Renewals {
    /// Whether to ask in the session that stands.
    pub(super) fn is_due(&self, papers: &Papers, since: Duration, now_ms: u64) -> bool {
        self.ask_at <= since && due_ms(papers) <= now_ms
    }

    /// When to connect for nothing else, if nothing else comes. `chance` from 0 to 1
    /// spreads the devices.
    pub(super) fn call_at(
        &mut self,
        papers: &Papers,
        (since, now_ms): (Duration, u64),
        chance: f64,
    ) -> Duration {
        let due = since + Duration::from_millis(due_ms(papers).saturating_sub(now_ms));
        let call_at = self.call_at.get_or_insert(due + SPREAD.mul_f64(chance.clamp(0.0, 1.0)));
        (*call_at).max(self.ask_at)
    }

    /// Somebody is called, or asked: nobody again for a day, or for as long as was said.
    pub(super) fn asked(&mut self, since: Duration, wait: Duration) {
        self.ask_at = since + wait.max(ASK_EVERY);
        self.call_at = None;
    }

    /// The connection for a question is tried: once a day, whatever comes of it.
    pub(super) fn called(&mut self, since: Duration) {
        self.call_at = Some(since + ASK_EVERY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Device;

    const DAY_MS: u64 = 24 * 3_600 * 1_000;
    const DAY: Duration = ASK_EVERY;

    /// Papers that last so many days from day 1,000 on.
    fn papers(days: u64) -> Papers {
        let issued_ms = 1_000 * DAY_MS;
        let certified_until_ms = issued_ms + days * DAY_MS;
        Papers { issued_ms, certified_until_ms, ..Device::new().bundle.papers }
    }

    #[test]
    fn papers_are_renewed_at_half_of_their_time_and_90_days_before_their_end() {
        for (days, due_hours) in [(365, 4_380), (150, 1_440), (91, 24), (60, 720)] {
            let due = due_ms(&papers(days)) - 1_000 * DAY_MS;
            assert_eq!(due, due_hours * 3_600 * 1_000, "{days} days");
        }
    }

    #[test]
    fn a_question_is_asked_once_a_day() {
        let (papers, mut renewals) = (papers(60), Renewals::default());
        let late = 1_040 * DAY_MS;
        assert!(!renewals.is_due(&papers, Duration::ZERO, 1_029 * DAY_MS), "not before its time");
        assert!(renewals.is_due(&papers, Duration::ZERO, late));
        renewals.asked(Duration::ZERO, Duration::from_secs(60));
        assert!(!renewals.is_due(&papers, DAY / 2, late));
        assert!(renewals.is_due(&papers, DAY, late));
        renewals.asked(DAY, 3 * DAY);
        assert!(!renewals.is_due(&papers, 3 * DAY, late), "longer, if that was said");
    }

    #[test]
    fn a_device_with_nothing_to_send_calls_once_a_day() {
        let (papers, mut renewals) = (papers(60), Renewals::default());
        let early = (Duration::ZERO, 1_020 * DAY_MS);
        let first = renewals.call_at(&papers, early, 0.5);
        assert_eq!(first, 10 * DAY + SPREAD / 2);
        assert_eq!(renewals.call_at(&papers, early, 0.9), first, "drawn once");
        renewals.called(first);
        assert_eq!(renewals.call_at(&papers, (first, 1_031 * DAY_MS), 0.0), first + DAY);
    }
}
