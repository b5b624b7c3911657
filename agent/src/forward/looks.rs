//! When to ask what the centre has to say of the forms that it has, and what is done with
//! the answer.
//!
//! It is asked once in every session, after the forms and before photos. A device whose work
//! is done closes the connection, for a million that stand would each take memory at the
//! collector; so it calls again for nothing else, after a rest.

use std::time::Duration;

use saksi_proto::notice::Look;
use tokio::io::{AsyncRead, AsyncWrite};

use super::fault::LinkFault;
use super::session::Session;
use super::{Broken, Forwarder, chance};
use crate::delivery::State;
use crate::ledger::Known;
use crate::notices::{InTheLog, Kept, accepted, to_look_at};

/// Between two looks, a third more or less. A nation's 822,116 devices are 457 calls a second
/// then: fewer than the 500 handshakes a second that a collector has room for if all of them
/// are on 2G, and 7 % of one core at 163 µs each. At 10 s a session they take 4,600 of the
/// 10,000 connections. A look is 3 KB on the wire with its handshake, 150 KB a day.
const REST: Duration = Duration::from_secs(1_800);

/// The first look after a start comes within this time. An island of 100,000 stations that
/// gets its power back at once is 333 calls a second.
const FIRST: Duration = Duration::from_secs(300);

/// When to call for nothing but a look, and what was told since the start. Owned by the
/// forwarder.
#[derive(Debug, Default)]
pub(super) struct Looks {
    next: Option<Duration>,
    /// Entries that were looked through for the last answer. That all is well is not written,
    /// and for five contests not told in every session either: 20 bytes each.
    looked_through: u64,
    /// The forms that were asked about then.
    told: Vec<InTheLog>,
}

impl Looks {
    /// When to connect, if nothing else comes. `chance` from 0 to 1 spreads the devices.
    pub(super) fn call_at(&mut self, since: Duration, chance: f64) -> Duration {
        *self.next.get_or_insert(since + FIRST.mul_f64(chance.clamp(0.0, 1.0)))
    }

    /// From which entry on there may be something new of these forms, where what was kept
    /// leads to `noticed`. A form that was not asked about was logged later, or nothing that
    /// was told since the start is about it.
    fn since(&self, forms: &[InTheLog], noticed: u64) -> u64 {
        let is_told =
            |form: &InTheLog| self.told.contains(form) || form.looked.index >= self.looked_through;
        if forms.iter().all(is_told) { noticed.max(self.looked_through) } else { noticed }
    }

    /// An answer was taken, and what is new in it kept.
    fn told(&mut self, forms: Vec<InTheLog>, looked_through: u64) {
        (self.told, self.looked_through) = (forms, looked_through);
    }

    /// It was asked, or nobody could be: nothing before a rest.
    pub(super) fn looked(&mut self, since: Duration, chance: f64) {
        self.next = Some(since + REST.mul_f64((2.0 + 2.0 * chance.clamp(0.0, 1.0)) / 3.0));
    }
}

impl Forwarder<'_> {
    /// When to call for nothing but a look; never while the centre has no form.
    pub(super) fn look_at(&mut self) -> Option<Duration> {
        let has_any = !to_look_at(self.desk.identity(), self.desk.store().ledger()).is_empty();
        let since = self.began.elapsed();
        has_any.then(|| self.looks.call_at(since, chance()))
    }

    /// Asks what the centre has to say, and keeps what is new.
    pub(super) async fn look<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        session: &mut Session<S>,
    ) -> Result<(), Broken> {
        let (noticed, forms) = {
            let store = self.desk.store();
            (store.noticed()?, to_look_at(self.desk.identity(), store.ledger()))
        };
        if forms.is_empty() {
            return Ok(());
        }
        let since = self.looks.since(&forms, noticed);
        let looked = forms.iter().map(|form| form.looked).collect();
        let answer = session.look(Look { since, forms: looked }).await?;
        self.looks.looked(self.began.elapsed(), chance());
        self.desk.looking().answered(self.now().now_ms);
        let up_to = answer.up_to;
        let kept = accepted(&forms, answer, self.now().now_ms).map_err(LinkFault::OutOfTurn)?;
        let mut store = self.desk.store();
        let (mut is_news, mut changes) = (false, Vec::new());
        for kept in &kept {
            let Some(known) = store.ledger().form(kept.form) else { continue };
            let before = store.notice(kept.notice.contest.as_str())?;
            is_news |= is_news_of(kept, before.as_ref(), known);
            if let Some(standing) = kept.notice.standing {
                changes.push((kept.form, known.delivery.clone().stands(standing)));
            }
        }
        if is_news {
            tracing::info!(contests = kept.len(), "the centre has something to say");
            store.take_notices(up_to, &kept, changes)?;
        }
        self.looks.told(forms, up_to);
        Ok(())
    }
}

fn is_news_of(kept: &Kept, before: Option<&Kept>, known: &Known) -> bool {
    let stands = match known.delivery.state {
        State::Received { standing, .. } => standing,
        State::Stored | State::Sent { .. } | State::Refused { .. } => None,
    };
    kept.is_news(before, stands)
}

#[cfg(test)]
mod tests {
    use saksi_proto::digest::Digest;
    use saksi_proto::notice::Looked;

    use super::*;

    #[test]
    fn what_was_told_is_not_told_again_but_nothing_is_passed_over() {
        let form = |index: u64| InTheLog {
            form: Digest([u8::try_from(index).unwrap(); 32]),
            looked: Looked { contest: "dpr".parse().unwrap(), index },
        };
        let mut looks = Looks::default();
        assert_eq!(looks.since(&[form(7)], 0), 0);
        looks.told(vec![form(7)], 41);
        assert_eq!(looks.since(&[form(7)], 0), 41, "nothing of it was worth keeping");
        assert_eq!(looks.since(&[form(7), form(41)], 0), 41, "logged since");
        assert_eq!(looks.since(&[form(7), form(9)], 0), 0, "its receipt came another way");
        assert_eq!(looks.since(&[form(9)], 12), 12);
        looks.told(vec![form(7), form(9)], 40);
        assert_eq!(looks.since(&[form(7), form(9)], 12), 40, "a log that was put back");
    }

    #[test]
    fn a_device_looks_soon_after_its_start_and_then_every_half_hour() {
        let second = Duration::from_secs(1);
        let mut looks = Looks::default();
        let first = looks.call_at(10 * second, 0.5);
        assert_eq!(first, 160 * second);
        assert_eq!(looks.call_at(20 * second, 0.9), first, "drawn once");
        for (chance, minutes) in [(0.0, 20), (0.5, 30), (1.0, 40)] {
            looks.looked(first, chance);
            assert_eq!(looks.call_at(first, 0.0).as_secs(), first.as_secs() + minutes * 60);
        }
    }
}
