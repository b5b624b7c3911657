//! Another web server that carries the static site: it gives the files of the directory as they
//! are, has a clock of its own, and can be gone.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Serves until the test's process ends.
pub(crate) struct Mirror {
    address: SocketAddr,
    standing: Arc<Mutex<Standing>>,
}

/// How it answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standing {
    /// What it says in `Date`; nothing, if it has no clock.
    pub(crate) date: Option<&'static str>,
    /// Whether it hangs up on everybody.
    pub(crate) is_gone: bool,
}

impl Mirror {
    pub(crate) fn of(directory: &Path) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let standing = Arc::new(Mutex::new(Standing::default()));
        let (directory, asked) = (directory.to_owned(), Arc::clone(&standing));
        std::thread::spawn(move || {
            // A browser opens connections ahead, and says nothing on some of them.
            for caller in listener.incoming().flatten() {
                let standing = asked.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let directory = directory.clone();
                std::thread::spawn(move || answer(&caller, &directory, &standing));
            }
        });
        Ok(Self { address, standing })
    }

    /// Answers like this from now on.
    pub(crate) fn stands(&self, standing: Standing) {
        *self.standing.lock().unwrap_or_else(PoisonError::into_inner) = standing;
    }

    pub(crate) fn url(&self, file: &str) -> String {
        format!("http://{}/{file}", self.address)
    }
}

fn answer(mut caller: &TcpStream, directory: &Path, standing: &Standing) -> std::io::Result<()> {
    if standing.is_gone {
        return Ok(());
    }
    let mut lines = BufReader::new(caller).lines().map_while(Result::ok);
    let Some(request) = lines.next() else { return Ok(()) };
    lines.take_while(|line| !line.is_empty()).for_each(drop);
    let address = request.split(' ').nth(1).unwrap_or_default();
    let file = address.split('?').next().unwrap_or_default().trim_start_matches('/');
    let date = standing.date.map(|date| format!("Date: {date}\r\n")).unwrap_or_default();
    let Some((bytes, coding)) = read(directory, file) else {
        return write!(
            caller,
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
    };
    let kind = match PathBuf::from(file).extension().and_then(|ending| ending.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css",
        Some("js") => "text/javascript",
        Some("svg") => "image/svg+xml",
        Some("jpg") => "image/jpeg",
        _ => "application/json",
    };
    write!(
        caller,
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{coding}{date}Connection: close\r\n\
         Content-Length: {}\r\n\r\n",
        bytes.len()
    )?;
    caller.write_all(&bytes)
}

/// A file as it lies there, and the header that says that it is compressed.
fn read(directory: &Path, file: &str) -> Option<(Vec<u8>, &'static str)> {
    let packed = std::fs::read(directory.join(format!("{file}.gz")));
    let packed = packed.map(|bytes| (bytes, "Content-Encoding: gzip\r\n"));
    packed.or_else(|_| std::fs::read(directory.join(file)).map(|bytes| (bytes, ""))).ok()
}
