//! A bad network: a TCP proxy between agents and a collector that does to each
//! connection what a test wants.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use saksi_proto::bundle::CollectorAddress;

use crate::scene::collector_at;

/// One read; smaller than what the longest message of a test needs.
const READ: usize = 4 * 1024;

/// What becomes of one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: both ways are carried.
    Pass,
    /// So many bytes reach the collector; it is cut when there are more.
    CutUp(usize),
    /// So many bytes reach the agent; it is cut when there are more.
    CutDown(usize),
    /// So many bytes reach the collector; then nothing is carried any more, and nobody is
    /// told: the kernels of both sides see a connection that is well.
    StallUp(usize),
    /// It is accepted, and nothing is carried until the proxy goes.
    BlackHole,
    /// It is reset as soon as the agent has said something.
    Reset,
}

/// A proxy on a port of its own. What it carries ends with it.
pub struct Proxy {
    address: SocketAddr,
    network: Arc<Network>,
    accepting: Option<JoinHandle<()>>,
}

/// What the proxy's threads share.
struct Network {
    collector: SocketAddr,
    is_gone: AtomicBool,
    /// Bytes carried to agents over all connections.
    down: AtomicUsize,
    /// Bytes carried to the collector over all connections.
    up: AtomicUsize,
    /// Connections of which both ways are still carried.
    carrying: AtomicUsize,
    /// Both ends of every connection, to be closed with the proxy.
    open: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    /// Starts a proxy before a collector. `faults` is asked once for each connection,
    /// in the order in which they come; the number counts from 0.
    ///
    /// # Errors
    /// If there is no port.
    pub fn start(
        collector: &CollectorAddress,
        faults: impl FnMut(usize) -> Fault + Send + 'static,
    ) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let network = Arc::new(Network {
            collector: collector.address.parse()?,
            is_gone: AtomicBool::new(false),
            down: AtomicUsize::new(0),
            up: AtomicUsize::new(0),
            carrying: AtomicUsize::new(0),
            open: Mutex::default(),
        });
        let accepting = Arc::clone(&network);
        let accepting = thread::spawn(move || accepting.accept(&listener, faults));
        Ok(Self { address, network, accepting: Some(accepting) })
    }

    /// Where agents reach the collector through it.
    #[must_use]
    pub fn address(&self) -> CollectorAddress {
        collector_at(self.address)
    }

    /// Bytes carried to the collector so far.
    #[must_use]
    pub fn carried_up(&self) -> usize {
        self.network.up.load(Ordering::SeqCst)
    }

    /// Bytes carried to agents so far.
    #[must_use]
    pub fn carried_down(&self) -> usize {
        self.network.down.load(Ordering::SeqCst)
    }

    /// Bytes carried both ways so far, if no connection is open any more.
    #[must_use]
    pub fn carried_and_done(&self) -> Option<usize> {
        let is_done = self.network.carrying.load(Ordering::SeqCst) == 0;
        is_done.then(|| self.carried_down() + self.network.up.load(Ordering::SeqCst))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.network.is_gone.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts; if it cannot be reached, it has ended.
        drop(TcpStream::connect(self.address));
        if let Some(accepting) = self.accepting.take() {
            // What it panicked with was on standard error.
            drop(accepting.join());
        }
        self.network.open().drain(..).for_each(|stream| close(&stream));
    }
}

impl Network {
    fn accept(self: &Arc<Self>, listener: &TcpListener, mut faults: impl FnMut(usize) -> Fault) {
        for (number, agent) in listener.incoming().enumerate() {
            if self.is_gone.load(Ordering::SeqCst) {
                return;
            }
            let Ok(agent) = agent else { return };
            let fault = faults(number);
            let network = Arc::clone(self);
            thread::spawn(move || {
                // A connection that fails is what this is for.
                network.connection(agent, fault).ok();
            });
        }
    }

    fn open(&self) -> std::sync::MutexGuard<'_, Vec<TcpStream>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn connection(self: Arc<Self>, agent: TcpStream, fault: Fault) -> io::Result<()> {
        let (up, down) = match fault {
            Fault::Pass => (usize::MAX, usize::MAX),
            Fault::CutUp(bytes) | Fault::StallUp(bytes) => (bytes, usize::MAX),
            Fault::CutDown(bytes) => (usize::MAX, bytes),
            Fault::BlackHole => {
                self.open().push(agent);
                return Ok(());
            }
            // Closed with something unread in it, a socket sends a reset.
            Fault::Reset => return agent.peek(&mut [0]).map(|_| ()),
        };
        let collector = TcpStream::connect(self.collector)?;
        for stream in [&agent, &collector] {
            stream.set_nodelay(true)?;
            self.open().push(stream.try_clone()?);
        }
        let stalls = matches!(fault, Fault::StallUp(_));
        let way = |from, to, room| Way { from, to, room, stalls };
        let to_collector = way(agent.try_clone()?, collector.try_clone()?, up);
        let to_agent = way(collector, agent, down);
        let network = Arc::clone(&self);
        self.carrying.fetch_add(1, Ordering::SeqCst);
        let up = thread::spawn(move || {
            to_collector.carry(|bytes| {
                network.up.fetch_add(bytes, Ordering::SeqCst);
            });
        });
        to_agent.carry(|bytes| {
            self.down.fetch_add(bytes, Ordering::SeqCst);
        });
        // What it panicked with was on standard error.
        drop(up.join());
        self.carrying.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    }
}

/// One direction of a connection.
struct Way {
    from: TcpStream,
    to: TcpStream,
    /// Bytes that still go through.
    room: usize,
    /// When no more go through, the connection stays as it is.
    stalls: bool,
}

impl Way {
    /// Carries until one side ends it, or there is more than goes through.
    fn carry(mut self, carried: impl Fn(usize)) {
        let mut bytes = [0; READ];
        loop {
            let read = match self.from.read(&mut bytes) {
                Ok(0) | Err(_) => break self.end(),
                Ok(read) => read,
            };
            let through = read.min(self.room);
            self.room -= through;
            let is_cut = self.to.write_all(&bytes[..through]).is_err();
            if through < read && self.stalls {
                break;
            }
            if is_cut || through < read {
                break self.cut();
            }
            carried(through);
        }
    }

    /// This side has said everything; the other may go on.
    fn end(&self) {
        self.to.shutdown(Shutdown::Write).ok();
    }

    fn cut(&self) {
        close(&self.from);
        close(&self.to);
    }
}

/// Ends a connection both ways; one that has ended already stays so.
fn close(stream: &TcpStream) {
    stream.shutdown(Shutdown::Both).ok();
}
