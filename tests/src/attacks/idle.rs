//! As many devices as there is room for, all of them greeted and then silent.

use std::thread;

use anyhow::{anyhow, ensure};

use super::sources::{Sources, attacker};
use super::{Attack, BAD, HONEST, Meanwhile, Target};
use crate::wire::Wire;

/// Sessions, of all stations but the honest one.
const SESSIONS: usize = 10_000;

/// Threads that shake hands.
const HANDS: usize = 4;

/// Addresses of each.
const ADDRESSES: usize = 2;

pub(super) fn all() -> Vec<Attack> {
    vec![Attack {
        name: "10,000 idle sessions",
        limits: &[("device_connections", 1_000), ("connections", 10_100)],
        // 14 KB each and a collector's own.
        most_mebibytes: 192,
        run: idle,
    }]
}

fn idle(target: &Target<'_>, meanwhile: Meanwhile<'_>) -> anyhow::Result<()> {
    let before = target.scene.collector.resident_bytes()?;
    let stations = (0..target.scene.stations.len()).filter(|station| *station != HONEST);
    let bundles = stations.map(|station| target.scene.bundle(station));
    let bundles = bundles.collect::<anyhow::Result<Vec<_>>>()?;
    ensure!(bundles[BAD].papers == target.bundle.papers, "its own is the first");
    let open = |hand: usize| {
        let sources = Sources::new(&target.address.address)?;
        let numbers = (0..SESSIONS).skip(hand).step_by(HANDS);
        let sessions = numbers.map(|number| {
            let bundle = &bundles[number % bundles.len()];
            let stream = sources.connect(attacker(hand + HANDS * (number / HANDS % ADDRESSES)))?;
            Wire::over(stream, &target.address, bundle)?.greeted(bundle)
        });
        sessions.collect::<anyhow::Result<Vec<_>>>()
    };
    let sessions = thread::scope(|scope| {
        let hands: Vec<_> = (0..HANDS).map(|hand| scope.spawn(move || open(hand))).collect();
        let joined = hands.into_iter().map(|hand| hand.join().map_err(|_| anyhow!("panicked"))?);
        joined.collect::<anyhow::Result<Vec<_>>>()
    })?;
    let open = target.metric("saksi_connections")?;
    ensure!(open == SESSIONS as u64, "{open} connections");
    meanwhile()?;
    let each = (target.scene.collector.resident_bytes()? - before) / SESSIONS as u64;
    eprintln!("{SESSIONS} idle sessions: {each} bytes each");
    drop(sessions);
    Ok(())
}
