//! Times in the election's time zone.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use saksi_proto::text::{self, Language, Phrase};

use super::locale::Locale;

const MONTHS: [Phrase; 12] = [
    text::MONTH_1,
    text::MONTH_2,
    text::MONTH_3,
    text::MONTH_4,
    text::MONTH_5,
    text::MONTH_6,
    text::MONTH_7,
    text::MONTH_8,
    text::MONTH_9,
    text::MONTH_10,
    text::MONTH_11,
    text::MONTH_12,
];

/// A time for people and for programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TimeShown {
    /// `14 Februari 2024 20.15.09 WIT`.
    pub text: String,
    /// With offset, for the `datetime` attribute; none if it is not a time.
    pub machine: Option<String>,
}

/// Shows milliseconds since 1970, UTC. A device can send any number as its time:
/// one beyond the year 9999 is shown as the number that it is.
pub(crate) fn shown(ms: u64, zone: &str, locale: &Locale) -> TimeShown {
    let clock = match locale.language {
        Language::Indonesian => "%H.%M.%S %Z",
        Language::English => "%H:%M:%S %Z",
    };
    with_clock(ms, zone, locale, clock)
}

/// The same without seconds.
pub(super) fn minute(ms: u64, zone: &str, locale: &Locale) -> TimeShown {
    let clock = match locale.language {
        Language::Indonesian => "%H.%M %Z",
        Language::English => "%H:%M %Z",
    };
    with_clock(ms, zone, locale, clock)
}

/// The time of day alone.
pub(super) fn clock(ms: u64, zone: &str, locale: &Locale) -> String {
    let shown = shown(ms, zone, locale).text;
    shown.rsplit_once(", ").map_or_else(|| shown.clone(), |(_, clock)| clock.to_owned())
}

fn with_clock(ms: u64, zone: &str, locale: &Locale, clock: &str) -> TimeShown {
    let time = i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let Some(time) = time else {
        let text = locale.fill(text::SITE_IMPOSSIBLE_TIME, &[&ms]);
        return TimeShown { text, machine: None };
    };
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let zoned = time.to_zoned(zone);
    let month = usize::try_from(zoned.month() - 1).unwrap_or_default();
    let (day, month, year) = (zoned.day(), locale.say(MONTHS[month]), zoned.year());
    TimeShown {
        text: format!("{day} {month} {year}, {}", zoned.strftime(clock)),
        machine: Some(zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_name_their_zone() {
        let locale = |language| Locale::new(Some(language), &[]);
        let night = |language| shown(1_707_909_309_000, "Asia/Jayapura", &locale(language));
        assert_eq!(night(Language::Indonesian).text, "14 Februari 2024, 20.15.09 WIT");
        assert_eq!(night(Language::English).text, "14 February 2024, 20:15:09 WIT");
        assert_eq!(night(Language::English).machine.as_deref(), Some("2024-02-14T20:15:09+09:00"));
    }

    #[test]
    fn any_number_can_be_shown() {
        let english = Locale::new(Some(Language::English), &[]);
        let far = shown(u64::MAX, "Asia/Jakarta", &english);
        assert_eq!(far.text, "not a possible time (18446744073709551615 ms)");
        assert_eq!(far.machine, None);
        assert!(shown(0, "Asia/Jakarta", &english).text.contains("1970"));
    }
}
