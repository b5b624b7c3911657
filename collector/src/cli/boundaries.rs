//! The command line of `boundaries`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use saksi_proto::ids::RegionCode;

/// `boundaries`
#[derive(Debug, Subcommand)]
pub(crate) enum Boundaries {
    /// Draw maps of the regions whose parts have an outline in a file: GeoJSON (a
    /// FeatureCollection) or TopoJSON (a Topology), of polygons in degrees (WGS 84).
    Import(Import),
    /// Place the tiles of regions without a map, by a CSV file with the columns
    /// code,column,row; the first of each is 1.
    Layout {
        /// The collector's directory.
        dir: PathBuf,
        /// The file.
        file: PathBuf,
    },
    /// Show which regions have a map or a layout.
    List {
        /// The collector's directory.
        dir: PathBuf,
    },
    /// Take maps and layouts away.
    Remove(Remove),
}

/// `boundaries import`
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The collector's directory.
    pub(crate) dir: PathBuf,
    /// The file.
    pub(crate) file: PathBuf,
    /// The property that holds each region's code. Dots in codes are dropped: 12.02 is 1202.
    #[arg(long, value_name = "PROPERTY")]
    pub(crate) code: String,
    /// Who is to be thanked, and the licence; shown below each map of this file.
    #[arg(long, value_name = "TEXT", value_parser = credit)]
    pub(crate) credit: Option<String>,
}

/// `boundaries remove`
#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// The collector's directory.
    pub(crate) dir: PathBuf,
    /// Those of this region alone.
    #[arg(long, required_unless_present = "all")]
    pub(crate) region: Option<RegionCode>,
    /// All of them.
    #[arg(long, conflicts_with = "region")]
    pub(crate) all: bool,
}

/// Bytes of a credit: three lines on a telephone.
const MAX_CREDIT: usize = 200;

fn credit(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.len() > MAX_CREDIT || text.chars().any(char::is_control) {
        return Err(format!("one line of at most {MAX_CREDIT} bytes"));
    }
    Ok(text.to_owned())
}
