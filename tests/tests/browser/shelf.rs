//! A server of one page, to try the harness on: with mistakes, and with what our own pages
//! do not have yet.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};

/// Serves until the test's process ends.
pub(crate) struct Shelf {
    address: SocketAddr,
    /// The heads of requests for the page.
    pub(crate) asked: Receiver<String>,
}

impl Shelf {
    pub(crate) fn serving(policy: &'static str, page: &'static str) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (sender, asked) = mpsc::channel();
        std::thread::spawn(move || {
            // A browser opens connections ahead, and says nothing on some of them.
            for caller in listener.incoming().flatten() {
                let sender = sender.clone();
                std::thread::spawn(move || {
                    answer(&caller, policy, page).map(|head| sender.send(head))
                });
            }
        });
        Ok(Self { address, asked })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

fn answer(mut caller: &TcpStream, policy: &str, page: &str) -> std::io::Result<String> {
    let lines = BufReader::new(caller).lines().map_while(Result::ok);
    let head: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
    write!(
        caller,
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Security-Policy: {policy}\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n{page}",
        page.len()
    )?;
    Ok(head.join("\n"))
}
