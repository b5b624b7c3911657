//! T1: acknowledged, then lost in a power cut. `tests/run --long` does more of these.

use saksi_tests::collector::Collector;
use saksi_tests::kenya;
use saksi_tests::loop_disk::LoopDisk;
use saksi_tests::power::{Cuts, cut_agent, cut_carried, cut_collector};
use saksi_tests::wire::Wire;

#[test]
fn t1_what_an_agent_called_stored_survives_every_power_cut() {
    let Some(figures) = cut_agent(Cuts { rounds: 4, seed: 1 }).unwrap() else { return };
    println!("{figures}");
    assert_eq!(figures.cuts, 4);
    assert!(figures.acknowledged > 0 && figures.receipts > 0, "{figures}");
}

#[test]
fn t1_a_cut_in_any_step_of_carrying_loses_nothing_and_sends_nothing_twice() {
    let Some(figures) = cut_carried(Cuts { rounds: 6, seed: 1 }).unwrap() else { return };
    println!("{figures}");
    assert_eq!(figures.cuts, 6);
    assert!(figures.acknowledged > 0 && figures.receipts > 0, "{figures}");
}

#[test]
fn t1_what_a_collector_acknowledged_survives_every_power_cut() {
    let Some(figures) = cut_collector(Cuts { rounds: 4, seed: 1 }).unwrap() else { return };
    println!("{figures}");
    assert_eq!(figures.cuts, 4);
    assert!(figures.acknowledged > 0 && figures.receipts > 0, "{figures}");
}

#[test]
fn t1_a_collector_that_was_made_and_its_bundles_survive_a_power_cut() {
    let Some(disk) = LoopDisk::mount(32).unwrap() else { return };
    let mut collector = Collector::make(&disk.path(), &kenya::pack()).unwrap();
    disk.cut().unwrap();
    disk.restore().unwrap();
    collector.start(None).unwrap();
    for station in kenya::stations().unwrap() {
        let bundle = collector.bundle(&station.code).unwrap();
        Wire::begin(&collector.address().unwrap(), &bundle).unwrap();
    }
}
