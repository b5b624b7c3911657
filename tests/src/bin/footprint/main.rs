//! What.
use saksi_tests::*;
use std::time::Instant;
fn main() -> anyhow::Result<()> {
    let n: u32 = std::env::args().nth(1).unwrap().parse()?;
    let program = std::env::args().nth(2);
    let t = Instant::now();
    let mut b = backlog::Backlog::new(n)?;
    println!("filled {:?}", t.elapsed());
    let t = Instant::now();
    let c = match program { None => binaries::command("saksi-agent", None)?, Some(p) => std::process::Command::new(p) };
    let usage = b.start(c)?;
    println!("started {:?}: rss {} peak {}", t.elapsed(), usage.resident_bytes()? >> 10, usage.peak_bytes()? >> 10);
    let cpu = usage.cpu_seconds()?;
    std::thread::sleep(std::time::Duration::from_secs(8));
    println!("idle rss {} peak {} cpu {:.3}", usage.resident_bytes()? >> 10, usage.peak_bytes()? >> 10, usage.cpu_seconds()? - cpu);
    let t = Instant::now();
    b.drain()?;
    println!("drained {:?}: rss {} peak {} cpu {}", t.elapsed(), usage.resident_bytes()? >> 10, usage.peak_bytes()? >> 10, usage.cpu_seconds()?);
    Ok(())
}
