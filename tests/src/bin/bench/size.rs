//! How much of everything a run measures.

use std::ops::Range;

/// Stations and forms of each part.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Stations in steady state, with a form for each contest with candidates.
    pub(crate) steady: usize,
    /// Stations among them that send party lists, too.
    pub(crate) parties: usize,
    /// Stations whose forms come on a connection each: so many with full handshakes, and
    /// as many with resumed ones.
    pub(crate) visitors: usize,
    /// Forms of each of them.
    pub(crate) visits: usize,
    /// Forms for each station at a given pace.
    pub(crate) paced: usize,
    /// Lone forms, and bare writes in between.
    pub(crate) lone: usize,
    /// Idle connections; two figures.
    pub(crate) idle: [usize; 2],
    /// Questions for totals.
    pub(crate) asks: usize,
}

impl Size {
    /// 192,000 forms in steady state: seven seconds or so; all together a minute.
    pub(crate) fn full() -> Self {
        Self {
            steady: 1_500,
            parties: 800,
            visitors: 128,
            visits: 100,
            paced: 100,
            lone: 100,
            idle: [1_000, 5_000],
            asks: 1_000,
        }
    }

    /// Long enough to see each part work.
    pub(crate) fn quick() -> Self {
        Self {
            steady: 400,
            parties: 200,
            visitors: 64,
            visits: 25,
            paced: 25,
            lone: 30,
            idle: [500, 1_000],
            asks: 200,
        }
    }

    /// Which stations do what: no two parts send the same form.
    pub(crate) fn stations(&self, connections: usize) -> Stations {
        let mut next = 0;
        let mut take = |stations| {
            next += stations;
            next - stations..next
        };
        Stations {
            steady: take(self.steady),
            full: take(self.visitors),
            resumed: take(self.visitors),
            paced: take(connections),
            lone: take(1),
            traffic: take(1),
        }
    }
}

/// The stations of each part.
#[derive(Debug)]
pub(crate) struct Stations {
    /// Steady state.
    pub(crate) steady: Range<usize>,
    /// One connection a form, full handshakes.
    pub(crate) full: Range<usize>,
    /// One connection a form, resumed handshakes.
    pub(crate) resumed: Range<usize>,
    /// A given pace.
    pub(crate) paced: Range<usize>,
    /// Lone forms.
    pub(crate) lone: Range<usize>,
    /// Bytes on the wire.
    pub(crate) traffic: Range<usize>,
}

impl Stations {
    /// All of them.
    pub(crate) fn count(&self) -> usize {
        self.traffic.end
    }
}
