//! Connections from addresses of one's choice: all of 127.0.0.0/8 is this machine.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use anyhow::Context as _;
use tokio::net::TcpSocket;
use tokio::runtime::{Builder, Runtime};

use crate::wire::patient;

/// Connects from many addresses.
pub(super) struct Sources {
    runtime: Runtime,
    to: SocketAddr,
}

/// An address of an attacker; the honest device has 127.0.0.1.
pub(super) fn attacker(number: usize) -> Ipv4Addr {
    let [_, _, high, low] = u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes();
    Ipv4Addr::new(127, 1, high, low)
}

impl Sources {
    pub(super) fn new(to: &str) -> anyhow::Result<Self> {
        let runtime = Builder::new_current_thread().enable_io().build()?;
        Ok(Self { runtime, to: to.parse()? })
    }

    /// A connection from this address, which does not wait for ever.
    pub(super) fn connect(&self, from: Ipv4Addr) -> io::Result<TcpStream> {
        self.connect_by(TcpSocket::new_v4()?, from)
    }

    /// The same with little room for what is under way.
    pub(super) fn connect_narrow(&self, from: Ipv4Addr) -> io::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        socket.set_recv_buffer_size(4_096)?;
        socket.set_send_buffer_size(4_096)?;
        self.connect_by(socket, from)
    }

    fn connect_by(&self, socket: TcpSocket, from: Ipv4Addr) -> io::Result<TcpStream> {
        let stream = self.runtime.block_on(async {
            socket.bind(SocketAddr::from((from, 0)))?;
            socket.connect(self.to).await?.into_std()
        })?;
        stream.set_nonblocking(false)?;
        patient(stream)
    }

    /// So many connections from so many addresses, one after the other.
    pub(super) fn connect_many(
        &self,
        connections: usize,
        addresses: usize,
    ) -> anyhow::Result<Vec<TcpStream>> {
        let connect = |number| {
            let from = attacker(number % addresses);
            self.connect(from).with_context(|| format!("connection {number} from {from}"))
        };
        (0..connections).map(connect).collect()
    }
}
