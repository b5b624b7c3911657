//! A station's device: its certificate, and forms that it has sealed.

use std::ops::Range;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use saksi_collector::authority::Authority;
use saksi_collector::election::Election;
use saksi_collector::secret;
use saksi_proto::SigningKey;
use saksi_proto::count::Count;
use saksi_proto::form::TallyForm;
use saksi_proto::frame::frame;
use saksi_proto::ids::StationCode;
use saksi_proto::message::{ALPN, Batch, ToCollector, encode_message};
use saksi_proto::seal::SealedForm;
use saksi_tests::paper::Paper;

use crate::country::{CANDIDATES, PARTIES};

/// The voice of a station.
pub(crate) struct Device {
    /// Its station.
    pub(crate) station: StationCode,
    key: SigningKey,
    certificate: String,
    authority: String,
    issued_ms: u64,
    /// What it reports for each contest with candidates.
    candidates: Vec<Count>,
    /// What it reports for each contest with parties.
    parties: Vec<Count>,
}

/// What one device has to send: batches, framed.
#[derive(Clone)]
pub(crate) struct Job {
    /// How it shakes hands; never resuming.
    pub(crate) tls: Arc<ClientConfig>,
    /// The batches.
    pub(crate) batches: Arc<Vec<Vec<u8>>>,
}

impl Device {
    /// A device for a station of the list.
    pub(crate) fn new(
        election: &Election,
        station: usize,
        authority: &Authority,
        now_ms: u64,
    ) -> anyhow::Result<Self> {
        let definition = &election.definition;
        let code = definition.stations()[station].code;
        let key = secret::new_key()?;
        let public = key.verifying_key();
        let mut random = fastrand::Rng::with_seed(station as u64);
        Ok(Self {
            station: code,
            certificate: authority
                .issue_device(&public, definition.head().id, code, now_ms, 730)?
                .pem,
            authority: authority.certificate_pem().to_owned(),
            key,
            issued_ms: now_ms,
            candidates: numbers(election, CANDIDATES.start, station, &mut random),
            parties: numbers(election, PARTIES.start, station, &mut random),
        })
    }

    /// Its public key.
    pub(crate) fn public(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    /// How it shakes hands, resuming earlier sessions or never.
    pub(crate) fn tls(&self, resumption: Resumption) -> anyhow::Result<Arc<ClientConfig>> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.authority.as_bytes())?)?;
        let certificate = CertificateDer::from_pem_slice(self.certificate.as_bytes())?;
        let key = PrivateKeyDer::from_pem_slice(secret::to_pem(&self.key).as_bytes())?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_root_certificates(roots)
            .with_client_auth_cert(vec![certificate], key)?;
        config.alpn_protocols = vec![ALPN.to_vec()];
        config.resumption = resumption;
        Ok(Arc::new(config))
    }

    /// Its forms for these contests, `forms` in a batch.
    pub(crate) fn job(
        &self,
        election: &Election,
        contests: Range<usize>,
        forms: usize,
    ) -> anyhow::Result<Job> {
        let sealed = contests.map(|contest| Ok(self.seal(election, contest)?.bytes().to_vec()));
        let sealed = sealed.collect::<anyhow::Result<Vec<_>>>()?;
        let batches = (0..).zip(sealed.chunks(forms)).map(|(number, forms)| {
            let batch = Batch { number, known: 0, forms: forms.to_vec() };
            Ok(frame(&encode_message(&ToCollector::Submit(batch)))?)
        });
        let batches = Arc::new(batches.collect::<anyhow::Result<_>>()?);
        Ok(Job { tls: self.tls(Resumption::disabled())?, batches })
    }

    fn seal(&self, election: &Election, contest: usize) -> anyhow::Result<SealedForm> {
        let counts = if PARTIES.contains(&contest) { &self.parties } else { &self.candidates };
        let form = TallyForm {
            election: election.definition.digest(),
            phase: election.definition.head().phase,
            station: self.station,
            contest: election.contest(contest).code,
            revision: 1,
            supersedes: None,
            device_ms: self.issued_ms,
            counts: counts.clone(),
            explanation: None,
            reason: None,
            photos: Vec::new(),
        };
        Ok(SealedForm::seal(&form, &self.key)?)
    }
}

/// Numbers without a mistake, in the order of the paper.
fn numbers(
    election: &Election,
    contest: usize,
    station: usize,
    random: &mut fastrand::Rng,
) -> Vec<Count> {
    let station = &election.definition.stations()[station];
    let paper = Paper::plausible(station, election.contest(contest), random);
    let number = |field: &String| paper.lines.get(field).copied().flatten();
    let fields = election.layout(contest).fields().iter();
    fields.map(|field| number(&field.code).map_or(Count::NotWritten, Count::Written)).collect()
}
