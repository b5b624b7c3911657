//! The faults of a disk, each a named test: T1, T2, T4, T5 and T21 of the list. Real
//! processes on file systems that are cut, filled, damaged and frozen.

#![cfg(test)]

mod damage;
mod damaged_agent;
mod damaged_collector;
mod drained;
mod failing;
mod frozen;
mod full;
mod photos;
mod power;
mod retention;

use saksi_proto::receipt::Receipt;
use saksi_proto::seal::SealedForm;
use saksi_tests::collector::Collector;
use saksi_tests::kenya::{self, Station};
use saksi_tests::wire::{self, Voice, Wire};

/// A form of a station, sealed by its device.
fn sealed(collector: &Collector, station: &Station, votes: [u32; 4]) -> SealedForm {
    let voice = Voice::new(&collector.bundle(&station.code).unwrap()).unwrap();
    voice.seal(&voice.form(kenya::counts(&station.paper(votes)))).unwrap()
}

/// Submits a form over the wire; its receipt, if one comes.
fn submit(
    collector: &Collector,
    station: &Station,
    sealed: &SealedForm,
) -> anyhow::Result<Receipt> {
    let bundle = collector.bundle(&station.code)?;
    let mut wire = Wire::begin(&collector.address()?, &bundle)?;
    let key = bundle.papers.log_key.parse()?;
    Ok(wire::receipts(&mut wire, std::slice::from_ref(sealed), &key)?.remove(0))
}
