//! A public log that a real collector has written: full tiles and partial ones, a
//! checkpoint, and an earlier one.

use std::fs;
use std::path::PathBuf;

use saksi_proto::checkpoint::Checkpoint;
use saksi_tests::kenya::counts;
use saksi_tests::poll;
use saksi_tests::scene::{FIRST_FORM, Scene};
use saksi_tests::wire::{Voice, Wire, receipts};

/// Forms of each station: more than two full tiles in all.
const FORMS: u64 = 50;

/// Forms of each station before the earlier checkpoint.
const EARLIER: u64 = 7;

pub(crate) struct Published {
    pub(crate) scene: Scene,
    /// The directory.
    pub(crate) dir: PathBuf,
    /// The log's key, as the collector prints it.
    pub(crate) key: String,
    /// A file with an earlier checkpoint.
    pub(crate) earlier: PathBuf,
    /// Entries under the newest one.
    pub(crate) size: u64,
}

impl Published {
    pub(crate) fn new() -> Self {
        let scene = Scene::serving().unwrap();
        let dir = scene.collector.dir().join("public");
        let key = scene.log_key().unwrap().to_string();
        let earlier = scene.dir().join("earlier");
        let mut published = Self { scene, dir, key, earlier, size: FIRST_FORM };
        published.grow(0..EARLIER);
        fs::copy(published.dir.join("checkpoint"), &published.earlier).unwrap();
        published.grow(EARLIER..FORMS);
        published
    }

    /// Each station delivers forms with these numbers, which all contradict each other.
    /// Returns when they are published.
    fn grow(&mut self, numbers: std::ops::Range<u64>) {
        let scene = &self.scene;
        let (address, key) = (scene.collector.address().unwrap(), scene.log_key().unwrap());
        for (position, station) in scene.stations.iter().enumerate() {
            let bundle = scene.bundle(position).unwrap();
            let voice = Voice::new(&bundle).unwrap();
            let mut form = voice.form(counts(&station.paper([7, 6, 5, 4])));
            let sealed = numbers.clone().map(|number| {
                form.device_ms = number;
                voice.seal(&form).unwrap()
            });
            let sealed: Vec<_> = sealed.collect();
            receipts(&mut Wire::begin(&address, &bundle).unwrap(), &sealed, &key).unwrap();
            self.size += sealed.len() as u64;
        }
        let all = || Ok((self.checkpoint().size == self.size).then_some(()));
        poll::until("all of it to be published", all).unwrap();
    }

    fn checkpoint(&self) -> Checkpoint {
        let note = fs::read_to_string(self.dir.join("checkpoint")).unwrap();
        self.scene.log_key().unwrap().open(&note).unwrap()
    }
}
