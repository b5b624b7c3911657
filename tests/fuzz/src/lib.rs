//! What the fuzz targets share.
//!
//! A target is one file of `targets/`: it takes arbitrary bytes to a public door of the
//! product and says what must hold whatever they are. Each starts from the inputs in
//! `corpus/`, which `tests/tests/corpora.rs` makes and keeps up to date.
//!
//! | target | door | what holds |
//! |---|---|---|
//! | `frame` | [`saksi_proto::frame`] | frames come out as they went in, however the stream is cut |
//! | `message` | [`saksi_proto::message`] | what decodes decodes to the same again |
//! | `sealed_form` | [`saksi_proto::seal`] | so do the form inside and its seal |
//! | `entry` | [`saksi_proto::entry`] | so does an entry |
//! | `enrolment_request` | [`saksi_proto::enrolment`], [`saksi_proto::slip`] | and what is said before a device is known |
//! | `receipt` | [`saksi_proto::receipt`], [`saksi_proto::checkpoint`] | so do the texts |
//! | `values` | all of them | any value encodes and decodes to itself |
//! | `definition` | [`saksi_proto::author`] | an election, or mistakes with places; an election can be served |
//! | `csv` | its two lists | the same |
//! | `rule` | [`saksi_proto::layout`] | no check and no numbers stop the process |
//! | `intake` | [`saksi_agent::intake`] | what is taken in is small, bare and can be taken in again |
//! | `session` | [`saksi_collector::session`] | every answer is a message, every receipt proves, the log is sound |
//!
//! Besides, nothing panics, and none takes more memory than [`bounded`] allows.

pub mod centre;
pub mod definitions;
mod memory;
pub mod pack;
pub mod storage;
pub mod stream;
pub mod values;

pub use memory::bounded;
