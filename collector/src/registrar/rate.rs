//! How many wrong codes are looked at: so many an hour from one address, and so many a
//! minute from everywhere. Right ones cost nothing. Pure; told the time.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use crate::config::Limits;

const HOUR_MS: u64 = 60 * 60 * 1_000;
const MINUTE_MS: u64 = 60 * 1_000;

/// What may still be spent, and since when that is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bucket {
    /// Thousandths of one.
    left: u64,
    at_ms: u64,
}

/// A bucket's size, and the time in which it fills.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measure {
    pub(crate) many: u64,
    pub(crate) period_ms: u64,
}

const WHOLE: u64 = 1_000;

impl Measure {
    pub(crate) fn full(self, now_ms: u64) -> Bucket {
        Bucket { left: self.many * WHOLE, at_ms: now_ms }
    }

    pub(crate) fn refilled(self, bucket: Bucket, now_ms: u64) -> Bucket {
        let passed = now_ms.saturating_sub(bucket.at_ms).min(self.period_ms);
        let gained = passed * self.many * WHOLE / self.period_ms;
        if gained == 0 {
            // So short a time is counted with what follows.
            return bucket;
        }
        Bucket { left: (bucket.left + gained).min(self.many * WHOLE), at_ms: now_ms }
    }

    /// Without one, if there is one.
    pub(crate) fn spent(self, bucket: Bucket) -> Bucket {
        Bucket { left: bucket.left.saturating_sub(WHOLE), ..bucket }
    }

    /// With one that was not used after all.
    pub(crate) fn given_back(self, bucket: Bucket) -> Bucket {
        Bucket { left: (bucket.left + WHOLE).min(self.many * WHOLE), ..bucket }
    }

    /// Whether nothing was spent of late: it can be forgotten.
    pub(crate) fn is_full(self, bucket: Bucket, now_ms: u64) -> bool {
        self.refilled(bucket, now_ms).left == self.many * WHOLE
    }

    /// Until there is a whole one again.
    pub(crate) fn wait(self, bucket: Bucket) -> Duration {
        let missing = WHOLE.saturating_sub(bucket.left);
        Duration::from_millis((missing * self.period_ms).div_ceil(self.many * WHOLE))
    }
}

/// The wrong codes of the last hour.
///
/// A bucket that is full again is forgotten, after an hour at the latest, and no more
/// wrong codes are looked at than the overall one lets through: 36,600 addresses at most,
/// 3 MB.
#[derive(Debug)]
pub struct Rates {
    address: Measure,
    overall: Measure,
    addresses: HashMap<IpAddr, Bucket>,
    all: Bucket,
    swept_ms: u64,
}

impl Rates {
    /// Nothing has come yet.
    #[must_use]
    pub fn new(limits: &Limits, now_ms: u64) -> Self {
        let address = Measure { many: limits.wrong_codes_an_hour.into(), period_ms: HOUR_MS };
        let overall = Measure { many: limits.wrong_codes_a_minute.into(), period_ms: MINUTE_MS };
        let all = overall.full(now_ms);
        Self { address, overall, addresses: HashMap::new(), all, swept_ms: now_ms }
    }

    /// Whether a code from this address is looked at.
    ///
    /// # Errors
    /// After which time it may come again.
    pub fn admit(&mut self, from: IpAddr, now_ms: u64) -> Result<(), Duration> {
        self.all = self.overall.refilled(self.all, now_ms);
        let own = self.addresses.get(&network(from));
        let own = own.map(|bucket| self.address.refilled(*bucket, now_ms));
        let own = own.map_or(Duration::ZERO, |bucket| self.address.wait(bucket));
        let wait = own.max(self.overall.wait(self.all));
        if wait.is_zero() { Ok(()) } else { Err(wait) }
    }

    /// A code from this address was wrong.
    pub fn count_wrong(&mut self, from: IpAddr, now_ms: u64) {
        self.all = self.overall.refilled(self.all, now_ms);
        self.all.left = self.all.left.saturating_sub(WHOLE);
        let own = self.addresses.entry(network(from)).or_insert(self.address.full(now_ms));
        *own = self.address.refilled(*own, now_ms);
        own.left = own.left.saturating_sub(WHOLE);
        if now_ms.saturating_sub(self.swept_ms) > MINUTE_MS {
            self.swept_ms = now_ms;
            let measure = self.address;
            self.addresses.retain(|_, bucket| !measure.is_full(*bucket, now_ms));
        }
    }
}

/// An IPv4 address, or the /64 that one subscriber of IPv6 has.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates() -> Rates {
        Rates::new(&Limits::default(), 0)
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_has_thirty_wrong_codes_an_hour() {
        let (mut rates, guesser) = (rates(), ip("192.0.2.7"));
        for _ in 0..30 {
            assert_eq!(rates.admit(guesser, 1_000), Ok(()));
            rates.count_wrong(guesser, 1_000);
        }
        assert_eq!(rates.admit(guesser, 1_000), Err(Duration::from_secs(120)));
        assert_eq!(rates.admit(ip("192.0.2.8"), 1_000), Ok(()), "others are not affected");
        assert!(rates.admit(guesser, 120_000).is_err());
        assert_eq!(rates.admit(guesser, 121_000), Ok(()), "one every two minutes");
        rates.count_wrong(guesser, 121_000);
        assert!(rates.admit(guesser, 121_001).is_err());
    }

    #[test]
    fn often_looking_does_not_lose_time() {
        let (mut rates, guesser) = (rates(), ip("192.0.2.7"));
        (0..30).for_each(|_| rates.count_wrong(guesser, 0));
        // Each look adds a part of a thousandth.
        let first = (0..130_000).find(|ms| rates.admit(guesser, *ms).is_ok());
        assert_eq!(first, Some(120_000));
    }

    #[test]
    fn a_subscriber_of_ipv6_is_one_address() {
        let mut rates = rates();
        for host in 0..30 {
            rates.count_wrong(ip(&format!("2001:db8:0:1::{host}")), 0);
        }
        assert!(rates.admit(ip("2001:db8:0:1:ffff::1"), 0).is_err());
        assert_eq!(rates.admit(ip("2001:db8:0:2::1"), 0), Ok(()));
        (0..30).for_each(|_| rates.count_wrong(ip("::ffff:192.0.2.7"), 0));
        assert!(rates.admit(ip("192.0.2.7"), 0).is_err(), "the same in both notations");
    }

    #[test]
    fn many_addresses_together_are_held_back_and_forgotten() {
        let mut rates = rates();
        let (mut looked_at, mut now_ms) = (0, 0);
        // A hundred a second from ever new addresses, for two hours.
        for guess in 0..720_000u32 {
            now_ms += 10;
            let from = IpAddr::from(guess.to_be_bytes());
            if rates.admit(from, now_ms).is_ok() {
                rates.count_wrong(from, now_ms);
                looked_at += 1;
            }
        }
        assert!((72_000..=72_600).contains(&looked_at), "{looked_at} in 120 minutes");
        assert!(rates.addresses.len() <= 36_600, "{}", rates.addresses.len());
        let wait = rates.admit(ip("192.0.2.7"), now_ms).err();
        assert!(wait.is_none_or(|wait| wait <= Duration::from_millis(100)), "{wait:?}");
        rates.count_wrong(ip("192.0.2.7"), now_ms + 2 * HOUR_MS);
        assert_eq!(rates.addresses.len(), 1, "the others have filled up again");
    }
}
