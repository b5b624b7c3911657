//! Times in the election's time zone.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// A time zone and what to call it.
#[derive(Debug, Clone)]
pub struct Zone {
    zone: TimeZone,
}

impl Zone {
    /// The time zone of this IANA name; UTC, which then says so, on a device that
    /// does not know it.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { zone: TimeZone::get(name).unwrap_or(TimeZone::UTC) }
    }

    /// A time in milliseconds since 1970, UTC, to the second, with its zone.
    #[must_use]
    pub fn show(&self, at_ms: u64) -> String {
        self.zoned(at_ms).map_or_else(
            || format!("{at_ms} ms"),
            |zoned| zoned.strftime("%Y-%m-%d %H:%M:%S %Z").to_string(),
        )
    }

    /// The same as it is said beside a clock: without the date if it is the one of `now_ms`.
    #[must_use]
    pub fn show_beside(&self, at_ms: u64, now_ms: u64) -> String {
        let (Some(at), Some(now)) = (self.zoned(at_ms), self.zoned(now_ms)) else {
            return self.show(at_ms);
        };
        let form = if at.date() == now.date() { "%H:%M:%S" } else { "%Y-%m-%d %H:%M" };
        at.strftime(form).to_string()
    }

    fn zoned(&self, at_ms: u64) -> Option<Zoned> {
        let timestamp = Timestamp::from_millisecond(i64::try_from(at_ms).ok()?).ok()?;
        Some(timestamp.to_zoned(self.zone.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_that_is_not_known_is_utc_and_says_so() {
        let zone = Zone::named("Nowhere/Atall");
        assert_eq!(zone.show(1_707_915_660_000), "2024-02-14 13:01:00 UTC");
        assert_eq!(zone.show_beside(1_707_915_660_000, 1_707_915_999_000), "13:01:00");
        assert_eq!(zone.show_beside(1_707_915_660_000, 1_707_995_999_000), "2024-02-14 13:01");
        assert_eq!(zone.show(u64::MAX), format!("{} ms", u64::MAX));
    }
}
