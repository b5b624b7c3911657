//! T8: deleted before acknowledged. The collector's answers are cut at every byte.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use saksi_tests::proxy::{Fault, Proxy};
use saksi_tests::scene::{FIRST_FORM, Scene};
use tokio::sync::Notify;

use super::*;

/// Does `work` until it ends or `event` comes; `None` then, and the work is dropped as
/// in a power cut.
async fn unless<T>(event: impl Future<Output = ()>, work: impl Future<Output = T>) -> Option<T> {
    let (mut event, mut work) = (pin!(event), pin!(work));
    std::future::poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => event.as_mut().poll(context).map(|()| None),
    })
    .await
}

/// A proxy that cuts one connection where it is told, and rings when the agent comes
/// again: then it has done all that the cut made it do.
struct Cutter {
    proxy: Proxy,
    /// Bytes of the answers to let through; set by the test, read by the proxy.
    through: Arc<AtomicUsize>,
    again: Arc<Notify>,
}

impl Cutter {
    fn start(scene: &Scene, fault: fn(usize) -> Fault) -> Self {
        let (through, again) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let (of_proxy, ring) = (Arc::clone(&through), Arc::clone(&again));
        // Taken by the first connection after each `cut_after`.
        let faults = move |_| match of_proxy.swap(usize::MAX, Ordering::SeqCst) {
            usize::MAX => {
                ring.notify_one();
                Fault::Reset
            }
            bytes => fault(bytes),
        };
        let proxy = Proxy::start(&scene.collector.address().unwrap(), faults).unwrap();
        Self { proxy, through, again }
    }

    /// Lets an agent try once, by a full handshake. Whether everything came through.
    fn try_once(&self, agent: &Agent, bytes: usize) -> bool {
        self.through.store(bytes, Ordering::SeqCst);
        let forwarding = quick(self.proxy.address());
        let done = block_on(unless(self.again.notified(), agent.deliver(&forwarding)));
        done.is_some_and(|delivered| delivered.unwrap().received == 1)
    }
}

/// Cuts at each byte until one attempt gets through; gives the first byte at which
/// that was so.
fn cut_everywhere(scene: &Scene, agent: &Agent, fault: fn(usize) -> Fault) -> usize {
    let cutter = Cutter::start(scene, fault);
    let came_through = (0..usize::MAX).find(|bytes| {
        let is_received = cutter.try_once(agent, *bytes);
        let form = agent.forms().unwrap().remove(0);
        assert_eq!(form.delivery.is_due(), !is_received, "cut after {bytes} bytes");
        assert_eq!(form.receipt.is_some(), is_received, "cut after {bytes} bytes");
        is_received
    });
    came_through.unwrap()
}

#[test]
fn t8_an_answer_that_is_cut_at_any_byte_takes_no_form_off_the_device() {
    let scene = Scene::serving().unwrap();
    let agent = agent_with_form(&scene, "cut", 0, [30, 20, 2, 1]);
    let bytes = cut_everywhere(&scene, &agent, Fault::CutDown);
    assert!(bytes > 1_000, "a handshake, a welcome and a receipt: {bytes} bytes");
    all_proven(&scene, &agent);
    assert_eq!(scene.entries().unwrap(), FIRST_FORM + 1, "however often it was sent");
    assert_eq!(scene.votes().unwrap(), [30, 20, 2, 1]);
}

#[test]
fn t8_a_question_that_is_cut_at_any_byte_takes_no_form_off_the_device() {
    let scene = Scene::serving().unwrap();
    let agent = agent_with_form(&scene, "cut", 0, [30, 20, 2, 1]);
    let bytes = cut_everywhere(&scene, &agent, Fault::CutUp);
    assert!(bytes > 900, "a handshake, a hello and a form: {bytes} bytes");
    all_proven(&scene, &agent);
    assert_eq!(scene.entries().unwrap(), FIRST_FORM + 1);
    assert_eq!(scene.votes().unwrap(), [30, 20, 2, 1]);
}
