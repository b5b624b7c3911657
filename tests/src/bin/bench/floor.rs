//! The floor: the same primitives and nothing else. TLS as the collector configures it,
//! frames, one batch verification a message, append and one fdatasync for all that
//! waits, a reply of fixed size. No deduplication, no fold, no SQLite, no receipts, and
//! what fails ends the connection.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::{Context as _, ensure};
use ed25519_dalek::{Signature, verify_batch};
use saksi_collector::home::Home;
use saksi_collector::identity::DeviceIdentity;
use saksi_collector::tls;
use saksi_proto::VerifyingKey;
use saksi_proto::frame::{Frames, frame};
use saksi_proto::message::{ToCollector, decode_message};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio_rustls::TlsAcceptor;

use crate::line::receive;

/// As many batches as the collector lets wait.
const WAITING: usize = 256;

/// The reply to anything: as long as a signature.
const REPLY: [u8; 64] = [1; 64];

/// What a form's signature is over, before its bytes (see `proto/src/seal.rs`).
const DOMAIN: &[u8] = b"saksi form v1\n";

/// Where the signature ends.
const SIGNED: usize = 65;

/// Forms to be written, and who waits for that.
type Work = (Vec<Vec<u8>>, oneshot::Sender<()>);

/// Serves until it is killed.
pub(crate) fn serve(home: &Path) -> anyhow::Result<()> {
    let acceptor = TlsAcceptor::from(tls::server(&Home::existing(home)?)?.for_devices());
    let file = File::create(home.join("floor.log"))?;
    let (writer, work) = mpsc::channel(WAITING);
    let writing = std::thread::spawn(move || write(file, work));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(listen(acceptor, writer))?;
    writing.join().map_err(|_| anyhow::anyhow!("the writer panicked"))??;
    Ok(())
}

async fn listen(acceptor: TlsAcceptor, writer: mpsc::Sender<Work>) -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("ready agents={}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        let (acceptor, writer) = (acceptor.clone(), writer.clone());
        tokio::spawn(async move {
            if let Err(fault) = speak(stream, &acceptor, &writer).await {
                eprintln!("floor: {fault:#}");
            }
        });
    }
}

async fn speak(
    stream: TcpStream,
    acceptor: &TlsAcceptor,
    writer: &mpsc::Sender<Work>,
) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = acceptor.accept(stream).await?;
    let chain = stream.get_ref().1.peer_certificates();
    let certificate = chain.and_then(|chain| chain.first()).context("a certificate")?;
    let key = DeviceIdentity::from_certificate(certificate)?.key;
    let reply = frame(&REPLY)?;
    let mut frames = Frames::default();
    while let Some(payload) = receive(&mut stream, &mut frames).await? {
        if let ToCollector::Submit(batch) = decode_message(&payload)? {
            verify(&key, &batch.forms)?;
            let (written, waiting) = oneshot::channel();
            writer.send((batch.forms, written)).await?;
            waiting.await?;
        }
        stream.write_all(&reply).await?;
        stream.flush().await?;
    }
    Ok(())
}

fn verify(key: &VerifyingKey, forms: &[Vec<u8>]) -> anyhow::Result<()> {
    ensure!(forms.iter().all(|form| form.len() > SIGNED), "shorter than a signature");
    let statements: Vec<_> = forms.iter().map(|form| [DOMAIN, &form[SIGNED..]].concat()).collect();
    let signature = |form: &Vec<u8>| Signature::from_slice(&form[1..SIGNED]);
    if let ([form], [statement]) = (forms, &statements[..]) {
        return Ok(key.verify_strict(statement, &signature(form)?)?);
    }
    let signatures = forms.iter().map(signature).collect::<Result<Vec<_>, _>>()?;
    let statements: Vec<&[u8]> = statements.iter().map(Vec::as_slice).collect();
    Ok(verify_batch(&statements, &signatures, &vec![*key; forms.len()])?)
}

/// Appends all that waits, syncs once, tells everybody.
fn write(mut file: File, mut work: mpsc::Receiver<Work>) -> io::Result<()> {
    while let Some(first) = work.blocking_recv() {
        let mut waiting = vec![first];
        while waiting.len() < WAITING
            && let Ok(next) = work.try_recv()
        {
            waiting.push(next);
        }
        let bytes: Vec<&[u8]> =
            waiting.iter().flat_map(|(forms, _)| forms.iter().map(Vec::as_slice)).collect();
        file.write_all(&bytes.concat())?;
        file.sync_data()?;
        for (_, written) in waiting {
            // A connection that is gone needs no answer.
            written.send(()).unwrap_or_default();
        }
    }
    Ok(())
}
