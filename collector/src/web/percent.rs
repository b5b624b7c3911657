//! Percentages in whole tenths. None of them says 100 before the part is the whole.

/// A percentage, in tenths of a percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Percent {
    tenths: u64,
}

const WHOLE: u64 = 1_000;

impl Percent {
    /// How far a count has come, rounded down: half is half when it is reached.
    /// Nothing of nothing is no percentage.
    pub(crate) fn reached(part: u64, whole: u64) -> Option<Self> {
        let tenths = (u128::from(part) * u128::from(WHOLE)).checked_div(u128::from(whole))?;
        Some(Self { tenths: u64::try_from(tenths).unwrap_or(u64::MAX) })
    }

    /// A share, rounded to the nearest tenth, but to 0 or 100 only if it is that.
    pub(crate) fn share(part: u64, whole: u64) -> Option<Self> {
        let down = Self::reached(part, whole)?;
        let (part, whole) = (u128::from(part), u128::from(whole));
        let rest = part * u128::from(WHOLE) % whole;
        let nearest = down.tenths + u64::from(rest * 2 >= whole);
        let below = part < whole;
        let tenths = if below { nearest.min(WHOLE - 1) } else { nearest };
        Some(Self { tenths: if part > 0 { tenths.max(1) } else { tenths } })
    }

    /// Percent before the point.
    pub(crate) fn units(self) -> u64 {
        self.tenths / 10
    }

    /// The digit after the point.
    pub(crate) fn tenth(self) -> u64 {
        self.tenths % 10
    }

    /// Length of a bar that is 1,000 long when full.
    pub(crate) fn bar(self) -> u64 {
        self.tenths.min(WHOLE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenths(percent: Option<Percent>) -> u64 {
        percent.unwrap().tenths
    }

    #[test]
    fn a_hundred_is_said_only_of_the_whole() {
        for whole in [3, 1_000, 823_236, u64::MAX] {
            assert_eq!(tenths(Percent::reached(whole, whole)), 1_000);
            assert_eq!(tenths(Percent::share(whole, whole)), 1_000);
            assert!(tenths(Percent::reached(whole - 1, whole)) < 1_000);
            assert!(tenths(Percent::share(whole - 1, whole)) < 1_000);
        }
    }

    #[test]
    fn coverage_rounds_down_and_shares_to_the_nearest() {
        assert_eq!(tenths(Percent::reached(4_996, 10_000)), 499);
        assert_eq!(tenths(Percent::share(4_996, 10_000)), 500);
        assert_eq!(tenths(Percent::share(1, 1_000_000)), 1);
        assert_eq!(tenths(Percent::share(0, 1_000_000)), 0);
        assert_eq!(tenths(Percent::share(11, 10)), 1_100);
        assert_eq!(Percent::share(0, 0), None);
        assert_eq!(Percent::reached(0, 0), None);
    }
}
