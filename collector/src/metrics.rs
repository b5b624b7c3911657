//! Metrics: what the collector counts while it runs, as OpenMetrics text. One value,
//! made at start and handed on; the journal, not this, is what really happened.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Metric, Registry, Unit};
use saksi_proto::message::Later;
use saksi_proto::refusal::{Farewell, Refusal};

use crate::handshake::{HandshakeFault, PROTOCOLS};
use crate::places::{Count, Places};

/// Type of what [`Metrics::text`] gives.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// A counter for each value of one label.
type Coded<const LABELS: usize = 1> = Family<[(&'static str, &'static str); LABELS], Counter>;

/// A counter for each witness.
type ByWitness = Family<[(&'static str, String); 1], Counter>;

/// Everything that is counted.
pub struct Metrics {
    registry: Registry,
    connections: Gauge,
    handshakes: Gauge,
    addresses: Gauge,
    devices: Gauge,
    refused: Coded,
    failed_handshakes: Coded,
    displaced_sessions: Counter,
    sessions: Coded<2>,
    farewells: Coded,
    logged: Counter,
    resubmitted: Counter,
    carried: Counter,
    refusals: Coded,
    later: Coded,
    photos: Counter,
    doubts: Coded,
    entries: Gauge,
    commits: Histogram,
    reloads: Coded,
    published: Gauge,
    publishing_faults: Counter,
    site: Gauge,
    site_refusals: Counter,
    site_faults: Counter,
    published_ago: Gauge,
    /// When the log was published last; the start, before that.
    published_at: Mutex<Instant>,
    cosignatures: ByWitness,
    cosigning_failures: ByWitness,
    witnessed: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All at nothing.
    #[must_use]
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("saksi");
        let to = &mut registry;
        let forms: Coded =
            add(to, "forms", "Forms in the log at the end of a batch, by how they got there");
        let of_forms = |outcome| forms.get_or_create(&[("outcome", outcome)]).clone();
        let (logged, resubmitted) = (of_forms("logged"), of_forms("resubmitted"));
        // From half a millisecond to 4 s, doubling: an fsync takes 0.05 to 10 ms.
        let commits = Histogram::new(exponential_buckets(0.000_5, 2.0, 14));
        let name = "journal_commit_duration";
        let help = "Time to write a commit of the journal, make it durable, and fold it";
        to.register_with_unit(name, help, Unit::Seconds, commits.clone());
        let photos = Counter::default();
        let help = "Bytes of photos that devices sent and the collector kept";
        to.register_with_unit("photos_received", help, Unit::Bytes, photos.clone());
        let published_ago = Gauge::default();
        let help = "Time since all entries there were had been published";
        to.register_with_unit("public_age", help, Unit::Seconds, published_ago.clone());
        let metrics = Self {
            connections: add(to, "connections", "Connections of devices that are open"),
            handshakes: add(to, "handshakes", "TLS handshakes under way"),
            addresses: add(
                to,
                "addresses",
                "Addresses (IPv4, or a /64) that connections come from",
            ),
            devices: add(to, "devices", "Devices that have a session"),
            refused: add(
                to,
                "connections_refused",
                "Connections closed before a handshake, by cause",
            ),
            failed_handshakes: add(
                to,
                "handshakes_failed",
                "Handshakes that led to no session, by cause",
            ),
            displaced_sessions: add(
                to,
                "sessions_displaced",
                "Sessions ended for a newer one of the same device",
            ),
            sessions: add(to, "sessions", "Sessions begun, by protocol and kind of handshake"),
            farewells: add(
                to,
                "farewells",
                "Sessions that the collector ended, by the code it gave",
            ),
            logged,
            resubmitted,
            carried: add(to, "forms_carried", "Forms that devices have carried for others"),
            refusals: add(to, "forms_refused", "Forms refused for good, by code"),
            later: add(to, "batches_deferred", "Batches that were told to come later, by cause"),
            photos,
            doubts: add(
                to,
                "log_doubted",
                "Times that a device has seen a log that this one is not, as it says or proves",
            ),
            entries: add(to, "journal_entries", "Entries of the log"),
            commits,
            reloads: add(to, "reloads", "Times the configuration was read again, by outcome"),
            witnessed: add(
                to,
                "witnessed_entries",
                "Entries under the newest published checkpoint that enough witnesses have cosigned",
            ),
            published: add(to, "public_entries", "Entries of the log that are published"),
            publishing_faults: add(to, "public_faults", "Times the log could not be published"),
            site: add(to, "site_entries", "Entries of the log that the static site shows"),
            site_refusals: add(
                to,
                "site_refused",
                "Times the site was not renewed, for its numbers would have gone back",
            ),
            site_faults: add(to, "site_faults", "Times the site could not be published"),
            published_ago,
            published_at: Mutex::new(Instant::now()),
            cosignatures: add(to, "cosignatures", "Cosignatures of checkpoints, by witness"),
            cosigning_failures: add(
                to,
                "cosigning_failures",
                "Times a witness was asked and did not cosign, by witness",
            ),
            registry,
        };
        metrics.name_all();
        metrics
    }

    /// Every series is there from the start: one that appears with its first fault is
    /// noticed by no alert on its growth.
    fn name_all(&self) {
        let name = |family: &Coded, label, values: &mut dyn Iterator<Item = &'static str>| {
            values.for_each(|value| drop(family.get_or_create(&[(label, value)])));
        };
        name(&self.refused, "cause", &mut ["address-full", "accept"].into_iter());
        name(&self.failed_handshakes, "cause", &mut HandshakeFault::CODES.into_iter());
        name(&self.farewells, "code", &mut Farewell::ALL.into_iter().map(Farewell::code));
        name(&self.refusals, "code", &mut Refusal::ALL.into_iter().map(Refusal::code));
        name(&self.later, "cause", &mut [Later::Busy, Later::Stopping].into_iter().map(later_code));
        name(&self.doubts, "by", &mut ["word", "proof"].into_iter());
        for protocol in PROTOCOLS {
            for kind in ["full", "resumed"] {
                drop(self.sessions.get_or_create(&[("protocol", protocol), ("handshake", kind)]));
            }
        }
        name(&self.reloads, "outcome", &mut ["done", "refused"].into_iter());
    }

    /// All of it as text, with the places that are taken now.
    #[must_use]
    pub fn text(&self, now: Count) -> String {
        let whole = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        self.connections.set(whole(now.connections));
        self.handshakes.set(whole(now.handshakes));
        self.addresses.set(whole(now.addresses));
        self.devices.set(whole(now.devices));
        let published_at = *self.published_at.lock().unwrap_or_else(PoisonError::into_inner);
        let ago = published_at.elapsed().as_secs();
        self.published_ago.set(i64::try_from(ago).unwrap_or(i64::MAX));
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("a string takes everything");
        text
    }

    /// A connection was closed because its address has all it may have.
    pub fn address_was_full(&self) {
        self.refused.get_or_create(&[("cause", "address-full")]).inc();
    }

    /// A connection could not be accepted.
    pub fn accept_failed(&self) {
        self.refused.get_or_create(&[("cause", "accept")]).inc();
    }

    /// A handshake led to nothing.
    pub fn handshake_failed(&self, fault: &HandshakeFault) {
        self.failed_handshakes.get_or_create(&[("cause", fault.code())]).inc();
    }

    /// A session begins, in place of so many older ones of the device.
    pub fn session_begins(&self, protocol: &'static str, kind: &'static str, displaced: usize) {
        let labels = [("protocol", protocol), ("handshake", kind)];
        self.sessions.get_or_create(&labels).inc();
        self.displaced_sessions.inc_by(displaced as u64);
    }

    /// The collector ended a session.
    pub fn said_farewell(&self, farewell: Farewell) {
        self.farewells.get_or_create(&[("code", farewell.code())]).inc();
    }

    /// A form is in the log, since now or before.
    pub fn form_is_logged(&self, resubmitted: bool) {
        if resubmitted { &self.resubmitted } else { &self.logged }.inc();
    }

    /// A device carries so many forms of others.
    pub fn forms_are_carried(&self, forms: usize) {
        self.carried.inc_by(forms as u64);
    }

    /// A form is refused.
    pub fn form_is_refused(&self, refusal: Refusal) {
        self.refusals.get_or_create(&[("code", refusal.code())]).inc();
    }

    /// A batch is to come later.
    pub fn batch_is_deferred(&self, why: Later) {
        self.later.get_or_create(&[("cause", later_code(why))]).inc();
    }

    /// So many bytes of a photo were kept.
    pub fn photo_grew(&self, bytes: usize) {
        self.photos.inc_by(bytes as u64);
    }

    /// A device has seen a log that this one is not.
    pub fn log_is_doubted(&self, is_proven: bool) {
        let by = if is_proven { "proof" } else { "word" };
        self.doubts.get_or_create(&[("by", by)]).inc();
    }

    /// The log has so many entries.
    pub fn log_has(&self, entries: u64) {
        self.entries.set(i64::try_from(entries).unwrap_or(i64::MAX));
    }

    /// A commit took so long.
    pub fn committed(&self, took: Duration) {
        self.commits.observe(took.as_secs_f64());
    }

    /// So many entries are published.
    pub fn published(&self, entries: u64) {
        self.published.set(i64::try_from(entries).unwrap_or(i64::MAX));
        *self.published_at.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// The log could not be published.
    pub fn publishing_failed(&self) {
        self.publishing_faults.inc();
    }

    /// The site shows so many entries.
    pub fn site_published(&self, entries: u64) {
        self.site.set(i64::try_from(entries).unwrap_or(i64::MAX));
    }

    /// The site was not renewed: its numbers would have gone back.
    pub fn site_refused(&self) {
        self.site_refusals.inc();
    }

    /// The site could not be published.
    pub fn site_failed(&self) {
        self.site_faults.inc();
    }

    /// There is such a witness: its series begin.
    pub fn has_witness(&self, witness: &str) {
        for family in [&self.cosignatures, &self.cosigning_failures] {
            drop(family.get_or_create(&[("witness", witness.to_owned())]));
        }
    }

    /// A witness has cosigned.
    pub fn witness_cosigned(&self, witness: &str) {
        self.cosignatures.get_or_create(&[("witness", witness.to_owned())]).inc();
    }

    /// So many entries are published under a checkpoint that enough witnesses have cosigned.
    pub fn witnessed(&self, entries: u64) {
        self.witnessed.set(i64::try_from(entries).unwrap_or(i64::MAX));
    }

    /// A witness was asked and has not.
    pub fn witness_failed(&self, witness: &str) {
        self.cosigning_failures.get_or_create(&[("witness", witness.to_owned())]).inc();
    }

    /// The configuration was read again, and took effect or not.
    pub fn reloaded(&self, took_effect: bool) {
        let outcome = if took_effect { "done" } else { "refused" };
        self.reloads.get_or_create(&[("outcome", outcome)]).inc();
    }
}

/// `/metrics`, for whoever watches the collector.
pub fn router(metrics: Arc<Metrics>, places: Places) -> Router {
    let text = async move || ([(CONTENT_TYPE, OPEN_METRICS)], metrics.text(places.count()));
    Router::new().route("/metrics", get(text))
}

fn add<M: Metric + Default + Clone>(registry: &mut Registry, name: &str, help: &str) -> M {
    let metric = M::default();
    registry.register(name, help, metric.clone());
    metric
}

fn later_code(why: Later) -> &'static str {
    match why {
        Later::Busy => "busy",
        Later::Stopping => "stopping",
        Later::NoRoom => "no-room",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Count = Count { connections: 3, handshakes: 2, addresses: 1, devices: 1 };

    #[test]
    fn what_was_counted_is_in_the_text() {
        let metrics = Metrics::new();
        metrics.form_is_refused(Refusal::BadSignature);
        metrics.form_is_logged(false);
        metrics.form_is_logged(true);
        metrics.forms_are_carried(3);
        metrics.committed(Duration::from_millis(3));
        metrics.photo_grew(4_096);
        metrics.log_is_doubted(true);
        let text = metrics.text(NOW);
        for line in [
            "saksi_connections 3",
            "saksi_handshakes 2",
            "saksi_forms_total{outcome=\"logged\"} 1",
            "saksi_forms_total{outcome=\"resubmitted\"} 1",
            "saksi_forms_refused_total{code=\"bad-signature\"} 1",
            "saksi_forms_carried_total 3",
            "saksi_forms_refused_total{code=\"malformed\"} 0",
            "saksi_connections_refused_total{cause=\"address-full\"} 0",
            "saksi_photos_received_bytes_total 4096",
            "saksi_log_doubted_total{by=\"proof\"} 1",
            "saksi_farewells_total{code=\"rolled-back\"} 0",
            "saksi_journal_commit_duration_seconds_count 1",
            "saksi_journal_commit_duration_seconds_bucket{le=\"0.004\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }

    #[test]
    fn every_metric_has_its_name_and_its_help() {
        let text = Metrics::new().text(NOW);
        let names = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
        let names: Vec<_> = names.filter_map(|line| line.split(' ').next()).collect();
        assert!(names.len() >= 16, "{names:?}");
        for name in names {
            assert!(name.starts_with("saksi_"), "{name}");
            assert!(text.contains(&format!("# HELP {name} ")), "{name}");
        }
    }
}
