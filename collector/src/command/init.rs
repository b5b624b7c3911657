//! `init`.

use anyhow::Context as _;
use saksi_collector::clock;
use saksi_collector::init::{NewCollector, init};

use super::check::print_summary;
use crate::cli;

pub(crate) fn run(arguments: &cli::Init) -> anyhow::Result<()> {
    let authority = arguments
        .ca_external
        .as_ref()
        .map(|path| std::fs::read_to_string(path).with_context(|| path.display().to_string()));
    let new = NewCollector {
        authority: authority.transpose()?,
        agents: arguments.agents,
        web: arguments.web,
        public: arguments.public.clone(),
        origin: arguments.origin.clone(),
    };
    let definition = init(&arguments.dir, &arguments.election, &new, clock::now_ms())?;
    print_summary(&definition);
    let dir = arguments.dir.display();
    println!("\nThe collector is in {dir}. Back up {dir}/keys now; nothing can replace it.");
    if arguments.ca_external.is_some() {
        println!("Next, have its certificate signed where the authority's key is:");
        println!("  {}", signing_steps(&dir).replace('\n', "\n  "));
    } else {
        println!("Next: saksi-collector device codes {dir} --region CODE --out SLIPS");
        println!("      saksi-collector serve {dir}");
    }
    Ok(())
}

/// What a person does where the authority's key is elsewhere.
pub(crate) fn signing_steps(dir: &dyn std::fmt::Display) -> String {
    format!(
        "saksi-collector authority requests {dir} --out requests.json\n\
         saksi-collector authority sign AUTHORITY requests.json --out signed.json   (there)\n\
         saksi-collector authority import {dir} signed.json"
    )
}
