//! What the fuzz targets start from: small inputs in `tests/fuzz/corpus/`, made here of
//! golden vectors and samples. After a change of what goes over the wire:
//!
//!     WRITE_CORPORA=1 cargo test -p saksi-tests --test corpora kept
//!
//! Inputs that a fuzzer has found may lie beside them.

#![cfg(test)]

use std::fs;
use std::path::PathBuf;

use saksi_proto::bundle::{CollectorAddress, Papers};
use saksi_proto::codec::encode;
use saksi_proto::count::Count;
use saksi_proto::digest::Digest;
use saksi_proto::enrolment::FromRegistrar;
use saksi_proto::form::TallyForm;
use saksi_proto::frame::{MAX_FRAME, frame};
use saksi_proto::message::{Batch, MAX_BATCH, MESSAGE_VERSION, ToCollector, encode_message};
use saksi_proto::photo::{PhotoChunk, PhotoOffer};
use saksi_proto::seal::SealedForm;
use saksi_proto::slice::Slicer;
use saksi_tests::binaries::repository;

/// The election of the fuzz targets.
#[path = "../fuzz/src/pack.rs"]
pub mod pack;
/// The inputs of their session.
#[path = "../fuzz/src/stream.rs"]
pub mod stream;

use stream::Word;

/// Most bytes of all kept inputs together: they are in every clone.
const MAX_BYTES: u64 = 200 * 1024;

/// Target, name, contents.
type Seed = (&'static str, String, Vec<u8>);

fn corpus() -> PathBuf {
    repository().join("tests/fuzz/corpus")
}

fn seed(target: &'static str, name: &str, bytes: impl Into<Vec<u8>>) -> Seed {
    (target, name.to_owned(), bytes.into())
}

/// The lines of a file of golden vectors, in bytes.
fn golden(name: &str) -> Vec<Vec<u8>> {
    let text = fs::read_to_string(repository().join("proto/golden").join(name)).unwrap();
    let byte = |line: &str, at| u8::from_str_radix(&line[at..at + 2], 16).unwrap();
    let line = |line: &str| (0..line.len()).step_by(2).map(|at| byte(line, at)).collect();
    text.lines().map(line).collect()
}

fn golden_text(name: &str) -> String {
    fs::read_to_string(repository().join("proto/golden").join(name)).unwrap()
}

fn form() -> TallyForm {
    pack::form(pack::definition().digest())
}

fn sealed(form: &TallyForm) -> SealedForm {
    SealedForm::seal(form, &pack::key(pack::STATIONS[0])).unwrap()
}

/// The answer to an application: papers of the first station.
fn papers() -> FromRegistrar {
    let definition = pack::definition();
    let station = definition.station(pack::STATIONS[0].parse().unwrap()).unwrap();
    let address = CollectorAddress { address: "a.example:1".to_owned(), name: "a".to_owned() };
    FromRegistrar::Papers(Box::new(Papers {
        station: pack::STATIONS[0].parse().unwrap(),
        issued_ms: 1,
        election: definition.digest(),
        slice: Papers::encode_slice(&Slicer::new(&definition).slice(&definition, station)),
        log_key: golden_text("log.vkey"),
        collectors: vec![address],
        authority: "PEM".to_owned(),
        certificate: "PEM".to_owned(),
        certified_until_ms: 2,
        witnesses: None,
    }))
}

fn of_the_wire() -> Vec<Seed> {
    let mut seeds = Vec::new();
    let mut stream = vec![3];
    let payloads =
        ["messages.hex", "photo-messages.hex", "witnessed-messages.hex"].map(golden).concat();
    for (at, payload) in payloads.iter().enumerate() {
        stream.extend(frame(payload).unwrap());
        seeds.push(seed("message", &format!("golden-{at:02}"), payload.clone()));
    }
    let crowd = Batch { number: 1, known: 0, forms: vec![Vec::new(); MAX_BATCH + 1] };
    seeds.push(seed("message", "crowd", encode_message(&ToCollector::Submit(crowd))));
    // 300 empty checkpoints, and more outcomes than there are bytes for.
    let claims = [&[MESSAGE_VERSION, 1, 7, 0xac, 2], &[0; 300][..], &[0xff, 0xff, 0x03], &[0; 600]];
    seeds.push(seed("message", "claims", claims.concat()));
    // A form and a chunk of 10,000 bytes that break off.
    let cut = [&[MESSAGE_VERSION, 1, 7, 1, 0x90, 0x4e], &[5; 8_300][..]].concat();
    let chunk = [&[MESSAGE_VERSION, 4, 0, 0x90, 0x4e], &[5; 8_300][..]].concat();
    seeds.extend([seed("message", "cut-form", cut), seed("message", "cut-chunk", chunk)]);
    seeds.push(seed("frame", "golden", stream));
    let over = u32::try_from(MAX_FRAME + 1).unwrap().to_be_bytes();
    seeds.push(seed("frame", "oversize", [&[1], &over[..]].concat()));
    seeds.push(seed("sealed_form", "golden", golden("sealed-form.hex").concat()));
    seeds.push(seed("sealed_form", "first", sealed(&form()).into_bytes()));
    for (at, entry) in golden("entries.hex").into_iter().enumerate() {
        seeds.push(seed("entry", &format!("golden-{at}"), entry));
    }
    for (at, payload) in golden("enrolment.hex").into_iter().enumerate() {
        seeds.push(seed("enrolment_request", &format!("golden-{at}"), payload));
    }
    seeds.push(seed("enrolment_request", "slip", golden_text("slip.txt")));
    seeds.push(seed("enrolment_request", "papers", encode_message(&papers())));
    for name in ["receipt.tlog-proof", "checkpoint.txt", "log.vkey"] {
        seeds.push(seed("receipt", name, golden_text(name).trim_end_matches('\0')));
    }
    for at in 0..4_u8 {
        let bytes = (0..40_u8).flat_map(|part| Digest::of(&[at, part]).0);
        seeds.push(seed("values", &format!("chance-{at}"), bytes.collect::<Vec<_>>()));
    }
    seeds
}

fn of_the_author() -> Vec<Seed> {
    let (regions, stations) = (pack::REGIONS, pack::STATION_LIST);
    let whole = pack::joined(&[pack::ELECTION, regions, stations]);
    assert_eq!(pack::parted(&whole), [pack::ELECTION, regions, stations]);
    let kenya = repository().join("deploy/elections/kenya-form-34a");
    let kenya = ["election.toml", "regions.csv", "stations.csv"]
        .map(|name| fs::read_to_string(kenya.join(name)).unwrap());
    let kenya = pack::joined(&kenya.each_ref().map(String::as_str));
    let circle = "\u{feff}code,parent,level,name\r\n1,2,village,\"A, B\"\r\n2,1,village,C\r\n";
    let mut seeds = vec![
        seed("definition", "small", whole),
        seed("definition", "kenya", kenya),
        seed("csv", "small", pack::joined(&[regions, stations])),
        seed("csv", "circle", pack::joined(&[circle, &stations.replace("10,20,30", "10,20,31")])),
    ];
    for (at, check) in sample_checks().iter().enumerate() {
        seeds.push(seed("rule", &format!("sample-{at:02}"), check.as_bytes()));
    }
    let own = "votes = S\nceil(2 * S / 3) <= V.01 +- 5\nfield <= bound\n\0\0\0\0\x10\0\0\0\x20";
    let lists = "A.L + A.P >= registered.all - 4 * W.01.own\nparty.own <= party.total\nA < 7\0";
    let huge = "5 = 4294967295 * 4294967295 * 4294967295 * S +- 1";
    let own = [("candidates", own), ("lists", lists), ("huge", huge)];
    seeds.extend(own.map(|(name, checks)| seed("rule", name, checks)));
    seeds
}

/// The checks of the sample election, each once.
fn sample_checks() -> Vec<String> {
    let sample = repository().join("deploy/elections/indonesia-2024");
    let definition = saksi_collector::pack::read(&sample).unwrap();
    let rules = definition.head().forms.iter().flat_map(|form| &form.rules);
    let mut checks: Vec<String> = rules.flat_map(|rule| rule.checks.clone()).collect();
    checks.sort();
    checks.dedup();
    checks
}

fn of_the_session() -> Vec<Seed> {
    let framed = |message: &ToCollector| Word::Framed(&encode_message(message)).to_input();
    let said = |form: &TallyForm| Word::Form(&encode(form)).to_input();
    let first = form();
    let mut correction = form();
    correction.revision = 2;
    correction.supersedes = Some(sealed(&first).digest());
    let mut held = form();
    held.contest = "hamlet".parse().unwrap();
    let mut disputed = form();
    disputed.counts[0] = Count::Illegible;
    let batch = [&first, &correction, &held, &disputed].map(|form| sealed(form).into_bytes());
    let batch = ToCollector::Submit(Batch { number: 9, known: 0, forms: batch.into() });
    let photo = Digest::of(pack::PHOTO);
    let size = u32::try_from(pack::PHOTO.len()).unwrap();
    let offer = ToCollector::Offer(PhotoOffer { form: sealed(&first).digest(), photo, size });
    let chunk = |at: u32, end: usize| {
        let bytes = pack::PHOTO[at as usize..end].to_vec();
        framed(&ToCollector::Chunk(PhotoChunk { at, bytes }))
    };
    let mut rehearsal = form();
    rehearsal.photos.clear();
    let rehearsed = Batch { number: 3, known: 0, forms: vec![sealed(&rehearsal).into_bytes()] };
    let rehearse = framed(&ToCollector::Rehearse(rehearsed));
    let sessions: [(&str, Vec<Vec<u8>>); 8] = [
        ("rehearsed", vec![rehearse.clone(), rehearse, framed(&ToCollector::Renew)]),
        ("again", vec![said(&first), said(&first)]),
        ("corrected", vec![said(&correction), said(&correction)]),
        ("disputed", vec![said(&disputed), said(&correction), said(&held)]),
        ("batch", vec![framed(&ToCollector::Ping), framed(&batch)]),
        ("photo", vec![framed(&offer), chunk(0, 9), chunk(9, pack::PHOTO.len()), framed(&offer)]),
        ("cut", vec![framed(&offer), chunk(0, 9), Word::Bytes(&[0, 0, 1]).to_input()]),
        ("twice", vec![Word::Hello.to_input()]),
    ];
    let hello = Word::Hello.to_input();
    let greeted =
        sessions.map(|(name, said)| seed("session", name, [hello.clone(), said.concat()].concat()));
    let mut seeds = Vec::from(greeted);
    seeds.push(seed("session", "unasked", said(&first)));
    seeds
}

/// Photos of every kind that is taken in, and what is not.
fn of_the_camera() -> Vec<Seed> {
    use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
    type Told = fn(&mut Encoder<&mut Vec<u8>>);
    let exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    let kinds: [(&str, ColorType, usize, Told); 5] = [
        ("turned", ColorType::Rgb, 3, |_| {}),
        ("grey", ColorType::Luma, 1, |_| {}),
        ("inks", ColorType::Cmyk, 4, |_| {}),
        ("progressive", ColorType::Rgb, 3, |told| told.set_progressive(true)),
        ("restarting", ColorType::Rgb, 3, |told| {
            told.set_sampling_factor(SamplingFactor::R_4_2_0);
            told.set_restart_interval(2);
        }),
    ];
    let photo = |(name, colours, channels, tell): (&str, ColorType, usize, Told)| {
        let mut jpeg = Vec::new();
        let mut encoder = Encoder::new(&mut jpeg, 60);
        tell(&mut encoder);
        encoder.add_app_segment(1, exif).unwrap();
        let samples = (0..40 * 24 * channels).map(|at| (at * at / 97).to_le_bytes()[0]);
        encoder.encode(&samples.collect::<Vec<_>>(), 40, 24, colours).unwrap();
        seed("intake", name, jpeg)
    };
    let mut seeds: Vec<_> = kinds.into_iter().map(photo).collect();
    seeds.push(seed("intake", "heic", *b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"));
    seeds
}

fn seeds() -> Vec<Seed> {
    [of_the_wire(), of_the_author(), of_the_session(), of_the_camera()].concat()
}

#[test]
fn the_kept_inputs_are_those_of_this_protocol() {
    let write = std::env::var_os("WRITE_CORPORA").is_some();
    for (target, name, bytes) in seeds() {
        let path = corpus().join(target).join(name);
        if write {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &bytes).unwrap();
        }
        let kept = fs::read(&path).unwrap_or_default();
        let how = "WRITE_CORPORA=1 cargo test -p saksi-tests --test corpora kept";
        assert!(kept == bytes, "{} is out of date: {how}", path.display());
    }
}

#[test]
fn every_target_has_inputs_and_all_are_small() {
    let manifest = fs::read_to_string(repository().join("tests/fuzz/Cargo.toml")).unwrap();
    let targets = manifest.lines().filter_map(|line| line.strip_prefix("path = \"targets/"));
    let targets: Vec<_> = targets.filter_map(|line| line.strip_suffix(".rs\"")).collect();
    let sources = fs::read_dir(repository().join("tests/fuzz/targets")).unwrap();
    assert_eq!(targets.len(), sources.count(), "each file of targets/ is a [[bin]]");
    let mut bytes = 0;
    for target in targets {
        let inputs = fs::read_dir(corpus().join(target)).unwrap_or_else(|_| panic!("{target}"));
        let sizes = inputs.map(|input| input.unwrap().metadata().unwrap().len());
        let sizes: Vec<_> = sizes.collect();
        assert!(!sizes.is_empty(), "{target} has no inputs");
        bytes += sizes.iter().sum::<u64>();
    }
    assert!(bytes <= MAX_BYTES, "{bytes} bytes of kept inputs");
}

#[test]
fn an_input_of_the_session_says_what_it_was_made_of() {
    let words = [Word::Hello, Word::Framed(&[1, 2]), Word::Form(&[]), Word::Bytes(&[9; 300])];
    let input = words.map(Word::to_input).concat();
    assert_eq!(Word::all(&input), words);
    let election = pack::definition().digest();
    for word in words {
        assert!(word.said(election).len() <= MAX_FRAME);
    }
}
