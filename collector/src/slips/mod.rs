//! Slips, as they are handed to stations: `codes.csv` with all of them, and a sheet to
//! print for each district. The codes are in the log before a slip of them is written.
//!
//! A district is the region above the station's own: the office that hands slips to its
//! stations, and needs no others. Where stations lie in the whole itself, it is one sheet.

pub(crate) mod qr;
pub mod sheet;

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use saksi_proto::definition::{Definition, RegionIndex, StationIndex};
use saksi_proto::ids::RegionCode;
use saksi_proto::slip::Slip;

pub use sheet::SheetFault;

use crate::secret::{self, SecretFault};

/// A slip to be handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handout {
    /// For whom.
    pub holder: Holder,
    /// What they get.
    pub slip: Slip,
    /// Until when the code is valid, milliseconds since 1970, UTC.
    pub until_ms: u64,
}

/// For whom a slip is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A station.
    Station(StationIndex),
    /// Spare devices of a region.
    Spare(RegionIndex),
}

/// Why slips are not written.
#[derive(Debug, thiserror::Error)]
pub enum SlipsFault {
    /// A file or directory cannot be made or written.
    #[error("{path}: {fault}", path = .0.display(), fault = .1)]
    File(PathBuf, std::io::Error),
    /// There are other files in the directory.
    #[error(
        "{0} is not empty; choose another directory, so that old slips and new ones do not mix"
    )]
    NotEmpty(PathBuf),
    /// The list.
    #[error("{path}: {fault}", path = .0.display(), fault = .1)]
    List(PathBuf, csv::Error),
    /// A sheet.
    #[error(transparent)]
    Sheet(#[from] SheetFault),
    /// A sheet's file.
    #[error(transparent)]
    Secret(#[from] SecretFault),
}

/// The region whose sheet a slip is on.
#[must_use]
pub fn district(definition: &Definition, holder: Holder) -> RegionIndex {
    match holder {
        Holder::Spare(region) => region,
        Holder::Station(station) => {
            let region = definition.region_of(station);
            definition.upwards(region).nth(1).unwrap_or(region)
        }
    }
}

fn sheet_of(dir: &Path, district: RegionCode) -> PathBuf {
    dir.join(format!("{district}.html"))
}

/// Stations whose slips are in a directory, both in its list and on a whole sheet. The log
/// may know of more codes than were written when a run was interrupted.
///
/// # Errors
/// [`SlipsFault`] if there is no list.
pub fn written(definition: &Definition, dir: &Path) -> Result<HashSet<StationIndex>, SlipsFault> {
    let path = dir.join("codes.csv");
    let rows = csv::ReaderBuilder::new().flexible(true).from_path(&path);
    let mut rows = rows.map_err(|fault| SlipsFault::List(path, fault))?;
    // A torn last row names no station, or one whose sheet is not there.
    let codes = rows.records().map_while(Result::ok);
    let stations = codes.filter_map(|row| definition.station(row.get(0)?.parse().ok()?));
    let has_sheet = |station: &StationIndex| {
        let district = district(definition, Holder::Station(*station));
        sheet_of(dir, definition.regions()[district as usize].code).exists()
    };
    Ok(stations.filter(has_sheet).collect())
}

/// A directory of slips, mode 0700: whoever has a slip can be the station.
pub struct Slips<'a> {
    definition: &'a Definition,
    dir: PathBuf,
    list: csv::Writer<File>,
    /// Slips of the district that is being written.
    open: Vec<Handout>,
}

impl<'a> Slips<'a> {
    /// Makes the directory and begins the list.
    ///
    /// # Errors
    /// [`SlipsFault`], also if there is anything in the directory.
    pub fn begin(definition: &'a Definition, dir: &Path) -> Result<Self, SlipsFault> {
        let file_fault = |fault| SlipsFault::File(dir.to_owned(), fault);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(file_fault)?;
        if fs::read_dir(dir).map_err(file_fault)?.next().is_some() {
            return Err(SlipsFault::NotEmpty(dir.to_owned()));
        }
        let path = dir.join("codes.csv");
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let file = file.map_err(|fault| SlipsFault::File(path, fault))?;
        let mut slips = Self {
            definition,
            dir: dir.to_owned(),
            list: csv::Writer::from_writer(file),
            open: Vec::new(),
        };
        slips.record(["station", "name", "region", "regions", "code", "slip", "valid_until"])?;
        Ok(slips)
    }

    /// Writes slips down. A district's sheet is written with its last one, so they come
    /// district by district.
    ///
    /// # Errors
    /// [`SlipsFault`].
    pub fn add(&mut self, handouts: impl IntoIterator<Item = Handout>) -> Result<(), SlipsFault> {
        for handout in handouts {
            let of = |handout: &Handout| district(self.definition, handout.holder);
            if self.open.last().is_some_and(|last| of(last) != of(&handout)) {
                self.close_district()?;
            }
            self.list(&handout)?;
            self.open.push(handout);
        }
        let path = self.dir.join("codes.csv");
        self.list.flush().map_err(|fault| SlipsFault::File(path, fault))
    }

    /// Writes the last sheet and waits for the disk.
    ///
    /// # Errors
    /// [`SlipsFault`].
    pub fn finish(mut self) -> Result<(), SlipsFault> {
        self.close_district()?;
        let path = self.dir.join("codes.csv");
        let file_fault = |fault| SlipsFault::File(path.clone(), fault);
        self.list.flush().map_err(file_fault)?;
        self.list.get_ref().sync_all().map_err(file_fault)
    }

    fn close_district(&mut self) -> Result<(), SlipsFault> {
        let Some(first) = self.open.first() else { return Ok(()) };
        let region = &self.definition.regions()[district(self.definition, first.holder) as usize];
        let title = format!("{} {}", region.code, region.name);
        let drawn = sheet::draw(self.definition, &title, &self.open)?;
        // A sheet that is there has all its slips in the list: see `written`.
        let list = self.dir.join("codes.csv");
        let flushed = self.list.flush().and_then(|()| self.list.get_ref().sync_data());
        flushed.map_err(|fault| SlipsFault::File(list, fault))?;
        let path = sheet_of(&self.dir, region.code);
        let partial = path.with_extension("partial");
        secret::write_secret(&partial, &drawn)?;
        fs::rename(&partial, &path).map_err(|fault| SlipsFault::File(path, fault))?;
        self.open.clear();
        Ok(())
    }

    fn list(&mut self, handout: &Handout) -> Result<(), SlipsFault> {
        let definition = self.definition;
        let (code, name, region) = match handout.holder {
            Holder::Station(station) => {
                let of = &definition.stations()[station as usize];
                (of.code.as_str(), &*of.name, definition.region_of(station))
            }
            Holder::Spare(region) => ("", "", region),
        };
        let regions = definition.upwards(region);
        let names = regions.map(|region| &*definition.regions()[region as usize].name);
        let names = names.collect::<Vec<_>>().join(", ");
        let zone = &definition.head().time_zone;
        let (secret, slip) = (handout.slip.code.to_string(), handout.slip.to_string());
        let until = sheet::minute(handout.until_ms, zone);
        let region = definition.regions()[region as usize].code;
        self.record([code, name, region.as_str(), &names, &secret, &slip, &until])
    }

    fn record(&mut self, fields: [&str; 7]) -> Result<(), SlipsFault> {
        let written = self.list.write_record(fields);
        written.map_err(|fault| SlipsFault::List(self.dir.join("codes.csv"), fault))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use saksi_proto::digest::Digest;
    use saksi_proto::slip::{Code, Fingerprint};

    use super::*;
    use crate::sample;

    fn handout(holder: Holder, code: u8) -> Handout {
        let authority = Fingerprint::new(Digest::of(b"authority"));
        let slip = Slip::new("saksi.example:7443", authority, Code::new([code; 7])).unwrap();
        Handout { holder, slip, until_ms: 1_707_915_600_000 }
    }

    #[test]
    fn every_slip_is_in_the_list_and_on_its_districts_sheet() {
        let place = tempfile::tempdir().unwrap();
        let dir = place.path().join("slips");
        let election = sample::election();
        let definition = &election.definition;
        let mut slips = Slips::begin(definition, &dir).unwrap();
        slips.add([(0, 1), (1, 2)].map(|(at, code)| handout(Holder::Station(at), code))).unwrap();
        assert_eq!(written(definition, &dir).unwrap(), HashSet::new(), "no sheet is whole");
        slips.add([handout(Holder::Station(2), 3), handout(Holder::Spare(2), 4)]).unwrap();
        slips.finish().unwrap();
        assert_eq!(written(definition, &dir).unwrap(), HashSet::from([0, 1, 2]));
        let list = fs::read_to_string(dir.join("codes.csv")).unwrap();
        let lines: Vec<_> = list.lines().collect();
        let first = handout(Holder::Station(0), 1).slip;
        let wanted =
            format!("1001,TPS 1,1,\"Satu, Negara\",{},{first},2024-02-14 20:00 WIB", first.code);
        assert_eq!((lines.len(), lines[1]), (5, &*wanted));
        for (sheet, slips) in [("0.html", 3), ("2.html", 1)] {
            let path = dir.join(sheet);
            let html = fs::read_to_string(&path).unwrap();
            assert_eq!(html.matches("<article").count(), slips, "{sheet}");
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            let drawings =
                html.split("<svg").skip(1).map(|svg| qr::tests::read(&format!("<svg{svg}")));
            for text in drawings {
                assert!(list.contains(&text), "{text}");
            }
            for outside in ["http:", "https:", "<script", "url(", "@import"] {
                assert!(!html.contains(outside), "{sheet} needs {outside}");
            }
        }
        assert!(matches!(Slips::begin(definition, &dir), Err(SlipsFault::NotEmpty(_))));
    }
}
