//! The offline way: the application and its answer as files.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use saksi_proto::bundle::Papers;
use saksi_proto::enrolment::Application;

use super::EnrolFault;
use crate::durable;
use crate::identity::{IdentityFault, MAX_BUNDLE};

/// Writes an application for its way to the centre, for its owner only: it has the code.
///
/// # Errors
/// [`EnrolFault::File`].
pub fn write_request(path: &Path, application: &Application) -> Result<(), EnrolFault> {
    let text = serde_json::to_vec_pretty(application).map_err(IdentityFault::from)?;
    durable::write_file(path, &text).map_err(EnrolFault::file(path.to_owned()))
}

/// Reads the papers that came back. They are unchecked.
///
/// # Errors
/// [`EnrolFault`] if it cannot be read or is none.
pub fn read_answer(path: &Path) -> Result<Papers, EnrolFault> {
    let mut text = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_BUNDLE + 1).read_to_end(&mut text));
    let read = read.and_then(|length| match length as u64 {
        0..=MAX_BUNDLE => Ok(()),
        _ => Err(io::Error::new(io::ErrorKind::FileTooLarge, "too large for papers")),
    });
    read.map_err(EnrolFault::file(path.to_owned()))?;
    serde_json::from_slice(&text).map_err(|fault| EnrolFault::Papers(fault.into()))
}
