//! `init`.

use saksi_collector::clock;
use saksi_collector::init::{NewCollector, init};

use super::check::print_summary;
use crate::cli;

pub(crate) fn run(arguments: &cli::Init) -> anyhow::Result<()> {
    let new = NewCollector {
        agents: arguments.agents,
        web: arguments.web,
        public: arguments.public.clone(),
        origin: arguments.origin.clone(),
    };
    let definition = init(&arguments.dir, &arguments.election, &new, clock::now_ms())?;
    print_summary(&definition);
    let dir = arguments.dir.display();
    println!("\nThe collector is in {dir}. Back up {dir}/keys now; nothing can replace it.");
    println!("Next: saksi-collector device issue {dir} --region CODE --out BUNDLES");
    println!("      saksi-collector serve {dir}");
    Ok(())
}
