//! A session with the first collector that answers.

use std::sync::Arc;

use saksi_proto::bundle::CollectorAddress;
use saksi_proto::message::{Hello, Welcome};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::RehearsalFault;
use crate::clock::Clock;
use crate::forward::fault::LinkFault;
use crate::forward::link::Dialler;
use crate::forward::session::Session;
use crate::identity::Identity;

/// A session that stands, and how it was welcomed.
type Begun = (Session<TlsStream<TcpStream>>, Welcome);

/// Calls one collector after the other until one welcomes the device.
pub(super) async fn any(
    identity: &Identity,
    clock: &Arc<Clock>,
    own: &[CollectorAddress],
) -> Result<Begun, RehearsalFault> {
    let papers = identity.papers();
    let collectors = if own.is_empty() { &papers.collectors[..] } else { own };
    let dialler = Dialler::new(identity, clock)?;
    let mut last = RehearsalFault::from(LinkFault::Name("no collector is known".to_owned()));
    for collector in collectors {
        match begin(&dialler, identity, collector).await {
            Ok(begun) => return Ok(begun),
            Err(fault) => {
                tracing::debug!(address = collector.address, %fault, "no rehearsal there");
                last = fault.into();
            }
        }
    }
    Err(last)
}

async fn begin(
    dialler: &Dialler,
    identity: &Identity,
    collector: &CollectorAddress,
) -> Result<Begun, LinkFault> {
    let stream = dialler.dial(collector).await?;
    let hello = Hello {
        election: identity.election().digest,
        agent: env!("CARGO_PKG_VERSION").to_owned(),
        device_ms: Clock::system_ms(),
    };
    Session::begin(stream, hello).await
}
