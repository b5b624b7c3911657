//! The fullest file that is carried by hand, taken in by the agent for devices.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::ensure;
use saksi_agent::carrying::MAX_CARRIED;
use saksi_agent::export;
use saksi_tests::kenya::counts;
use saksi_tests::poll;
use saksi_tests::scene::{Scene, nowhere};
use saksi_tests::wire::Voice;

use crate::{Figure, mebibytes};

/// The station whose device carries, and the others, of which each has as many forms.
const CARRIER: usize = 0;

/// Seconds until all forms of the file survive a power cut, and memory at most meanwhile.
pub(crate) fn taken_in(agent: &Path) -> anyhow::Result<[Figure; 3]> {
    let scene = Scene::new()?;
    let mut carrier = scene.agent("carrier", CARRIER)?;
    carrier.run_by(Command::new(agent), &nowhere())?;
    poll::until("the agent to answer", || {
        Ok(carrier.command(&["status"])?.status.success().then_some(()))
    })?;
    let (file, bytes) = (scene.dir().join("forms.saksi"), file(&scene)?);
    std::fs::write(&file, &bytes)?;
    let usage = carrier.usage()?;
    let (cpu, begun) = (usage.cpu_seconds()?, Instant::now());
    let mut import = Command::new(agent);
    import.arg("--dir").arg(scene.agent_dir("carrier")).args(["--language", "en", "import"]);
    let said = import.arg(&file).output()?;
    let (took, cpu) = (begun.elapsed().as_secs_f64(), usage.cpu_seconds()? - cpu);
    let words = String::from_utf8_lossy(&said.stdout);
    ensure!(words.contains(&format!("{MAX_CARRIED} new")), "{words} {said:?}");
    let name = format!("a carried file of {MAX_CARRIED} forms taken in");
    Ok([
        Figure::without_goal(format!("{name} ({:.1} MB)", bytes.len() as f64 / 1e6), took, "s"),
        Figure::without_goal("… processor", cpu, "s"),
        Figure::new("… most memory", mebibytes(usage.peak_bytes()?), "MiB", 64.0),
    ])
}

/// As many forms of 650 bytes as a file takes, of all stations but the carrier's.
fn file(scene: &Scene) -> anyhow::Result<Vec<u8>> {
    let voices = (CARRIER + 1..scene.stations.len()).map(|station| {
        let voice = Voice::new(&scene.bundle(station)?)?;
        Ok((station, voice))
    });
    let voices = voices.collect::<anyhow::Result<Vec<_>>>()?;
    let mut forms = Vec::with_capacity(MAX_CARRIED);
    for (number, (station, voice)) in (0..MAX_CARRIED).zip(voices.iter().cycle()) {
        let votes = 1 + u32::try_from(number % 80)?;
        let mut form = voice.form(counts(&scene.stations[*station].paper([votes, 20, 2, 1])));
        form.device_ms += number as u64;
        form.explanation = Some("kata ".repeat(96));
        forms.push(voice.seal(&form)?);
    }
    Ok(export::write(&forms)?)
}
