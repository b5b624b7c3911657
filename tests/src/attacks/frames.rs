//! An enrolled device that sends frames no agent sends: halves, bombs, and asking
//! without listening.

use std::io;

use anyhow::{bail, ensure};
use saksi_proto::digest::Digest;
use saksi_proto::frame::{MAX_FRAME, frame};
use saksi_proto::message::{MESSAGE_VERSION, ToAgent, ToCollector, encode_message};
use saksi_proto::refusal::Farewell;

use super::hands::{Hand, at_work};
use super::sources::{Sources, attacker};
use super::{Attack, Meanwhile, Target};
use crate::wire::{Wire, alert_in};

/// Connections of the device: five times as many as it may have.
const MANY: usize = 40;

/// As many as it may have (`device_connections`).
const ALLOWED: usize = 8;

/// Pings sent ahead in one go: 24 KB.
const AHEAD: usize = 4_000;

/// Times that they are sent before the collector must have stopped reading: 5 MB.
const MOST_ASKED: usize = 200;

pub(super) fn all() -> Vec<Attack> {
    vec![
        Attack {
            name: "40 frames of 256 KiB, none of them whole",
            limits: &[],
            most_mebibytes: 64,
            run: half_frames,
        },
        Attack {
            name: "frames that announce gigabytes",
            limits: &[],
            most_mebibytes: 64,
            run: bombs,
        },
        Attack {
            name: "questions at full speed, answers never read",
            limits: &[],
            most_mebibytes: 64,
            run: deaf,
        },
        Attack { name: "new keys at full speed", limits: &[], most_mebibytes: 64, run: new_keys },
    ]
}

/// A device holds as many half frames as it may have sessions: 2 MiB, and as much again
/// while they grow.
fn half_frames(target: &Target<'_>, meanwhile: Meanwhile<'_>) -> anyhow::Result<()> {
    let half = frame(&vec![0; MAX_FRAME])?;
    let mut wires = Vec::new();
    for _ in 0..MANY {
        let mut wire = Wire::begin(&target.address, &target.bundle)?;
        wire.send_bytes(&half[..half.len() - 1])?;
        wires.push(wire);
    }
    let over = (MANY - ALLOWED) as u64;
    ensure!(target.metric("saksi_sessions_displaced_total")? >= over, "{over} had to end");
    meanwhile()?;
    for mut ended in wires.drain(..MANY - ALLOWED) {
        let answer = ended.answer()?;
        ensure!(answer == Some(ToAgent::Farewell(Farewell::Crowded)), "{answer:?}");
    }
    for wire in &mut wires {
        wire.send_bytes(&half[half.len() - 1..])?;
        let answer = wire.answer()?;
        ensure!(answer == Some(ToAgent::Farewell(Farewell::UnknownVersion)), "{answer:?}");
    }
    Ok(())
}

/// Messages (postcard) with a length of 4 GiB or far more inside, and nothing behind it.
/// Nothing on this wire is compressed, so there are no other bombs.
fn bombs(target: &Target<'_>, meanwhile: Meanwhile<'_>) -> anyhow::Result<()> {
    // Varints of 2³² − 1 and of 2⁶³: a batch's forms, a form's bytes, a greeting's text, a
    // chunk's bytes.
    let lengths = [
        &[0xff, 0xff, 0xff, 0xff, 0x0f][..],
        &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
    ];
    let election = Digest([0; 32]).0;
    let before: [&[u8]; 4] = [&[1, 7], &[1, 7, 1], &[&[0][..], &election].concat(), &[4, 0]];
    let bombs = before.into_iter().flat_map(|before| {
        lengths.map(|length| frame(&[&[MESSAGE_VERSION], before, length, &[0; 100]].concat()))
    });
    let bombs = bombs.collect::<Result<Vec<_>, _>>()?;
    let mut bombs = bombs.iter().cycle();
    let hand: Hand<'_> = Box::new(move || {
        let Some(bomb) = bombs.next() else { bail!("there are bombs without end") };
        let mut wire = Wire::begin(&target.address, &target.bundle)?;
        wire.send_bytes(bomb)?;
        let answer = wire.answer()?;
        ensure!(answer == Some(ToAgent::Farewell(Farewell::MalformedMessage)), "{answer:?}");
        Ok(())
    });
    let thrown = at_work(vec![hand], meanwhile)?;
    let counted = target.metric("saksi_farewells_total{code=\"malformed-message\"}")?;
    ensure!(counted >= thrown as u64, "{counted} of {thrown} are counted");
    Ok(())
}

/// Who does not read is not read either: the collector keeps one answer, and takes no
/// further question until that is gone.
fn deaf(target: &Target<'_>, meanwhile: Meanwhile<'_>) -> anyhow::Result<()> {
    let pings = frame(&encode_message(&ToCollector::Ping))?.repeat(AHEAD);
    let sources = Sources::new(&target.address.address)?;
    let mut wires = Vec::new();
    for number in 0..ALLOWED {
        let stream = sources.connect_narrow(attacker(number))?;
        let wire = Wire::over(stream, &target.address, &target.bundle)?;
        wires.push(wire.greeted(&target.bundle)?);
    }
    for wire in &mut wires {
        wire.hurry()?;
        let mut asked = (0..MOST_ASKED).map(|_| wire.send_bytes(&pings));
        let is_stuck = asked.any(|sent| sent.is_err_and(|fault| is_wait(&fault)));
        ensure!(is_stuck, "the collector reads on: {} pings", MOST_ASKED * AHEAD);
    }
    meanwhile()?;
    ensure!(target.metric("saksi_connections")? >= ALLOWED as u64, "they wait");
    Ok(())
}

fn is_wait(fault: &io::Error) -> bool {
    [io::ErrorKind::WouldBlock, io::ErrorKind::TimedOut].contains(&fault.kind())
}

/// TLS 1.3 has no renegotiation; what is left of it is asking for new keys, which rustls
/// ends when nothing else is said in between.
fn new_keys(target: &Target<'_>, meanwhile: Meanwhile<'_>) -> anyhow::Result<()> {
    let hand: Hand<'_> = Box::new(|| {
        let mut wire = Wire::begin(&target.address, &target.bundle)?;
        // Until the connection is closed; that it is, the answer says.
        let asked = (0..1_000).take_while(|_| wire.ask_for_new_keys().is_ok()).count();
        let ended = wire.answer();
        let is_ended = ended
            .as_ref()
            .map_or_else(|fault| alert_in(fault).is_some() || is_closed(fault), Option::is_none);
        ensure!(is_ended, "it is ended, not {ended:?}; {asked} times asked");
        Ok(())
    });
    at_work(vec![hand], meanwhile).map(drop)
}

/// Whether a connection was closed under whoever went on writing: the alert may be lost then.
fn is_closed(fault: &anyhow::Error) -> bool {
    let kind = fault.downcast_ref::<io::Error>().map(io::Error::kind);
    matches!(kind, Some(io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset))
}
