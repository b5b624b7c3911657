//! Acts that need two people, done: a change is made at once or proposed, as the policy says;
//! a second person confirms or declines it.
//!
//! One confirmation is under way at a time, on a task of its own: a browser that goes away in
//! the middle of it changes nothing. What a crash has left as confirmed is looked for in the
//! log when the desk opens ([`Desk::settle`]): it is there, and done, or it never will be.

use std::sync::{Arc, MutexGuard, PoisonError};

use saksi_proto::entry::Entry;
use tokio::sync::Mutex;
use tracing::{info, warn};

use super::account::Account;
use super::deed::above;
use super::desk::{ChangeRefusal, Desk, DeskFault};
use super::policy::{Kind, TwoPeople};
use super::proposal::{Lapse, NoSecond, Part, Proposal, State, check_first, is_logged_as, place};
use super::store::acts::Deed;
use super::store::proposals::{Waits, about};
use crate::changes::Change;
use crate::clock;
use crate::journal::{Journal, JournalFault};
use crate::storage::Storage as _;

/// What the desk needs for it.
#[derive(Default)]
pub struct Seconding {
    /// For which acts two people are needed.
    pub policy: TwoPeople,
    /// Held while something is confirmed.
    turn: Mutex<()>,
    /// What waits, as the file has it: every page says how much.
    waits: std::sync::Mutex<Vec<Waits>>,
}

impl Seconding {
    /// By this policy.
    #[must_use]
    pub fn new(policy: TwoPeople) -> Self {
        Self { policy, ..Self::default() }
    }
}

/// What has come of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// It is in the log, in this entry.
    Logged(Option<u64>),
    /// It waits for a second person, under this number.
    Proposed(u64),
}

/// Why nothing has come of an act.
#[derive(Debug, thiserror::Error)]
pub enum NotMade {
    /// Who asks cannot do it, or not now.
    #[error(transparent)]
    NoSecond(#[from] NoSecond),
    /// The log would not take it, or not any more.
    #[error(transparent)]
    Lapsed(Lapse),
    /// There is no such proposal, or none that is seen from there.
    #[error("there is no such proposal")]
    Unknown,
    /// Nothing was chosen.
    #[error("choose first what is done")]
    NoChoice,
    /// Whoever declines says why.
    #[error("say why; who has proposed it will read it")]
    NoRemark,
    /// By nobody's fault there.
    #[error(transparent)]
    Fault(#[from] DeskFault),
}

impl From<ChangeRefusal> for NotMade {
    fn from(refusal: ChangeRefusal) -> Self {
        match refusal {
            ChangeRefusal::Forbidden(_) => Self::NoSecond(NoSecond::NoRight),
            ChangeRefusal::Refused(fault) => Self::Lapsed(fault.into()),
            ChangeRefusal::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl Desk {
    /// Makes a change, or proposes it where the policy asks for two people.
    ///
    /// # Errors
    /// [`NotMade`]; nothing was done.
    pub async fn act(self: &Arc<Self>, account: &Account, change: Change) -> Result<Made, NotMade> {
        check_first(&change, account, &self.election.definition)?;
        if !self.seconding.policy.are_for(&change) {
            return Ok(Made::Logged(self.change(account, change).await?.first));
        }
        let first = Part::of(account, clock::now_ms());
        let new = Proposal { id: 0, change, first, state: State::Open };
        let now_ms = new.first.at_ms;
        let (new, lapse) = self
            .look(move |ledger| {
                let lapse = new.lapse(ledger, now_ms);
                (new, lapse)
            })
            .await?;
        if let Some(why) = lapse {
            return Err(NotMade::Lapsed(why));
        }
        self.let_lapse(&about(&new.change)).await?;
        let deed = self.deed_of(account, &new, "propose", new.reason());
        let made = self.ask(move |store| {
            let made = store.propose(&new.change, &new.first)?;
            if made.is_ok() {
                store.note_act(&deed, new.first.at_ms)?;
            }
            Ok(made)
        });
        let made = made.await?;
        self.count().await?;
        Ok(Made::Proposed(made?))
    }

    /// Confirms a proposal as its second person; gives the entry that it has become.
    ///
    /// # Errors
    /// [`NotMade`]; nothing was done, unless it is a fault.
    pub async fn confirm(
        self: &Arc<Self>,
        account: &Account,
        id: u64,
        remark: &str,
    ) -> Result<u64, NotMade> {
        let (desk, account, remark) = (Arc::clone(self), account.clone(), remark.to_owned());
        let confirming = async move {
            let _turn = desk.seconding.turn.lock().await;
            desk.settle_all().await?;
            desk.confirm_alone(&account, id, &remark).await
        };
        let confirmed = tokio::spawn(confirming).await;
        self.count().await?;
        confirmed.map_err(|_| NotMade::Fault(DeskFault::Panicked))?
    }

    async fn confirm_alone(
        self: &Arc<Self>,
        account: &Account,
        id: u64,
        remark: &str,
    ) -> Result<u64, NotMade> {
        let proposal = self.proposal(account, id).await?;
        check_first(&proposal.change, account, &self.election.definition)?;
        if let State::Lapsed { why } = proposal.state {
            return Err(NotMade::Lapsed(why));
        }
        proposal.check_second(account, &self.election.definition)?;
        if let Some(why) = self.lapse(&proposal).await? {
            return Err(NotMade::Lapsed(why));
        }
        let second = Part::of(account, clock::now_ms());
        let sent = proposal.seconded(&second, remark)?;
        let size = self.look(|ledger| ledger.position.size).await?;
        let change = sent.clone();
        let confirmed = self.ask(move |store| store.confirm_proposal(id, &second, &sent, size));
        if !confirmed.await? {
            return Err(NoSecond::Settled.into());
        }
        match self.make(account, change).await {
            Ok(changed) => {
                // Nothing that two people do is there already: its time is new.
                let entry = changed.first.unwrap_or(size);
                self.ask(move |store| store.proposal_is_done(id, entry)).await?;
                Ok(entry)
            }
            Err(ChangeRefusal::Fault(fault)) => Err(fault.into()),
            Err(refusal) => {
                let refused = NotMade::from(refusal);
                let why = match &refused {
                    NotMade::Lapsed(why) => why.clone(),
                    other => Lapse::Other(other.to_string()),
                };
                self.ask(move |store| store.proposal_has_lapsed(id, &why)).await?;
                Err(refused)
            }
        }
    }

    /// Declines a proposal, or withdraws one's own.
    ///
    /// # Errors
    /// [`NotMade`].
    pub async fn decline(
        self: &Arc<Self>,
        account: &Account,
        id: u64,
        remark: &str,
    ) -> Result<(), NotMade> {
        let remark = remark.trim().to_owned();
        let proposal = self.proposal(account, id).await?;
        check_first(&proposal.change, account, &self.election.definition)?;
        if remark.is_empty() {
            return Err(NotMade::NoRemark);
        }
        let second = Part::of(account, clock::now_ms());
        let deed = self.deed_of(account, &proposal, "decline", &remark);
        let declined = self.ask(move |store| {
            let declined = store.decline_proposal(id, &second, &remark)?;
            if declined {
                store.note_act(&deed, second.at_ms)?;
            }
            Ok(declined)
        });
        let declined = declined.await?;
        self.count().await?;
        if declined { Ok(()) } else { Err(NoSecond::Settled.into()) }
    }

    /// A proposal that the owner of an account sees.
    ///
    /// # Errors
    /// [`NotMade::Unknown`], [`NotMade::Fault`].
    pub async fn proposal(
        self: &Arc<Self>,
        account: &Account,
        id: u64,
    ) -> Result<Proposal, NotMade> {
        let found = self.ask(move |store| store.proposal(id)).await?;
        let found = found.filter(|of| of.is_seen_by(account, &self.election.definition));
        found.ok_or(NotMade::Unknown)
    }

    /// Why an open proposal cannot be confirmed any more, if so; it has lapsed then.
    ///
    /// # Errors
    /// [`DeskFault`].
    pub async fn lapse(self: &Arc<Self>, proposal: &Proposal) -> Result<Option<Lapse>, DeskFault> {
        if proposal.state != State::Open {
            return Ok(None);
        }
        let (asked, now_ms) = (proposal.clone(), clock::now_ms());
        let first = proposal.first.account.clone();
        let first = self.ask(move |store| store.account(&first)).await?;
        let is_there = first.is_some_and(|(first, _)| first.ended_ms.is_none());
        let why = match self.look(move |ledger| asked.lapse(ledger, now_ms)).await? {
            None if !is_there => Some(Lapse::NoAccount),
            why => why,
        };
        if let Some(why) = why.clone() {
            let id = proposal.id;
            self.ask(move |store| store.proposal_has_lapsed(id, &why)).await?;
            self.count().await?;
        }
        Ok(why)
    }

    /// Lets what waits on the same case lapse, if it cannot be confirmed any more.
    async fn let_lapse(self: &Arc<Self>, about: &str) -> Result<(), DeskFault> {
        let about = about.to_owned();
        let waits = self.ask(move |store| {
            let waiting = store.waiting_proposals()?;
            let same = waiting.into_iter().find(|waits| waits.about == about);
            same.map_or(Ok(None), |waits| store.proposal(waits.id))
        });
        if let Some(waits) = waits.await? {
            self.lapse(&waits).await?;
        }
        Ok(())
    }

    /// Looks in the log for what was confirmed when the collector stopped. Before anything is
    /// confirmed anew.
    ///
    /// # Errors
    /// [`DeskFault`].
    pub async fn settle(self: &Arc<Self>) -> Result<(), DeskFault> {
        let _turn = self.seconding.turn.lock().await;
        self.settle_all().await?;
        self.count().await
    }

    /// Reads again what waits.
    async fn count(self: &Arc<Self>) -> Result<(), DeskFault> {
        let desk = Arc::clone(self);
        // Under its lock, so that the last one to read is the last one to write.
        self.by_hand(move || {
            let mut waits = desk.seconding.waits.lock().unwrap_or_else(PoisonError::into_inner);
            *waits = desk.store.waiting_proposals()?;
            Ok(())
        })
        .await?
    }

    fn waits(&self) -> MutexGuard<'_, Vec<Waits>> {
        // It is replaced as a whole.
        self.seconding.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Numbers of the proposals that the owner of an account sees, the oldest first.
    #[must_use]
    pub fn waiting_seen(&self, account: &Account) -> Vec<u64> {
        let waits = self.waits();
        waits.iter().filter(|of| of.is_seen_by(account, &self.election)).map(|of| of.id).collect()
    }

    /// How many proposals wait for the owner of an account: not their own.
    #[must_use]
    pub fn waiting_for(&self, account: &Account) -> usize {
        let waits = self.waits();
        let is_for = |of: &&Waits| of.waits_for(account, &self.election);
        waits.iter().filter(is_for).count()
    }

    /// The proposal that waits on a case, or on publication.
    #[must_use]
    pub fn waiting_on(&self, about: &str) -> Option<u64> {
        self.waits().iter().find(|of| of.about == about).map(|of| of.id)
    }

    /// With the turn: nothing that was confirmed is on its way to the log.
    async fn settle_all(self: &Arc<Self>) -> Result<(), DeskFault> {
        let confirmed = self.ask(|store| store.confirmed_proposals()).await?;
        for Proposal { id, state, .. } in confirmed {
            let State::Confirmed { change, size, .. } = state else { continue };
            let journal = self.home.journal();
            let found = self.by_hand(move || find(&journal, &change, size)).await?;
            match found {
                Ok(Some(entry)) => {
                    info!(id, entry, "a confirmed proposal is in the log");
                    self.ask(move |store| store.proposal_is_done(id, entry)).await?;
                }
                Ok(None) => {
                    warn!(id, "a confirmed proposal is not in the log, and will not be");
                    self.ask(move |store| store.proposal_has_lapsed(id, &Lapse::CutOff)).await?;
                }
                // Not known: it is asked again before the next is confirmed.
                Err(fault) => warn!(id, %fault, "a confirmed proposal cannot be looked for"),
            }
        }
        Ok(())
    }

    fn deed_of(
        &self,
        account: &Account,
        proposal: &Proposal,
        what: &'static str,
        detail: &str,
    ) -> Deed {
        let definition = &self.election.definition;
        let station = place(&proposal.change).map(|(station, _)| station);
        let position = station.and_then(|station| definition.station(station));
        Deed {
            account: account.name.to_string(),
            full_name: account.full_name.clone(),
            kind: kind_of(&proposal.change, what),
            place: station.map(|station| station.to_string()).unwrap_or_default(),
            regions: position.map(|station| above(definition, station)).unwrap_or_default(),
            detail: detail.to_owned(),
        }
    }
}

fn kind_of(change: &Change, what: &'static str) -> &'static str {
    match (Kind::of(change), what) {
        (Some(Kind::Ruling), "propose") => "ruling-propose",
        (Some(Kind::Ruling), _) => "ruling-decline",
        (Some(Kind::Question), "propose") => "question-propose",
        (Some(Kind::Question), _) => "question-decline",
        (_, "propose") => "publication-propose",
        (..) => "publication-decline",
    }
}

/// The entry that a change has become, behind the first `size`.
fn find(
    journal: &std::path::Path,
    change: &Change,
    size: u64,
) -> Result<Option<u64>, JournalFault> {
    let journal = Journal::open_to_read(journal)?;
    let end = journal.head()?.map_or(0, |head| head.entries);
    let (mut found, mut at) = (None, size);
    if size < end {
        journal.for_each_entry_of(size..end, |bytes| {
            let entry = Entry::decode(bytes).ok();
            if found.is_none() && entry.is_some_and(|entry| is_logged_as(change, &entry)) {
                found = Some(at);
            }
            at += 1;
            Ok::<(), JournalFault>(())
        })?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use saksi_proto::ruling::Pause;

    use super::*;
    use crate::sample;

    #[test]
    fn a_change_is_found_behind_the_size_that_it_was_confirmed_at() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal.db");
        let act = |by: &str| saksi_proto::entry::Act { by: by.into(), reason: "a fault".into() };
        let pause = |by| Pause { paused: true, at_ms: 5, act: act(by) };
        let manifest = sample::manifest(&sample::election(), "").encode();
        let [by_one, by_two] = ["sri", "sri; budi"].map(|by| Entry::Pause(pause(by)).encode());
        let entries = [&manifest[..], &by_one, &by_two];
        Journal::create(&path).unwrap().append(0, &entries, "checkpoint").unwrap();
        let found = |by, size| find(&path, &Change::Pause(pause(by)), size).unwrap();
        assert_eq!((found("sri; budi", 1), found("sri; budi", 2)), (Some(2), Some(2)));
        assert_eq!(found("sri; ani", 1), None, "another's");
        assert_eq!(found("sri", 2), None, "it stands before");
        assert_eq!(found("sri", 3), None, "there is nothing behind");
    }
}
