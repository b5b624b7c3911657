//! What was captured on the wire, said again; and devices whose clocks are far off.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

use anyhow::{anyhow, ensure};
use saksi_proto::message::Outcome;
use serde_json::Value;

use super::hands::{Hand, at_work};
use super::{Attack, BAD, Meanwhile, Target};
use crate::kenya::counts;
use crate::poll;
use crate::scene::collector_at;
use crate::wire::{Voice, Wire, connect};

/// A device's clock in 1970, at the start of 2100, and at the end of all numbers.
const CLOCKS: [u64; 4] = [0, 60_000, 4_102_444_800_000, u64::MAX];

pub(super) fn all() -> Vec<Attack> {
    vec![
        Attack {
            name: "a captured session, again and again",
            limits: &[],
            most_mebibytes: 64,
            run: captured,
        },
        Attack {
            name: "clocks in 1970, in 2100 and beyond",
            limits: &[],
            most_mebibytes: 64,
            run: clocks,
        },
    ]
}

/// Each session has keys of its own on both sides (RFC 8446, 4.2.8), so what was said in
/// one is noise in another, wherever it is said again from the beginning.
fn captured(target: &Target<'_>, meanwhile: Meanwhile<'_>) -> anyhow::Result<()> {
    let voice = Voice::new(&target.bundle)?;
    let paper = target.scene.stations[BAD].paper([30, 20, 2, 1]);
    let form = voice.seal(&voice.form(counts(&paper)))?.bytes().to_vec();
    let capture = capture(target, form)?;
    ensure!(capture.len() > 1_000, "a whole session: {} bytes", capture.len());
    let entries = target.metric("saksi_journal_entries")?;
    // Noise, or at an end before it was looked at.
    let failed = || anyhow::Ok(target.failed("tls")? + target.failed("hung-up")?);
    let failed_before = failed()?;
    let hand: Hand<'_> = Box::new(|| {
        let mut stream = connect(&target.address)?;
        // It may be hung up on before it has said all; what it hears it cannot read.
        drop(stream.write_all(&capture));
        drop(stream.shutdown(Shutdown::Write));
        drop(stream.read_to_end(&mut Vec::new()));
        Ok(())
    });
    let before = target.metric("saksi_forms_total{outcome=\"resubmitted\"}")?;
    let said = at_work(vec![hand], meanwhile)?;
    let wanted = failed_before + said as u64;
    let all_failed = || Ok((failed()? >= wanted).then_some(()));
    poll::until("all of these handshakes to have failed", all_failed)?;
    let after = target.metric("saksi_forms_total{outcome=\"resubmitted\"}")?;
    ensure!(after == before, "nothing of it reached admission");
    ensure!(target.metric("saksi_journal_entries")? >= entries, "the log only grows");
    Ok(())
}

/// Everything that a device sends in a session in which it hands this form over.
fn capture(target: &Target<'_>, form: Vec<u8>) -> anyhow::Result<Vec<u8>> {
    let between = TcpListener::bind("127.0.0.1:0")?;
    let address = collector_at(between.local_addr()?);
    thread::scope(|scope| {
        let carrying = scope.spawn(|| -> anyhow::Result<Vec<u8>> {
            let (device, _) = between.accept()?;
            let collector = connect(&target.address)?;
            let (mut from, mut to) = (collector.try_clone()?, device.try_clone()?);
            let down = thread::spawn(move || std::io::copy(&mut from, &mut to));
            let captured = carry(device, collector)?;
            // It ends with the connection, however that ends.
            drop(down.join());
            Ok(captured)
        });
        let mut wire = Wire::begin(&address, &target.bundle)?;
        let outcomes = wire.submit(vec![form])?.outcomes;
        ensure!(matches!(outcomes[..], [Outcome::Logged(_)]), "{outcomes:?}");
        drop(wire);
        carrying.join().map_err(|_| anyhow!("the one between panicked"))?
    })
}

/// Carries until the device hangs up; gives what it said.
fn carry(mut from: TcpStream, mut to: TcpStream) -> anyhow::Result<Vec<u8>> {
    let (mut captured, mut bytes) = (Vec::new(), [0; 4_096]);
    loop {
        let read = from.read(&mut bytes)?;
        captured.extend_from_slice(&bytes[..read]);
        if read == 0 {
            to.shutdown(Shutdown::Both)?;
            return Ok(captured);
        }
        to.write_all(&bytes[..read])?;
    }
}

/// The collector believes no device's clock: forms are logged at the time when they came,
/// and pages show both.
fn clocks(target: &Target<'_>, meanwhile: Meanwhile<'_>) -> anyhow::Result<()> {
    let voice = Voice::new(&target.bundle)?;
    let paper = target.scene.stations[BAD].paper([30, 20, 2, 1]);
    let mut wire = Wire::begin(&target.address, &target.bundle)?;
    for device_ms in CLOCKS {
        let mut form = voice.form(counts(&paper));
        form.device_ms = device_ms;
        let outcomes = wire.submit(vec![voice.seal(&form)?.bytes().to_vec()])?.outcomes;
        let [Outcome::Logged(logged)] = &outcomes[..] else { anyhow::bail!("{outcomes:?}") };
        let now_ms = saksi_collector::clock::now_ms();
        ensure!(now_ms.abs_diff(logged.arrived_ms) < 60_000, "arrived at {}", logged.arrived_ms);
    }
    meanwhile()?;
    let code = &target.scene.stations[BAD].code;
    let shown: Value = target.scene.collector.get(&format!("/api/v1/stations/{code}"))?;
    let forms = shown["contests"][0]["forms"].as_array().into_iter().flatten();
    let times: Vec<_> = forms.map(|form| form["device_ms"].as_u64()).collect();
    ensure!(times == CLOCKS.map(Some), "{times:?}");
    Ok(())
}
