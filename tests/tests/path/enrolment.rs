//! What `saksi-agent enrol` says and keeps where no registrar answers: mistyped slips,
//! files that are carried, papers that are not the device's.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use saksi_proto::digest::Digest;
use saksi_proto::enrolment::{Application, UNSEEN_AUTHORITY};
use saksi_proto::slip::{Code, Fingerprint, Slip};
use saksi_tests::binaries;
use saksi_tests::scene::Scene;

/// Exit codes of `saksi-agent --help`.
const COMMAND_LINE: i32 = 2;
const IDENTITY: i32 = 13;
const REFUSED: i32 = 16;
const LATER: i32 = 17;
const ANOTHER_BEGUN: i32 = 19;

/// A device that nobody has enrolled.
struct Bare(PathBuf);

impl Bare {
    fn command(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = Command::new(binaries::path("saksi-agent").unwrap());
        command.arg("--dir").arg(&self.0).args(["--language", "en", "enrol"]).args(arguments);
        command.env("RUST_LOG", "trace").stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    /// Its exit code and what it said.
    fn enrol(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.command(arguments, "");
        let said = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(said).unwrap())
    }

    fn has(&self, name: &str) -> bool {
        self.0.join(name).exists()
    }
}

/// A slip of an authority that nobody has. Nobody listens at port 1.
fn slip_of(authority: Digest, code: [u8; 7]) -> Slip {
    Slip::new("localhost:1", Fingerprint::new(authority), Code::new(code)).unwrap()
}

fn slip() -> Slip {
    slip_of(Digest([7; 32]), *b"saksi!!")
}

fn application(path: &Path) -> Application {
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn a_mistyped_slip_says_which_part_is() {
    let place = tempfile::tempdir().unwrap();
    let bare = Bare(place.path().join("agent"));
    let Slip { collector, authority, code } = slip();
    let (authority, code) = (authority.to_string(), code.to_string());
    let swapped = |text: &str| {
        let last = if text.ends_with('0') { '1' } else { '0' };
        format!("{}{last}", &text[..text.len() - 1])
    };
    let typed = |authority: &str, code: &str| {
        bare.enrol(&["--collector", &collector, "--authority", authority, "--code", code])
    };
    for ((exit, said), part) in [
        (typed(&authority, &swapped(&code)), "The code: it is mistyped"),
        (typed(&swapped(&authority), &code), "The fingerprint: it is mistyped"),
        (typed(&authority, &code[..9]), "The code: it has 8 characters, where there must be 12"),
        (bare.enrol(&["https://localhost"]), "This is not the text of a slip"),
        (bare.enrol(&[]), "No enrolment was begun"),
        (bare.enrol(&[&slip().to_string(), "--request", "r"]), "has to name the station"),
    ] {
        assert_eq!((exit, said.contains(part)), (COMMAND_LINE, true), "{part}: {said}");
    }
    assert!(!bare.has("enrol.json"));
}

#[test]
fn without_a_link_nothing_is_begun_and_no_log_has_the_code() {
    let place = tempfile::tempdir().unwrap();
    let bare = Bare(place.path().join("agent"));
    let output = bare.command(&["-", "--yes"], &format!("{}\n", slip()));
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(output.status.code(), Some(LATER), "{said}");
    assert!(said.contains("the same code still works"), "{said}");
    assert!(!said.contains(&slip().code.to_string()), "{said}");
    assert!(!bare.has("enrol.json") && !bare.has("identity.json"));
}

#[test]
fn a_request_that_is_written_again_is_of_the_same_key_until_it_is_given_up() {
    let place = tempfile::tempdir().unwrap();
    let bare = Bare(place.path().join("agent"));
    let request = place.path().join("device.enrol");
    let path = request.to_str().unwrap();
    let slip_text = slip().to_string();
    let write = |arguments: &[&str]| {
        let (exit, said) = bare.enrol(&[arguments, &["--request", path]].concat());
        assert_eq!(exit, 0, "{said}");
        application(&request)
    };
    let first = write(&[&slip_text, "--station", "001"]);
    assert!(first.is_signed() && first.code == slip().code);
    assert_eq!((first.station.as_str(), first.authority), ("001", UNSEEN_AUTHORITY));
    assert_eq!(write(&[]).key, first.key, "it goes on with what was begun");
    assert_eq!(write(&[&slip_text]).key, first.key);

    let other = slip_of(Digest([7; 32]), *b"another").to_string();
    for arguments in [&[&other[..]][..], &["--station", "002", "--request", path]] {
        let (exit, said) = bare.enrol(arguments);
        assert_eq!(exit, ANOTHER_BEGUN, "{said}");
        assert!(said.contains("001") && said.contains("--again"), "{said}");
    }
    let again = write(&[&other, "--station", "002", "--again"]);
    assert!(again.key != first.key && again.code != first.code);
}

#[test]
fn papers_of_another_device_are_not_taken() {
    let scene = Scene::new().unwrap();
    let bundle = scene.bundle(0).unwrap();
    let authority = CertificateDer::from_pem_slice(bundle.papers.authority.as_bytes());
    let authority = Digest::of(&authority.unwrap());
    let slip = slip_of(authority, *b"saksi!!").to_string();
    let bare = Bare(scene.agent_dir("bare"));
    let (request, answer) = (scene.dir().join("r.enrol"), scene.dir().join("answer"));
    let (request, path) = (request.to_str().unwrap(), answer.to_str().unwrap());
    let code = bundle.papers.station.to_string();
    assert_eq!(bare.enrol(&[&slip, "--station", &code, "--request", request]).0, 0);
    std::fs::write(&answer, serde_json::to_vec(&bundle.papers).unwrap()).unwrap();
    let (exit, said) = bare.enrol(&["--answer", path, "--yes"]);
    assert_eq!(exit, REFUSED, "{said}");
    assert!(said.contains("certificate is of another key"), "{said}");
    assert!(!bare.has("identity.json") && bare.has("enrol.json"));

    scene.agent("set-up", 0).unwrap();
    let (exit, said) = Bare(scene.agent_dir("set-up")).enrol(&[&slip]);
    assert_eq!(exit, IDENTITY, "{said}");
    assert!(said.contains("already holds another identity"), "{said}");
}
