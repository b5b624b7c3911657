//! Values made of arbitrary bytes: any that the types allow, sound or not.

use arbitrary::{Result, Unstructured};
use saksi_proto::count::Count;
use saksi_proto::digest::Digest;
use saksi_proto::entry::{
    Act, Arrival, CodeGrant, CodeScope, CodeTag, Enrolment, Entry, Evidence, Revocation, Warrant,
};
use saksi_proto::form::TallyForm;
use saksi_proto::ids::Phase;
use saksi_proto::links::{Link, MAX_LINK};
use saksi_proto::message::{
    Accusation, Batch, Hello, Later, Logged, MAX_BATCH, Outcome, Outcomes, Standing, ToAgent,
    ToCollector,
};
use saksi_proto::notice::{
    Look, Looked, MAX_NOTICES, Notice, Notices, QuestionNotice, RulingNotice,
};
use saksi_proto::photo::{PhotoAnswer, PhotoChunk, PhotoOffer};
use saksi_proto::question::{MAX_LINES, MAX_OPEN, Question};
use saksi_proto::receipt::MAX_PROOF;
use saksi_proto::refusal::Refusal;
use saksi_proto::ruling::{Amended, Amendment, Decision, Pause, Ruling};
use saksi_proto::witnessed::{Cosigned, CosignedReceipts, Place, ReceiptsWanted};

/// A list of at most so many.
fn list<T>(
    u: &mut Unstructured<'_>,
    most: usize,
    mut each: impl FnMut(&mut Unstructured<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let length = u.int_in_range(0..=most)?;
    (0..length).map(|_| each(u)).collect()
}

fn digest(u: &mut Unstructured<'_>) -> Result<Digest> {
    u.arbitrary().map(Digest)
}

/// A code of 1 to 20 of the characters that codes have.
fn code<T: std::str::FromStr>(u: &mut Unstructured<'_>) -> Result<T> {
    let length = u.int_in_range(1..=20)?;
    let letters = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._-";
    let code = (0..length).map(|_| u.choose(letters).map(|letter| char::from(*letter)));
    let code = code.collect::<Result<String>>()?;
    Ok(code.parse().ok().expect("its characters are those of codes"))
}

fn count(u: &mut Unstructured<'_>) -> Result<Count> {
    Ok(match u.int_in_range(0..=3)? {
        0 => Count::NotWritten,
        1 => Count::Illegible,
        _ => Count::Written(u.int_in_range(0..=Count::MAX)?),
    })
}

/// A tally form.
///
/// # Errors
/// Too few bytes.
pub fn form(u: &mut Unstructured<'_>) -> Result<TallyForm> {
    Ok(TallyForm {
        election: digest(u)?,
        phase: *u.choose(&[Phase::Rehearsal, Phase::Official])?,
        station: code(u)?,
        contest: code(u)?,
        revision: u.arbitrary()?,
        supersedes: u.arbitrary::<Option<[u8; 32]>>()?.map(Digest),
        device_ms: u.arbitrary()?,
        explanation: u.arbitrary()?,
        reason: u.arbitrary()?,
        photos: list(u, 10, digest)?,
        counts: list(u, 1_100, count)?,
    })
}

/// A message to a collector.
///
/// # Errors
/// Too few bytes.
pub fn to_collector(u: &mut Unstructured<'_>) -> Result<ToCollector> {
    Ok(match u.int_in_range(0..=9)? {
        0 => {
            let (agent, device_ms) = (u.arbitrary()?, u.arbitrary()?);
            ToCollector::Hello(Hello { election: digest(u)?, agent, device_ms })
        }
        1 => {
            let (number, known) = (u.arbitrary()?, u.arbitrary()?);
            let forms = list(u, MAX_BATCH, |u| u.arbitrary())?;
            ToCollector::Submit(Batch { number, known, forms })
        }
        2 => ToCollector::Ping,
        4 => {
            let (number, known) = (u.arbitrary()?, u.arbitrary()?);
            let forms = list(u, MAX_BATCH, |u| u.arbitrary())?;
            ToCollector::Rehearse(Batch { number, known, forms })
        }
        5 => ToCollector::Renew,
        8 => {
            let (number, known) = (u.arbitrary()?, u.arbitrary()?);
            let forms = list(u, MAX_BATCH, |u| u.arbitrary())?;
            ToCollector::Carry(Batch { number, known, forms })
        }
        6 => ToCollector::Accuse(Accusation { checkpoint: u.arbitrary()? }),
        7 => {
            let (known, forms) = (u.arbitrary()?, list(u, MAX_BATCH, digest)?);
            ToCollector::Witnessed(ReceiptsWanted { known, forms })
        }
        9 => {
            let looked =
                |u: &mut Unstructured<'_>| Ok(Looked { contest: code(u)?, index: u.arbitrary()? });
            let since = u.arbitrary()?;
            ToCollector::Look(Look { since, forms: list(u, MAX_NOTICES, looked)? })
        }
        3 => {
            let (form, photo, size) = (digest(u)?, digest(u)?, u.arbitrary()?);
            ToCollector::Offer(PhotoOffer { form, photo, size })
        }
        _ => ToCollector::Chunk(PhotoChunk { at: u.arbitrary()?, bytes: u.arbitrary()? }),
    })
}

/// A message to an agent.
///
/// # Errors
/// Too few bytes.
pub fn to_agent(u: &mut Unstructured<'_>) -> Result<ToAgent> {
    Ok(match u.int_in_range(0..=4)? {
        3 => {
            let links = list(u, 1, |u| Ok(Link(list(u, MAX_LINK, digest)?)))?;
            let receipts = list(u, MAX_BATCH, place)?;
            let answer = CosignedReceipts { checkpoint: u.arbitrary()?, links, receipts };
            ToAgent::Witnessed(Cosigned::Receipts(Box::new(answer)))
        }
        4 => {
            let (up_to, notices) =
                (u.arbitrary()?, list(u, MAX_NOTICES, |u| Ok(notice(u)?.encode()))?);
            ToAgent::Notices(Notices { up_to, notices })
        }
        0 => {
            let (next, durable) = (u.arbitrary()?, u.arbitrary()?);
            ToAgent::Photo(PhotoAnswer::Wanted { next, durable })
        }
        _ => {
            let (number, checkpoints) = (u.arbitrary()?, list(u, MAX_BATCH, |u| u.arbitrary())?);
            let links = list(u, MAX_BATCH, |u| Ok(Link(list(u, MAX_LINK, digest)?)))?;
            let outcomes = list(u, MAX_BATCH, outcome)?;
            ToAgent::Outcomes(Outcomes { number, checkpoints, links, outcomes })
        }
    })
}

fn place(u: &mut Unstructured<'_>) -> Result<Option<Place>> {
    let (index, arrived_ms) = (u.arbitrary()?, u.arbitrary()?);
    let proof = list(u, MAX_PROOF, digest)?;
    Ok(u.arbitrary::<bool>()?.then_some(Place { index, arrived_ms, proof }))
}

fn notice(u: &mut Unstructured<'_>) -> Result<Notice> {
    let question = |u: &mut Unstructured<'_>| {
        let (index, at_ms) = (u.arbitrary()?, u.arbitrary()?);
        let lines = list(u, MAX_LINES, |u| u.arbitrary())?;
        Ok(QuestionNotice { index, at_ms, lines, text: u.arbitrary()?, by: u.arbitrary()? })
    };
    let (index, at_ms) = (u.arbitrary()?, u.arbitrary()?);
    let decision = Decision::Accept(digest(u)?);
    let ruling = RulingNotice { index, at_ms, decision, reason: u.arbitrary()? };
    Ok(Notice {
        contest: code(u)?,
        index: u.arbitrary()?,
        standing: u.arbitrary::<bool>()?.then_some(Standing::Held),
        ruling: u.arbitrary::<bool>()?.then_some(ruling),
        questions: list(u, MAX_OPEN, question)?,
    })
}

fn outcome(u: &mut Unstructured<'_>) -> Result<Outcome> {
    let standings = [
        Standing::Counted,
        Standing::Held,
        Standing::Disputed,
        Standing::Superseded,
        Standing::Rejected,
    ];
    Ok(match u.int_in_range(0..=2)? {
        0 => Outcome::Logged(Logged {
            index: u.arbitrary()?,
            arrived_ms: u.arbitrary()?,
            proof: list(u, MAX_PROOF, digest)?,
            checkpoint: u.arbitrary()?,
            standing: *u.choose(&standings)?,
        }),
        1 => Outcome::Refused { refusal: *u.choose(&Refusal::ALL)?, detail: u.arbitrary()? },
        _ => Outcome::Later {
            after_ms: u.arbitrary()?,
            why: *u.choose(&[Later::Busy, Later::Stopping, Later::NoRoom])?,
        },
    })
}

fn act(u: &mut Unstructured<'_>) -> Result<Act> {
    Ok(Act { by: u.arbitrary()?, reason: u.arbitrary()? })
}

fn arrival(u: &mut Unstructured<'_>) -> Result<Arrival> {
    Ok(Arrival { arrived_ms: u.arbitrary()?, sealed: u.arbitrary()? })
}

/// An entry of the log; its manifest is not one that an outsider writes.
///
/// # Errors
/// Too few bytes.
pub fn entry(u: &mut Unstructured<'_>) -> Result<Entry> {
    Ok(match u.int_in_range(0..=9)? {
        0 => {
            let warrant = match u.arbitrary()? {
                true => Warrant::Bundle(act(u)?),
                false => Warrant::Code(CodeTag(u.arbitrary()?)),
            };
            let (station, key, at_ms) = (code(u)?, u.arbitrary()?, u.arbitrary()?);
            Entry::Enrolment(Enrolment { station, key, at_ms, warrant })
        }
        1 => {
            let scope = match u.arbitrary()? {
                true => CodeScope::Station(code(u)?),
                false => CodeScope::Region(code(u)?),
            };
            let (tag, act) = (CodeTag(u.arbitrary()?), act(u)?);
            Entry::Code(CodeGrant {
                tag,
                scope,
                until_ms: u.arbitrary()?,
                at_ms: u.arbitrary()?,
                act,
            })
        }
        2 => {
            let (station, key, at_ms) = (code(u)?, u.arbitrary()?, u.arbitrary()?);
            Entry::Revocation(Revocation { station, key, at_ms, act: act(u)? })
        }
        3 => Entry::Evidence(Evidence { key: u.arbitrary()?, arrival: arrival(u)? }),
        4 => Entry::Rehearsal(arrival(u)?),
        5 => {
            let (station, contest, over) = (code(u)?, code(u)?, list(u, 40, digest)?);
            let decision = match u.int_in_range(0..=2)? {
                0 => Decision::Accept(digest(u)?),
                1 => Decision::Reject,
                _ => Decision::Withdraw,
            };
            let (at_ms, act) = (u.arbitrary()?, act(u)?);
            Entry::Ruling(Ruling { station, contest, over, decision, at_ms, act })
        }
        6 => {
            let change = match u.int_in_range(0..=2)? {
                0 => Amended::Registered(u.arbitrary()?),
                1 => Amended::Unopened,
                _ => Amended::Opened,
            };
            let (station, at_ms, act) = (code(u)?, u.arbitrary()?, act(u)?);
            Entry::Amendment(Amendment { station, change, at_ms, act })
        }
        8 => {
            let lines = list(u, MAX_LINES, |u| u.arbitrary())?;
            let (station, contest, text, at_ms) =
                (code(u)?, code(u)?, u.arbitrary()?, u.arbitrary()?);
            Entry::Question(Question { station, contest, lines, text, at_ms, act: act(u)? })
        }
        7 => Entry::Pause(Pause { paused: u.arbitrary()?, at_ms: u.arbitrary()?, act: act(u)? }),
        _ => Entry::Form(arrival(u)?),
    })
}
