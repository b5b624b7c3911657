//! A small collector that keeps to a script: real TLS, a real log, chosen faults.

mod cosigned;

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use ed25519_dalek::SigningKey;
use rcgen::{ExtendedKeyUsagePurpose, KeyPair, PKCS_ED25519};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use saksi_proto::bundle::{CollectorAddress, Papers};
use saksi_proto::checkpoint::{Checkpoint, LogKey};
use saksi_proto::digest::Digest;
use saksi_proto::entry::Kind;
use saksi_proto::frame::{Frames, frame};
use saksi_proto::links::{Link, steps};
use saksi_proto::merkle::{Tree, leaf_hash};
use saksi_proto::message::{
    ALPN, Batch, Later, Logged, Outcome, Outcomes, Renewal, Standing, ToAgent, ToCollector,
    Welcome, decode_message, encode_message,
};
use saksi_proto::notice::{Look, Notices};
use saksi_proto::photo::{PhotoAnswer, PhotoChunk};
use saksi_proto::refusal::{Farewell, Refusal};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

pub(crate) use cosigned::{Say, policy};

use crate::testing::{Authority, Device, ISSUED_MS, address};

/// What happens to one batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Everything is logged and answered.
    Log,
    /// Everything is logged, and the connection ends before the answer.
    LoseTheReply,
    /// The receipts are signed by another log.
    OtherLog,
    /// The receipts are those of other forms.
    OtherForm,
    /// Rehearsal forms are logged as forms that count.
    OtherKind,
    /// The answer is for another batch.
    OtherBatch,
    /// The first form is refused, the others are logged.
    RefuseTheFirst,
    /// The first form is to come later, the others are logged.
    FirstLater(u32),
    /// The session ends.
    Farewell(Farewell),
    /// The log is begun anew, with another entry before all others.
    Fork,
}

/// What the collector has seen, shared with the test.
#[derive(Default)]
pub(crate) struct Seen {
    script: VecDeque<Turn>,
    log: Tree,
    index: HashMap<Digest, u64>,
    /// Digests of each batch, in the order of arrival.
    pub(crate) batches: Vec<Vec<Digest>>,
    /// Sessions that were welcomed.
    pub(crate) sessions: usize,
    /// What came, in its order.
    pub(crate) heard: Vec<Heard>,
    /// What is said to the next questions for papers; when there is nothing left, later.
    pub(crate) renewals: VecDeque<Papers>,
    /// The certificate that the device showed last.
    pub(crate) shown: Vec<u8>,
    /// The time that is told.
    pub(crate) told_ms: u64,
    /// What is said to the next offers; when there is nothing left, they are wanted.
    pub(crate) to_offers: VecDeque<PhotoAnswer>,
    /// What is said to the next questions for cosigned receipts; when there is nothing
    /// left, they are cosigned by two.
    pub(crate) to_questions: VecDeque<Say>,
    /// What is said to the next looks; when there is nothing left, nothing is new.
    pub(crate) notices: VecDeque<Notices>,
    /// What was asked in each look.
    pub(crate) looks: Vec<Look>,
    /// Bytes of the photo that is under way, and its size.
    photo: (Vec<u8>, u32),
}

/// One thing that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    /// So many forms.
    Forms(usize),
    /// A photo.
    Offer(Digest),
    /// A chunk of it.
    Chunk,
    /// So many rehearsal forms.
    Rehearsal(usize),
    /// So many forms of other stations.
    Carried(usize),
    /// A question for papers.
    Renew,
    /// A checkpoint over so many entries, held against the log.
    Accusation(u64),
    /// A question for cosigned receipts of so many forms.
    Question(usize),
}

/// Lets the test do something before a chunk is answered.
#[derive(Default)]
pub(crate) struct Pause {
    /// Number of the chunk, from 1.
    pub(crate) at_chunk: AtomicUsize,
    pub(crate) reached: Notify,
    pub(crate) go_on: Notify,
}

/// A collector on a port of its own.
pub(crate) struct Fake {
    pub(crate) address: CollectorAddress,
    /// Written by the collector's task; the test reads it between its steps.
    pub(crate) seen: Arc<Mutex<Seen>>,
    /// Rung when the agent has ended a session with a close_notify.
    pub(crate) ended: Arc<Notify>,
    pub(crate) pause: Arc<Pause>,
}

/// The time that the fake collector tells: a day after the bundle was issued.
pub(crate) const TOLD_MS: u64 = ISSUED_MS + 86_400_000;

impl Fake {
    /// A collector of the device's election.
    pub(crate) async fn start(device: &Device, script: &[Turn]) -> Self {
        Self::start_as(device, &device.authority, script).await
    }

    /// A collector with a certificate of this authority.
    pub(crate) async fn start_as(device: &Device, of: &Authority, script: &[Turn]) -> Self {
        Self::listen(device, of, script, TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    /// A collector with a certificate of this authority, on this port.
    pub(crate) fn listen(
        device: &Device,
        of: &Authority,
        script: &[Turn],
        listener: TcpListener,
    ) -> Self {
        let acceptor = acceptor(of, &device.authority.pem);
        let address = address(&listener.local_addr().unwrap().to_string(), "localhost");
        let script = script.iter().copied().collect();
        let seen = Seen { script, told_ms: TOLD_MS, ..Seen::default() };
        let seen = Arc::new(Mutex::new(seen));
        let ended = Arc::new(Notify::new());
        let pause = Arc::new(Pause::default());
        let session = Session {
            seen: Arc::clone(&seen),
            pause: Arc::clone(&pause),
            ended: Arc::clone(&ended),
            log: device.log.clone(),
            origin: device.log_key.origin.clone(),
        };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let collector = session.clone();
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    // Where time is virtual, it stands still during a session.
                    let (session, ends) = std::sync::mpsc::channel::<()>();
                    tokio::task::spawn_blocking(move || ends.recv());
                    if let Ok(stream) = acceptor.accept(stream).await {
                        collector.serve(stream).await;
                    }
                    drop(session);
                });
            }
        });
        Self { address, seen, ended, pause }
    }
}

fn acceptor(authority: &Authority, clients: &str) -> TlsAcceptor {
    let key = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let certificate = authority.certify(&["localhost"], &key, ExtendedKeyUsagePurpose::ServerAuth);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(clients.as_bytes()).unwrap()).unwrap();
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()],
            PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap(),
        )
        .unwrap();
    config.alpn_protocols = vec![ALPN.to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

#[derive(Clone)]
struct Session {
    seen: Arc<Mutex<Seen>>,
    pause: Arc<Pause>,
    ended: Arc<Notify>,
    log: SigningKey,
    origin: String,
}

impl Session {
    async fn serve(self, mut stream: TlsStream<TcpStream>) {
        let shown = stream.get_ref().1.peer_certificates().unwrap()[0].to_vec();
        self.seen.lock().unwrap().shown = shown;
        let mut frames = Frames::default();
        while let Some(message) = next(&mut stream, &mut frames).await {
            let answer = match message {
                ToCollector::Hello(_) => {
                    let mut seen = self.seen.lock().unwrap();
                    seen.sessions += 1;
                    Some(ToAgent::Welcome(Welcome { now_ms: seen.told_ms }))
                }
                ToCollector::Submit(batch) => {
                    let heard = Heard::Forms(batch.forms.len());
                    self.answer(batch, Kind::Form, heard)
                }
                ToCollector::Rehearse(batch) => {
                    let heard = Heard::Rehearsal(batch.forms.len());
                    self.answer(batch, Kind::Rehearsal, heard)
                }
                ToCollector::Carry(batch) => {
                    let heard = Heard::Carried(batch.forms.len());
                    self.answer(batch, Kind::Form, heard)
                }
                ToCollector::Renew => {
                    let mut seen = self.seen.lock().unwrap();
                    seen.heard.push(Heard::Renew);
                    Some(ToAgent::Renewal(match seen.renewals.pop_front() {
                        Some(papers) => Renewal::Papers(Box::new(papers)),
                        None => Renewal::Later { after_ms: 1 },
                    }))
                }
                ToCollector::Ping => Some(ToAgent::Pong),
                ToCollector::Witnessed(wanted) => Some(self.cosigned(&wanted)),
                ToCollector::Look(look) => Some(ToAgent::Notices(self.told(&look))),
                ToCollector::Accuse(accusation) => Some(self.accused(&accusation.checkpoint)),
                ToCollector::Offer(offer) => {
                    let mut seen = self.seen.lock().unwrap();
                    seen.heard.push(Heard::Offer(offer.photo));
                    seen.photo = (Vec::new(), offer.size);
                    let wanted = PhotoAnswer::Wanted { next: 0, durable: 0 };
                    Some(ToAgent::Photo(seen.to_offers.pop_front().unwrap_or(wanted)))
                }
                ToCollector::Chunk(chunk) => Some(ToAgent::Photo(self.take(chunk).await)),
            };
            // A lost reply is a connection that ends without a goodbye.
            let Some(answer) = answer else { return };
            let frame = frame(&encode_message(&answer)).unwrap();
            if stream.write_all(&frame).await.is_err() || stream.flush().await.is_err() {
                return;
            }
        }
        self.ended.notify_one();
    }

    fn told(&self, look: &Look) -> Notices {
        let mut seen = self.seen.lock().unwrap();
        seen.looks.push(look.clone());
        let none = Notices { up_to: look.since, notices: Vec::new() };
        seen.notices.pop_front().unwrap_or(none)
    }

    async fn take(&self, chunk: PhotoChunk) -> PhotoAnswer {
        let (answer, chunks) = {
            let mut seen = self.seen.lock().unwrap();
            seen.heard.push(Heard::Chunk);
            let chunks = seen.heard.iter().filter(|heard| **heard == Heard::Chunk).count();
            let (bytes, size) = &mut seen.photo;
            bytes.extend(chunk.bytes);
            let next = u32::try_from(bytes.len()).unwrap();
            let wanted = PhotoAnswer::Wanted { next, durable: next };
            (if next == *size { PhotoAnswer::Whole } else { wanted }, chunks)
        };
        if chunks == self.pause.at_chunk.load(Ordering::SeqCst) {
            self.pause.reached.notify_one();
            self.pause.go_on.notified().await;
        }
        answer
    }

    fn accused(&self, note: &str) -> ToAgent {
        let key = LogKey { origin: self.origin.clone(), key: self.log.verifying_key() };
        let held = key.open(note).unwrap();
        let mut seen = self.seen.lock().unwrap();
        seen.heard.push(Heard::Accusation(held.size));
        if held.size > seen.log.size() {
            ToAgent::Farewell(Farewell::RolledBack)
        } else if seen.log.root_at(held.size) != held.root {
            ToAgent::Farewell(Farewell::Contradicted)
        } else {
            ToAgent::Agreed
        }
    }

    fn answer(&self, batch: Batch, kind: Kind, heard: Heard) -> Option<ToAgent> {
        let mut seen = self.seen.lock().unwrap();
        let digests: Vec<_> = batch.forms.iter().map(|form| Digest::of(form)).collect();
        seen.batches.push(digests.clone());
        seen.heard.push(heard);
        let turn = seen.script.pop_front().unwrap_or(Turn::Log);
        if let Turn::Farewell(farewell) = turn {
            return Some(ToAgent::Farewell(farewell));
        }
        if turn == Turn::Fork {
            seen.index.clear();
            seen.log = [leaf_hash(b"another log")].into_iter().collect();
        }
        if batch.known > seen.log.size() && turn != Turn::Fork {
            return Some(ToAgent::Farewell(Farewell::RolledBack));
        }
        let skipped = usize::from(matches!(turn, Turn::RefuseTheFirst | Turn::FirstLater(_)));
        for (digest, form) in digests.iter().zip(&batch.forms).skip(skipped) {
            // A form that is logged as what it is not proves nothing.
            let kind = if turn == Turn::OtherKind { Kind::Form } else { kind };
            seen.append(*digest, form, kind);
        }
        if turn == Turn::LoseTheReply {
            return None;
        }
        let outcomes = digests.iter().enumerate();
        let outcomes = outcomes.map(|(at, digest)| seen.outcome(at, *digest, turn)).collect();
        let key =
            if turn == Turn::OtherLog { &SigningKey::from_bytes(&[9; 32]) } else { &self.log };
        let (size, root) = (seen.log.size(), seen.log.root());
        let checkpoint = Checkpoint { origin: self.origin.clone(), size, root }.sign(key);
        let number = batch.number + u32::from(turn == Turn::OtherBatch);
        let steps = steps(batch.known.min(size), [size]);
        let link = |pair: &[u64]| Link(seen.log.consistency_proof(pair[0], pair[1]));
        let links = steps.windows(2).map(link).collect();
        let checkpoints = vec![checkpoint];
        Some(ToAgent::Outcomes(Outcomes { number, checkpoints, links, outcomes }))
    }
}

impl Seen {
    fn append(&mut self, digest: Digest, form: &[u8], kind: Kind) {
        if !self.index.contains_key(&digest) {
            self.index.insert(digest, self.log.size());
            self.log.push(kind.leaf(TOLD_MS, form));
        }
    }

    fn outcome(&self, at: usize, digest: Digest, turn: Turn) -> Outcome {
        match (at, turn) {
            (0, Turn::RefuseTheFirst) => Outcome::Refused {
                refusal: Refusal::ContestNotHeld,
                detail: "the first".to_owned(),
            },
            (0, Turn::FirstLater(after_ms)) => Outcome::Later { after_ms, why: Later::Busy },
            _ => {
                let right = self.index[&digest];
                let other = (right + 1) % self.log.size();
                let index = if turn == Turn::OtherForm { other } else { right };
                let proof = self.log.inclusion_proof(index, self.log.size());
                Outcome::Logged(Logged {
                    index,
                    arrived_ms: TOLD_MS,
                    proof,
                    checkpoint: 0,
                    standing: Standing::Counted,
                })
            }
        }
    }
}

/// The next message; `None` after a close_notify.
async fn next(stream: &mut TlsStream<TcpStream>, frames: &mut Frames) -> Option<ToCollector> {
    loop {
        if let Some(payload) = frames.next_frame().unwrap() {
            return Some(decode_message(&payload).unwrap());
        }
        let mut bytes = [0; 4_096];
        match stream.read(&mut bytes).await {
            Ok(0) => return None,
            Ok(received) => frames.receive(&bytes[..received]),
            // Not a goodbye: the agent was cut off.
            Err(_) => std::future::pending().await,
        }
    }
}
