//! Whether every form in the log was signed by the device that spoke for its station at
//! that place of the log. Admission has verified each once; this asks again, of the log
//! alone, as any watcher can: whoever holds the log's key could have signed a checkpoint
//! over forms that no device has sealed.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, available_parallelism};

use saksi_proto::VerifyingKey;
use saksi_proto::entry::{Arrival, Entry};
use saksi_proto::ids::StationCode;
use saksi_proto::seal::SealedForm;

use crate::admission::signatures;
use crate::journal::JournalFault;
use crate::storage::Storage;

/// Forms whose signatures are verified together: 1 MB, and 9 µs each.
const TOGETHER: usize = 1_024;

/// Batches that wait for each thread.
const WAITING: usize = 4;

/// A form that does not belong where it stands.
#[derive(Debug, thiserror::Error)]
pub enum SealFault {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalFault),
    /// An entry that cannot be read.
    #[error("entry {0} cannot be read: {1}")]
    Unreadable(u64, String),
    /// A form of a station that has no device there.
    #[error("entry {index} is a form of station {station}, which has no device at that place")]
    NoDevice {
        /// The entry.
        index: u64,
        /// The station.
        station: StationCode,
    },
    /// A form that its device has not signed.
    #[error("entry {index} is not signed by the device of station {station}")]
    Unsigned {
        /// The entry.
        index: u64,
        /// The station.
        station: StationCode,
    },
    /// No randomness for the batches.
    #[error("no randomness: {0}")]
    Random(getrandom::Error),
}

/// A form, and the key that must have signed it.
struct Claim {
    index: u64,
    station: StationCode,
    key: [u8; 32],
    sealed: SealedForm,
}

/// Checks the forms among the first `size` entries, on all cores; says how many they are.
///
/// # Errors
/// [`SealFault`]: the first in the log.
pub fn check<S: Storage>(storage: &S, size: u64) -> Result<u64, SealFault> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(SealFault::Random)?;
    thread::scope(|scope| {
        let (mut to, mut checking) = (Vec::new(), Vec::new());
        for _ in 0..available_parallelism().map_or(1, usize::from) {
            let (sender, batches) = sync_channel(WAITING);
            to.push(sender);
            checking.push(scope.spawn(move || first_unsigned(&batches, &seed)));
        }
        let mut deal = to.iter().cycle();
        let mut forms = 0;
        let read = read(storage, size, |batch| {
            forms += batch.len() as u64;
            // A thread that has found its fault takes no more; it is reported below.
            drop(deal.next().map(|thread| thread.send(batch)));
        });
        drop(to);
        let found = checking.into_iter().filter_map(|thread| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        match found.min_by_key(|(index, _)| *index) {
            Some((index, station)) => Err(SealFault::Unsigned { index, station }),
            None => read.map(|()| forms),
        }
    })
}

fn first_unsigned(batches: &Receiver<Vec<Claim>>, seed: &[u8; 32]) -> Option<(u64, StationCode)> {
    for batch in batches {
        // A key that is none has signed nothing.
        let keys: Vec<_> =
            batch.iter().map(|claim| VerifyingKey::from_bytes(&claim.key).ok()).collect();
        let claims = batch
            .iter()
            .zip(&keys)
            .filter_map(|(claim, key)| key.as_ref().map(|key| (claim, (&claim.sealed, key))));
        let (places, claims): (Vec<_>, Vec<_>) = claims.unzip();
        let holds = signatures::verify(&claims, seed);
        let signed = places.iter().zip(holds).filter(|(_, holds)| *holds);
        let signed: std::collections::HashSet<u64> = signed.map(|(claim, _)| claim.index).collect();
        if let Some(claim) = batch.iter().find(|claim| !signed.contains(&claim.index)) {
            return Some((claim.index, claim.station));
        }
    }
    None
}

/// Reads the log and hands on its forms, each with the key that the roster had there.
fn read<S: Storage>(
    storage: &S,
    size: u64,
    mut hand_on: impl FnMut(Vec<Claim>),
) -> Result<(), SealFault> {
    let mut devices: HashMap<StationCode, [u8; 32]> = HashMap::new();
    let (mut index, mut batch) = (0, Vec::new());
    storage.for_each_entry(size, |bytes| {
        let unreadable = |fault: &dyn ToString| SealFault::Unreadable(index, fault.to_string());
        match Entry::decode(bytes).map_err(|fault| unreadable(&fault))? {
            Entry::Manifest(_)
            | Entry::Code(_)
            | Entry::Ruling(_)
            | Entry::Amendment(_)
            | Entry::Pause(_)
            | Entry::Question(_) => {}
            Entry::Enrolment(of) => drop(devices.insert(of.station, of.key)),
            Entry::Revocation(of) => drop(devices.remove(&of.station)),
            Entry::Form(arrival) | Entry::Rehearsal(arrival) => {
                let (station, sealed) = open(arrival).map_err(|fault| unreadable(&fault))?;
                let key = devices.get(&station).copied();
                let key = key.ok_or(SealFault::NoDevice { index, station })?;
                batch.push(Claim { index, station, key, sealed });
            }
            Entry::Evidence(of) => {
                let (station, sealed) = open(of.arrival).map_err(|fault| unreadable(&fault))?;
                batch.push(Claim { index, station, key: of.key, sealed });
            }
        }
        if batch.len() == TOGETHER {
            hand_on(std::mem::take(&mut batch));
        }
        index += 1;
        Ok::<_, SealFault>(())
    })?;
    hand_on(batch);
    Ok(())
}

fn open(arrival: Arrival) -> Result<(StationCode, SealedForm), String> {
    let sealed = SealedForm::from_bytes(arrival.sealed).map_err(|fault| fault.to_string())?;
    let form = sealed.open().map_err(|fault| fault.to_string())?;
    Ok((form.station, sealed))
}

#[cfg(test)]
mod tests {
    use saksi_proto::SigningKey;
    use saksi_proto::entry::{Act, Enrolment, Evidence, Revocation, Warrant};

    use super::*;
    use crate::journal::Journal;
    use crate::log::{Log, LogSigner};
    use crate::reading::Staged;
    use crate::sample::{self, arrival, election, form, key, sealed};

    fn enrolment(station: &str, device: &str) -> Entry {
        let warrant = Warrant::Bundle(Act::default());
        let key = key(device).verifying_key().to_bytes();
        Entry::Enrolment(Enrolment { station: station.parse().unwrap(), key, at_ms: 1, warrant })
    }

    /// Entry 0 is the manifest. The checkpoint over these is a right one.
    fn checked(entries: &[Entry]) -> Result<u64, SealFault> {
        let dir = tempfile::tempdir().unwrap();
        let election = election();
        let stage = |entry: &Entry| Staged::of(&election, entry).unwrap();
        let signer =
            LogSigner { origin: "test/log".to_owned(), key: SigningKey::from_bytes(&[9; 32]) };
        let path = dir.path().join("journal.db");
        let manifest = stage(&sample::manifest(&election, ""));
        let mut log = Log::begin(Journal::create(&path).unwrap(), signer, manifest).unwrap();
        log.append(&entries.iter().map(stage).collect::<Vec<_>>()).unwrap();
        drop(log);
        check(&Journal::open_to_read(&path).unwrap(), 1 + entries.len() as u64)
    }

    fn many(station: &str) -> Vec<Entry> {
        let one = |votes| arrival(&sealed(&form(station, [votes, 0, votes])));
        (0..1_500).map(one).collect()
    }

    fn forged(station: &str) -> Entry {
        let mut bytes = sealed(&form(station, [7, 0, 7])).into_bytes();
        bytes[1..65].fill(0x5a);
        Entry::Form(Arrival { arrived_ms: 4, sealed: bytes })
    }

    #[test]
    fn a_form_that_no_device_has_signed_is_found_wherever_it_stands() {
        let mut entries = vec![enrolment("1001", "1001")];
        entries.extend(many("1001"));
        assert_eq!(checked(&entries).unwrap(), 1_500);
        for at in [1, 700, 1_501] {
            let mut entries = entries.clone();
            entries.insert(at, forged("1001"));
            let index = at as u64 + 1;
            let found = checked(&entries).unwrap_err();
            assert!(
                matches!(found, SealFault::Unsigned { index: of, .. } if of == index),
                "{found}"
            );
        }
    }

    #[test]
    fn a_form_is_of_the_device_that_spoke_at_its_place() {
        let early = arrival(&sealed(&form("1001", [1, 0, 1])));
        let none = checked(&[early.clone(), enrolment("1001", "1001")]).unwrap_err();
        assert!(matches!(none, SealFault::NoDevice { index: 1, .. }), "{none}");
        let other = checked(&[enrolment("1001", "1002"), early.clone()]).unwrap_err();
        assert!(matches!(other, SealFault::Unsigned { index: 2, .. }), "{other}");
        let device = key("1001").verifying_key().to_bytes();
        let (station, act) = ("1001".parse().unwrap(), Act::default());
        let revoked = Entry::Revocation(Revocation { station, key: device, at_ms: 2, act });
        let late = [enrolment("1001", "1001"), revoked.clone(), early.clone()];
        assert!(matches!(checked(&late).unwrap_err(), SealFault::NoDevice { index: 3, .. }));
        let Entry::Form(arrival) = early else { panic!("a form") };
        let evidence = Entry::Evidence(Evidence { key: device, arrival: arrival.clone() });
        let kept = [enrolment("1001", "1001"), revoked, evidence, enrolment("1001", "1002")];
        assert_eq!(checked(&kept).unwrap(), 1);
        let rehearsal = [enrolment("1001", "1002"), Entry::Rehearsal(arrival)];
        assert!(matches!(checked(&rehearsal).unwrap_err(), SealFault::Unsigned { index: 2, .. }));
    }
}
