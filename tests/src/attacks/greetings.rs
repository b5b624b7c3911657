//! Strangers who begin a handshake and do not end it: slowly, at great length, or not
//! at all.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;

use anyhow::{bail, ensure};

use super::hands::{Hand, at_work};
use super::sources::{Sources, attacker};
use super::{Attack, Meanwhile, Target};
use crate::wire::Wire;
use crate::{poll, wire};

/// Connections of each attack.
const MANY: usize = 300;

/// Addresses that they come from.
const ADDRESSES: usize = 30;

pub(super) fn all() -> Vec<Attack> {
    vec![
        Attack {
            name: "300 greetings, a byte at a time (slow loris)",
            limits: &[("handshakes", 100), ("handshake_seconds", 3)],
            most_mebibytes: 64,
            run: slow_loris,
        },
        Attack {
            name: "300 greetings, and then silence",
            limits: &[("handshakes", 100), ("handshake_seconds", 4)],
            most_mebibytes: 64,
            run: dawdling,
        },
        Attack {
            name: "300 that come to enrol, and then silence",
            limits: &[("handshakes", 100)],
            most_mebibytes: 64,
            run: enrolling,
        },
        Attack {
            name: "300 greetings of 64 KB without an end",
            limits: &[],
            most_mebibytes: 64,
            run: endless,
        },
    ]
}

/// Each says something all the while, and none says it all: those that are not sent away
/// for others are when their time is over.
fn slow_loris(target: &Target<'_>, meanwhile: Meanwhile<'_>) -> anyhow::Result<()> {
    let greeting = wire::greeting(&target.address, &target.bundle)?;
    let mut slow = Sources::new(&target.address.address)?.connect_many(MANY, ADDRESSES)?;
    let mut said = greeting[..greeting.len() - 1].iter();
    let all = &mut slow;
    let hand: Hand<'_> = Box::new(move || {
        if let Some(byte) = said.next() {
            // Some are gone already.
            all.iter_mut().for_each(|stream| drop(stream.write_all(&[*byte])));
        }
        Ok(())
    });
    at_work(vec![hand], meanwhile)?;
    slow.iter_mut().try_for_each(hung_up_on)?;
    let (late, displaced) = ended(target)?;
    ensure!(late > 0, "{late} late, {displaced} displaced");
    Ok(())
}

/// Each has made the collector compute its keys, and holds a place until it has dawdled
/// for a quarter of its time and somebody else wants it.
fn dawdling(target: &Target<'_>, meanwhile: Meanwhile<'_>) -> anyhow::Result<()> {
    let greeting = wire::greeting(&target.address, &target.bundle)?;
    let mut all = Sources::new(&target.address.address)?.connect_many(MANY, ADDRESSES)?;
    for stream in &mut all {
        stream.write_all(&greeting)?;
    }
    meanwhile()?;
    all.iter_mut().try_for_each(hung_up_on)?;
    let (late, displaced) = ended(target)?;
    ensure!(displaced > 0, "{late} late, {displaced} displaced");
    Ok(())
}

/// Who comes to enrol needs no certificate, so each of these gets through its handshake;
/// it keeps that place only until somebody else wants it.
fn enrolling(target: &Target<'_>, meanwhile: Meanwhile<'_>) -> anyhow::Result<()> {
    let sources = Sources::new(&target.address.address)?;
    let enrol = |number| {
        let stream = sources.connect(attacker(number % ADDRESSES))?;
        Wire::enrolling(stream, &target.address, &target.bundle)
    };
    let all = (0..MANY).map(enrol).collect::<anyhow::Result<Vec<_>>>()?;
    meanwhile()?;
    let displaced = target.failed("displaced")?;
    ensure!(displaced > 200, "{displaced} of {} had to leave", all.len());
    Ok(())
}

/// A record of a handshake (RFC 8446, 5.1) whose message announces 64 KB.
fn endless(target: &Target<'_>, meanwhile: Meanwhile<'_>) -> anyhow::Result<()> {
    let mut bytes = vec![22, 3, 1, 0x40, 0, 1, 0, 0xff, 0xff, 3, 3];
    bytes.resize(16_384, 0);
    let mut all = Sources::new(&target.address.address)?.connect_many(MANY, ADDRESSES)?;
    for stream in &mut all {
        // It may be hung up on before it has said all.
        drop(stream.write_all(&bytes));
    }
    meanwhile()?;
    all.iter_mut().try_for_each(hung_up_on)?;
    target.until("saksi_handshakes_failed_total{cause=\"oversize\"}", MANY as u64)
}

/// How many were too late, and how many were sent away for others, when all are counted.
fn ended(target: &Target<'_>) -> anyhow::Result<(u64, u64)> {
    poll::until("all to be counted", || {
        let (late, displaced) = (target.failed("late")?, target.failed("displaced")?);
        Ok((late + displaced == MANY as u64).then_some((late, displaced)))
    })
}

/// Waits until the collector has hung up. What it has left unread makes that a reset.
fn hung_up_on(stream: &mut TcpStream) -> anyhow::Result<()> {
    match stream.read_to_end(&mut Vec::new()) {
        Err(fault) if fault.kind() == io::ErrorKind::WouldBlock => bail!("it is not hung up on"),
        _ => Ok(()),
    }
}
