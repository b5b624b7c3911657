//! Fewer corners: a ring without the points that nobody would miss (Visvalingam and Whyatt).
//!
//! Again and again the point goes that makes the smallest triangle with its neighbours. That
//! depends on what lies beside a point, not on where its ring begins, so a border that two
//! regions share loses the same points in both, but for some beside the places where three
//! meet: what gapes there is as small as the triangles that go.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::{Point, Ring};

/// A corner that may go.
#[derive(Clone, Copy)]
struct Corner {
    /// Of the triangle with its neighbours.
    area: f64,
    point: Point,
    at: usize,
}

impl Corner {
    fn key(&self) -> (f64, f64, f64) {
        (self.area, self.point[0], self.point[1])
    }
}

impl Ord for Corner {
    /// By area; corners that are alike by their place, so that the order of a ring decides
    /// nothing.
    fn cmp(&self, other: &Self) -> Ordering {
        let ((area, x, y), (its_area, its_x, its_y)) = (self.key(), other.key());
        let by_place = x.total_cmp(&its_x).then(y.total_cmp(&its_y));
        area.total_cmp(&its_area).then(by_place).then(self.at.cmp(&other.at))
    }
}

impl PartialOrd for Corner {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Corner {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Corner {}

/// The ring without corners of less than this area. At least three are left.
#[must_use]
pub fn fewer(ring: &[Point], least: f64) -> Ring {
    let many = ring.len();
    if many <= 3 {
        return ring.to_vec();
    }
    let mut before: Vec<_> = (0..many).map(|at| (at + many - 1) % many).collect();
    let mut after: Vec<_> = (0..many).map(|at| (at + 1) % many).collect();
    let mut areas: Vec<_> =
        (0..many).map(|at| triangle(ring[before[at]], ring[at], ring[after[at]])).collect();
    let mut gone = vec![false; many];
    let corner = |at: usize, area: f64| Reverse(Corner { area, point: ring[at], at });
    let mut waiting: BinaryHeap<_> = (0..many).map(|at| corner(at, areas[at])).collect();
    let mut left = many;
    while let Some(Reverse(Corner { area, at, .. })) = waiting.pop() {
        if area >= least || left == 3 {
            break;
        }
        // One that has been weighed anew since waits with its new weight.
        if gone[at] || area.total_cmp(&areas[at]).is_ne() {
            continue;
        }
        gone[at] = true;
        left -= 1;
        let (one, other) = (before[at], after[at]);
        (after[one], before[other]) = (other, one);
        for beside in [one, other] {
            let area = triangle(ring[before[beside]], ring[beside], ring[after[beside]]);
            areas[beside] = area;
            waiting.push(corner(beside, area));
        }
    }
    ring.iter().zip(gone).filter(|(_, gone)| !gone).map(|(point, _)| *point).collect()
}

fn triangle([ax, ay]: Point, [bx, by]: Point, [cx, cy]: Point) -> f64 {
    ((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)).abs() / 2.0
}

/// What a ring encloses.
#[must_use]
pub fn area(ring: &[Point]) -> f64 {
    let next = ring.iter().cycle().skip(1);
    let twice: f64 = ring.iter().zip(next).map(|([ax, ay], [bx, by])| ax * by - bx * ay).sum();
    twice.abs() / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A square of side 10 with so many points on its border, each off it by as much at most.
    fn rough(many: u32, most: f64) -> Ring {
        let on = |at: u32| {
            let (side, along) = (at * 4 / many, f64::from(at * 4 % many) / f64::from(many) * 10.0);
            let off = if along > 0.0 { most * f64::from((at * 7_919) % 101) / 101.0 } else { 0.0 };
            match side {
                0 => [along, off],
                1 => [10.0 - off, along],
                2 => [10.0 - along, 10.0 - off],
                _ => [off, 10.0 - along],
            }
        };
        (0..many).map(on).collect()
    }

    #[test]
    fn what_nobody_would_miss_goes_and_the_corners_stay() {
        let ring = rough(200, 0.001);
        let simple = fewer(&ring, 0.5);
        assert_eq!(simple, [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]]);
        assert!((area(&simple) - 100.0).abs() < 1e-9);
        assert_eq!(fewer(&ring, 0.0), ring);
    }

    #[test]
    fn a_ring_stays_a_ring() {
        for many in [4, 5, 100] {
            let left = fewer(&rough(many, 0.1), f64::INFINITY);
            assert_eq!(left.len(), 3, "{many}");
            assert!(area(&left) > 0.0, "{many}");
        }
        assert_eq!(fewer(&[[0.0, 0.0]], 1.0), [[0.0, 0.0]]);
        assert!(fewer(&[], 1.0).is_empty());
    }

    #[test]
    fn where_a_ring_begins_and_which_way_it_goes_decides_nothing() {
        let ring = rough(120, 0.2);
        let sorted = |mut ring: Ring| {
            ring.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
            ring
        };
        let wanted = sorted(fewer(&ring, 0.05));
        assert!(wanted.len() > 4 && wanted.len() < 100, "{}", wanted.len());
        for by in [1, 7, 60] {
            let mut turned = ring.clone();
            turned.rotate_left(by);
            assert_eq!(sorted(fewer(&turned, 0.05)), wanted, "{by}");
            turned.reverse();
            assert_eq!(sorted(fewer(&turned, 0.05)), wanted, "{by}, backwards");
        }
    }
}
