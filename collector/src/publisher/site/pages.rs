//! The pages of one publication: the same as those that are served, as files.

use saksi_proto::definition::{RegionIndex, StationIndex};

use super::super::PublishFault;
use super::super::disk::Disk;
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
use crate::view::station::{PhotoView, station_at};
use crate::web::pages::fixed::{ASSETS, Edition};

/// Pages after which it is asked again whether the disk has room.
const ROOM: usize = 1_024;

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
        let code = |region: RegionIndex| definition.regions()[region as usize].code;
        let numbers = |region| newest_numbers_file(code(region));
        if published.wants_all {
            for (name, text) in ASSETS {
                self.put_packed(name, text.as_bytes())?;
            }
            self.write_index(&edition, seen)?;
        }
        for (at, station) in work.stations.iter().enumerate() {
            if at % ROOM == 0 {
                self.leave_room()?;
            }
            self.write_station(&edition, &journal, seen, *station)?;
        }
        let mut front = Vec::new();
        for (at, (contest, region)) in work.pages.iter().enumerate() {
            if at % ROOM == 0 {
                self.leave_room()?;
            }
            let view = self.region(seen, &position, *contest, *region)?;
            for (file, page) in edition.region(&view, &numbers(*region))? {
                self.put_packed(&file, page.as_bytes())?;
            }
            self.write_lists(&edition, seen, *contest, *region)?;
            if *region == definition.whole() {
                front.push(view);
            }
        }
        if let Some(first) = front.first() {
            let (file, page) = edition.index(first, &numbers(definition.whole()))?;
            self.put_packed(&file, page.as_bytes())?;
        }
        published.front = front;
        self.directory.settle()
    }

    /// Writes the pages of a station.
    pub(super) fn write_station(
        &mut self,
        edition: &Edition<'_>,
        journal: &Journal,
        seen: &Seen,
        station: StationIndex,
    ) -> Result<(), PublishFault> {
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
        for (file, page) in edition.station(&view, &newest_numbers_file(region))? {
            self.put_packed(&file, page.as_bytes())?;
        }
        Ok(())
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
