//! `collector.toml`: unknown keys are refused, and all mistakes shown together.

mod shown;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use saksi_proto::author::mistake::{Mistake, Mistakes, Placed, Source};
use saksi_proto::author::tree::{Reader, Table};
use saksi_proto::bundle::{CollectorAddress, MAX_COLLECTORS};

use crate::cosigning::settings::{self, Settings};
use crate::publisher::Paces;
use crate::staff::policy::Policy;
pub use shown::Shown;

/// Name of the file in messages.
const FILE: &str = "collector.toml";

/// How a collector is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where devices connect.
    pub agents: SocketAddr,
    /// Where pages and the API are served, without TLS: put a web server before it.
    pub web: SocketAddr,
    /// Where metrics are served, without TLS; nowhere if absent.
    pub metrics: Option<SocketAddr>,
    /// Where the desk for staff is served, with TLS; nowhere if absent.
    pub staff: Option<SocketAddr>,
    /// Acts at the desk that need two people.
    pub desk: Policy,
    /// Name of the log, for all time.
    pub origin: String,
    /// What devices are told to connect to, in this order.
    pub collectors: Vec<CollectorAddress>,
    /// Days that a device's certificate lasts.
    pub certificate_days: u16,
    /// How often the log and its totals are published, at most.
    pub paces: Paces,
    /// What of the static site is written.
    pub site: Shown,
    /// Who cosigns the log.
    pub witnesses: Settings,
    /// Bounds.
    pub limits: Limits,
}

/// Days that a device's certificate lasts unless the configuration says otherwise: an
/// election with its second round, its disputes, and a year besides.
pub const CERTIFICATE_DAYS: u16 = 730;

/// Bounds of a running collector. Over a bound there is a clear answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections of devices at a time; more wait in the system's queue.
    pub connections: usize,
    /// Connections from one address at a time (IPv4, or a /64 of IPv6); more are closed.
    pub address_connections: usize,
    /// Sessions of one device at a time; another one ends its oldest.
    pub device_connections: usize,
    /// Handshakes under way at a time; another one ends the oldest that has said nothing.
    pub handshakes: usize,
    /// Time for a TLS handshake, and again for the first message.
    pub handshake: Duration,
    /// Time without a message after which a session is ended.
    pub silence: Duration,
    /// Batches that may wait for the sequencer; more are told to come later.
    pub waiting_batches: usize,
    /// Forms of one station for one contest; more are refused.
    pub station_forms: usize,
    /// Forms of one station a second, after its first 256; more wait.
    pub station_forms_a_second: u32,
    /// Bytes of the disk that photos leave to the log.
    pub photo_spare: u64,
    /// Wrong enrolment codes an hour from one address (IPv6: from one /64).
    pub wrong_codes_an_hour: u32,
    /// Wrong enrolment codes a minute from everywhere.
    pub wrong_codes_a_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // 13 KB each: 130 MB.
            connections: 10_000,
            // Thousands of phones share one address of a mobile network. Five such addresses
            // are needed to fill the house; at a session of 5 s one brings 400 devices a second.
            address_connections: 2_000,
            // One is used. On a bad network its dead ones are noticed after two minutes: one
            // every 17 s.
            device_connections: 8,
            // 8 KiB of the peer's and some 10 of TLS: 72 MB, in place of that many sessions.
            // At 8 s on 2G, 500 devices a second; at 0.1 s, 40,000.
            handshakes: 4_000,
            // Four round trips of 2G at two seconds, and a slow device's signature.
            handshake: Duration::from_secs(20),
            silence: Duration::from_secs(120),
            // 64 forms of 3.5 KiB each: 57 MB at most.
            waiting_batches: 256,
            // A form and some corrections are honest. 1,000 of 3.5 KiB are 3.5 MB of the log
            // that a stolen device can fill for each contest.
            station_forms: 1_000,
            // An honest station has five and some corrections in a night. A hundred, verified
            // and logged, take 1 to 2 ms of a second from the others.
            station_forms_a_second: 100,
            // A nation's 4.1 million forms are a log of some 5 GB; half of it is a warning
            // in good time.
            photo_spare: 2 << 30,
            // A telephone company puts thousands behind one address, and a device notices
            // what is mistyped itself: that many of them have old or strange slips.
            wrong_codes_an_hour: 30,
            // A guess finds one of 800,000 open codes in 4.5 × 10¹⁰ times: in the 14 days
            // that codes are open, with a chance of 1 in 3,700.
            wrong_codes_a_minute: 600,
        }
    }
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigFault {
    /// It cannot be read.
    #[error("{path}: {fault}", path = .0.display(), fault = .1)]
    File(std::path::PathBuf, std::io::Error),
    /// Its mistakes, all of them.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Mistakes(Vec<Mistake>),
}

impl Config {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// [`ConfigFault`].
    pub fn read(path: &Path) -> Result<Self, ConfigFault> {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|fault| ConfigFault::File(path.to_owned(), fault))?;
        Self::parse(&text).map_err(ConfigFault::Mistakes)
    }

    /// Parses a configuration.
    ///
    /// # Errors
    /// All mistakes.
    pub fn parse(text: &str) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Mistakes::default();
        let source = Source { file: FILE, text };
        let config = Reader::new(source, &mut mistakes).root(|reader, root| {
            let agents = listen(reader, root, "agents");
            let web = listen(reader, root, "web");
            let metrics = optional_listen(reader, root, "metrics");
            let staff = optional_listen(reader, root, "staff");
            let desk = Policy::read(reader, root);
            let origin = origin(reader, root);
            let collectors = reader.tables(root, "collector").into_iter();
            let collectors: Vec<_> =
                collectors.map(|collector| collector_address(reader, collector)).collect();
            if collectors.is_empty() {
                reader.mistake(0, "there is no [[collector]] for devices to connect to".to_owned());
            }
            if collectors.len() > MAX_COLLECTORS {
                let what =
                    format!("{} [[collector]]s; devices take {MAX_COLLECTORS}", collectors.len());
                reader.mistake(0, what);
            }
            let days = reader.optional_number(root, "certificate_days", 1..=3_600);
            let days = days.and_then(|days| u16::try_from(days.value).ok());
            let paces = paces(reader, root);
            let (site, witnesses) = (Shown::read(reader, root), settings::read(reader, root));
            let limits = limits(reader, root);
            Some(Self {
                agents: agents?,
                web: web?,
                metrics,
                staff,
                desk,
                origin: origin?,
                collectors: collectors.into_iter().collect::<Option<_>>()?,
                certificate_days: days.unwrap_or(CERTIFICATE_DAYS),
                paces,
                site,
                witnesses,
                limits,
            })
        });
        mistakes.into_result()?;
        Ok(config.expect("what could not be read is a mistake"))
    }

    /// The file that `init` writes.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let Self { agents, web, metrics, origin, certificate_days, .. } = self;
        let metrics = metrics.map_or("# metrics = \"127.0.0.1:7481\"".to_owned(), |address| {
            format!("metrics = \"{address}\"")
        });
        let staff = self.staff.map_or("# staff = \"127.0.0.1:7482\"".to_owned(), |address| {
            format!("staff = \"{address}\"")
        });
        let desk = self.desk.to_toml();
        let collectors = self.collectors.iter().map(|CollectorAddress { address, name }| {
            format!("[[collector]]\naddress = {address:?}\nname = {name:?}\n\n")
        });
        let collectors: String = collectors.collect();
        format!(
            r#"# Configuration of a Saksi collector. Check it with:
#   saksi-collector config check DIR
# A running collector reads it again on SIGHUP: bounds on connections, handshakes and silence
# take effect, and so do new keys and certificates.

# Where devices connect (TLS 1.3 with client certificates).
agents = "{agents}"

# Where pages and the API are served, without TLS: let a web server stand before it
# that has the public name and its certificate.
web = "{web}"

# Where metrics are served (/metrics), without TLS: for the machine itself. Not served if
# the line is absent.
{metrics}

# Where the desk for staff is served, with TLS (keys/staff.pem). Not served if the line is
# absent. The first account: saksi-collector staff add DIR NAME --full-name … --role admin
{staff}

{desk}

# Name of the log, in every checkpoint and receipt. Never change it.
origin = "{origin}"

# Days that a device's certificate lasts. Devices get new ones in good time.
certificate_days = {certificate_days}

# Seconds between two publications in DIR/public, at least: of the log, and of all totals.
publish_seconds = {log}
totals_seconds = {totals}

{site}
{witnesses}
# What new devices are told to connect to, tried in this order. The name must be in
# the collector's certificate.
{collectors}{limits}{witness_tables}"#,
            log = self.paces.log.as_secs(),
            totals = self.paces.totals.as_secs(),
            site = self.site.to_toml(),
            witnesses = self.witnesses.numbers_to_toml(),
            witness_tables = self.witnesses.tables_to_toml(),
            limits = self.limits.to_toml(),
        )
    }
}

impl Limits {
    fn to_toml(self) -> String {
        let Self { connections, address_connections, device_connections, handshakes, .. } = self;
        let Self { wrong_codes_an_hour, wrong_codes_a_minute, .. } = self;
        format!(
            r"# Bounds. Over a bound devices get a clear answer and come again; nothing is lost.
[limits]
connections = {connections}          # devices at a time; more wait
address_connections = {address_connections}   # from one address (IPv6: one /64); many phones share one
device_connections = {device_connections}       # of one device; a new one ends its oldest
handshakes = {handshakes}            # under way at a time; a new one ends the oldest silent one
handshake_seconds = {handshake}       # for a TLS handshake, and again for the first message
silence_seconds = {silence}        # without a message, then the session is ended
waiting_batches = {waiting_batches}        # of up to 64 forms, before the journal
station_forms = {station_forms}         # of one station for one contest; more are refused
station_forms_a_second = {station_forms_a_second} # of one station, after its first 256; more wait
photo_spare_mebibytes = {photo_spare} # of the disk, left to the log; photos wait then
wrong_codes_an_hour = {wrong_codes_an_hour}    # enrolment codes, from one address; then it waits
wrong_codes_a_minute = {wrong_codes_a_minute}  # from everywhere; then all wait
",
            handshake = self.handshake.as_secs(),
            silence = self.silence.as_secs(),
            waiting_batches = self.waiting_batches,
            station_forms = self.station_forms,
            station_forms_a_second = self.station_forms_a_second,
            photo_spare = self.photo_spare >> 20,
        )
    }
}

fn listen(reader: &mut Reader<'_>, root: &mut Table<'_>, key: &'static str) -> Option<SocketAddr> {
    let text = reader.string(root, key)?;
    as_address(reader, &text, key)
}

fn optional_listen(
    reader: &mut Reader<'_>,
    root: &mut Table<'_>,
    key: &'static str,
) -> Option<SocketAddr> {
    let text = reader.optional_string(root, key)?;
    as_address(reader, &text, key)
}

fn as_address(reader: &mut Reader<'_>, text: &Placed<String>, key: &str) -> Option<SocketAddr> {
    let address = text.value.parse().ok();
    if address.is_none() {
        let what = format!("“{key}” must be an address and port such as 0.0.0.0:7443");
        reader.mistake(text.span.start, what);
    }
    address
}

/// An origin as `signed-note` can carry it: no spaces, no plus sign.
fn origin(reader: &mut Reader<'_>, root: &mut Table<'_>) -> Option<String> {
    let text = reader.string(root, "origin")?;
    if text.value.is_empty() || text.value.contains([' ', '+', '\n']) || text.value.len() > 100 {
        let what = "“origin” must be 1 to 100 characters without spaces and plus signs";
        reader.mistake(text.span.start, what.to_owned());
    }
    Some(text.value)
}

fn collector_address(reader: &mut Reader<'_>, mut table: Table<'_>) -> Option<CollectorAddress> {
    let address = reader.string(&mut table, "address");
    let name = reader.string(&mut table, "name");
    reader.finish(&table);
    let address = address?;
    if address.value.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok()).is_none() {
        let what = "“address” must be a host and port such as saksi.example:7443";
        reader.mistake(address.span.start, what.to_owned());
    }
    Some(CollectorAddress { address: address.value, name: name?.value })
}

fn paces(reader: &mut Reader<'_>, root: &mut Table<'_>) -> Paces {
    let mut seconds = |key, default| {
        let seconds = reader.optional_number(root, key, 1..=3_600);
        seconds.map_or(default, |seconds| Duration::from_secs(seconds.value))
    };
    let Paces { log, totals } = Paces::default();
    Paces { log: seconds("publish_seconds", log), totals: seconds("totals_seconds", totals) }
}

fn limits(reader: &mut Reader<'_>, root: &mut Table<'_>) -> Limits {
    let default = Limits::default();
    let Some(mut table) = reader.optional_table(root, "limits") else { return default };
    let mut number = |key, range| reader.optional_number(&mut table, key, range);
    let connections = number("connections", 1..=1_000_000);
    let of_address = number("address_connections", 1..=1_000_000);
    let of_device = number("device_connections", 1..=1_000_000);
    let handshakes = number("handshakes", 1..=1_000_000);
    let handshake = number("handshake_seconds", 1..=600);
    let silence = number("silence_seconds", 1..=86_400);
    let waiting = number("waiting_batches", 1..=100_000);
    let forms = number("station_forms", 1..=1_000_000);
    let a_second = number("station_forms_a_second", 1..=1_000_000);
    let spare = number("photo_spare_mebibytes", 0..=1 << 30);
    let an_hour = number("wrong_codes_an_hour", 1..=1_000_000);
    let a_minute = number("wrong_codes_a_minute", 1..=1_000_000);
    reader.finish(&table);
    let count = |number: Option<Placed<u64>>, default: usize| {
        number.and_then(|number| usize::try_from(number.value).ok()).unwrap_or(default)
    };
    let seconds = |number: Option<Placed<u64>>, default: Duration| {
        number.map_or(default, |number| Duration::from_secs(number.value))
    };
    let small = |number: Option<Placed<u64>>, default: u32| {
        number.and_then(|number| u32::try_from(number.value).ok()).unwrap_or(default)
    };
    Limits {
        wrong_codes_an_hour: small(an_hour, default.wrong_codes_an_hour),
        wrong_codes_a_minute: small(a_minute, default.wrong_codes_a_minute),
        connections: count(connections, default.connections),
        address_connections: count(of_address, default.address_connections),
        device_connections: count(of_device, default.device_connections),
        handshakes: count(handshakes, default.handshakes),
        handshake: seconds(handshake, default.handshake),
        silence: seconds(silence, default.silence),
        waiting_batches: count(waiting, default.waiting_batches),
        station_forms: count(forms, default.station_forms),
        station_forms_a_second: small(a_second, default.station_forms_a_second),
        photo_spare: spare.map_or(default.photo_spare, |number| number.value << 20),
    }
}

#[cfg(test)]
mod tests {
    use saksi_proto::cosignature::WitnessKey;

    use super::*;
    use crate::staff::policy::TwoPeople;

    fn sample() -> Config {
        Config {
            agents: "0.0.0.0:7443".parse().unwrap(),
            web: "127.0.0.1:7480".parse().unwrap(),
            metrics: None,
            staff: None,
            desk: Policy::default(),
            origin: "saksi.example/id-2024".to_owned(),
            collectors: vec![CollectorAddress {
                address: "saksi.example:7443".to_owned(),
                name: "saksi.example".to_owned(),
            }],
            certificate_days: 400,
            paces: Paces { log: Duration::from_secs(2), totals: Duration::from_secs(30) },
            site: Shown::Everything,
            witnesses: Settings::default(),
            limits: Limits { connections: 7, ..Limits::default() },
        }
    }

    #[test]
    fn what_init_writes_reads_back() {
        let limits = Limits {
            connections: 7,
            address_connections: 6,
            device_connections: 5,
            handshakes: 4,
            handshake: Duration::from_secs(3),
            silence: Duration::from_secs(2),
            waiting_batches: 1,
            station_forms: 11,
            station_forms_a_second: 12,
            photo_spare: 8 << 20,
            wrong_codes_an_hour: 9,
            wrong_codes_a_minute: 10,
        };
        let metrics = "127.0.0.1:7481".parse().ok();
        let staff = "127.0.0.1:7482".parse().ok();
        let desk = Policy { two_people: TwoPeople([].into()), ..Policy::default() };
        for config in [sample(), Config { metrics, staff, desk, limits, ..sample() }] {
            assert_eq!(Config::parse(&config.to_toml()), Ok(config));
        }
    }

    fn witness(seed: u8) -> settings::Witness {
        let key = saksi_proto::SigningKey::from_bytes(&[seed; 32]).verifying_key();
        let key = WitnessKey::new(&format!("w{seed}.example"), key).unwrap();
        settings::Witness { url: format!("https://w{seed}.example/"), key }
    }

    #[test]
    fn witnesses_read_back_and_their_mistakes_are_found() {
        let witnesses = Settings {
            witnesses: vec![witness(1), witness(2)],
            needed: 2,
            patience: Duration::from_secs(5),
        };
        let config = Config { witnesses, ..sample() };
        let text = config.to_toml();
        assert_eq!(Config::parse(&text), Ok(config));
        for (from, to, wanted) in [
            ("witnesses_needed = 2", "witnesses_needed = 3", "3 cosignatures are needed, of 2"),
            ("witnesses_needed = 2", "witnesses_needed = 11", "from 0 to 10, not 11"),
            ("witness_seconds = 5", "witness_seconds = 0", "from 1 to 8, not 0"),
            ("https://w1.", "ftp://w1.", "“url” must begin with https://"),
            ("w2.example+", "w3.example+", "not the key of a witness"),
            (&witness(2).key.to_string(), &witness(1).key.to_string(), "have the same key"),
            ("\nurl = ", "\naddr = ", "unknown key “addr”"),
        ] {
            let mistakes = Config::parse(&text.replacen(from, to, 1)).unwrap_err();
            let found = mistakes.iter().any(|mistake| mistake.what.contains(wanted));
            assert!(found, "{wanted}: {mistakes:#?}");
        }
    }

    #[test]
    fn devices_do_not_take_any_number_of_collectors() {
        let with = |many| {
            let mut config = sample();
            config.collectors = vec![config.collectors[0].clone(); many];
            Config::parse(&config.to_toml()).map(drop)
        };
        assert_eq!(with(MAX_COLLECTORS), Ok(()));
        assert!(with(MAX_COLLECTORS + 1).unwrap_err()[0].what.starts_with("65 [[collector]]s"));
    }

    #[test]
    fn all_mistakes_come_together_with_their_places() {
        let text = "agents = \"here\"\nwebb = \"127.0.0.1:1\"\norigin = \"a b\"\n\
                    [[collector]]\naddress = \"x\"\n[limits]\nconnections = 0\nhandshakes = true\n\
                    address_connections = 0\ndevice_connections = -1\n";
        let text = format!("metrics = \":7481\"\nsite = 1\n{text}");
        let found: Vec<_> =
            Config::parse(&text).unwrap_err().iter().map(ToString::to_string).collect();
        for wanted in [
            "collector.toml:1:1: “web” is missing",
            "collector.toml:3:10: “agents” must be an address",
            "collector.toml:4:1: unknown key “webb”; did you mean “web”?",
            "collector.toml:5:10: “origin” must be",
            "collector.toml:6:1: “name” is missing",
            "collector.toml:7:11: “address” must be a host and port",
            "collector.toml:9:15: “connections” must be from 1 to 1000000, not 0",
            "collector.toml:10:14: “handshakes” must be",
            "collector.toml:11:23: “address_connections” must be from 1 to",
            "collector.toml:12:22: “device_connections” must be",
            "collector.toml:1:11: “metrics” must be an address",
            "collector.toml:2:8: “site” must be true or false",
        ] {
            assert!(found.iter().any(|line| line.starts_with(wanted)), "{wanted}\n{found:#?}");
        }
        assert_eq!(found.len(), 12, "{found:#?}");
    }
}
