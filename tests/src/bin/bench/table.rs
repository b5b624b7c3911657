//! The table: each figure beside its floor of the same run, and its goal.

use std::fmt;

use serde::Serialize;

/// One line of the table.
#[derive(Debug, Serialize)]
pub(crate) struct Figure {
    name: String,
    unit: &'static str,
    value: f64,
    floor: Option<f64>,
    ratio: Option<f64>,
    goal: Option<String>,
    met: Option<bool>,
}

/// What a figure is to be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Goal {
    /// At most so many times its floor.
    TimesFloorAtMost(f64),
    /// At least so many times its floor.
    TimesFloorAtLeast(f64),
    /// At most this.
    AtMost(f64),
    /// At least this.
    AtLeast(f64),
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimesFloorAtMost(times) => write!(f, "≤ {times} × floor"),
            Self::TimesFloorAtLeast(times) => write!(f, "≥ {times} × floor"),
            Self::AtMost(bound) => write!(f, "≤ {}", shown(*bound)),
            Self::AtLeast(bound) => write!(f, "≥ {}", shown(*bound)),
        }
    }
}

impl Figure {
    /// A figure without a floor and without a goal.
    pub(crate) fn new(name: impl Into<String>, unit: &'static str, value: f64) -> Self {
        let name = name.into();
        Self { name, unit, value, floor: None, ratio: None, goal: None, met: None }
    }

    /// Beside its floor.
    pub(crate) fn over(self, floor: f64) -> Self {
        Self { floor: Some(floor), ratio: Some(self.value / floor), ..self }
    }

    /// Beside its goal; one that asks for a floor is not met without one.
    pub(crate) fn aiming_at(self, goal: Goal) -> Self {
        let met = match goal {
            Goal::TimesFloorAtMost(times) => self.ratio.is_some_and(|ratio| ratio <= times),
            Goal::TimesFloorAtLeast(times) => self.ratio.is_some_and(|ratio| ratio >= times),
            Goal::AtMost(bound) => self.value <= bound,
            Goal::AtLeast(bound) => self.value >= bound,
        };
        Self { goal: Some(goal.to_string()), met: Some(met), ..self }
    }
}

/// Prints the table for people.
pub(crate) fn print(figures: &[Figure]) {
    let width = figures.iter().map(|figure| figure.name.chars().count()).max().unwrap_or(0);
    println!("{:width$}  {:>9}  {:>9}  {:>5}  unit, goal", "figure", "value", "floor", "ratio");
    for figure in figures {
        let floor = figure.floor.map(shown).unwrap_or_default();
        let ratio = figure.ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        let (name, unit, value) = (&figure.name, figure.unit, shown(figure.value));
        let goal = figure.goal.as_deref().map(|goal| format!("; {goal}")).unwrap_or_default();
        let met = figure.met.map_or("", |met| if met { ": met" } else { ": NOT met" });
        println!("{name:width$}  {value:>9}  {floor:>9}  {ratio:>5}  {unit}{goal}{met}");
    }
}

/// Three digits that matter, and no more behind the point.
fn shown(value: f64) -> String {
    match value.abs() {
        0.0..1.0 => format!("{value:.3}"),
        1.0..10.0 => format!("{value:.2}"),
        10.0..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_met_by_ratio_or_by_value() {
        let figure = || Figure::new("figure", "ms", 3.0).over(2.0);
        let met = |goal| figure().aiming_at(goal).met;
        assert_eq!(met(Goal::TimesFloorAtMost(1.5)), Some(true));
        assert_eq!(met(Goal::TimesFloorAtLeast(1.6)), Some(false));
        assert_eq!(met(Goal::AtMost(2.9)), Some(false));
        assert_eq!(met(Goal::AtLeast(3.0)), Some(true));
        let alone = Figure::new("figure", "ms", 3.0).aiming_at(Goal::TimesFloorAtMost(9.0));
        assert_eq!(alone.met, Some(false));
    }
}
