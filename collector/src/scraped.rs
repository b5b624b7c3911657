//! The metrics' own door: plain HTTP for the machine itself, with bounds of its own, so that
//! whoever reaches it takes neither memory nor descriptors from devices.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tracing::{debug, warn};

/// Connections at a time: a few that scrape, with two each. The next wait in the system's
/// queue. 16 KB each at most (`HEAD_BYTES`): 256 KB.
pub const CONNECTIONS: usize = 16;

/// Time for the head of a request: who says nothing holds no place.
const HEAD: Duration = Duration::from_secs(10);

/// Time for a request with its answer, of some 10 KB.
const LONGEST: Duration = Duration::from_secs(60);

/// Most bytes of a request's head.
const HEAD_BYTES: usize = 16 << 10;

/// Rest after a connection could not be accepted, most likely for want of descriptors.
const ACCEPT_REST: Duration = Duration::from_millis(100);

/// Answers until it is dropped.
///
/// # Panics
/// Never: the places are never closed.
pub async fn listen(listener: TcpListener, router: Router) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let place = Arc::clone(&places).acquire_owned().await.expect("never closed");
        match listener.accept().await {
            Ok((stream, _)) => {
                let router = router.clone();
                connections.spawn(async move {
                    answer(stream, router).await;
                    drop(place);
                });
            }
            Err(fault) => {
                warn!(%fault, "a connection to the metrics could not be accepted");
                tokio::time::sleep(ACCEPT_REST).await;
            }
        }
    }
}

async fn answer(stream: TcpStream, router: Router) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(HEAD_BYTES);
    // One request a connection: what is idle is not open.
    http.keep_alive(false);
    let serving = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    match tokio::time::timeout(LONGEST, serving).await {
        Ok(Ok(())) => {}
        Ok(Err(fault)) => debug!(%fault, "a connection to the metrics has ended"),
        Err(_) => debug!("a connection to the metrics took too long"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// Requests that wait for their answer, and the most there ever were.
    #[derive(Default)]
    struct Inside {
        now: AtomicUsize,
        most: AtomicUsize,
    }

    async fn ask(address: std::net::SocketAddr) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn no_more_than_the_bound_are_answered_at_a_time_and_none_is_lost() {
        let (inside, doors) = (Arc::new(Inside::default()), Arc::new(Semaphore::new(0)));
        let (entered, mut entering) = tokio::sync::mpsc::unbounded_channel();
        let answer = {
            let (inside, doors) = (Arc::clone(&inside), Arc::clone(&doors));
            move || {
                let (inside, doors, entered) =
                    (Arc::clone(&inside), Arc::clone(&doors), entered.clone());
                async move {
                    let now = inside.now.fetch_add(1, Ordering::SeqCst) + 1;
                    inside.most.fetch_max(now, Ordering::SeqCst);
                    entered.send(()).unwrap();
                    doors.acquire().await.unwrap().forget();
                    inside.now.fetch_sub(1, Ordering::SeqCst);
                    "told"
                }
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let listening =
            tokio::spawn(listen(listener, Router::new().route("/metrics", get(answer))));
        let many = 2 * CONNECTIONS + 1;
        let asking: Vec<_> = (0..many).map(|_| tokio::spawn(ask(address))).collect();
        for number in 0..many {
            entering.recv().await.unwrap();
            // As soon as all that can be inside are, one leaves for each that comes.
            if number + 1 >= CONNECTIONS {
                doors.add_permits(1);
            }
        }
        doors.add_permits(many);
        for asked in asking {
            assert!(asked.await.unwrap().ends_with("told"));
        }
        assert_eq!(inside.most.load(Ordering::SeqCst), CONNECTIONS);
        listening.abort();
    }
}
