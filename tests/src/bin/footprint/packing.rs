//! What a page takes of the device's processor, as it is and compressed, in one run; and what
//! it weighs.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use anyhow::{Context as _, ensure};
use saksi_tests::officer::Officer;

use crate::Figure;
use crate::paint::{SHEET, station};

/// Requests of a round: the kernel counts a process's time in hundredths of a second.
const REQUESTS: u32 = 500;

/// In this order, so that a machine that slows down does so for both.
const ROUNDS: [Coding; 4] = [Coding::Gzip, Coding::Plain, Coding::Plain, Coding::Gzip];

/// What the browser takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Plain,
    Gzip,
}

/// Milliseconds of processor for a sheet of 22 boxes, and its bytes.
pub(crate) fn of_a_sheet(agent: &Path) -> anyhow::Result<[Figure; 5]> {
    let (device, _place) = station(agent)?;
    let officer = Officer::at(&device)?;
    let usage = device.usage()?;
    let (mut seconds, mut bytes) = ([0.0; 2], [0; 2]);
    for coding in ROUNDS {
        let before = usage.cpu_seconds()?;
        for _ in 0..REQUESTS {
            bytes[coding as usize] = asked(&officer, coding)?;
        }
        seconds[coding as usize] += usage.cpu_seconds()? - before;
    }
    let [plain, packed] = seconds.map(|of| of * 1e3 / f64::from(2 * REQUESTS));
    let name = |of: &str| format!("sheet of 22 boxes, {of}");
    let figure = |of: &str, value, unit| Figure::without_goal(name(of), value, unit);
    Ok([
        figure("processor, plain", plain, "ms"),
        figure("processor, compressed", packed, "ms"),
        figure("processor, compressed ÷ plain", packed / plain, "×"),
        figure("plain", bytes[0] as f64, "bytes"),
        figure("compressed", bytes[1] as f64, "bytes"),
    ])
}

/// Asks for the sheet as browsers do, and gives the bytes of its answer without the head.
fn asked(officer: &Officer, coding: Coding) -> anyhow::Result<usize> {
    let host = officer.base.trim_start_matches("http://");
    let cookie = &officer.cookie;
    let accepted = if coding == Coding::Gzip { "gzip, deflate, br" } else { "identity" };
    let mut stream = TcpStream::connect(host)?;
    write!(
        stream,
        "GET {SHEET} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\
         Accept-Encoding: {accepted}\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").context("a head")?;
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    ensure!(head.starts_with("http/1.1 200 "), "{head}");
    let is_packed = head.contains("\r\ncontent-encoding: gzip");
    ensure!(is_packed == (coding == Coding::Gzip), "{head}");
    Ok(answer.len() - end - 4)
}
