//! The collector: receives forms from devices, verifies them, logs them and adds
//! them up by region.
//!
//! The files follow a form on its way:
//!
//! | step | module |
//! |---|---|
//! | what is set up once | [`home`], [`config`], [`pack`], [`init`], [`authority`], [`secret`] |
//! | codes and papers | [`chosen`], [`codes`], [`slips`], [`device`], [`certificates`], [`registrar`] |
//! | who may speak | [`changes`] of the [`roster`], from devices or by the [`registry`] |
//! | from the network | [`listener`] with its [`places`], [`handshake`], [`tls`], [`identity`], [`session`] over a `line`, [`presence`] |
//! | may it enter? | [`admission`], against [`election`] and [`roster`] |
//! | into the log | [`sequencer`], [`log`], [`storage`], [`journal`] — the commit point, [`acknowledged`] |
//! | photos of the paper | [`photos`], once the log has the form that names them |
//! | what it comes to | [`ledger`], [`tally`], [`questions`] |
//! | what devices are told of it | [`notices`] |
//! | cosigned by others | [`cosigning`] |
//! | to everybody, as files | [`publisher`] |
//! | to people | [`view`], [`web`], [`results`]; maps by [`boundaries`] |
//! | to the centre's staff | [`staff`] |
//! | to others, in their formats | [`export`] |
//! | is the log sound? | [`inspection`], [`seals`], [`backup`], [`restore`] |
//! | is what was published true? | [`mod@audit`] |
//! | a witness for the logs of others | [`mod@witness`] |
//! | the process | [`serve`], [`reload`], [`door`], [`metrics`] by their door ([`scraped`]), [`descriptors`], [`clock`] |

pub mod acknowledged;
pub mod admission;
pub mod audit;
pub mod authority;
pub mod backup;
pub mod boundaries;
pub mod certificates;
pub mod changes;
pub mod chosen;
pub mod clock;
pub mod codes;
pub mod config;
pub mod cosigning;
pub mod descriptors;
pub mod device;
pub mod door;
pub mod election;
pub mod export;
pub mod handshake;
pub mod home;
pub mod identity;
pub mod init;
pub mod inspection;
pub mod journal;
pub mod ledger;
mod line;
pub mod listener;
pub mod log;
pub mod metrics;
pub mod notices;
pub mod pack;
pub mod photos;
pub mod places;
pub mod presence;
pub mod publisher;
pub mod questions;
pub mod reading;
pub mod registrar;
pub mod registry;
pub mod reload;
pub mod replay;
pub mod restore;
pub mod results;
pub mod roster;
#[cfg(test)]
mod sample;
pub mod scraped;
pub mod seals;
pub mod secret;
pub mod sequencer;
pub mod serve;
pub mod session;
pub mod slips;
pub mod staff;
pub mod storage;
pub mod tally;
pub mod tls;
pub mod view;
pub mod web;
pub mod witness;
