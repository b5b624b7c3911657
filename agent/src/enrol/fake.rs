//! A small registrar that keeps to a script: real TLS, chosen faults.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use ed25519_dalek::SigningKey;
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair, PKCS_ED25519};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use saksi_proto::bundle::Papers;
use saksi_proto::checkpoint::LogKey;
use saksi_proto::definition::Definition;
use saksi_proto::digest::Digest;
use saksi_proto::enrolment::{
    Application, ENROL_ALPN, EnrolRefusal, FromRegistrar, StationOffer, ToRegistrar,
};
use saksi_proto::frame::{Frames, frame};
use saksi_proto::ids::{Phase, StationCode};
use saksi_proto::message::{decode_message, encode_message};
use saksi_proto::slice::Slicer;
use saksi_proto::slip::{Code, Fingerprint, Slip};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::testing::{Authority, ISSUED_MS, STATION, definition_of};

/// Another station of the election.
pub(super) const OTHER: &str = "3204061001014";

/// What happens to one application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// The device is enrolled, and the connection ends before the answer.
    LoseTheReply,
    /// The device is enrolled; papers come later.
    Waiting(u32),
    /// Too much to do.
    Later(u32),
    /// The papers are for another station.
    OtherStation,
    /// The certificate is for another key.
    OtherKey,
    /// The certificate is signed by another authority.
    Unsigned,
    /// The papers name another authority, whose certificate they hold.
    OtherAuthority,
    /// A byte of the slice is another.
    TamperedSlice,
}

/// What the registrar has seen, shared with the test.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) script: VecDeque<Turn>,
    pub(super) asked: usize,
    pub(super) applied: Vec<Application>,
    /// The one key that the code has enrolled.
    enrolled: Option<Digest>,
}

/// A registrar on a port of its own.
pub(super) struct Fake {
    pub(super) slip: Slip,
    pub(super) authority: Authority,
    pub(super) seen: Mutex<Seen>,
    /// Whether its code is for spare devices.
    is_spare: bool,
    definition: Definition,
}

impl Fake {
    pub(super) async fn start(script: &[Turn]) -> Arc<Self> {
        Self::listen(script, false, |_| {}).await
    }

    /// A registrar whose code is for the spare devices of a region.
    pub(super) async fn start_spare() -> Arc<Self> {
        Self::listen(&[], true, |_| {}).await
    }

    /// A registrar with a certificate of its own kind.
    pub(super) async fn start_with(change: fn(&mut CertificateParams)) -> Arc<Self> {
        Self::listen(&[], false, change).await
    }

    async fn listen(
        script: &[Turn],
        is_spare: bool,
        change: fn(&mut CertificateParams),
    ) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("localhost:{}", listener.local_addr().unwrap().port());
        let authority = Authority::new();
        let acceptor = acceptor(&authority, change);
        let slip =
            Slip::new(&address, Fingerprint::new(authority.digest()), Code::new(*b"saksi!!"));
        let seen = Seen { script: script.iter().copied().collect(), ..Seen::default() };
        let (slip, seen) = (slip.unwrap(), Mutex::new(seen));
        let definition = definition_of(Phase::Rehearsal, &[STATION, OTHER]);
        let fake = Arc::new(Self { slip, authority, seen, is_spare, definition });
        let registrar = Arc::clone(&fake);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if let Ok(stream) = acceptor.accept(stream).await {
                    registrar.serve(stream).await;
                }
            }
        });
        fake
    }

    async fn serve(&self, mut stream: TlsStream<TcpStream>) {
        let mut frames = Frames::default();
        let mut bytes = [0; 4_096];
        while let Ok(received @ 1..) = stream.read(&mut bytes).await {
            frames.receive(&bytes[..received]);
            while let Some(payload) = frames.next_frame().unwrap() {
                let answer = match decode_message(&payload).unwrap() {
                    ToRegistrar::Ask { code, station } => Some(self.offer(code, station)),
                    ToRegistrar::Apply(application) => self.apply(&application),
                };
                let Some(answer) = answer else { return };
                stream.write_all(&frame(&encode_message(&answer)).unwrap()).await.unwrap();
            }
        }
    }

    fn offer(&self, code: Code, station: Option<StationCode>) -> FromRegistrar {
        let mut seen = self.seen.lock().unwrap();
        seen.asked += 1;
        if code != self.slip.code {
            return FromRegistrar::Refused(EnrolRefusal::UnknownCode);
        }
        if seen.enrolled.is_some() {
            return FromRegistrar::Refused(EnrolRefusal::CodeUsed);
        }
        if self.is_spare && station.is_none() {
            return FromRegistrar::Refused(EnrolRefusal::StationMissing);
        }
        let station = station.unwrap_or_else(|| STATION.parse().unwrap());
        FromRegistrar::Station(StationOffer {
            station,
            name: format!("TPS {}", &station.as_str()[10..]),
            regions: vec!["3204".to_owned()],
            election: "Pemilihan uji".to_owned(),
            phase: Phase::Rehearsal,
            now_ms: ISSUED_MS,
        })
    }

    fn apply(&self, application: &Application) -> Option<FromRegistrar> {
        let mut seen = self.seen.lock().unwrap();
        seen.applied.push(application.clone());
        if !application.is_signed() || application.authority != self.authority.digest() {
            return Some(FromRegistrar::Refused(EnrolRefusal::BadApplication));
        }
        let turn = seen.script.pop_front();
        if let Some(Turn::Later(after_ms)) = turn {
            return Some(FromRegistrar::Later { after_ms });
        }
        if *seen.enrolled.get_or_insert(application.key) != application.key {
            return Some(FromRegistrar::Refused(EnrolRefusal::CodeUsed));
        }
        match turn {
            Some(Turn::LoseTheReply) => None,
            Some(Turn::Waiting(after_ms)) => Some(FromRegistrar::Waiting { after_ms }),
            turn => Some(FromRegistrar::Papers(Box::new(self.papers(application, turn)))),
        }
    }

    /// Papers for an application, with what is wrong in this turn.
    pub(super) fn papers(&self, application: &Application, turn: Option<Turn>) -> Papers {
        let is = |wrong| turn == Some(wrong);
        let at = u32::from(is(Turn::OtherStation) || application.station.as_str() == OTHER);
        let key = if is(Turn::OtherKey) { [9; 32] } else { application.key.0 };
        let stranger = Authority::new();
        let is_other = is(Turn::OtherAuthority);
        let signer = if is(Turn::Unsigned) || is_other { &stranger } else { &self.authority };
        let shown = if is_other { &stranger } else { &self.authority };
        let mut slice =
            Papers::encode_slice(&Slicer::new(&self.definition).slice(&self.definition, at));
        if is(Turn::TamperedSlice) {
            let name = slice.windows(7).rposition(|part| part == b"TPS 013").unwrap();
            slice[name + 6] = b'4';
        }
        let log = SigningKey::from_bytes(&[7; 32]).verifying_key();
        Papers {
            station: [STATION, OTHER][at as usize].parse().unwrap(),
            issued_ms: ISSUED_MS,
            election: self.definition.digest(),
            slice,
            log_key: LogKey { origin: "saksi.test/log".to_owned(), key: log }.to_string(),
            collectors: Vec::new(),
            authority: shown.pem.clone(),
            certificate: signer.certify_device(key),
            certified_until_ms: 4_000_000_000_000,
            witnesses: None,
        }
    }
}

/// Shows its own certificate and that of its authority.
fn acceptor(authority: &Authority, change: fn(&mut CertificateParams)) -> TlsAcceptor {
    let key = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    change(&mut params);
    let chain = [authority.sign(params, &key), authority.pem.clone()];
    let chain = chain.map(|pem| CertificateDer::from_pem_slice(pem.as_bytes()).unwrap());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            chain.to_vec(),
            PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap(),
        )
        .unwrap();
    config.alpn_protocols = vec![ENROL_ALPN.to_vec()];
    TlsAcceptor::from(Arc::new(config))
}
