//! What a Saksi agent and a Saksi collector say to each other, and what it means.
//!
//! This crate holds values only: **no I/O, no clock, no async**. Whoever needs the
//! time passes it in. The files follow a form on its way:
//!
//! | step | module |
//! |---|---|
//! | names of things | [`ids`], [`digest`], [`count`] |
//! | the election definition, what a form looks like | [`election`], [`definition`], [`mod@slice`], [`fields`], [`layout`] |
//! | what is right and wrong on a form, and across a station's forms | [`rule`], [`across`] |
//! | the filled form and its signature | [`form`], [`seal`] |
//! | how a device comes by its papers | [`slip`], [`enrolment`], [`bundle`] |
//! | on the wire | [`frame`], [`message`], [`photo`], [`notice`], [`refusal`] |
//! | which way up a photo is | [`upright`] |
//! | in the log | [`entry`], [`ruling`], [`question`], [`merkle`], [`note`], [`checkpoint`], [`cosignature`], [`witnessing`], [`policy`], [`receipt`], [`links`], [`witnessed`], [`tile`] |
//! | read and checked from a directory (feature `author`) | `author` |
//! | words on screens | [`text`] |

pub mod across;
#[cfg(feature = "author")]
pub mod author;
pub mod bundle;
pub mod checkpoint;
pub mod codec;
pub mod cosignature;
pub mod count;
mod crockford;
pub mod definition;
pub mod digest;
pub mod election;
pub mod enrolment;
pub mod entry;
pub mod fields;
pub mod form;
pub mod frame;
pub mod ids;
pub mod layout;
pub mod links;
pub mod merkle;
pub mod message;
pub mod note;
pub mod notice;
pub mod photo;
pub mod policy;
pub mod question;
pub mod receipt;
pub mod refusal;
pub mod rule;
pub mod ruling;
pub mod seal;
pub mod slice;
pub mod slip;
pub mod text;
pub mod tile;
pub mod upright;
pub mod witnessed;
pub mod witnessing;

pub use ed25519_dalek::{SigningKey, VerifyingKey};
