//! An enrolled device that sends forms no agent sends, or as many as it can.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, ensure};
use saksi_proto::message::{MAX_BATCH, Outcome, ToAgent};
use saksi_proto::refusal::{Farewell, Refusal};

use super::hands::{Hand, at_work};
use super::{Attack, BAD, Meanwhile, Target};
use crate::kenya::counts;
use crate::wire::{Voice, Wire, hello};

/// Connections of the device: as many as it may have.
const CONNECTIONS: usize = 8;

/// Another station, whose forms it sends.
const OTHER: usize = 2;

pub(super) fn all() -> Vec<Attack> {
    vec![
        Attack {
            name: "new forms at full speed over 8 connections",
            limits: &[],
            most_mebibytes: 128,
            run: full_speed,
        },
        Attack {
            name: "batches with one bad signature at full speed",
            limits: &[],
            most_mebibytes: 128,
            run: bad_signatures,
        },
        Attack {
            name: "another station's forms at full speed",
            limits: &[],
            most_mebibytes: 64,
            run: forms_of_others,
        },
        Attack {
            name: "sessions of one device at full speed",
            limits: &[],
            most_mebibytes: 64,
            run: sessions,
        },
    ]
}

/// Seals forms without end, no two alike.
struct Press<'a> {
    voice: Voice,
    target: &'a Target<'a>,
    /// The station that the forms are of.
    station: usize,
    sealed: AtomicU64,
}

impl<'a> Press<'a> {
    /// Signed by the device that attacks, for this station.
    fn of(target: &'a Target<'a>, station: usize) -> anyhow::Result<Self> {
        Ok(Self { voice: Voice::new(&target.bundle)?, target, station, sealed: 0.into() })
    }

    fn batch(&self) -> anyhow::Result<Vec<Vec<u8>>> {
        let of = &self.target.scene.stations[self.station];
        let mut form = self.voice.form(counts(&of.paper([30, 20, 2, 1])));
        form.station = of.code.parse()?;
        let seal = |_| {
            form.device_ms += self.sealed.fetch_add(1, Ordering::Relaxed);
            Ok(self.voice.seal(&form)?.bytes().to_vec())
        };
        (0..MAX_BATCH).map(seal).collect()
    }
}

fn wire(target: &Target<'_>) -> anyhow::Result<Wire> {
    Wire::begin(&target.address, &target.bundle)
}

/// How many of these were refused so; all others are logged, or are to come later.
fn refused(outcomes: &[Outcome], wanted: Refusal) -> anyhow::Result<usize> {
    let is_refused = |outcome: &Outcome| match outcome {
        Outcome::Refused { refusal, .. } => {
            ensure!(*refusal == wanted, "{refusal:?}");
            Ok(true)
        }
        Outcome::Logged(_) | Outcome::Later { .. } => Ok(false),
    };
    let refused = outcomes.iter().map(is_refused).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(refused.into_iter().filter(|is_refused| *is_refused).count())
}

fn full_speed(target: &Target<'_>, meanwhile: Meanwhile<'_>) -> anyhow::Result<()> {
    let press = &Press::of(target, BAD)?;
    let hands = (0..CONNECTIONS).map(|_| {
        let mut wire = wire(target)?;
        let hand: Hand<'_> = Box::new(move || {
            let outcomes = wire.submit(press.batch()?)?.outcomes;
            let is_logged = |outcome: &Outcome| matches!(outcome, Outcome::Logged(_));
            ensure!(outcomes.iter().all(is_logged), "a device alone is never told to come later");
            Ok(())
        });
        anyhow::Ok(hand)
    });
    at_work(hands.collect::<Result<_, _>>()?, meanwhile).map(drop)
}

/// In a session of its own each: the collector believes a device until it has sent a bad
/// signature, and verifies its forms together with those of others.
fn bad_signatures(target: &Target<'_>, meanwhile: Meanwhile<'_>) -> anyhow::Result<()> {
    let press = &Press::of(target, BAD)?;
    let hands = (0..CONNECTIONS).map(|_| -> Hand<'_> {
        Box::new(move || {
            let mut batch = press.batch()?;
            let bad = batch.get_mut(MAX_BATCH / 2).context("a form in the middle")?;
            bad[1] ^= 1;
            let outcomes = wire(target)?.submit(batch)?.outcomes;
            let refused = refused(&outcomes, Refusal::BadSignature)?;
            ensure!(refused == 1, "{refused} of a batch are refused");
            Ok(())
        })
    });
    let sent = at_work(hands.collect(), meanwhile)?;
    let counted = target.metric("saksi_forms_refused_total{code=\"bad-signature\"}")?;
    ensure!(counted >= sent as u64, "{counted} of {sent} are counted");
    Ok(())
}

/// Signed by itself, for a station that is not its own.
fn forms_of_others(target: &Target<'_>, meanwhile: Meanwhile<'_>) -> anyhow::Result<()> {
    let press = &Press::of(target, OTHER)?;
    let hands = (0..CONNECTIONS).map(|_| {
        let mut wire = wire(target)?;
        let hand: Hand<'_> = Box::new(move || {
            let outcomes = wire.submit(press.batch()?)?.outcomes;
            let refused = refused(&outcomes, Refusal::OtherStation)?;
            ensure!(refused == MAX_BATCH, "{refused} of a batch are refused");
            Ok(())
        });
        anyhow::Ok(hand)
    });
    let sent = at_work(hands.collect::<Result<_, _>>()?, meanwhile)?;
    let counted = target.metric("saksi_forms_refused_total{code=\"other-station\"}")?;
    ensure!(counted >= (sent * MAX_BATCH) as u64, "{counted} of {sent} batches are counted");
    Ok(())
}

/// One after the other, each ending the oldest; some before they are greeted.
fn sessions(target: &Target<'_>, meanwhile: Meanwhile<'_>) -> anyhow::Result<()> {
    let greeting = hello(target.bundle.papers.election);
    let hands = (0..2).map(|_| -> Hand<'_> {
        let (mut held, greeting) = (VecDeque::new(), &greeting);
        Box::new(move || {
            let mut wire = Wire::with_certificate(&target.address, &target.bundle)?;
            let answer = wire.ask(greeting)?;
            let crowded = Some(ToAgent::Farewell(Farewell::Crowded));
            let is_welcome = matches!(answer, Some(ToAgent::Welcome(_)));
            ensure!(is_welcome || answer == crowded, "{answer:?}");
            held.push_back(wire);
            // More than it may have, and less than would fill this process.
            if held.len() > 2 * CONNECTIONS {
                held.pop_front();
            }
            Ok(())
        })
    });
    at_work(hands.collect(), meanwhile)?;
    let displaced = target.metric("saksi_sessions_displaced_total")?;
    ensure!(displaced > 0, "the oldest had to end");
    Ok(())
}
