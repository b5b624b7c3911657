//! The election a collector serves: the definition with each contest's form laid
//! out, and what maps its regions have. Read once at start, never changed, shared by everyone without a lock.

use saksi_proto::count::Count;
use saksi_proto::definition::{Definition, StationIndex};
use saksi_proto::election::{Contest, FormKind};
use saksi_proto::layout::Layout;
use saksi_proto::rule::Finding;

use crate::boundaries::Boundaries;

/// The definition and the layout of each contest's form.
#[derive(Debug)]
pub struct Election {
    /// The checked definition.
    pub definition: Definition,
    /// One for each contest, in its order.
    layouts: Vec<Layout>,
    /// What its regions' parts are drawn as, which is no part of the definition.
    pub boundaries: Boundaries,
}

impl Election {
    /// Lays out the forms of a checked definition.
    ///
    /// # Panics
    /// If a form cannot be laid out; the checker accepts no such definition.
    #[must_use]
    pub fn new(definition: Definition) -> Self {
        let layouts = definition.contests().iter().map(|contest| {
            let form = definition.head().form(contest.form).expect("the checker has seen it");
            Layout::new(form, contest).expect("the checker has laid it out")
        });
        Self { layouts: layouts.collect(), definition, boundaries: Boundaries::default() }
    }

    /// The same with maps of its regions.
    #[must_use]
    pub fn with_boundaries(self, boundaries: Boundaries) -> Self {
        Self { boundaries, ..self }
    }

    /// The layout of a contest's form.
    #[must_use]
    pub fn layout(&self, contest: usize) -> &Layout {
        &self.layouts[contest]
    }

    /// A contest by its position.
    #[must_use]
    pub fn contest(&self, contest: usize) -> &Contest {
        &self.definition.contests()[contest]
    }

    /// The kind of form of a contest.
    #[must_use]
    pub fn form(&self, contest: usize) -> &FormKind {
        let code = self.contest(contest).form;
        self.definition.head().form(code).expect("the checker has seen it")
    }

    /// Whether a code is that of a line or a field of a contest's form.
    #[must_use]
    pub fn has_line(&self, contest: usize, code: &str) -> bool {
        let is_line = || self.form(contest).lines.iter().any(|line| line.code == code);
        self.layout(contest).field(code).is_some() || is_line()
    }

    /// What breaks a rule on a station's form.
    #[must_use]
    pub fn findings(
        &self,
        contest: usize,
        station: StationIndex,
        counts: &[Count],
    ) -> Vec<Finding> {
        let registered = self.definition.stations()[station as usize].registered;
        self.layouts[contest].findings(counts, registered)
    }
}
