use std::future::Future as _;
use std::pin::pin;
use std::task::{Context, Waker};

use tokio::sync::oneshot::error::TryRecvError;

use super::*;

fn places(connections: usize, address: usize, device: usize, handshakes: usize) -> Places {
    Places::new(Limits {
        connections,
        address_connections: address,
        device_connections: device,
        handshakes,
        ..Limits::default()
    })
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn has_room(places: &Places) -> bool {
    pin!(places.room()).poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

fn has_to_leave(wanted: &mut oneshot::Receiver<()>) -> bool {
    wanted.try_recv() == Err(TryRecvError::Closed)
}

#[test]
fn an_address_has_so_many_places_and_leaves_nothing_behind() {
    let places = places(10, 2, 9, 9);
    let [one, same, other] =
        ["10.0.0.1", "::ffff:10.0.0.1", "10.0.0.2"].map(|text| places.enter(address(text)));
    assert_eq!(places.enter(address("10.0.0.1")).map(|_| ()), Err(AddressFull));
    assert_eq!(places.count().addresses, 2);
    drop(one.unwrap());
    drop(places.enter(address("10.0.0.1")).unwrap());
    drop((same.unwrap(), other.unwrap()));
    let none = Count { connections: 0, handshakes: 0, addresses: 0, devices: 0 };
    assert_eq!(places.count(), none);
}

#[test]
fn all_addresses_of_an_ipv6_subscriber_are_one() {
    let places = places(10, 1, 9, 9);
    let held = places.enter(address("2001:db8:1:2:3::4")).unwrap();
    assert!(places.enter(address("2001:db8:1:2:ffff::1")).is_err());
    assert!(places.enter(address("2001:db8:1:3:3::4")).is_ok());
    drop(held);
}

#[test]
fn who_has_said_nothing_makes_room_for_who_comes_and_the_oldest_first() {
    let places = places(10, 9, 9, 3);
    let enter = || {
        let entered = places.enter(address("10.0.0.1")).unwrap();
        entered.0.is_silent();
        entered
    };
    let [mut greeted, mut silent, mut later] = [enter(), enter(), enter()];
    greeted.0.has_greeted();
    assert!(has_room(&places));
    let newest = enter();
    assert!(has_to_leave(&mut silent.1));
    assert!(!has_to_leave(&mut greeted.1) && !has_to_leave(&mut later.1));
    later.0.has_greeted();
    newest.0.has_greeted();
    assert!(!has_room(&places), "all three are under way");
    later.0.dawdles();
    assert!(has_room(&places));
    let last = enter();
    assert!(has_to_leave(&mut later.1) && !has_to_leave(&mut greeted.1));
    last.0.has_greeted();
    assert!(!has_room(&places));
    greeted.0.is_settled();
    assert!(has_room(&places), "a session needs no place of a handshake");
    assert_eq!(places.count().handshakes, 2);
}

#[test]
fn when_the_house_is_full_the_next_wait_unless_somebody_is_silent() {
    let places = places(2, 9, 9, 9);
    let enter = || places.enter(address("10.0.0.1")).unwrap();
    let [first, mut second] = [enter(), enter()];
    first.0.is_settled();
    assert!(!has_room(&places), "it has not been looked at yet");
    second.0.is_silent();
    let third = enter();
    assert!(has_to_leave(&mut second.1));
    third.0.is_settled();
    drop(second);
    assert!(!has_room(&places));
    let mut context = Context::from_waker(Waker::noop());
    let mut waiting = pin!(places.room());
    assert!(waiting.as_mut().poll(&mut context).is_pending());
    drop(first);
    assert!(waiting.as_mut().poll(&mut context).is_ready());
}

#[test]
fn more_places_than_before_let_in_who_waits() {
    let places = places(1, 9, 9, 9);
    let held = places.enter(address("10.0.0.1")).unwrap();
    held.0.is_settled();
    let mut context = Context::from_waker(Waker::noop());
    let mut waiting = pin!(places.room());
    assert!(waiting.as_mut().poll(&mut context).is_pending());
    places.bound(Limits::default());
    assert!(waiting.as_mut().poll(&mut context).is_ready());
}

#[test]
fn a_new_session_of_a_device_ends_its_oldest_and_nobody_elses() {
    let places = places(10, 9, 2, 9);
    let seat = |device| {
        let end = CancellationToken::new();
        let (seat, ended) = places.seat([device; 32], end.clone());
        (seat, end, ended)
    };
    let sessions = [seat(1), seat(2), seat(1), seat(1)];
    let ended = sessions.each_ref().map(|(_, end, _)| end.is_cancelled());
    assert_eq!(ended, [true, false, false, false]);
    assert_eq!(sessions.each_ref().map(|(.., ended)| *ended), [0, 0, 0, 1]);
    assert_eq!(places.count().devices, 2);
    drop(sessions);
    assert_eq!(places.count().devices, 0);
}
