//! What forms take on the wire, above TCP: a session each, by one daemon.

use std::process::Command;

use anyhow::ensure;

use crate::kenya::CONTEST;
use crate::poll;
use crate::proxy::{Fault, Proxy};
use crate::scene::Scene;

/// Bytes both ways for a first form, with a full handshake, and for so many corrections of it
/// by the same daemon, with a resumed one each. `agent` starts it.
///
/// # Errors
/// If a form does not get its receipt.
pub fn bytes_of_forms(agent: Command, corrections: u32) -> anyhow::Result<Vec<usize>> {
    let scene = Scene::serving()?;
    let proxy = Proxy::start(&scene.collector.address()?, |_| Fault::Pass)?;
    let mut device = scene.agent("wire", 0)?;
    device.run_by(agent, &proxy.address())?;
    let mut forms = Vec::new();
    for correction in 0..=corrections {
        let paper = scene.stations[0].paper([30 + correction, 20, 2, 1]).to_json();
        let options = ["--correct", "--reason", "miscopied"];
        let options = if correction == 0 { &[][..] } else { &options };
        ensure!(device.submit(&paper, options)?.status.success(), "a form is stored");
        device.received(CONTEST)?;
        let bytes = poll::until("the end of the session", || Ok(proxy.carried_and_done()))?;
        forms.push(bytes - forms.iter().sum::<usize>());
    }
    Ok(forms)
}
