//! Three texts as an election definition.

#![no_main]

use libfuzzer_sys::fuzz_target;
use saksi_fuzz::definitions::read;
use saksi_fuzz::pack::parted;
use saksi_proto::author::Pack;

fuzz_target!(|bytes: &[u8]| {
    let Ok(input) = str::from_utf8(bytes) else { return };
    let [election, regions, stations] = parted(input);
    read(Pack { election, regions, stations });
});
