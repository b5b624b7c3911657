//! Long lists as CSV, written while they are read: no more of one is in memory than a piece.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use http_body_util::channel::{Channel, Sender};
use tokio::sync::OwnedSemaphorePermit;
use tracing::warn;

use super::refused::Refused;
use crate::staff::desk::Desk;

/// A file that is being written.
pub(super) struct File {
    sender: Sender<Bytes>,
    _place: OwnedSemaphorePermit,
}

/// Whoever reads it has gone, or a row cannot be written; the file ends short.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gone;

impl File {
    /// Writes some rows, as fast as they are read.
    pub(super) async fn write<const N: usize>(
        &mut self,
        rows: impl IntoIterator<Item = [String; N]>,
    ) -> Result<(), Gone> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in rows {
            writer.write_record(row.iter().map(|cell| harmless(cell))).map_err(|_| Gone)?;
        }
        let bytes = writer.into_inner().map_err(|_| Gone)?;
        if bytes.is_empty() {
            return Ok(());
        }
        self.sender.send_data(bytes.into()).await.map_err(|_| Gone)
    }
}

/// A spreadsheet takes what begins so for a formula, and some of the cells are typed by
/// people, or said by devices.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<i64>().is_err() {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

/// Has a file written by `write`, with this name. Ends when the collector is being stopped.
pub(super) fn file<F>(
    desk: &Arc<Desk>,
    name: &str,
    write: impl FnOnce(File) -> F,
) -> Result<Response, Refused>
where
    F: Future<Output = Result<(), Gone>> + Send + 'static,
{
    let Ok(place) = Arc::clone(&desk.files).try_acquire_owned() else {
        return Err(Refused::Busy(10));
    };
    let (sender, channel) = Channel::new(2);
    let (writing, stopping) = (write(File { sender, _place: place }), desk.stopping.clone());
    tokio::spawn(async move {
        tokio::select! {
            written = writing => if written.is_err() {
                warn!("a file of the desk ends short: its reader has gone, or the log cannot be read");
            },
            () = stopping.cancelled() => {}
        }
    });
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, Body::new(channel)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (cell, written) in
            [("=1+1", "'=1+1"), ("-5", "-5"), ("-a", "'-a"), ("@x", "'@x"), ("TPS 1", "TPS 1")]
        {
            assert_eq!(harmless(cell), written);
        }
    }
}
