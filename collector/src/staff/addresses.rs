//! How many connections each address has at the desk: one address cannot take all of them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::registrar::rate::network;

/// Connections by address (IPv6: by /64). No more are noted than there are connections.
#[derive(Debug, Clone)]
pub struct Addresses {
    most: usize,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A connection of an address, until it is dropped.
#[derive(Debug)]
pub struct Entered {
    addresses: Addresses,
    network: IpAddr,
}

impl Addresses {
    /// So many connections for each, at most.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, open: Arc::default() }
    }

    fn open(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        // Each change of it is whole.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another connection of an address; nothing, if it has as many as it can have.
    #[must_use]
    pub fn enter(&self, address: IpAddr) -> Option<Entered> {
        let network = network(address);
        let mut open = self.open();
        let many = open.entry(network).or_default();
        // One that is not there yet has none, and so stays in the list only if it gets one.
        if *many >= self.most {
            return None;
        }
        *many += 1;
        Some(Entered { addresses: self.clone(), network })
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let mut open = self.addresses.open();
        if let Some(many) = open.get_mut(&self.network) {
            *many -= 1;
            if *many == 0 {
                open.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_and_gets_them_back() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let addresses = Addresses::new(2);
        let first = addresses.enter(ip("2001:db8::1"));
        let second = addresses.enter(ip("2001:db8::2"));
        assert!(first.is_some() && second.is_some());
        assert!(addresses.enter(ip("2001:db8::3")).is_none(), "the same /64");
        assert!(addresses.enter(ip("2001:db8:0:1::1")).is_some());
        let other = addresses.enter(ip("192.0.2.1"));
        assert!(other.is_some());
        drop(first);
        assert!(addresses.enter(ip("2001:db8::3")).is_some());
        drop((second, other));
        assert!(addresses.open().is_empty(), "who has gone is not noted");
    }
}
