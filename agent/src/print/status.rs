//! How far everything has come, on the screen.

use std::fmt::Display;

use saksi_agent::carrying::{self, CarriedFor, CarriedShown};
use saksi_agent::desk::{
    ContestStatus, DeliveryShown, PhotoShown, PhotoState, RefusalShown, StateName, Status,
};
use saksi_agent::rehearsal::Rehearsed;
use saksi_proto::message::Standing;
use saksi_proto::text::{self, Phrase};

use super::Printer;

impl Printer<'_> {
    pub(super) fn status(&self, status: &Status) {
        println!("{} · {}", status.station_name, status.station);
        println!("{}\n{}", status.regions, status.election);
        self.phase();
        println!("  {}\n", self.zone.show(status.now_ms));
        status.contests.iter().for_each(|contest| self.contest(contest));
        println!();
        if status.waiting == 0 {
            println!("{}", self.say(text::STATUS_NOTHING_WAITS));
        } else {
            println!("{}", self.fill(text::STATUS_WAITING, &[&status.waiting]));
        }
        status.photos.iter().for_each(|photo| self.photo(photo));
        self.carried_for(&status.carried);
        match status.rehearsed {
            Some(rehearsed) => println!("{}", self.rehearsed(text::STATUS_REHEARSED, rehearsed)),
            None => println!("{}", self.say(text::STATUS_NOT_REHEARSED)),
        }
        let until = self.zone.show(status.certificate.until_ms);
        println!("{}", self.fill(text::STATUS_CERTIFIED_UNTIL, &[&until]));
        let certificate = status.certificate.check(self.language());
        if !certificate.is_well {
            println!("{}", certificate.sentence);
        }
        let said = [
            (status.photos_waiting, text::STATUS_PHOTOS),
            (status.stores_set_aside, text::STATUS_STORES_SET_ASIDE),
            (status.forms_set_aside, text::STATUS_FORMS_SET_ASIDE),
            (status.contradictions, text::STATUS_CONTRADICTIONS),
        ];
        for (number, phrase) in said.into_iter().filter(|(number, _)| *number > 0) {
            println!("{}", self.fill(phrase, &[&number]));
        }
    }

    /// What is carried for other stations.
    fn carried_for(&self, carried: &CarriedShown) {
        for of in &carried.stations {
            let CarriedFor { station, forms, received, refused } = of;
            println!("{}", self.fill(carrying::text::CARRIED_FOR, &[station, received, forms]));
            if !refused.is_empty() {
                let codes = refused.join(", ");
                println!("         {}", self.fill(carrying::text::CARRIED_REFUSED, &[&codes]));
            }
        }
        if carried.damaged > 0 {
            println!("{}", self.fill(carrying::text::CARRIED_DAMAGED, &[&carried.damaged]));
        }
        if let Some(failure) = &carried.last_failure {
            println!("         {} · {}", self.zone.show(failure.at_ms), failure.sentence);
        }
    }

    /// A phrase with the entry and the time of a rehearsal form.
    pub(super) fn rehearsed(&self, phrase: Phrase, rehearsed: Rehearsed) -> String {
        self.fill(phrase, &[&rehearsed.index, &self.zone.show(rehearsed.arrived_ms)])
    }

    fn contest(&self, contest: &ContestStatus) {
        let (code, name) = (contest.contest, &contest.name);
        let (Some(delivery), Some(revision)) = (&contest.delivery, contest.revision) else {
            println!("{code:<8} {name}\n         {}", self.say(text::STATE_EMPTY));
            return;
        };
        let digest = contest.digest.map_or_else(String::new, |digest| digest.short());
        let revision = self.fill(text::REVISION, &[&revision]);
        println!("{code:<8} {name} · {revision} · {digest}");
        self.delivery(delivery);
        self.notices(&contest.notices);
        if let Some(refused) = &contest.refused {
            let RefusalShown { code, sentence, .. } = refused;
            println!("         {}: {sentence} [{code}]", self.say(text::STATUS_LATER_REFUSED));
        }
    }

    /// A photo: how much of it has arrived, and why it is not further.
    fn photo(&self, photo: &PhotoShown) {
        let kibibytes = |bytes: u64| bytes.div_ceil(1_024);
        let (sent, size) = (kibibytes(photo.sent), kibibytes(photo.size));
        let state = match photo.state {
            PhotoState::Waiting => self.fill(text::PHOTO_WAITING, &[&sent, &size]),
            PhotoState::Arrived => self.fill(text::PHOTO_ARRIVED, &[&size]),
            PhotoState::Refused => self.say(text::STATE_REFUSED).to_owned(),
            PhotoState::Damaged => self.say(text::PHOTO_DAMAGED).to_owned(),
        };
        let name = self.fill(text::SHOW_PHOTO, &[&photo.photo.short()]);
        println!("{:<8} {name} · {state}", photo.contest);
        if let Some(refusal) = &photo.refusal {
            println!("         {} [{}]", refusal.sentence, refusal.code);
        }
        if let Some(failure) = &photo.last_failure {
            println!("         {} · {}", self.zone.show(failure.at_ms), failure.sentence);
        }
    }

    /// A state with its time, and why it is not further.
    pub(super) fn delivery(&self, delivery: &DeliveryShown) {
        let line = |text: &dyn Display| println!("         {text}");
        let state = self.say(state_phrase(delivery.state));
        line(&format!("{state} · {}", self.zone.show(delivery.at_ms)));
        if let (Some(index), Some(arrived_ms)) = (delivery.index, delivery.arrived_ms) {
            line(&self.fill(text::STATUS_ENTRY, &[&index, &self.zone.show(arrived_ms)]));
        }
        if let Some(cosigned) = &delivery.cosigned {
            line(&cosigned.sentence(self.language()));
        }
        if let Some(standing) = delivery.standing {
            line(&self.say(standing_phrase(standing)));
        }
        if let Some(refusal) = &delivery.refusal {
            line(&format!("{} [{}] {}", refusal.sentence, refusal.code, refusal.detail));
        }
        if let Some(failure) = &delivery.last_failure {
            let at = self.zone.show(failure.at_ms);
            let values: [&dyn Display; 3] = [&delivery.attempts, &at, &failure.sentence];
            line(&self.fill(text::STATUS_LAST_FAILURE, &values));
            if !failure.detail.is_empty() {
                line(&format!("({})", failure.detail));
            }
        }
        match delivery.next_try_ms {
            Some(next) if delivery.due => {
                line(&self.fill(text::STATUS_NEXT_TRY, &[&self.zone.show(next)]));
            }
            None if delivery.due => line(&self.say(text::STATUS_DUE)),
            Some(_) | None => {}
        }
    }
}

fn state_phrase(state: StateName) -> Phrase {
    match state {
        StateName::Stored => text::STATE_STORED,
        StateName::Sent => text::STATE_SENT,
        StateName::Received => text::STATE_RECEIVED,
        StateName::Refused => text::STATE_REFUSED,
    }
}

fn standing_phrase(standing: Standing) -> Phrase {
    match standing {
        Standing::Counted => text::STANDING_COUNTED,
        Standing::Held => text::STANDING_HELD,
        Standing::Disputed => text::STANDING_DISPUTED,
        Standing::Superseded => text::STANDING_SUPERSEDED,
        Standing::Rehearsed => text::STANDING_REHEARSED,
        Standing::Rejected => text::STANDING_REJECTED,
    }
}
