//! The sums of a form's fields over many stations.

use saksi_proto::count::{Count, Sum};

/// For each field of a form its sum. Totals stand close together, and what could not be
/// added stands aside, where there is anything: on nearly all forms every field is
/// written. A nation's villages take half the memory so, and a form touches half of it.
#[derive(Debug, Clone, Default)]
pub struct Sums {
    totals: Vec<u64>,
    /// As many, or none if every field of every form was written.
    gaps: Vec<Gap>,
}

/// Forms on which a field has no number.
#[derive(Debug, Clone, Copy, Default)]
struct Gap {
    not_written: u32,
    illegible: u32,
}

impl Sums {
    /// No stations.
    pub const NONE: Self = Self { totals: Vec::new(), gaps: Vec::new() };

    /// The sum of a field; of no stations, if nothing was added.
    #[must_use]
    pub fn get(&self, field: usize) -> Sum {
        let total = self.totals.get(field).copied().unwrap_or(0);
        let Gap { not_written, illegible } = self.gaps.get(field).copied().unwrap_or_default();
        Sum { total, not_written, illegible }
    }

    /// The sums of all fields, in their order; none, if nothing was ever added.
    pub fn iter(&self) -> impl Iterator<Item = Sum> + '_ {
        (0..self.totals.len()).map(|field| self.get(field))
    }

    /// Adds the numbers of a form with so many fields. Cannot overflow: 4 × 10⁹ forms of
    /// [`Count::MAX`] stay below 2⁶³, and overflow checks are on in release.
    pub fn add(&mut self, fields: usize, counts: impl Iterator<Item = Count>) {
        self.totals.resize(fields, 0);
        for (field, count) in counts.enumerate() {
            match count.number() {
                Some(number) => self.totals[field] += u64::from(number),
                None => *self.gap(field, count) += 1,
            }
        }
    }

    /// Takes back what [`Sums::add`] added. Taking back more than was added is a fault of
    /// ours and stops the process (`overflow-checks`), never a wrong sum.
    pub fn take_back(&mut self, counts: impl Iterator<Item = Count>) {
        for (field, count) in counts.enumerate() {
            match count.number() {
                Some(number) => self.totals[field] -= u64::from(number),
                None => *self.gap(field, count) -= 1,
            }
        }
    }

    /// Adds the sums over other stations.
    pub fn add_sums(&mut self, other: &Self) {
        let fields = self.totals.len().max(other.totals.len());
        self.totals.resize(fields, 0);
        self.totals.iter_mut().zip(&other.totals).for_each(|(all, part)| *all += part);
        if !other.gaps.is_empty() {
            self.gaps.resize(fields, Gap::default());
        }
        for (all, part) in self.gaps.iter_mut().zip(&other.gaps) {
            all.not_written += part.not_written;
            all.illegible += part.illegible;
        }
    }

    /// Where a field without a number is noted.
    fn gap(&mut self, field: usize, count: Count) -> &mut u32 {
        self.gaps.resize(self.totals.len(), Gap::default());
        let gap = &mut self.gaps[field];
        if count == Count::Illegible { &mut gap.illegible } else { &mut gap.not_written }
    }
}

impl PartialEq for Sums {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Sums {}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(forms: &[&[Count]]) -> Sums {
        let mut sums = Sums::default();
        forms.iter().for_each(|form| sums.add(form.len(), form.iter().copied()));
        sums
    }

    #[test]
    fn a_sum_counts_what_it_could_not_add() {
        use Count::{Illegible, NotWritten, Written};
        let [plain, gaps] =
            [[Written(7), Written(0), Written(1)], [NotWritten, Illegible, Written(2)]];
        let mut sums = added(&[&plain, &gaps]);
        assert_eq!(sums.get(0), Sum { total: 7, not_written: 1, illegible: 0 });
        assert_eq!(sums.get(1), Sum { total: 0, not_written: 0, illegible: 1 });
        assert_eq!((sums.get(2).total, sums.get(9)), (3, Sum::default()));
        let mut together = added(&[&plain]);
        together.add_sums(&added(&[&gaps]));
        assert_eq!(together, sums);
        sums.take_back(gaps.into_iter());
        assert_eq!(sums, added(&[&plain]), "a gap that was filled is none");
    }
}
