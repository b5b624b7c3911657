//! T1 for photos: what a collector called durable survives a power cut, and the photo
//! goes on there.

use std::fs;

use saksi_proto::digest::Digest;
use saksi_proto::message::{ToAgent, ToCollector};
use saksi_proto::photo::{MIN_CHUNK, PhotoAnswer, PhotoChunk, PhotoOffer};
use saksi_tests::loop_disk::LoopDisk;

use super::*;

/// Chunks sent before each cut: just before a sync, just after one, and in between.
const CUTS: [u32; 4] = [15, 2, 17, 30];

/// A device on the wire that sends one photo.
struct Device {
    wire: Wire,
    photo: Vec<u8>,
    offer: PhotoOffer,
}

impl Device {
    fn ask(&mut self, message: &ToCollector) -> PhotoAnswer {
        match self.wire.ask(message).unwrap() {
            Some(ToAgent::Photo(answer)) => answer,
            other => panic!("no answer but {other:?}"),
        }
    }

    fn offered(&mut self) -> (u32, u32) {
        match self.ask(&ToCollector::Offer(self.offer)) {
            PhotoAnswer::Wanted { next, durable } => (next, durable),
            other => panic!("not wanted but {other:?}"),
        }
    }

    fn chunk(&mut self, at: u32) -> PhotoAnswer {
        let end = (at + MIN_CHUNK).min(self.offer.size);
        let bytes = self.photo[at as usize..end as usize].to_vec();
        self.ask(&ToCollector::Chunk(PhotoChunk { at, bytes }))
    }
}

#[test]
fn t1_what_a_collector_has_of_a_photo_survives_every_power_cut() {
    let Some(disk) = LoopDisk::mount(32).unwrap() else { return };
    let mut collector = Collector::make(&disk.path(), &kenya::pack()).unwrap();
    // The disk is small: nothing of it is left to the log alone.
    let config = collector.dir().join("collector.toml");
    let roomy = fs::read_to_string(&config).unwrap();
    let tight = roomy.replace("photo_spare_mebibytes = 2048", "photo_spare_mebibytes = 0");
    assert_ne!(tight, roomy);
    fs::write(&config, tight).unwrap();
    disk.sync().unwrap();
    collector.start(None).unwrap();

    let station = kenya::stations().unwrap().remove(0);
    let bundle = collector.bundle(&station.code).unwrap();
    let mut photo = vec![0; 400_000];
    fastrand::Rng::with_seed(1).fill(&mut photo);
    let voice = Voice::new(&bundle).unwrap();
    let mut form = voice.form(kenya::counts(&station.paper([30, 20, 2, 1])));
    form.photos = vec![Digest::of(&photo)];
    let sealed = voice.seal(&form).unwrap();
    submit(&collector, &station, &sealed).unwrap();
    let size = u32::try_from(photo.len()).unwrap();
    let offer = PhotoOffer { form: sealed.digest(), photo: form.photos[0], size };

    let mut durable = 0;
    for chunks in CUTS {
        let wire = Wire::begin(&collector.address().unwrap(), &bundle).unwrap();
        let mut device = Device { wire, photo: photo.clone(), offer };
        let (mut next, said) = device.offered();
        assert!(next >= durable, "{durable} bytes were durable, {next} are there");
        durable = said;
        for _ in 0..chunks {
            let PhotoAnswer::Wanted { next: after, durable: said } = device.chunk(next) else {
                panic!("it is not at its end")
            };
            (next, durable) = (after, durable.max(said));
        }
        disk.cut().unwrap();
        collector.kill().unwrap();
        disk.restore().unwrap();
        collector.start(None).unwrap();
    }
    let wire = Wire::begin(&collector.address().unwrap(), &bundle).unwrap();
    let mut device = Device { wire, photo: photo.clone(), offer };
    let (mut next, _) = device.offered();
    assert!(next >= durable && durable >= 128 * 1_024, "{durable} were durable, {next} are there");
    while let PhotoAnswer::Wanted { next: after, .. } = device.chunk(next) {
        next = after;
    }
    let station = format!("photos/station-{}", station.code);
    let whole = collector.dir().join(station).join(offer.photo.to_string());
    assert_eq!(fs::read(whole).unwrap(), photo);
}
