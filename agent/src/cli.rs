//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use saksi_agent::directory::Directory;
use saksi_agent::page::PageAt;
use saksi_proto::bundle::CollectorAddress;
use saksi_proto::checkpoint::LogKey;
use saksi_proto::ids::StationCode;
use saksi_proto::policy::Policy;
use saksi_proto::text::Language;

/// Keeps the signed tally forms of one polling station and sends them to the centre.
///
/// Every form is stored safely on this device first. Then it is sent, again and
/// again if need be, until the centre's receipt is here and proven.
#[derive(Debug, Parser)]
#[command(name = "saksi-agent", version, after_help = crate::exit::HELP)]
pub(crate) struct Cli {
    /// The agent's directory [default: $XDG_DATA_HOME/saksi-agent or ~/.local/share/saksi-agent]
    #[arg(long, global = true, env = "SAKSI_AGENT_DIR", value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Language of the answers: id (Bahasa Indonesia) or en (English) [default: the election's]
    #[arg(long, global = true, env = "SAKSI_LANGUAGE", value_parser = language)]
    pub(crate) language: Option<Language>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make this device the voice of one polling station, with the code on its slip
    ///
    /// Shows the station's name and asks whether it is yours; makes the key, which never
    /// leaves this device; gets its papers; then looks at the device and sends a rehearsal
    /// form. Interrupted at any point it can be run again: without a SLIP it goes on.
    Enrol(Enrol),
    /// Set this device up for one polling station with a bundle that was made for it
    Init {
        /// The bundle made by `saksi-collector device issue`; keep it secret
        #[arg(long, value_name = "FILE")]
        bundle: PathBuf,
    },
    #[command(flatten)]
    OnDevice(OnDevice),
}

/// How a device is enrolled.
#[derive(Debug, Args)]
pub(crate) struct Enrol {
    /// The text of the slip's QR code, SAKSI:…, or - for standard input, where no list of
    /// processes shows it
    #[arg(value_name = "SLIP", conflicts_with_all = ["collector", "answer"])]
    pub(crate) slip: Option<String>,
    /// The collector that is printed on the slip
    #[arg(long, value_name = "HOST:PORT", requires_all = ["authority", "code"])]
    pub(crate) collector: Option<String>,
    /// The fingerprint that is printed on the slip
    #[arg(long, value_name = "FINGERPRINT", requires = "collector")]
    pub(crate) authority: Option<String>,
    /// The code that is printed on the slip, or - for standard input
    #[arg(long, value_name = "CODE", requires = "collector")]
    pub(crate) code: Option<String>,
    /// The station: for a spare device's code, and with --request
    #[arg(long, value_name = "STATION")]
    pub(crate) station: Option<StationCode>,
    /// The station is right; ask nobody
    #[arg(long)]
    pub(crate) yes: bool,
    /// Keep trying until the centre has answered
    #[arg(long)]
    pub(crate) wait: bool,
    /// Give up the enrolment that was begun here, and its key
    #[arg(long, conflicts_with = "answer")]
    pub(crate) again: bool,
    /// Send no rehearsal form at the end
    #[arg(long)]
    pub(crate) no_rehearsal: bool,
    /// Write the request to a file, to be carried to the centre; it holds the code
    #[arg(long, value_name = "FILE.enrol", conflicts_with_all = ["answer", "wait"])]
    pub(crate) request: Option<PathBuf>,
    /// Take in the answer that was carried back
    #[arg(long, value_name = "FILE")]
    pub(crate) answer: Option<PathBuf>,
}

/// What a device that was set up can do.
#[derive(Debug, Subcommand)]
pub(crate) enum OnDevice {
    /// Check, sign and store a filled form
    ///
    /// FORM.json names the contest and every field of its form:
    /// {"contest":"ppwp","lines":{"I.A.L":147,"I.A.P":null,"V.A":"illegible"}}.
    /// A number, null for an empty box, or "illegible". Blank is not zero.
    Submit(Submit),
    /// Show how far every form has come
    Status(Json),
    /// Show forms line by line
    Show {
        /// A contest's code, or a form's digest or its beginning [default: all contests]
        #[arg(value_name = "CONTEST|DIGEST")]
        what: Option<String>,
        #[command(flatten)]
        json: Json,
    },
    /// Send what is stored, and go on until stopped
    Run {
        /// Send there instead of where the bundle says; may be given several times
        ///
        /// NAME is the name in the collector's certificate, the host if not given.
        #[arg(long = "collector", value_name = "HOST:PORT[=NAME]", value_parser = collector)]
        collectors: Vec<CollectorAddress>,
        /// Where the station's page is served, on this device only: 127.0.0.1:PORT,
        /// [::1]:PORT or off [default: 127.0.0.1:7470, or another port if that is taken]
        #[arg(long, env = "SAKSI_PAGE", value_name = "ADDRESS", value_parser = page_at)]
        page: Option<PageAt>,
    },
    /// Send a rehearsal form, which is counted nowhere, and verify its receipt
    Rehearse {
        /// Send there instead of where the papers say; may be given several times
        #[arg(long = "collector", value_name = "HOST:PORT[=NAME]", value_parser = collector)]
        collectors: Vec<CollectorAddress>,
    },
    /// Send again what the centre has answered already; the same receipt comes back
    Resend {
        /// Only the forms of this contest
        contest: Option<String>,
    },
    /// Print the receipt of a form, the proof that it is in the log; or verify one
    Receipt(Receipt),
    /// Look at everything on this device again, and say what was found and done
    ///
    /// Identity, clock, disk, store, every form's file, receipt and photo. Works
    /// beside the running agent.
    Doctor(Json),
    /// Delete forms that the centre is proven to have; says what it would do, without --yes
    ///
    /// A form that waits, was refused, or has no receipt that verifies now is never
    /// deleted. Nothing else on this device deletes a form.
    Retention(Retention),
    /// Print the address of the station's page, which the running agent serves
    ///
    /// Open it in a browser on this device. Who has the address can fill and send forms:
    /// keep it as you keep a key.
    Page(Json),
    /// Write all signed forms to one file, to be carried by hand
    ///
    /// Another station's device takes it in (`import`) and sends them untouched. Photos are
    /// not in it: this device sends them when it has a link.
    Export {
        /// The file [default: saksi-forms-<station>.saksi, saksi-receipts-<station>.receipts]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Write the receipts of the forms that are carried for others, for their way back
        #[arg(long)]
        receipts: bool,
        #[command(flatten)]
        json: Json,
    },
    /// Take in a file of another station's forms, or of receipts that were brought back
    ///
    /// The forms go after this station's own, as they are; nobody but the centre can tell
    /// whether they are genuine. Receipts are verified against the forms that are here.
    Import {
        /// The file that `export` has written
        file: PathBuf,
        #[command(flatten)]
        json: Json,
    },
    /// Look into a file of carried forms; takes nothing in
    ImportCheck {
        /// The file
        file: PathBuf,
        #[command(flatten)]
        json: Json,
    },
}

/// How a receipt is shown.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Receipt {
    #[command(subcommand)]
    pub(crate) verb: Option<ReceiptVerb>,
    /// A contest's code, or a form's digest or its beginning [default: what arrived last]
    #[arg(value_name = "CONTEST|DIGEST")]
    pub(crate) form: Option<String>,
    /// Write it to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Draw it as a QR code, or write that as a drawing (FILE.svg)
    #[arg(long, value_name = "FILE.svg", num_args = 0..=1, value_parser = drawing,
          conflicts_with_all = ["out", "wanted"])]
    pub(crate) qr: Option<Option<PathBuf>>,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// What else can be done with a receipt.
#[derive(Debug, Subcommand)]
pub(crate) enum ReceiptVerb {
    /// Verify a receipt for a form, anywhere and without a network
    ///
    /// Says which entry of which log the form is, when it arrived, and how many entries
    /// there were. Needs neither a device that is set up nor a store. Exit code 21: it is
    /// not proven.
    Verify {
        /// The receipt, a .tlog-proof file
        #[arg(value_name = "RECEIPT")]
        receipt: PathBuf,
        /// The sealed form: its own file, or one of carried forms (export)
        #[arg(value_name = "FORM")]
        form: PathBuf,
        /// The log's key (origin+id+key), or a file that has it [default: this device's]
        #[arg(long, value_name = "VKEY", value_parser = crate::receipt::key)]
        key: Option<Box<LogKey>>,
        /// Whose cosignatures it must have, a C2SP tlog-policy; its log is the one to
        /// believe, unless --key names another [default: nobody's]
        #[arg(long, value_name = "FILE", value_parser = crate::receipt::policy)]
        policy: Option<Box<Policy>>,
        #[command(flatten)]
        json: Json,
    },
}

/// What may be deleted.
#[derive(Debug, Args)]
pub(crate) struct Retention {
    /// What arrived so many days ago; the newest form of each contest stays
    #[arg(long, value_name = "DAYS", required_unless_present = "closed")]
    pub(crate) older_than: Option<u32>,
    /// Everything that has its receipt: the election of this id is over
    #[arg(long, value_name = "ELECTION", conflicts_with = "older_than")]
    pub(crate) closed: Option<String>,
    /// Delete it
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// What is submitted.
#[derive(Debug, Args)]
pub(crate) struct Submit {
    /// The filled form, or - for standard input
    #[arg(value_name = "FORM.json")]
    pub(crate) form: PathBuf,
    /// The second entry, where the election asks for one: votes and totals typed again
    ///
    /// The same JSON with the fields that are typed twice, by somebody who copies them from
    /// the paper without looking at the first file. Every number in it must be the same.
    #[arg(long, value_name = "FORM.json")]
    pub(crate) again: Option<PathBuf>,
    /// A photo of the paper, a JPEG; give it once for each page
    ///
    /// It is turned upright and made small (2,000 pixels, some 300 KB); its place, its time
    /// and all else but the picture is left out. What is blurred or dark is said at once.
    #[arg(long = "photo", value_name = "FILE")]
    pub(crate) photos: Vec<PathBuf>,
    /// Keep and send the photos' files byte for byte, with the place and time in them
    #[arg(long, requires = "photos")]
    pub(crate) as_is: bool,
    /// What the officers say of the rules that the form breaks
    #[arg(long, value_name = "TEXT")]
    pub(crate) explain: Option<String>,
    /// Correct the form of this contest that is stored already
    #[arg(long, requires = "reason")]
    pub(crate) correct: bool,
    /// Why it is corrected
    #[arg(long, value_name = "TEXT", requires = "correct")]
    pub(crate) reason: Option<String>,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// How to answer.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Json {
    /// Answer in JSON
    #[arg(long = "json")]
    pub(crate) wanted: bool,
}

impl OnDevice {
    /// Whether the answer is wanted in JSON.
    pub(crate) fn is_json(&self) -> bool {
        match self {
            OnDevice::Submit(Submit { json, .. })
            | OnDevice::Receipt(Receipt { json, .. })
            | OnDevice::Retention(Retention { json, .. })
            | OnDevice::Status(json)
            | OnDevice::Doctor(json)
            | OnDevice::Page(json)
            | OnDevice::Show { json, .. }
            | OnDevice::Export { json, .. }
            | OnDevice::Import { json, .. }
            | OnDevice::ImportCheck { json, .. } => json.wanted,
            OnDevice::Run { .. } | OnDevice::Rehearse { .. } | OnDevice::Resend { .. } => false,
        }
    }
}

impl Cli {
    /// The agent's directory; `None` without a home to put it in.
    pub(crate) fn directory(&self) -> Option<Directory> {
        let of = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let of_user = || {
            let share = of("XDG_DATA_HOME").map(PathBuf::from);
            let share = share.or_else(|| Some(PathBuf::from(of("HOME")?).join(".local/share")));
            share.map(|share| share.join("saksi-agent"))
        };
        self.dir.clone().or_else(of_user).map(|path| Directory::new(&path))
    }
}

/// A name that cannot be taken for a contest.
fn drawing(path: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(path);
    let is_drawing = path.extension().is_some_and(|ending| ending == "svg");
    if is_drawing { Ok(path) } else { Err("the name of a drawing ends with .svg".to_owned()) }
}

fn language(code: &str) -> Result<Language, String> {
    match code {
        "id" => Ok(Language::Indonesian),
        "en" => Ok(Language::English),
        _ => Err("id or en".to_owned()),
    }
}

fn page_at(text: &str) -> Result<PageAt, String> {
    if text == "off" {
        return Ok(PageAt::Nowhere);
    }
    let address: SocketAddr = text.parse().map_err(|_| "wanted: 127.0.0.1:PORT or off")?;
    if !address.ip().is_loopback() {
        return Err("the page is for this device only: 127.0.0.1:PORT or [::1]:PORT".to_owned());
    }
    Ok(PageAt::Address(address))
}

fn collector(text: &str) -> Result<CollectorAddress, String> {
    let (address, name) = text.split_once('=').unwrap_or((text, ""));
    let (host, port) = address.rsplit_once(':').ok_or("wanted: HOST:PORT or HOST:PORT=NAME")?;
    port.parse::<u16>().map_err(|_| format!("“{port}” is not a port"))?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() {
        return Err("the host is missing".to_owned());
    }
    let name = if name.is_empty() { host } else { name };
    Ok(CollectorAddress { address: address.to_owned(), name: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_collector_has_its_host_as_name_unless_told() {
        let of = |text| collector(text).map(|of| (of.address, of.name));
        let pair = |address: &str, name: &str| Ok((address.to_owned(), name.to_owned()));
        assert_eq!(of("saksi.example:7443"), pair("saksi.example:7443", "saksi.example"));
        assert_eq!(of("10.0.0.1:1=saksi.example"), pair("10.0.0.1:1", "saksi.example"));
        assert_eq!(of("[::1]:7443"), pair("[::1]:7443", "::1"));
        assert!(of("saksi.example").is_err() && of(":1").is_err() && of("a:99999").is_err());
    }

    #[test]
    fn a_receipt_is_of_a_form_or_is_verified() {
        let parse = |words: &[&str]| {
            let words = [&["saksi-agent", "receipt"], words].concat();
            match Cli::try_parse_from(words).ok()?.command {
                Command::OnDevice(OnDevice::Receipt(receipt)) => Some(receipt),
                _ => None,
            }
        };
        assert!(parse(&[]).is_some_and(|asked| asked.form.is_none() && asked.qr.is_none()));
        let drawn = parse(&["ppwp", "--qr"]).unwrap();
        assert_eq!((drawn.form.as_deref(), drawn.qr), (Some("ppwp"), Some(None)));
        let written = parse(&["--qr", "a.svg", "ppwp"]).unwrap();
        assert_eq!(written.qr, Some(Some(PathBuf::from("a.svg"))));
        assert!(parse(&["--qr", "ppwp"]).is_none(), "a contest is no drawing");
        assert!(parse(&["verify", "a.tlog-proof", "a.saksi"]).unwrap().verb.is_some());
        assert!(parse(&["verify", "a.tlog-proof"]).is_none());
        assert!(parse(&["verify", "a", "b", "--key", "no key"]).is_none());
    }

    #[test]
    fn the_page_is_for_this_device_only() {
        assert_eq!(page_at("off"), Ok(PageAt::Nowhere));
        let local = "127.0.0.1:80".parse().unwrap();
        assert_eq!(page_at("127.0.0.1:80"), Ok(PageAt::Address(local)));
        assert!(page_at("[::1]:80").is_ok());
        for open in ["0.0.0.0:80", "[::]:80", "192.168.1.2:80", "localhost:80", "7470"] {
            assert!(page_at(open).is_err(), "{open}");
        }
    }

    #[test]
    fn a_correction_wants_a_reason() {
        let parse = |words: &[&str]| Cli::try_parse_from([&["saksi-agent"], words].concat());
        assert!(parse(&["submit", "f", "--correct"]).is_err());
        assert!(parse(&["submit", "f", "--reason", "r"]).is_err());
        assert!(parse(&["submit", "f", "--correct", "--reason", "r"]).is_ok());
    }
}
