//! A scripted device: says on the wire exactly what a test wants, right or wrong.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{
    AlertDescription, ClientConfig, ClientConnection, HandshakeKind, RootCertStore, StreamOwned,
};
use saksi_proto::SigningKey;
use saksi_proto::bundle::{Bundle, CollectorAddress};
use saksi_proto::checkpoint::LogKey;
use saksi_proto::count::Count;
use saksi_proto::digest::Digest;
use saksi_proto::enrolment::ENROL_ALPN;
use saksi_proto::form::TallyForm;
use saksi_proto::frame::{Frames, frame};
use saksi_proto::ids::ElectionId;
use saksi_proto::message::{
    ALPN, Batch, Hello, Outcome, Outcomes, ToAgent, ToCollector, decode_message, encode_message,
};
use saksi_proto::receipt::Receipt;
use saksi_proto::seal::SealedForm;
use saksi_proto::slice::StationElection;

/// Longest wait for bytes: the collector answers at once, or after a commit.
const PATIENCE: Duration = Duration::from_secs(15);

/// A TCP connection that does not wait for ever.
///
/// # Errors
/// If nobody listens.
pub fn connect(collector: &CollectorAddress) -> io::Result<TcpStream> {
    patient(TcpStream::connect(&collector.address)?)
}

/// The connection, which does not wait for ever.
///
/// # Errors
/// If it is gone.
pub fn patient(stream: TcpStream) -> io::Result<TcpStream> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// One TLS connection to a collector.
pub struct Wire {
    tls: StreamOwned<ClientConnection, TcpStream>,
    frames: Frames,
}

impl Wire {
    /// Connects with the certificate and key of a bundle.
    ///
    /// # Errors
    /// The system's or TLS's; see [`alert_in`].
    pub fn with_certificate(collector: &CollectorAddress, bundle: &Bundle) -> anyhow::Result<Self> {
        Self::over(connect(collector)?, collector, bundle)
    }

    /// As [`Wire::with_certificate`], over a connection that is there.
    ///
    /// # Errors
    /// The system's or TLS's; see [`alert_in`].
    pub fn over(
        stream: TcpStream,
        collector: &CollectorAddress,
        bundle: &Bundle,
    ) -> anyhow::Result<Self> {
        Self::handshake(stream, connection(collector, certified(bundle)?)?)
    }

    /// Connects without a certificate.
    ///
    /// # Errors
    /// The system's or TLS's.
    pub fn without_certificate(
        collector: &CollectorAddress,
        bundle: &Bundle,
    ) -> anyhow::Result<Self> {
        let config = spoken(trusting(bundle)?.with_no_client_auth());
        Self::handshake(connect(collector)?, connection(collector, config)?)
    }

    /// Connects as one that has no certificate yet and comes for it.
    ///
    /// # Errors
    /// The system's or TLS's.
    pub fn enrolling(
        stream: TcpStream,
        collector: &CollectorAddress,
        bundle: &Bundle,
    ) -> anyhow::Result<Self> {
        let mut config = trusting(bundle)?.with_no_client_auth();
        config.alpn_protocols = vec![ENROL_ALPN.to_vec()];
        Self::handshake(stream, connection(collector, Arc::new(config))?)
    }

    fn handshake(stream: TcpStream, connection: ClientConnection) -> anyhow::Result<Self> {
        let mut tls = StreamOwned::new(connection, stream);
        while tls.conn.is_handshaking() {
            tls.conn.complete_io(&mut tls.sock)?;
        }
        Ok(Self { tls, frames: Frames::default() })
    }

    /// Connects and is welcomed, as an honest device.
    ///
    /// # Errors
    /// If it is not welcomed.
    pub fn begin(collector: &CollectorAddress, bundle: &Bundle) -> anyhow::Result<Self> {
        Self::with_certificate(collector, bundle)?.greeted(bundle)
    }

    /// Is welcomed, as an honest device.
    ///
    /// # Errors
    /// If it is not welcomed.
    pub fn greeted(mut self, bundle: &Bundle) -> anyhow::Result<Self> {
        match self.ask(&hello(bundle.papers.election))? {
            Some(ToAgent::Welcome(_)) => Ok(self),
            other => bail!("no welcome but {other:?}"),
        }
    }

    /// From now on it waits for a tenth of a second only.
    ///
    /// # Errors
    /// If the connection is gone.
    pub fn hurry(&self) -> io::Result<()> {
        self.tls.sock.set_write_timeout(Some(Duration::from_millis(100)))?;
        self.tls.sock.set_read_timeout(Some(Duration::from_millis(100)))
    }

    /// Asks the collector to use new keys from here on (RFC 8446, 4.6.3), as TLS 1.3 has it
    /// in place of renegotiation.
    ///
    /// # Errors
    /// If the connection is gone.
    pub fn ask_for_new_keys(&mut self) -> anyhow::Result<()> {
        self.tls.conn.refresh_traffic_keys()?;
        self.tls.flush()?;
        Ok(())
    }

    /// The collector's certificate, DER.
    #[must_use]
    pub fn collectors_certificate(&self) -> Option<&[u8]> {
        let chain = self.tls.conn.peer_certificates();
        chain.and_then(|chain| chain.first()).map(|certificate| &**certificate)
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// If the connection is gone.
    pub fn send_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.tls.write_all(bytes)?;
        self.tls.flush()
    }

    /// Sends a message and reads the answer; `None` if the collector hangs up.
    ///
    /// # Errors
    /// If the connection breaks or the answer does not decode.
    pub fn ask(&mut self, message: &ToCollector) -> anyhow::Result<Option<ToAgent>> {
        self.send_bytes(&frame(&encode_message(message))?)?;
        self.answer()
    }

    /// Submits a batch and gives what became of each of its forms.
    ///
    /// # Errors
    /// If something else is answered.
    pub fn submit(&mut self, forms: Vec<Vec<u8>>) -> anyhow::Result<Outcomes> {
        match self.ask(&ToCollector::Submit(Batch { number: 1, known: 0, forms }))? {
            Some(ToAgent::Outcomes(outcomes)) => Ok(outcomes),
            other => bail!("no outcomes but {other:?}"),
        }
    }

    /// The next message; `None` if the collector hangs up.
    ///
    /// # Errors
    /// If the connection breaks or the message does not decode.
    pub fn answer(&mut self) -> anyhow::Result<Option<ToAgent>> {
        loop {
            if let Some(payload) = self.frames.next_frame()? {
                return Ok(Some(decode_message(&payload)?));
            }
            let mut read = [0; 16 * 1024];
            match self.tls.read(&mut read)? {
                0 => return Ok(None),
                size => self.frames.receive(&read[..size]),
            }
        }
    }
}

/// The first bytes of a device on a connection (`ClientHello`).
///
/// # Errors
/// If the bundle is not sound.
pub fn greeting(collector: &CollectorAddress, bundle: &Bundle) -> anyhow::Result<Vec<u8>> {
    let mut greeting = Vec::new();
    connection(collector, certified(bundle)?)?.write_tls(&mut greeting)?;
    Ok(greeting)
}

fn connection(
    collector: &CollectorAddress,
    config: Arc<ClientConfig>,
) -> anyhow::Result<ClientConnection> {
    let name = ServerName::try_from(collector.name.clone())?;
    Ok(ClientConnection::new(config, name)?)
}

/// A device that comes more than once, and resumes its TLS session.
pub struct Visitor {
    collector: CollectorAddress,
    config: Arc<ClientConfig>,
}

impl Visitor {
    /// A device with the certificate and key of a bundle.
    ///
    /// # Errors
    /// If the bundle is not sound.
    pub fn new(collector: &CollectorAddress, bundle: &Bundle) -> anyhow::Result<Self> {
        Ok(Self { collector: collector.clone(), config: certified(bundle)? })
    }

    /// Connects, and says whether the handshake was a resumed one.
    ///
    /// # Errors
    /// The system's or TLS's.
    pub fn come(&self) -> anyhow::Result<(Wire, bool)> {
        let connection = connection(&self.collector, Arc::clone(&self.config))?;
        let wire = Wire::handshake(connect(&self.collector)?, connection)?;
        let resumed = wire.tls.conn.handshake_kind() == Some(HandshakeKind::Resumed);
        Ok((wire, resumed))
    }
}

fn certified(bundle: &Bundle) -> anyhow::Result<Arc<ClientConfig>> {
    let key = PrivateKeyDer::from_pem_slice(bundle.key.as_bytes())?;
    let certificate = CertificateDer::from_pem_slice(bundle.papers.certificate.as_bytes())?;
    Ok(spoken(trusting(bundle)?.with_client_auth_cert(vec![certificate], key)?))
}

fn spoken(mut config: ClientConfig) -> Arc<ClientConfig> {
    config.alpn_protocols = vec![ALPN.to_vec()];
    Arc::new(config)
}

type WantsClientCert = rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert>;

fn trusting(bundle: &Bundle) -> anyhow::Result<WantsClientCert> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(bundle.papers.authority.as_bytes())?)?;
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider);
    Ok(builder.with_protocol_versions(&[&rustls::version::TLS13])?.with_root_certificates(roots))
}

/// The greeting of a device of this election.
#[must_use]
pub fn hello(election: Digest) -> ToCollector {
    ToCollector::Hello(Hello { election, agent: "scripted".to_owned(), device_ms: 0 })
}

/// Submits forms in one batch and gives their receipts, verified.
///
/// # Errors
/// If the connection breaks, or one of them has none.
pub fn receipts(
    wire: &mut Wire,
    forms: &[SealedForm],
    key: &LogKey,
) -> anyhow::Result<Vec<Receipt>> {
    if forms.is_empty() {
        return Ok(Vec::new());
    }
    let outcomes = wire.submit(forms.iter().map(|form| form.bytes().to_vec()).collect())?;
    ensure!(outcomes.outcomes.len() == forms.len(), "an answer for each form");
    let answers = forms.iter().zip(outcomes.outcomes);
    let receipts = answers.map(|(sealed, outcome)| match outcome {
        Outcome::Logged(logged) => {
            let checkpoint = outcomes.checkpoints.get(usize::from(logged.checkpoint));
            let checkpoint = checkpoint.context("a checkpoint")?.clone();
            let (index, arrived_ms, proof) = (logged.index, logged.arrived_ms, logged.proof);
            let receipt = Receipt { index, arrived_ms, proof, checkpoint };
            receipt.verify(sealed, key)?;
            Ok(receipt)
        }
        other => bail!("no receipt but {other:?}"),
    });
    receipts.collect()
}

/// The alert with which the collector ended TLS, if that is what the fault says.
#[must_use]
pub fn alert_in(fault: &anyhow::Error) -> Option<AlertDescription> {
    let io = fault.downcast_ref::<io::Error>()?;
    match io.get_ref()?.downcast_ref::<rustls::Error>()? {
        rustls::Error::AlertReceived(alert) => Some(*alert),
        _ => None,
    }
}

/// What a device signs with, and its part of the election.
pub struct Voice {
    key: SigningKey,
    election: StationElection,
}

impl Voice {
    /// The voice of a bundle.
    ///
    /// # Errors
    /// If the bundle is not sound.
    pub fn new(bundle: &Bundle) -> anyhow::Result<Self> {
        let key = PrivateKeyDer::from_pem_slice(bundle.key.as_bytes())?;
        // PKCS#8 v1 of an Ed25519 key (RFC 8410, 7) ends with its 32 bytes.
        let seed = key.secret_der().last_chunk().context("an Ed25519 key")?;
        let election = bundle.papers.decode_slice()?.verify(bundle.papers.election)?;
        Ok(Self { key: SigningKey::from_bytes(seed), election })
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// The id of the election.
    #[must_use]
    pub fn election_id(&self) -> ElectionId {
        self.election.head.id
    }

    /// A first form of the station's first contest.
    #[must_use]
    pub fn form(&self, counts: Vec<Count>) -> TallyForm {
        TallyForm {
            election: self.election.digest,
            phase: self.election.head.phase,
            station: self.election.station.code,
            contest: self.election.contests[0].code,
            revision: 1,
            supersedes: None,
            device_ms: 1_000,
            counts,
            explanation: None,
            reason: None,
            photos: Vec::new(),
        }
    }

    /// Signs a form, whatever it says.
    ///
    /// # Errors
    /// If no device can seal that.
    pub fn seal(&self, form: &TallyForm) -> anyhow::Result<SealedForm> {
        Ok(SealedForm::seal(form, &self.key)?)
    }
}
