//! Photos that are not a station's own, or come otherwise than agreed.

use saksi_proto::bundle::Bundle;
use saksi_proto::digest::Digest;
use saksi_proto::frame::frame;
use saksi_proto::message::{Outcome, ToAgent, ToCollector, encode_message};
use saksi_proto::photo::{MAX_CHUNK, MAX_PHOTO, PhotoAnswer, PhotoChunk, PhotoOffer, PhotoRefusal};
use saksi_proto::refusal::Farewell;
use saksi_tests::kenya::counts;
use saksi_tests::scene::Scene;
use saksi_tests::wire::{Voice, Wire};

use crate::{BAD, HONEST, unharmed};

const PHOTO: &[u8] = b"a photo of the paper, of forty-four bytes...";

/// A device on the wire.
struct Device {
    wire: Wire,
    voice: Voice,
}

impl Device {
    fn new(scene: &Scene, bundle: &Bundle) -> Self {
        let wire = Wire::begin(&scene.collector.address().unwrap(), bundle).unwrap();
        Self { wire, voice: Voice::new(bundle).unwrap() }
    }

    /// Has a form logged that names these photos; gives its digest.
    fn submit(&mut self, scene: &Scene, station: usize, photos: &[Digest]) -> Digest {
        let paper = scene.stations[station].paper([7, 6, 5, 4]);
        let mut form = self.voice.form(counts(&paper));
        form.photos = photos.to_vec();
        let sealed = self.voice.seal(&form).unwrap();
        let outcomes = self.wire.submit(vec![sealed.bytes().to_vec()]).unwrap().outcomes;
        assert!(matches!(outcomes[0], Outcome::Logged(_)), "{outcomes:?}");
        sealed.digest()
    }

    fn says(&mut self, message: &ToCollector) -> ToAgent {
        self.wire.ask(message).unwrap().expect("an answer")
    }

    fn offer(&mut self, form: Digest, photo: Digest, size: u32) -> PhotoAnswer {
        match self.says(&ToCollector::Offer(PhotoOffer { form, photo, size })) {
            ToAgent::Photo(answer) => answer,
            other => panic!("{other:?}"),
        }
    }

    fn chunk(&mut self, at: u32, bytes: &[u8]) -> ToAgent {
        self.says(&ToCollector::Chunk(PhotoChunk { at, bytes: bytes.to_vec() }))
    }
}

fn size() -> u32 {
    u32::try_from(PHOTO.len()).unwrap()
}

const BEGIN: PhotoAnswer = PhotoAnswer::Wanted { next: 0, durable: 0 };

fn refused(refusal: PhotoRefusal) -> PhotoAnswer {
    PhotoAnswer::Refused(refusal)
}

#[test]
fn a_photo_is_taken_from_the_station_alone_whose_form_names_it() {
    let scene = Scene::serving().unwrap();
    let photo = Digest::of(PHOTO);
    let mut honest = Device::new(&scene, &scene.bundle(HONEST + 1).unwrap());
    let named = honest.submit(&scene, HONEST + 1, &[photo]);
    let mut stranger = Device::new(&scene, &scene.bundle(BAD).unwrap());
    let own = stranger.submit(&scene, BAD, &[]);
    let unnamed = refused(PhotoRefusal::UnnamedPhoto);
    for form in [named, own, Digest([9; 32])] {
        assert_eq!(stranger.offer(form, photo, size()), unnamed, "of the form {form}");
    }
    assert_eq!(honest.offer(named, Digest([8; 32]), size()), unnamed, "another photo");
    let too_large = honest.offer(named, photo, MAX_PHOTO + 1);
    assert_eq!(too_large, refused(PhotoRefusal::PhotoTooLarge));
    assert_eq!(honest.offer(named, photo, size()), BEGIN);
    assert_eq!(honest.chunk(0, PHOTO), ToAgent::Photo(PhotoAnswer::Whole));
    assert_eq!(honest.offer(named, photo, size()), PhotoAnswer::Whole, "it has it");
    assert_eq!(stranger.offer(named, photo, size()), unnamed, "nor does it say that it has it");
    unharmed(&scene, 2);
}

#[test]
fn a_chunk_that_was_not_agreed_on_ends_the_session_and_spoils_nothing() {
    let scene = Scene::serving().unwrap();
    let bundle = scene.bundle(BAD).unwrap();
    let photo = Digest::of(PHOTO);
    let mut first = Device::new(&scene, &bundle);
    let form = first.submit(&scene, BAD, &[photo]);
    assert_eq!(first.offer(form, photo, size()), BEGIN);
    first.chunk(0, &PHOTO[..20]);
    let ends = |bytes: &[u8], at, is_offered, wanted| {
        let mut device = Device::new(&scene, &bundle);
        if is_offered {
            let kept = PhotoAnswer::Wanted { next: 20, durable: 20 };
            assert_eq!(device.offer(form, photo, size()), kept);
        }
        assert_eq!(device.chunk(at, bytes), ToAgent::Farewell(wanted));
        assert_eq!(device.wire.answer().unwrap(), None, "it hangs up");
    };
    ends(&PHOTO[20..], 20, false, Farewell::OutOfTurn);
    ends(&[PHOTO, &[0]].concat(), 20, true, Farewell::OutOfTurn);
    ends(&PHOTO[..1], u32::MAX, true, Farewell::OutOfTurn);
    ends(&[0; MAX_CHUNK as usize + 1], 20, true, Farewell::OversizeFrame);
    let mut device = Device::new(&scene, &bundle);
    device.offer(form, photo, size());
    let elsewhere = PhotoAnswer::Wanted { next: 20, durable: 0 };
    assert_eq!(device.chunk(5, &PHOTO[5..]), ToAgent::Photo(elsewhere), "it says where");
    assert_eq!(device.chunk(20, &PHOTO[20..]), ToAgent::Photo(PhotoAnswer::Whole));
    unharmed(&scene, 1);
}

#[test]
fn a_device_that_is_replaced_in_the_middle_of_a_photo_is_sent_away() {
    let scene = Scene::serving().unwrap();
    let photo = Digest::of(PHOTO);
    let mut device = Device::new(&scene, &scene.bundle(BAD).unwrap());
    let form = device.submit(&scene, BAD, &[photo]);
    assert_eq!(device.offer(form, photo, size()), BEGIN);
    let issued = scene.collector.issue(&[&scene.stations[BAD].code, "--replace"]).unwrap();
    assert!(issued.status.success(), "{issued:?}");
    assert_eq!(device.wire.answer().unwrap(), Some(ToAgent::Farewell(Farewell::Revoked)));
    // The one in its place goes on with it.
    let mut device = Device::new(&scene, &scene.bundle(BAD).unwrap());
    assert_eq!(device.offer(form, photo, size()), BEGIN);
    assert_eq!(device.chunk(0, PHOTO), ToAgent::Photo(PhotoAnswer::Whole));
}

#[test]
fn a_ping_is_answered_but_is_no_greeting() {
    let scene = Scene::serving().unwrap();
    let (address, bundle) = (scene.collector.address().unwrap(), scene.bundle(BAD).unwrap());
    let mut device = Device::new(&scene, &bundle);
    for _ in 0..3 {
        assert_eq!(device.says(&ToCollector::Ping), ToAgent::Pong);
    }
    let mut wire = Wire::with_certificate(&address, &bundle).unwrap();
    wire.send_bytes(&frame(&encode_message(&ToCollector::Ping)).unwrap()).unwrap();
    assert_eq!(wire.answer().unwrap(), Some(ToAgent::Farewell(Farewell::OutOfTurn)));
    unharmed(&scene, 0);
}
