//! SIGHUP: the configuration, the keys and the certificates are read again, and take
//! effect for new connections. All of it or nothing: if anything is wrong, or is what
//! cannot change while the collector serves, everything stays as it was. Sessions that
//! are under way go on; none of them can be resumed afterwards, for the certificates it
//! was begun with may no longer be good.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::signal::unix::Signal;
use tokio::sync::watch;
use tracing::{info, warn};

use crate::clock;
use crate::config::{Config, ConfigFault, Limits};
use crate::descriptors;
use crate::handshake::Terms;
use crate::home::Home;
use crate::metrics::Metrics;
use crate::places::Places;
use crate::staff::certificate::{self, CertificateFault};
use crate::tls::{self, TlsFault};

/// What a running collector serves by, and how it is changed.
pub struct Reload {
    home: Home,
    /// As read last; what takes effect of it does.
    config: Config,
    trust: Trust,
    /// For new connections; sent from here only.
    terms: watch::Sender<Arc<Terms>>,
    places: Places,
    metrics: Arc<Metrics>,
    /// TLS of the desk for staff, if there is one.
    desk: Option<watch::Sender<Arc<ServerConfig>>>,
}

/// The certificates as their files have them; to see what has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// The collector's own.
    pub server: Vec<u8>,
    /// The authority's.
    pub authority: Vec<u8>,
    /// That of the desk for staff, if there is one.
    pub desk: Option<Vec<u8>>,
}

/// Why everything stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum ReloadFault {
    /// The configuration cannot be read.
    #[error(transparent)]
    Config(#[from] ConfigFault),
    /// These lines of it cannot change.
    #[error(
        "{} cannot change while the collector serves; stop it and start it again",
        .0.iter().map(|key| format!("“{key}”")).collect::<Vec<_>>().join(", ")
    )]
    Fixed(Vec<&'static str>),
    /// A key or certificate.
    #[error(transparent)]
    Tls(#[from] TlsFault),
    /// The desk's key or certificate.
    #[error(transparent)]
    Desk(#[from] CertificateFault),
    /// A file of these.
    #[error("{path}: {fault}", path = .0.display(), fault = .1)]
    File(PathBuf, std::io::Error),
}

/// What a new configuration changes, in words; or the keys of it that cannot change
/// while the collector serves.
///
/// # Errors
/// These keys, all of them.
pub fn changes(old: &Config, new: &Config) -> Result<Vec<String>, Vec<&'static str>> {
    let of = |config: &Config| config.limits;
    let fixed = [
        ("agents", old.agents != new.agents),
        ("web", old.web != new.web),
        ("metrics", old.metrics != new.metrics),
        ("staff", old.staff != new.staff),
        ("two_people", old.desk.two_people != new.desk.two_people),
        ("second_factor", old.desk.second_factor != new.desk.second_factor),
        ("origin", old.origin != new.origin),
        ("waiting_batches", old.limits.waiting_batches != new.limits.waiting_batches),
        ("station_forms", of(old).station_forms != of(new).station_forms),
        (
            "station_forms_a_second",
            of(old).station_forms_a_second != of(new).station_forms_a_second,
        ),
        ("photo_spare_mebibytes", old.limits.photo_spare != new.limits.photo_spare),
        // The registrar makes papers and counts wrong codes by them.
        ("[[collector]]", old.collectors != new.collectors),
        ("certificate_days", old.certificate_days != new.certificate_days),
        ("publish_seconds", old.paces.log != new.paces.log),
        ("totals_seconds", old.paces.totals != new.paces.totals),
        ("site, photos", old.site != new.site),
        ("witnesses", old.witnesses != new.witnesses),
        ("wrong_codes_an_hour", of(old).wrong_codes_an_hour != of(new).wrong_codes_an_hour),
        ("wrong_codes_a_minute", of(old).wrong_codes_a_minute != of(new).wrong_codes_a_minute),
    ];
    let fixed: Vec<_> = fixed.into_iter().filter(|(_, changed)| *changed).collect();
    if !fixed.is_empty() {
        return Err(fixed.into_iter().map(|(key, _)| key).collect());
    }
    let pairs = bounds(&old.limits).into_iter().zip(bounds(&new.limits));
    let changed = pairs.filter(|((_, old), (_, new))| old != new);
    Ok(changed.map(|((key, old), (_, new))| format!("{key} {old} → {new}")).collect())
}

/// The bounds that take effect for new connections, by their keys.
fn bounds(limits: &Limits) -> [(&'static str, u64); 6] {
    let seconds = |duration: Duration| duration.as_secs();
    [
        ("connections", limits.connections as u64),
        ("address_connections", limits.address_connections as u64),
        ("device_connections", limits.device_connections as u64),
        ("handshakes", limits.handshakes as u64),
        ("handshake_seconds", seconds(limits.handshake)),
        ("silence_seconds", seconds(limits.silence)),
    ]
}

impl Trust {
    /// Reads the certificates' files.
    ///
    /// # Errors
    /// [`ReloadFault::File`].
    pub fn read(home: &Home) -> Result<Self, ReloadFault> {
        let read = |name| {
            let path = home.key(name);
            std::fs::read(&path).map_err(|fault| ReloadFault::File(path, fault))
        };
        // Without a desk there is none, and nobody misses it.
        let desk = read("staff.pem").ok();
        Ok(Self { server: read("server.pem")?, authority: read("ca.pem")?, desk })
    }

    /// What is another one than before, in words.
    fn changes(&self, new: &Self) -> impl Iterator<Item = String> {
        let server = (self.server != new.server).then_some("the collector's certificate");
        let authority = (self.authority != new.authority).then_some("the devices' authority");
        let desk = (self.desk != new.desk).then_some("the desk's certificate");
        server.into_iter().chain(authority).chain(desk).map(str::to_owned)
    }
}

impl Reload {
    /// Of a collector that serves by `config` and `trust` now.
    #[must_use]
    pub fn new(
        home: &Home,
        config: &Config,
        trust: Trust,
        terms: watch::Sender<Arc<Terms>>,
        places: Places,
        metrics: Arc<Metrics>,
    ) -> Self {
        let (home, config) = (home.clone(), config.clone());
        Self { home, config, trust, terms, places, metrics, desk: None }
    }

    /// Also for the desk for staff.
    #[must_use]
    pub fn with_desk(self, desk: Option<watch::Sender<Arc<ServerConfig>>>) -> Self {
        Self { desk, ..self }
    }

    /// Reads everything again at each signal, for as long as it is polled.
    pub async fn at_each(mut self, mut signal: Signal) {
        while signal.recv().await.is_some() {
            let changed = self.reload();
            self.metrics.reloaded(changed.is_ok());
            match changed {
                Ok(changed) if changed.is_empty() => info!("read again: nothing has changed"),
                Ok(changed) => info!("read again, for new connections: {}", changed.join(", ")),
                Err(fault) => {
                    // One line, however many mistakes there are.
                    let why = fault.to_string().replace('\n', "; ");
                    warn!("read again, and everything stays as it was: {why}");
                }
            }
        }
    }

    /// Some files of a few kilobytes, so it is done in place.
    fn reload(&mut self) -> Result<Vec<String>, ReloadFault> {
        let config = Config::read(&self.home.config())?;
        let mut changed = changes(&self.config, &config).map_err(ReloadFault::Fixed)?;
        let trust = Trust::read(&self.home)?;
        let terms = Terms { limits: config.limits, tls: tls::server(&self.home)? };
        let names: Vec<_> = config.collectors.iter().map(|told| told.name.clone()).collect();
        tls::check_usable(&self.home, &names, clock::now_ms())?;
        let of_desk = self.desk.as_ref().map(|_| certificate::server(&self.home)).transpose()?;
        changed.extend(self.trust.changes(&trust));
        descriptors::allow(config.limits.connections);
        self.places.bound(config.limits);
        self.terms.send_replace(Arc::new(terms));
        if let Some((desk, tls)) = self.desk.as_ref().zip(of_desk) {
            desk.send_replace(tls);
        }
        (self.config, self.trust) = (config, trust);
        Ok(changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Shown;

    fn config() -> Config {
        let text = "agents = \"0.0.0.0:7443\"\nweb = \"127.0.0.1:7480\"\norigin = \"o\"\n\
                    [[collector]]\naddress = \"a:1\"\nname = \"a\"\n";
        Config::parse(text).unwrap()
    }

    fn with(change: impl FnOnce(&mut Config)) -> Result<Vec<String>, Vec<&'static str>> {
        let mut changed = config();
        change(&mut changed);
        changes(&config(), &changed)
    }

    #[test]
    fn what_takes_effect_is_said_with_both_values() {
        assert_eq!(with(|_| {}), Ok(Vec::new()));
        let changed = with(|config| {
            config.limits = Limits {
                connections: 9,
                address_connections: 8,
                device_connections: 7,
                handshakes: 6,
                handshake: Duration::from_secs(5),
                silence: Duration::from_secs(4),
                ..config.limits
            };
        });
        let words = [
            "connections 10000 → 9",
            "address_connections 2000 → 8",
            "device_connections 8 → 7",
            "handshakes 4000 → 6",
            "handshake_seconds 20 → 5",
            "silence_seconds 120 → 4",
        ];
        assert_eq!(changed, Ok(words.map(str::to_owned).to_vec()));
    }

    #[test]
    fn what_cannot_change_is_named_all_of_it_and_nothing_else_changes() {
        let refused = with(|config| {
            config.agents.set_port(1);
            config.web.set_port(2);
            config.metrics = Some(config.web);
            config.staff = Some(config.web);
            config.desk.two_people.0.clear();
            config.desk.second_factor.0.push(crate::staff::account::Role::Admin);
            config.origin = "p".to_owned();
            config.limits.waiting_batches = 1;
            config.limits.station_forms = 1;
            config.limits.station_forms_a_second = 1;
            config.limits.photo_spare = 0;
            config.collectors[0].name = "b".to_owned();
            config.certificate_days = 1;
            config.site = Shown::Photos;
            config.witnesses.needed = 1;
            config.limits.wrong_codes_an_hour = 1;
            config.limits.wrong_codes_a_minute = 1;
            config.limits.connections = 9;
        });
        let keys = [
            "agents",
            "web",
            "metrics",
            "staff",
            "two_people",
            "second_factor",
            "origin",
            "waiting_batches",
            "station_forms",
            "station_forms_a_second",
            "photo_spare_mebibytes",
            "[[collector]]",
            "certificate_days",
            "site, photos",
            "witnesses",
            "wrong_codes_an_hour",
            "wrong_codes_a_minute",
        ];
        assert_eq!(refused, Err(keys.to_vec()));
        assert_eq!(
            ReloadFault::Fixed(vec!["agents", "web"]).to_string(),
            "“agents”, “web” cannot change while the collector serves; stop it and start it again"
        );
    }
}
