//! Strangers who open connections and say nothing, or nothing that leads anywhere.

use std::io::{self, Read as _};
use std::net::TcpStream;

use anyhow::ensure;
use rustls::AlertDescription;

use super::hands::{Hand, at_work};
use super::sources::{Sources, attacker};
use super::{Attack, Meanwhile, Target};
use crate::wire::{Wire, alert_in};

/// Silent connections of a flood.
const FLOOD: usize = 2_000;

/// Places for handshakes in such a flood.
const PLACES: u64 = 200;

/// Threads that connect at full speed: as many as the machine has cores, at least.
const HANDS: usize = 2;

pub(super) fn all() -> Vec<Attack> {
    vec![
        Attack {
            name: "2,000 silent connections from one address",
            limits: &[("handshakes", PLACES)],
            most_mebibytes: 64,
            run: |target, meanwhile| silence(target, 1, meanwhile),
        },
        Attack {
            name: "2,000 silent connections from 250 addresses",
            limits: &[("handshakes", PLACES)],
            most_mebibytes: 64,
            run: |target, meanwhile| silence(target, 250, meanwhile),
        },
        Attack {
            name: "silent connections that fill the house",
            limits: &[("connections", PLACES)],
            most_mebibytes: 64,
            run: |target, meanwhile| silence(target, 250, meanwhile),
        },
        Attack {
            name: "300 connections from an address that may have 100",
            limits: &[("address_connections", 100)],
            most_mebibytes: 64,
            run: one_address,
        },
        Attack {
            name: "connections at full speed, closed at once",
            limits: &[],
            most_mebibytes: 64,
            run: connecting,
        },
        Attack {
            name: "handshakes without a certificate, at full speed",
            limits: &[],
            most_mebibytes: 64,
            run: without_certificate,
        },
    ]
}

/// Connections that never say anything. There are places for a tenth of them; the others
/// have to leave at once, and so does one for each device that comes.
fn silence(target: &Target<'_>, addresses: usize, meanwhile: Meanwhile<'_>) -> anyhow::Result<()> {
    let silent = Sources::new(&target.address.address)?.connect_many(FLOOD, addresses)?;
    let displaced = "saksi_handshakes_failed_total{cause=\"displaced\"}";
    let before = FLOOD as u64 - PLACES;
    target.until(displaced, before)?;
    meanwhile()?;
    let (now, open) = (target.metric(displaced)?, target.metric("saksi_connections")?);
    ensure!(now > before, "one had to leave for the honest device");
    ensure!(open <= PLACES, "{open} connections");
    // The last of them is there still; the first is not.
    ensure!(is_closed(&silent[0])? && !is_closed(&silent[FLOOD - 1])?, "the oldest leave");
    Ok(())
}

/// Whether the collector has closed this connection.
fn is_closed(mut stream: &TcpStream) -> anyhow::Result<bool> {
    stream.set_nonblocking(true)?;
    match stream.read(&mut [0]) {
        Ok(read) => Ok(read == 0),
        Err(fault) if fault.kind() == io::ErrorKind::WouldBlock => Ok(false),
        Err(fault) if fault.kind() == io::ErrorKind::ConnectionReset => Ok(true),
        Err(fault) => Err(fault.into()),
    }
}

/// More connections than an address may have: those over the bound are closed before a
/// handshake, and other addresses are not concerned.
fn one_address(target: &Target<'_>, meanwhile: Meanwhile<'_>) -> anyhow::Result<()> {
    let sources = Sources::new(&target.address.address)?;
    let connections = sources.connect_many(300, 1)?;
    let refused = "saksi_connections_refused_total{cause=\"address-full\"}";
    target.until(refused, 200)?;
    meanwhile()?;
    for refused in &connections[100..] {
        let mut refused = refused;
        ensure!(refused.read(&mut [0])? == 0, "closed without a word");
    }
    ensure!(!is_closed(&connections[0])? && !is_closed(&connections[99])?, "the first 100 stay");
    ensure!(target.metric(refused)? == 200, "200 are counted");
    // A real device behind the same address comes in when one of them leaves.
    drop(connections);
    let open = || Ok((target.metric("saksi_connections")? == 0).then_some(()));
    crate::poll::until("the address to be free", open)?;
    let stream = sources.connect(attacker(0))?;
    drop(Wire::over(stream, &target.address, &target.bundle)?.greeted(&target.bundle)?);
    Ok(())
}

fn connecting(target: &Target<'_>, meanwhile: Meanwhile<'_>) -> anyhow::Result<()> {
    let hands = (0..HANDS).map(|hand| {
        let sources = Sources::new(&target.address.address)?;
        let connect: Hand<'_> = Box::new(move || {
            drop(sources.connect(attacker(hand))?);
            Ok(())
        });
        anyhow::Ok(connect)
    });
    at_work(hands.collect::<Result<_, _>>()?, meanwhile).map(drop)
}

/// The dearest that a stranger can ask for: a key exchange and a signature each.
fn without_certificate(target: &Target<'_>, meanwhile: Meanwhile<'_>) -> anyhow::Result<()> {
    let hands = (0..HANDS).map(|_| -> Hand<'_> {
        Box::new(|| {
            let connected = Wire::without_certificate(&target.address, &target.bundle);
            let ended = connected.and_then(|mut wire| wire.answer());
            let alert = ended.err().as_ref().and_then(alert_in);
            ensure!(alert == Some(AlertDescription::CertificateRequired), "{alert:?}");
            Ok(())
        })
    });
    let asked = at_work(hands.collect(), meanwhile)?;
    ensure!(target.failed("no-certificate")? >= asked as u64, "{asked} are counted");
    Ok(())
}
