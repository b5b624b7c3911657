//! A session with the first collector that answers.

use std::sync::Arc;

use saksi_proto::bundle::CollectorAddress;
use saksi_proto::message::Hello;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::RehearsalFault;
use crate::clock::Clock;
use crate::forward::fault::LinkFault;
use crate::forward::link::Dialler;
use crate::forward::session::Session;
use crate::identity::Identity;

/// Calls one collector after the other until one welcomes the device.
pub(super) async fn any(
    identity: &Identity,
    clock: &Arc<Clock>,
    own: &[CollectorAddress],
) -> Result<Session<TlsStream<TcpStream>>, RehearsalFault> {
    let papers = identity.papers();
    let collectors = if own.is_empty() { &papers.collectors[..] } else { own };
    let dialler = Dialler::new(identity, clock)?;
    let mut last = RehearsalFault::from(LinkFault::Name("no collector is known".to_owned()));
    for collector in collectors {
        match begin(&dialler, identity, collector).await {
            Ok(session) => return Ok(session),
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
) -> Result<Session<TlsStream<TcpStream>>, LinkFault> {
    let stream = dialler.dial(collector).await?;
    let hello = Hello {
        election: identity.election().digest,
        agent: env!("CARGO_PKG_VERSION").to_owned(),
        device_ms: Clock::system_ms(),
    };
    Ok(Session::begin(stream, hello).await?.0)
}
