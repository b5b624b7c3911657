//! The pages of one publication: the same as those that are served, as files.

use saksi_proto::definition::{RegionIndex, StationIndex};

use super::super::PublishFault;
use super::super::disk::Disk;
use super::packed::packed;
use super::photos::photos_of;
use super::table::{Seen, read};
use super::version::{Current, State};
use super::work::Work;
use super::{Published, Site, newest_numbers_file};
use crate::journal::Journal;
use crate::view::PositionView;
use crate::view::decisions::{PublicationState, PublicationView};
use crate::view::election::{self, ElectionView};
use crate::view::moment::Moment;
use crate::view::region::{RegionView, region_of, stations};
use crate::view::station::{PhotoView, StationView, station_at};
use crate::web::pages::fixed::{ASSETS, Edition};

/// Stations or regions whose pages are made together, before it is asked again whether the
/// disk has room: 20 MB of them.
const AT_ONCE: usize = 256;

impl<D: Disk> Site<D> {
    /// Writes the pages of regions and stations that have changed.
    pub(super) fn write_pages(
        &mut self,
        published: &mut Published,
        seen: &Seen,
        work: &Work,
        (at_ms, next_ms): (u64, u64),
    ) -> Result<(), PublishFault> {
        let election = self.election()?;
        let edition = Edition { election: &election, at_ms, next_ms };
        let position = PositionView::new(&seen.position);
        let journal = Journal::open_to_read(&self.home.journal())?;
        let definition = &seen.election.definition;
        let whole = definition.regions()[definition.whole() as usize].code;
        let numbers_of = |view: &RegionView| newest_numbers_file(view.region.code);
        if published.wants_all {
            for (name, text) in ASSETS {
                self.put_packed(name, text.as_bytes())?;
            }
            self.write_index(&edition, seen)?;
        }
        for piece in work.stations.chunks(AT_ONCE) {
            self.leave_room()?;
            self.write_stations_of(&edition, &journal, seen, piece)?;
        }
        let mut front = Vec::new();
        for piece in work.pages.chunks(AT_ONCE) {
            self.leave_room()?;
            let view = |of: &(usize, RegionIndex)| self.region(seen, &position, of.0, of.1);
            let views = piece.iter().map(view).collect::<Result<Vec<_>, _>>()?;
            let render = |view: &RegionView| edition.region(view, &numbers_of(view));
            self.put_all(packed(&views, render)?)?;
            for (contest, region) in piece {
                self.write_lists(&edition, seen, *contest, *region)?;
            }
            front.extend(views.into_iter().filter(|view| view.region.code == whole));
        }
        if let Some(first) = front.first() {
            let (file, page) = edition.index(first, &numbers_of(first))?;
            self.put_packed(&file, page.as_bytes())?;
        }
        published.front = front;
        self.directory.settle()
    }

    /// Writes the pages of some stations.
    pub(super) fn write_stations_of(
        &mut self,
        edition: &Edition<'_>,
        journal: &Journal,
        seen: &Seen,
        stations: &[StationIndex],
    ) -> Result<(), PublishFault> {
        let view = |station: &StationIndex| self.station(journal, seen, *station);
        let views = stations.iter().map(view).collect::<Result<Vec<_>, _>>()?;
        let pages = packed(&views, |(view, numbers)| edition.station(view, numbers))?;
        self.put_all(pages)
    }

    /// A station, and the file of its region's numbers.
    fn station(
        &self,
        journal: &Journal,
        seen: &Seen,
        station: StationIndex,
    ) -> Result<(StationView, String), PublishFault> {
        let definition = &seen.election.definition;
        let mut view = {
            let ledger = read(&self.ledger)?;
            let moment = Moment::at(&ledger, seen.position.size);
            let position = PositionView::new(&seen.position);
            station_at(moment, station, PublicationView::open(), position)
        };
        let forms = view.contests.iter_mut().flat_map(|of| &mut of.forms);
        for form in forms.filter(|form| form.photos > 0) {
            let photos = photos_of(journal, form.index)?.into_iter();
            let photos =
                photos.map(|digest| Ok(PhotoView { digest, state: self.state_of_photo(&digest)? }));
            form.named_photos = photos.collect::<Result<_, PublishFault>>()?;
        }
        let region = definition.regions()[definition.region_of(station) as usize].code;
        Ok((view, newest_numbers_file(region)))
    }

    /// Says on the pages of the whole why nothing newer comes, or unsays it. A process that
    /// has published nothing yet cannot.
    pub(super) fn write_front(
        &mut self,
        published: &Published,
        current: &Current,
        (state, next_ms): (&State, u64),
    ) -> Result<(), PublishFault> {
        let publication = match state.clone() {
            State::Open => PublicationView::open(),
            State::Paused { since_ms, reason } | State::Refused { since_ms, reason } => {
                let state = PublicationState::Paused;
                PublicationView { state, since_ms: Some(since_ms), reason: Some(reason) }
            }
        };
        let election = ElectionView { publication, ..self.election()? };
        let edition = Edition { election: &election, at_ms: current.at_ms, next_ms };
        for (at, view) in published.front.iter().enumerate() {
            let numbers = newest_numbers_file(view.region.code);
            let mut pages = edition.region(view, &numbers)?;
            if at == 0 {
                pages.push(edition.index(view, &numbers)?);
            }
            for (file, page) in pages {
                self.put_packed(&file, page.as_bytes())?;
            }
        }
        self.directory.settle()
    }

    fn region(
        &self,
        seen: &Seen,
        position: &PositionView,
        contest: usize,
        region: RegionIndex,
    ) -> Result<RegionView, PublishFault> {
        let election = &seen.election;
        let totals = |contest, region| self.table.totals(election, contest, region);
        let contests = election.definition.contests().iter().enumerate();
        let held = contests.filter(|(at, _)| self.table.is_held(*at, region));
        let stations = {
            let ledger = read(&self.ledger)?;
            stations(Moment::at(&ledger, seen.position.size), contest, region)
        };
        Ok(RegionView {
            contests_held: held.map(|(_, contest)| contest.code).collect(),
            position: position.clone(),
            stations,
            arrivals: seen.arrivals.of(contest, region),
            ..region_of(election, contest, region, totals)
        })
    }

    pub(super) fn election(&self) -> Result<ElectionView, PublishFault> {
        let election = election::election(&*read(&self.ledger)?);
        Ok(ElectionView { publication: PublicationView::open(), ..election })
    }
}
