//! How many sign-ins are looked at: so many an hour for one name, from one address, and from
//! everywhere. One is spent before the password is looked at, so that many at once gain
//! nothing, and given back if it was right. Pure; told the time.
//!
//! Whoever knows a name can keep its owner out for a while by trying it; that is the price of
//! few guesses, and the reason why the desk listens where the public cannot reach it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use super::account::AccountName;
use crate::registrar::rate::{Bucket, Measure, network};

const HOUR_MS: u64 = 60 * 60 * 1_000;

/// Wrong passwords for one name: 20 an hour are 480 a day. NIST SP 800-63B-4 wants at most
/// 100 in a row; for a password of 15 characters a few hundred are nothing.
const OF_NAME: Measure = Measure { many: 20, period_ms: HOUR_MS };

/// From one address (IPv6: one /64): a house of officers behind one address mistypes less.
const OF_ADDRESS: Measure = Measure { many: 60, period_ms: HOUR_MS };

/// From everywhere: 1,200 an hour are a third of a hash a second.
const OVERALL: Measure = Measure { many: 1_200, period_ms: HOUR_MS };

/// The wrong sign-ins of the last hour. No more are noted than the overall measure lets
/// through: 2,400 names and addresses in an hour at most, 300 KB.
#[derive(Debug)]
pub struct Throttle {
    names: HashMap<AccountName, Bucket>,
    addresses: HashMap<IpAddr, Bucket>,
    all: Bucket,
    swept_ms: u64,
}

impl Throttle {
    /// Nothing has come yet.
    #[must_use]
    pub fn new(now_ms: u64) -> Self {
        let (names, addresses) = (HashMap::new(), HashMap::new());
        Self { names, addresses, all: OVERALL.full(now_ms), swept_ms: now_ms }
    }

    /// Spends one sign-in with this name from this address.
    ///
    /// # Errors
    /// After which time it may be tried again; nothing is spent then.
    pub fn spend(&mut self, name: &AccountName, from: IpAddr, now_ms: u64) -> Result<(), Duration> {
        self.sweep(now_ms);
        let from = network(from);
        let left = |measure: Measure, bucket: Option<&Bucket>| {
            measure.refilled(bucket.copied().unwrap_or(measure.full(now_ms)), now_ms)
        };
        let of_name = left(OF_NAME, self.names.get(name));
        let of_address = left(OF_ADDRESS, self.addresses.get(&from));
        let overall = left(OVERALL, Some(&self.all));
        let wait =
            OF_NAME.wait(of_name).max(OF_ADDRESS.wait(of_address)).max(OVERALL.wait(overall));
        if !wait.is_zero() {
            return Err(wait);
        }
        self.names.insert(name.clone(), OF_NAME.spent(of_name));
        self.addresses.insert(from, OF_ADDRESS.spent(of_address));
        self.all = OVERALL.spent(overall);
        Ok(())
    }

    /// Gives back what was spent: the password was right.
    pub fn give_back(&mut self, name: &AccountName, from: IpAddr) {
        if let Some(bucket) = self.names.get_mut(name) {
            *bucket = OF_NAME.given_back(*bucket);
        }
        if let Some(bucket) = self.addresses.get_mut(&network(from)) {
            *bucket = OF_ADDRESS.given_back(*bucket);
        }
        self.all = OVERALL.given_back(self.all);
    }

    fn sweep(&mut self, now_ms: u64) {
        if now_ms.saturating_sub(self.swept_ms) > HOUR_MS / 60 {
            self.swept_ms = now_ms;
            self.names.retain(|_, bucket| !OF_NAME.is_full(*bucket, now_ms));
            self.addresses.retain(|_, bucket| !OF_ADDRESS.is_full(*bucket, now_ms));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(number: usize) -> AccountName {
        format!("officer{number}").parse().unwrap()
    }

    fn ip(number: u32) -> IpAddr {
        IpAddr::from(number.to_be_bytes())
    }

    #[test]
    fn a_name_has_twenty_wrong_passwords_an_hour_from_anywhere() {
        let mut throttle = Throttle::new(0);
        for from in 0..20 {
            assert_eq!(throttle.spend(&name(1), ip(from), 1_000), Ok(()));
        }
        let wait = throttle.spend(&name(1), ip(99), 1_000);
        assert_eq!(wait, Err(Duration::from_secs(180)));
        assert_eq!(throttle.spend(&name(2), ip(99), 1_000), Ok(()), "others are not affected");
        assert_eq!(throttle.spend(&name(1), ip(99), 181_000), Ok(()), "one every three minutes");
        assert!(throttle.spend(&name(1), ip(99), 181_001).is_err());
    }

    #[test]
    fn an_address_and_everybody_together_are_held_back() {
        let mut throttle = Throttle::new(0);
        let tried = (0..100).filter(|of| throttle.spend(&name(*of), ip(7), 0).is_ok()).count();
        assert_eq!(tried, 60);
        let mut throttle = Throttle::new(0);
        let tries = (0..5_000u32).zip(0..);
        let tried = tries.filter(|(from, of)| throttle.spend(&name(*of), ip(*from), 0).is_ok());
        assert_eq!(tried.count(), 1_200);
        let wait = throttle.spend(&name(9_999), ip(9_999), 0);
        assert_eq!(wait, Err(Duration::from_secs(3)));
        assert_eq!(throttle.spend(&name(1), ip(1), 3 * HOUR_MS), Ok(()));
        assert_eq!(throttle.names.len(), 1, "the others have filled up again");
    }

    #[test]
    fn a_right_password_costs_nothing() {
        let mut throttle = Throttle::new(0);
        for _ in 0..100 {
            assert_eq!(throttle.spend(&name(1), ip(1), 0), Ok(()));
            throttle.give_back(&name(1), ip(1));
        }
        (0..20).for_each(|_| throttle.spend(&name(1), ip(1), 0).unwrap());
        assert!(throttle.spend(&name(1), ip(1), 0).is_err());
    }
}
