//! The connection to a registrar: one question, one answer.

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls::time_provider::TimeProvider;
use saksi_proto::bundle::Papers;
use saksi_proto::digest::Digest;
use saksi_proto::enrolment::{Application, ENROL_ALPN, FromRegistrar, StationOffer, ToRegistrar};
use saksi_proto::frame::{Frames, frame};
use saksi_proto::ids::StationCode;
use saksi_proto::message::{decode_message, encode_message};
use saksi_proto::slip::Slip;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::EnrolFault;
use super::pin::Pin;
use crate::forward::fault::LinkFault;
use crate::forward::link::{connect_over_tls, cryptography, within};

/// For a question and its answer. Papers of 60 KB take 24 s at 20 kbit/s (2G in the
/// country), behind a collector that is busy for as long.
const ANSWER: Duration = Duration::from_secs(120);

/// One read: most answers are below it, papers are some of them.
const READ: usize = 4 * 1024;

/// A connection that stands: what is at its other end has the slip's authority.
pub struct Registrar {
    stream: TlsStream<TcpStream>,
    frames: Frames,
    authority: Digest,
}

impl Registrar {
    /// Connects to the slip's collector, and makes sure that it is that one. Nothing is
    /// told to another. The handshake's time is the device's, by `clock`.
    ///
    /// # Errors
    /// [`EnrolFault::Link`].
    pub async fn call(slip: &Slip, clock: Arc<dyn TimeProvider>) -> Result<Self, EnrolFault> {
        let provider = cryptography();
        let pin = Arc::new(Pin::new(slip.authority, Arc::clone(&provider)));
        let mut config = ClientConfig::builder_with_details(provider, clock)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(|fault| LinkFault::Stream(std::io::Error::other(fault)))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::<Pin>::clone(&pin))
            .with_no_client_auth();
        config.alpn_protocols = vec![ENROL_ALPN.to_vec()];
        let host = slip.collector.rsplit_once(':').map_or(&slip.collector[..], |(host, _)| host);
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(host.clone()).map_err(|_| LinkFault::Name(host))?;
        let tls = TlsConnector::from(Arc::new(config));
        let stream = connect_over_tls(&tls, name, &slip.collector).await?;
        let authority = pin.seen().ok_or(LinkFault::OutOfTurn("a handshake without a proof"))?;
        if stream.get_ref().1.alpn_protocol() != Some(ENROL_ALPN) {
            return Err(LinkFault::OutOfTurn("a collector that enrols no devices").into());
        }
        Ok(Self { stream, frames: Frames::default(), authority })
    }

    /// SHA-256 of the certificate of the collector's authority.
    #[must_use]
    pub fn authority(&self) -> Digest {
        self.authority
    }

    /// Asks what the slip's code is for; a spare's says for which station it is wanted.
    ///
    /// # Errors
    /// [`EnrolFault`].
    pub async fn ask(
        mut self,
        slip: &Slip,
        station: Option<StationCode>,
    ) -> Result<StationOffer, EnrolFault> {
        match self.exchange(&ToRegistrar::Ask { code: slip.code, station }).await? {
            FromRegistrar::Station(offer) => Ok(offer),
            other => Err(no_answer(&other)),
        }
    }

    /// Applies for papers. They are unchecked.
    ///
    /// # Errors
    /// [`EnrolFault`]; the application may have come through all the same, and can be
    /// sent again.
    pub async fn apply(mut self, application: Application) -> Result<Papers, EnrolFault> {
        match self.exchange(&ToRegistrar::Apply(application)).await? {
            FromRegistrar::Papers(papers) => Ok(*papers),
            other => Err(no_answer(&other)),
        }
    }

    async fn exchange(&mut self, question: &ToRegistrar) -> Result<FromRegistrar, LinkFault> {
        within(ANSWER, "the answer", async {
            let question = frame(&encode_message(question))?;
            self.stream.write_all(&question).await?;
            self.stream.flush().await?;
            loop {
                if let Some(payload) = self.frames.next_frame()? {
                    return Ok(decode_message(&payload)?);
                }
                let mut bytes = [0; READ];
                match self.stream.read(&mut bytes).await? {
                    0 => return Err(LinkFault::Ended),
                    received => self.frames.receive(&bytes[..received]),
                }
            }
        })
        .await?
    }
}

/// What an answer means that is not the one that was hoped for.
fn no_answer(answer: &FromRegistrar) -> EnrolFault {
    match answer {
        FromRegistrar::Refused(refusal) => EnrolFault::Refused(*refusal),
        FromRegistrar::Waiting { after_ms } => EnrolFault::later(*after_ms, true),
        FromRegistrar::Later { after_ms } => EnrolFault::later(*after_ms, false),
        FromRegistrar::Station(_) | FromRegistrar::Papers(_) => {
            LinkFault::OutOfTurn("an answer to another question").into()
        }
    }
}
