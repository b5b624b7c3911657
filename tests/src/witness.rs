//! A witness as a process, and a log that a test plays to it.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, bail, ensure};
use saksi_proto::SigningKey;
use saksi_proto::checkpoint::{Checkpoint, LogKey};
use saksi_proto::cosignature::cosignatures;
use saksi_proto::merkle::{Tree, leaf_hash};
use saksi_proto::policy::Policy;
use saksi_proto::witnessing::AddCheckpoint;

use crate::collector::{Collector, succeed};
use crate::{binaries, poll};

/// A witness's directory, and its process while it runs.
pub struct Witness {
    dir: PathBuf,
    key: String,
    running: Option<(Child, String)>,
}

impl Witness {
    /// Makes one in `dir`.
    ///
    /// # Errors
    /// If the command fails.
    pub fn make(dir: &Path, name: &str) -> anyhow::Result<Self> {
        let path = dir.to_str().context("a path in UTF-8")?;
        let key = succeed(&["witness", "init", path, "--name", name])?.trim_end().to_owned();
        Ok(Self { dir: dir.to_owned(), key, running: None })
    }

    /// Its public key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Has it cosign a log from its next start on.
    ///
    /// # Errors
    /// If the command fails.
    pub fn add_log(&self, vkey: &str) -> anyhow::Result<()> {
        succeed(&["witness", "log", "add", self.path()?, vkey]).map(drop)
    }

    /// Sizes that it has cosigned last, by the command.
    ///
    /// # Errors
    /// If the command fails.
    pub fn sizes(&self) -> anyhow::Result<Vec<u64>> {
        let listed = succeed(&["witness", "log", "list", self.path()?])?;
        let sizes = listed.lines().filter_map(|line| line.split_whitespace().next());
        Ok(sizes.map(str::parse).collect::<Result<_, _>>()?)
    }

    /// Starts it, and waits until it listens: where it did before, if anywhere.
    ///
    /// # Errors
    /// If it ends instead, with its exit code.
    pub fn start(&mut self, listen: Option<&str>) -> anyhow::Result<()> {
        let mut command = Command::new(binaries::path("saksi-collector")?);
        command.args(["witness", "serve", self.path()?]).stdin(Stdio::null());
        command.args(["--listen", listen.unwrap_or("127.0.0.1:0")]);
        // It says what it refuses as an error; that is what the tests have it do.
        let words = File::create(self.dir.with_extension("words"))?;
        let mut process = command.stdout(Stdio::piped()).stderr(words).spawn()?;
        let mut line = String::new();
        let output = process.stdout.take().context("a piped output")?;
        BufReader::new(output).read_line(&mut line)?;
        let url = line.split_whitespace().find_map(|word| word.strip_prefix("witness="));
        let Some(url) = url else {
            let status = process.wait()?;
            let words = std::fs::read_to_string(self.dir.with_extension("words"))?;
            bail!("the witness did not start ({:?}): {words}", status.code());
        };
        self.running = Some((process, url.to_owned()));
        Ok(())
    }

    /// Where it is asked.
    ///
    /// # Errors
    /// If it does not run.
    pub fn url(&self) -> anyhow::Result<&str> {
        Ok(&self.running.as_ref().context("the witness does not run")?.1)
    }

    /// Stops it as an operator would (SIGTERM), and checks that it ends well.
    ///
    /// # Errors
    /// If it does not end with 0.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        let (mut process, _) = self.running.take().context("the witness does not run")?;
        let id = process.id().to_string();
        ensure!(Command::new("kill").args(["-s", "TERM", &id]).status()?.success(), "kill");
        let status = process.wait()?;
        ensure!(status.success(), "the witness ended with {status}");
        Ok(())
    }

    /// Kills it (SIGKILL).
    ///
    /// # Errors
    /// If it does not run.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        let (mut process, _) = self.running.take().context("the witness does not run")?;
        process.kill()?;
        process.wait()?;
        Ok(())
    }

    fn path(&self) -> anyhow::Result<&str> {
        self.dir.to_str().context("a path in UTF-8")
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        // A test that failed leaves no process behind.
        if self.running.is_some() {
            drop(self.kill());
        }
    }
}

/// What a witness answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Status of HTTP.
    pub status: u16,
    /// Type of the text.
    pub kind: String,
    /// The text.
    pub text: String,
}

/// Asks a witness at its submission prefix.
///
/// # Errors
/// If it does not answer.
pub fn ask(url: &str, body: &str) -> anyhow::Result<Answer> {
    let url = format!("{}/add-checkpoint", url.trim_end_matches('/'));
    let post = ureq::post(&url).config().http_status_as_error(false).build();
    let mut response = post.send(body)?;
    let kind = response.headers().get("content-type");
    let kind = kind.map_or(Ok(""), |kind| kind.to_str())?.to_owned();
    let status = response.status().as_u16();
    Ok(Answer { status, kind, text: response.body_mut().read_to_string()? })
}

/// A log that a test plays: another `history` has other entries under the same key.
pub struct PlayedLog {
    origin: String,
    key: SigningKey,
    tree: Tree,
}

impl PlayedLog {
    /// One of so many entries.
    #[must_use]
    pub fn new(origin: &str, history: u8, entries: u64) -> Self {
        let mut tree = Tree::default();
        (0..entries)
            .for_each(|at| tree.push(leaf_hash(&[&[history], &at.to_be_bytes()[..]].concat())));
        Self { origin: origin.to_owned(), key: SigningKey::from_bytes(&[7; 32]), tree }
    }

    /// Its public key.
    #[must_use]
    pub fn vkey(&self) -> String {
        LogKey { origin: self.origin.clone(), key: self.key.verifying_key() }.to_string()
    }

    /// The signed checkpoint of a size.
    #[must_use]
    pub fn note(&self, size: u64) -> String {
        let root = self.tree.root_at(size);
        Checkpoint { origin: self.origin.clone(), size, root }.sign(&self.key)
    }

    /// What is asked of a witness that has cosigned `old` last.
    #[must_use]
    pub fn request(&self, old: u64, size: u64) -> String {
        let proof = if old <= size { self.tree.consistency_proof(old, size) } else { Vec::new() };
        AddCheckpoint { old, proof, note: self.note(size) }.to_string()
    }
}

/// Has a collector ask these witnesses, by address and key, from its next start on.
///
/// # Errors
/// If its configuration cannot be changed.
pub fn configure(
    collector: &Collector,
    witnesses: &[(&str, &str)],
    needed: usize,
) -> anyhow::Result<()> {
    collector.configure("witnesses_needed", &needed.to_string())?;
    let path = collector.dir().join("collector.toml");
    let mut text = std::fs::read_to_string(&path)?;
    for (url, key) in witnesses {
        text += &format!("\n[[witnesses]]\nurl = \"{url}\"\nkey = \"{key}\"\n");
    }
    Ok(std::fs::write(&path, text)?)
}

/// What is published of a log, and with whose cosignatures.
#[derive(Debug)]
pub struct Published {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// Names of the witnesses that have cosigned it.
    pub witnesses: Vec<String>,
    /// Whether they are enough.
    pub is_witnessed: bool,
}

/// Reads what a collector's web server gives to everybody, as an auditor does.
///
/// # Errors
/// If it is not valid.
pub fn published(collector: &Collector) -> anyhow::Result<Published> {
    let get = |path: &str| -> anyhow::Result<String> {
        let url = format!("{}/{path}", collector.web()?);
        Ok(ureq::get(&url).call()?.body_mut().read_to_string()?)
    };
    let (policy, note) = (get("witnesses")?, get("checkpoint")?);
    let policy = Policy::parse(&policy)?;
    let checkpoint = policy.logs.first().context("a log")?.open(&note)?;
    let known = policy.witnesses.witnesses();
    let found = cosignatures(&note, known)?;
    let witnesses = found.iter().map(|found| known[found.witness].name().to_owned()).collect();
    Ok(Published { checkpoint, witnesses, is_witnessed: policy.witnesses.is_witnessed(&note) })
}

/// Waits until this is published.
///
/// # Errors
/// If it is not within the patience of tests.
pub fn until_published(
    collector: &Collector,
    what: &str,
    is_it: impl Fn(&Published) -> bool,
) -> anyhow::Result<Published> {
    poll::until(what, || Ok(published(collector).ok().filter(&is_it)))
}
