//! Two texts as the regions and stations of an election that is right.

#![no_main]

use libfuzzer_sys::fuzz_target;
use saksi_fuzz::definitions::read;
use saksi_fuzz::pack::{self, parted};
use saksi_proto::author::Pack;

fuzz_target!(|bytes: &[u8]| {
    let Ok(input) = str::from_utf8(bytes) else { return };
    let [regions, stations] = parted(input);
    read(Pack { election: pack::ELECTION, regions, stations });
});
