//! Maps of a region's parts, drawn by us from boundaries that the operator imports.
//!
//! No boundaries come with Saksi: their licences are unclear, and what is right is the
//! operator's to say. They are no part of the election's definition and change no number. A
//! collector without them shows tiles.
//!
//! | step | module |
//! |---|---|
//! | a file becomes outlines in degrees | [`outlines`], of GeoJSON or [`topology`] |
//! | whose outline is it? | [`register`] |
//! | degrees become a drawing that a page can carry | [`drawing`], by [`plane`], [`corners`] and [`room`] |
//! | tiles that the operator has placed | [`layout`] |
//! | kept in the collector's home | [`kept`] |
//!
//! Everything is drawn when it is imported, so a page only writes it down. What is kept is read
//! at start.

pub mod corners;
pub mod drawing;
pub mod kept;
pub mod layout;
pub mod outlines;
pub mod plane;
pub mod register;
pub mod room;
pub mod topology;

use std::collections::BTreeMap;
use std::sync::Arc;

use saksi_proto::digest::Digest;
use saksi_proto::ids::RegionCode;
use tracing::error;

use crate::home::Home;
use drawing::Drawing;
use kept::Kept;
use layout::Layout;

/// Longitude and latitude in degrees, or a place on a drawing: to the right and down.
pub type Point = [f64; 2];

/// Points round an area, the first not repeated at the end.
pub type Ring = Vec<Point>;

/// An area with its holes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Polygon {
    /// Round the area.
    pub outer: Ring,
    /// Round what is not of it.
    pub holes: Vec<Ring>,
}

impl Polygon {
    /// All its rings, the outer one first.
    pub fn rings(&self) -> impl Iterator<Item = &Ring> {
        std::iter::once(&self.outer).chain(&self.holes)
    }
}

/// What regions' parts are drawn as, by region. Never changed while a collector runs.
#[derive(Debug, Default)]
pub struct Boundaries {
    drawings: BTreeMap<RegionCode, Arc<Drawing>>,
    layouts: BTreeMap<RegionCode, Arc<Layout>>,
    digest: Option<Digest>,
}

impl Boundaries {
    /// What is kept in a collector's home. A file that cannot be read is said in the log, and
    /// tiles are shown: no number depends on it, and it must keep no collector from serving.
    #[must_use]
    pub fn of(home: &Home) -> Self {
        match Kept::read(home) {
            Ok(kept) => Self::new(kept),
            Err(fault) => {
                error!(%fault, "there are no maps; pages show tiles");
                Self::default()
            }
        }
    }

    /// What was kept, to be looked up.
    #[must_use]
    pub fn new(kept: Kept) -> Self {
        let digest = (!kept.is_empty()).then(|| kept.digest());
        let Kept { drawings, layouts } = kept;
        Self {
            drawings: drawings.into_iter().map(|of| (of.region, Arc::new(of))).collect(),
            layouts: layouts.into_iter().map(|of| (of.region, Arc::new(of))).collect(),
            digest,
        }
    }

    /// The drawing of a region's parts.
    #[must_use]
    pub fn drawing(&self, region: RegionCode) -> Option<&Arc<Drawing>> {
        self.drawings.get(&region)
    }

    /// Where a region's tiles stand.
    #[must_use]
    pub fn layout(&self, region: RegionCode) -> Option<&Arc<Layout>> {
        self.layouts.get(&region)
    }

    /// Names all of it, so that pages of other boundaries are made anew; none if there are none.
    #[must_use]
    pub fn digest(&self) -> Option<Digest> {
        self.digest
    }
}
