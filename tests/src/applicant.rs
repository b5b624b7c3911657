//! A scripted device that enrols: shows a code, right or wrong, and asks for papers.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use saksi_collector::secret;
use saksi_proto::SigningKey;
use saksi_proto::bundle::{BUNDLE_FORMAT, Bundle, Papers};
use saksi_proto::digest::Digest;
use saksi_proto::enrolment::{Application, ENROL_ALPN, EnrolRefusal, FromRegistrar, ToRegistrar};
use saksi_proto::frame::{Frames, frame};
use saksi_proto::ids::StationCode;
use saksi_proto::message::{decode_message, encode_message};
use saksi_proto::slip::{Code, Slip};
use tokio::net::TcpSocket;

use crate::collector::Collector;

/// Longest wait for bytes.
const PATIENCE: Duration = Duration::from_secs(15);

/// A device without papers, with a slip and a key of its own.
pub struct Applicant {
    /// What it was handed.
    pub slip: Slip,
    /// Its key.
    pub key: SigningKey,
    authority: CertificateDer<'static>,
    collector: SocketAddr,
}

impl Applicant {
    /// A device with the text of a slip. Its key is made of `seed`.
    ///
    /// # Errors
    /// If it is no slip, or not of this collector's authority.
    pub fn new(collector: &Collector, slip: &str, seed: u8) -> anyhow::Result<Self> {
        let slip: Slip = slip.parse()?;
        let authority = CertificateDer::from_pem_file(collector.dir().join("keys/ca.pem"))?;
        ensure!(slip.authority.is_of(&authority), "the slip names another authority");
        let address = collector.address()?.address.parse()?;
        Ok(Self { slip, key: SigningKey::from_bytes(&[seed; 32]), authority, collector: address })
    }

    /// The same slip in the hands of a device with another key.
    #[must_use]
    pub fn with_key(&self, seed: u8) -> Self {
        let (slip, authority) = (self.slip.clone(), self.authority.clone());
        Self {
            slip,
            key: SigningKey::from_bytes(&[seed; 32]),
            authority,
            collector: self.collector,
        }
    }

    /// Calls from 127.0.0.1.
    ///
    /// # Errors
    /// The system's or TLS's.
    pub fn call(&self) -> anyhow::Result<Call> {
        self.call_from(Ipv4Addr::LOCALHOST)
    }

    /// Calls from an address of this machine. What answers must have the authority's
    /// certificate in its chain, as a device sees it that knows the fingerprint only.
    ///
    /// # Errors
    /// The system's or TLS's.
    pub fn call_from(&self, from: Ipv4Addr) -> anyhow::Result<Call> {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.clone())?;
        let provider = Arc::new(ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![ENROL_ALPN.to_vec()];
        let name = ServerName::from(IpAddr::from(Ipv4Addr::LOCALHOST));
        let connection = ClientConnection::new(Arc::new(config), name)?;
        let mut tls = StreamOwned::new(connection, connect(from, self.collector)?);
        while tls.conn.is_handshaking() {
            tls.conn.complete_io(&mut tls.sock)?;
        }
        let chain = tls.conn.peer_certificates().context("a chain")?;
        ensure!(chain.last() == Some(&self.authority), "the authority ends the chain");
        ensure!(tls.conn.alpn_protocol() == Some(ENROL_ALPN), "the protocol of enrolment");
        Ok(Call { tls, frames: Frames::default() })
    }

    /// An application for a station, signed.
    #[must_use]
    pub fn application(&self, station: StationCode) -> Application {
        let unsigned = Application {
            code: self.slip.code,
            station,
            key: Digest([0; 32]),
            authority: Digest::of(&self.authority),
            device_ms: 1_000,
            agent: "scripted".to_owned(),
            signature: Vec::new(),
        };
        Application::sign(unsigned, &self.key)
    }

    /// Calls and applies.
    ///
    /// # Errors
    /// If there is no answer.
    pub fn apply(&self, station: &str) -> anyhow::Result<FromRegistrar> {
        self.call()?.ask(&ToRegistrar::Apply(self.application(station.parse()?)))
    }

    /// Calls and applies, and has papers afterwards.
    ///
    /// # Errors
    /// If it gets none.
    pub fn enrol(&self, station: &str) -> anyhow::Result<Bundle> {
        match self.apply(station)? {
            FromRegistrar::Papers(papers) => Ok(self.bundle(*papers)),
            other => bail!("no papers but {other:?}"),
        }
    }

    /// Calls and applies, and is refused.
    ///
    /// # Errors
    /// If it is not.
    pub fn refused(&self, station: &str) -> anyhow::Result<EnrolRefusal> {
        match self.apply(station)? {
            FromRegistrar::Refused(refusal) => Ok(refusal),
            other => bail!("no refusal but {other:?}"),
        }
    }

    /// Papers and the key.
    #[must_use]
    pub fn bundle(&self, papers: Papers) -> Bundle {
        Bundle { format: BUNDLE_FORMAT, papers, key: secret::to_pem(&self.key) }
    }
}

/// A TCP connection from a certain address.
fn connect(from: Ipv4Addr, to: SocketAddr) -> anyhow::Result<TcpStream> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let stream = runtime.block_on(async {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from((from, 0)))?;
        socket.connect(to).await?.into_std()
    })?;
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// A conversation with the registrar.
pub struct Call {
    tls: StreamOwned<ClientConnection, TcpStream>,
    frames: Frames,
}

impl Call {
    /// Sends a message and reads the answer.
    ///
    /// # Errors
    /// If the connection breaks, or the collector hangs up.
    pub fn ask(&mut self, message: &ToRegistrar) -> anyhow::Result<FromRegistrar> {
        self.send_bytes(&frame(&encode_message(message))?)?;
        loop {
            if let Some(payload) = self.frames.next_frame()? {
                return Ok(decode_message(&payload)?);
            }
            let mut read = [0; 16 * 1024];
            match self.tls.read(&mut read)? {
                0 => bail!("the collector has hung up"),
                size => self.frames.receive(&read[..size]),
            }
        }
    }

    /// Asks for the station of a code.
    ///
    /// # Errors
    /// As [`Call::ask`].
    pub fn station(&mut self, code: Code, named: Option<&str>) -> anyhow::Result<FromRegistrar> {
        let station = named.map(str::parse).transpose()?;
        self.ask(&ToRegistrar::Ask { code, station })
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// If the connection is gone.
    pub fn send_bytes(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.tls.write_all(bytes)?;
        Ok(self.tls.flush()?)
    }
}
