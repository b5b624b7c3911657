//! Times in the election's time zone.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A time zone and what to call it.
pub(super) struct Zone {
    zone: TimeZone,
}

impl Zone {
    /// The time zone of this IANA name; UTC, which then says so, on a device that
    /// does not know it.
    pub(super) fn named(name: &str) -> Self {
        Self { zone: TimeZone::get(name).unwrap_or(TimeZone::UTC) }
    }

    /// A time in milliseconds since 1970, UTC, to the second, with its zone.
    pub(super) fn show(&self, at_ms: u64) -> String {
        let timestamp =
            i64::try_from(at_ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let Some(timestamp) = timestamp else { return format!("{at_ms} ms") };
        timestamp.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_that_is_not_known_is_utc_and_says_so() {
        let zone = Zone::named("Nowhere/Atall");
        assert_eq!(zone.show(1_707_915_660_000), "2024-02-14 13:01:00 UTC");
        assert_eq!(zone.show(u64::MAX), format!("{} ms", u64::MAX));
    }
}
