//! `election check` and `config check`.

use std::path::Path;

use saksi_collector::config::Config;
use saksi_collector::home::Home;
use saksi_collector::pack;
use saksi_proto::definition::Definition;

pub(crate) fn election(pack: &Path) -> anyhow::Result<()> {
    print_summary(&pack::read(pack)?);
    Ok(())
}

pub(crate) fn print_summary(definition: &Definition) {
    let head = definition.head();
    println!("{} ({}, {})", head.name.in_language(0), head.id, head.phase);
    println!("  digest     {}", definition.digest());
    println!("  regions    {}", definition.regions().len());
    println!("  stations   {}", definition.stations().len());
    for contest in definition.contests() {
        let contestants = contest.ballot.contestants().count();
        println!("  contest    {} – {contestants} standing", contest.code);
    }
}

pub(crate) fn config(dir: &Path) -> anyhow::Result<()> {
    let home = Home::existing(dir)?;
    Config::read(&home.config())?;
    println!("{} is right", home.config().display());
    Ok(())
}
