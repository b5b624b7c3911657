//! What the flows, the demo and the replay stand on: real collector processes, real
//! agents (as processes and in this process), forms, a browser, and the public data beside the
//! repository. And the [`simulation`], which needs none of these.

pub mod applicant;
pub mod attacks;
pub mod backlog;
pub mod ballots;
pub mod binaries;
pub mod browser;
pub mod careful;
pub mod clerk;
pub mod collector;
pub mod crowd;
pub mod device;
pub mod disk;
pub mod kenya;
pub mod large_log;
pub mod loop_disk;
pub mod memory;
pub mod network;
pub mod officer;
pub mod on_the_wire;
pub mod paper;
pub mod patchwork;
pub mod picture;
pub mod poll;
pub mod power;
pub mod proxy;
pub mod public_data;
pub mod python;
pub mod register;
pub mod results;
pub mod scene;
pub mod simulation;
pub mod usage;
pub mod wire;
pub mod witness;
