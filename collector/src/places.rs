//! Who holds a place at the devices' door: connections in all, of an address and of a
//! device, and handshakes under way. No place is ever held by who says nothing while
//! somebody else waits for it.
//!
//! | no place left | what happens |
//! |---|---|
//! | in all | the next connections wait in the system's queue, in their order |
//! | of an address | its next connection is closed before anything is said |
//! | for handshakes | the oldest handshake that has not greeted yet makes room; then one that dawdles; then the next wait |
//! | of a device | its oldest session ends: on a bad network that is one whose other end is gone |

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;
use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;

use crate::config::Limits;

/// The places of a collector; shared by the listener and all connections.
#[derive(Clone)]
pub struct Places(Arc<Shared>);

struct Shared {
    taken: Mutex<Taken>,
    /// Told when a place may be free.
    freed: Notify,
}

/// Who has what. A value: it knows no network and no clock.
struct Taken {
    limits: Limits,
    connections: usize,
    of_address: FxHashMap<Source, usize>,
    /// Handshakes under way, the oldest first; one whose sender goes has to leave.
    handshakes: BTreeMap<u64, oneshot::Sender<()>>,
    /// Those among them that can be sent away.
    idlers: BTreeSet<(Idles, u64)>,
    /// Sessions of a device (by its key), the oldest first.
    of_device: FxHashMap<[u8; 32], VecDeque<(u64, CancellationToken)>>,
    /// Number of the next connection or session.
    next: u64,
}

/// Why a handshake can be sent away; the first kind goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Idles {
    /// It has not sent a whole greeting (`ClientHello`).
    Silent,
    /// It has taken long since its greeting.
    Dawdles,
}

/// Where connections come from: an IPv4 address, or a /64 of IPv6, which is what one
/// subscriber gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Source {
    V4(Ipv4Addr),
    V6([u16; 4]),
}

/// How many places are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Connections, handshakes among them.
    pub connections: usize,
    /// Handshakes under way.
    pub handshakes: usize,
    /// Addresses that connections come from.
    pub addresses: usize,
    /// Devices that have a session.
    pub devices: usize,
}

/// All connections that the address may have are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressFull;

/// A connection's place; free again when this is dropped.
pub struct Place {
    places: Places,
    number: u64,
    source: Source,
}

/// A device's place for a session; free again when this is dropped.
pub struct Seat {
    places: Places,
    number: u64,
    device: [u8; 32],
}

impl Places {
    /// All places free.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let taken = Mutex::new(Taken::new(limits));
        Self(Arc::new(Shared { taken, freed: Notify::new() }))
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        // Nothing can panic under the lock.
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on there are so many. Who has a place keeps it.
    pub fn bound(&self, limits: Limits) {
        self.taken().limits = limits;
        self.0.freed.notify_one();
    }

    /// How many are taken.
    #[must_use]
    pub fn count(&self) -> Count {
        let taken = self.taken();
        Count {
            connections: taken.connections,
            handshakes: taken.handshakes.len(),
            addresses: taken.of_address.len(),
            devices: taken.of_device.len(),
        }
    }

    /// Waits until another connection can be taken. Only the one listener asks.
    pub async fn room(&self) {
        loop {
            let freed = self.0.freed.notified();
            if self.taken().has_room() {
                return;
            }
            freed.await;
        }
    }

    /// Takes a place for a new connection. What comes with it ends when the place is
    /// wanted for somebody else, before the handshake is done.
    ///
    /// # Errors
    /// [`AddressFull`].
    pub fn enter(&self, address: IpAddr) -> Result<(Place, oneshot::Receiver<()>), AddressFull> {
        let source = Source::of(address);
        let (number, wanted) = self.taken().enter(source)?;
        Ok((Place { places: self.clone(), number, source }, wanted))
    }

    /// Takes a place for a device's session; `end` is how it is ended for a later one.
    /// Says how many older ones were.
    #[must_use]
    pub fn seat(&self, device: [u8; 32], end: CancellationToken) -> (Seat, usize) {
        let (number, ended) = self.taken().seat(device, end);
        let many = ended.len();
        // Outside the lock: whoever waits for it wakes.
        ended.into_iter().for_each(|session| session.cancel());
        (Seat { places: self.clone(), number, device }, many)
    }
}

impl Place {
    /// Nothing has come of it, or not enough of a greeting. Not before its first look, so
    /// that nobody has to leave whose greeting lies there.
    pub fn is_silent(&self) {
        self.idles(Idles::Silent);
    }

    /// It has sent a whole greeting.
    pub fn has_greeted(&self) {
        self.places.taken().idlers.remove(&(Idles::Silent, self.number));
    }

    /// It takes long since then.
    pub fn dawdles(&self) {
        self.idles(Idles::Dawdles);
    }

    fn idles(&self, how: Idles) {
        let mut taken = self.places.taken();
        // Unless it has to leave already.
        if taken.handshakes.contains_key(&self.number) {
            taken.idlers.insert((how, self.number));
        }
        drop(taken);
        self.places.0.freed.notify_one();
    }

    /// Its handshake is done; nobody else gets its place.
    pub fn is_settled(&self) {
        self.places.taken().settled(self.number);
        self.places.0.freed.notify_one();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.taken().leave(self.number, self.source);
        self.places.0.freed.notify_one();
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.places.taken().rise(&self.device, self.number);
    }
}

impl Taken {
    fn new(limits: Limits) -> Self {
        Self {
            limits,
            connections: 0,
            of_address: FxHashMap::default(),
            handshakes: BTreeMap::new(),
            idlers: BTreeSet::new(),
            of_device: FxHashMap::default(),
            next: 0,
        }
    }

    fn is_full(&self) -> bool {
        self.connections >= self.limits.connections
            || self.handshakes.len() >= self.limits.handshakes
    }

    fn has_room(&self) -> bool {
        !self.is_full() || !self.idlers.is_empty()
    }

    fn enter(&mut self, source: Source) -> Result<(u64, oneshot::Receiver<()>), AddressFull> {
        let of_address = self.of_address.entry(source).or_default();
        if *of_address >= self.limits.address_connections {
            return Err(AddressFull);
        }
        *of_address += 1;
        // Since there was room, the last idler may have got in: then there is one more.
        if self.is_full()
            && let Some((_, idler)) = self.idlers.pop_first()
        {
            self.handshakes.remove(&idler);
        }
        self.connections += 1;
        let number = self.number();
        let (stays, wanted) = oneshot::channel();
        self.handshakes.insert(number, stays);
        Ok((number, wanted))
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn settled(&mut self, number: u64) {
        self.handshakes.remove(&number);
        self.idlers.remove(&(Idles::Silent, number));
        self.idlers.remove(&(Idles::Dawdles, number));
    }

    fn leave(&mut self, number: u64, source: Source) {
        self.settled(number);
        self.connections -= 1;
        if let Some(of_address) = self.of_address.get_mut(&source) {
            *of_address -= 1;
            if *of_address == 0 {
                self.of_address.remove(&source);
            }
        }
    }

    fn seat(&mut self, device: [u8; 32], end: CancellationToken) -> (u64, Vec<CancellationToken>) {
        let number = self.number();
        let sessions = self.of_device.entry(device).or_default();
        sessions.push_back((number, end));
        let over = sessions.len().saturating_sub(self.limits.device_connections);
        (number, sessions.drain(..over).map(|(_, end)| end).collect())
    }

    fn rise(&mut self, device: &[u8; 32], number: u64) {
        let Some(sessions) = self.of_device.get_mut(device) else { return };
        sessions.retain(|(other, _)| *other != number);
        if sessions.is_empty() {
            self.of_device.remove(device);
        }
    }
}

impl Source {
    fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Self::V6([a, b, c, d])
            }
        }
    }
}

#[cfg(test)]
mod tests;
