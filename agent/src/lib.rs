//! The agent of one polling station: keeps signed tally forms and forwards them.
//!
//! The files follow a form on its way:
//!
//! | step | module |
//! |---|---|
//! | how the device comes by its key and its papers | [`enrol`] |
//! | who the device is, what time it is, where things lie | [`identity`], [`clock`], [`directory`] |
//! | whether its way into the log works, before the night | [`rehearsal`] |
//! | what is being typed, and what is wrong with it | [`draft`], [`entry`], [`findings`] |
//! | what a photo becomes before it is kept | [`intake`], [`taking`] |
//! | what can be asked of the device | [`desk`], [`door`], [`page`] |
//! | safe on the device | [`delivery`], [`photos`], [`ledger`], [`notices`], [`store`] |
//! | to the collector and back | [`forward`], [`seen`] of the log and the `evidence` against one, [`reason`] |
//! | carried by hand, and proven anywhere | [`export`], [`carried`], [`proof`], [`qr`] |
//! | other stations' forms, carried for them | [`carrying`] |
//! | names, sentences and times on screens | [`labels`], [`words`], [`zone`] |
//! | all of it, as a library | [`agent`] |
//!
//! Nothing here ends the process, reads arguments or has a global: hundreds of
//! agents can live in one process.

#[macro_use]
mod catalogue;

pub mod agent;
pub mod carried;
pub mod carrying;
pub mod clock;
pub mod delivery;
pub mod desk;
pub mod directory;
pub mod door;
pub mod draft;
mod durable;
pub mod enrol;
pub mod entry;
mod evidence;
pub mod export;
pub mod findings;
pub mod forward;
pub mod identity;
pub mod intake;
pub mod labels;
pub mod ledger;
pub mod notices;
pub mod page;
pub mod photos;
pub mod proof;
pub mod qr;
pub mod reason;
pub mod rehearsal;
pub mod seen;
pub mod store;
pub mod taking;
pub mod words;
pub mod zone;

#[cfg(test)]
mod testing;

pub use agent::{Agent, OpenFault, RunFault, StoredForm};
