//! Somebody of the staff at the collector's desk, in a browser that runs no script: what is
//! asked over TLS, with the desk's own certificate, its cookie and the words of its forms.

use std::io::{BufRead as _, BufReader, Read};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

use crate::collector::{self, Collector};
use crate::officer::{Page, hidden_field};

/// Nobody waits longer for an answer, or for the next event of a stream.
const PATIENCE: Duration = Duration::from_secs(45);

/// The password of every account that [`account`] makes.
pub const PASSWORD: &str = "enough letters for a sample";

/// Somebody at the desk.
pub struct Clerk {
    http: ureq::Agent,
    /// Where the desk is, without a slash at the end.
    pub base: String,
    /// The cookie of the session; empty outside.
    pub cookie: String,
    /// Code of the language of the pages.
    pub language: &'static str,
}

/// Adds an account with [`PASSWORD`], on the command line.
///
/// # Errors
/// If the command fails.
pub fn account(of: &Collector, name: &str, role: &str, region: Option<&str>) -> anyhow::Result<()> {
    let password = of.dir().join(format!("{name}.password"));
    std::fs::write(&password, format!("{PASSWORD}\n"))?;
    let (dir, file) = (of.dir().to_str().context("UTF-8")?, password.to_str().context("UTF-8")?);
    let full_name = format!("{name} of the sample");
    let who = ["--full-name", &full_name, "--role", role, "--password-file", file];
    let region = region.map_or(vec![], |code| vec!["--region", code]);
    collector::succeed(&[&["staff", "add", dir, name][..], &who, &region].concat()).map(drop)
}

/// Has a collector serve a desk from its next start on.
///
/// # Errors
/// As [`Collector::configure`].
pub fn open_desk(of: &Collector) -> anyhow::Result<()> {
    of.configure("staff", "\"127.0.0.1:0\"")
}

impl Clerk {
    /// Somebody who has not signed in.
    ///
    /// # Errors
    /// If the collector serves no desk.
    pub fn outside(of: &Collector) -> anyhow::Result<Self> {
        let pem = of.dir().join("keys/staff.pem");
        let own = CertificateDer::from_pem_file(&pem).ok().context("the desk's certificate")?;
        let own = Certificate::from_der(&own).to_owned();
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
            .root_certs(RootCerts::Specific(Arc::new(vec![own])))
            .build();
        let http = ureq::Agent::config_builder().max_redirects(0).http_status_as_error(false);
        let http = http.tls_config(tls).proxy(None).timeout_global(Some(PATIENCE));
        let http = http.build().new_agent();
        Ok(Self { http, base: of.staff()?.to_owned(), cookie: String::new(), language: "en" })
    }

    /// Somebody who has signed in with [`PASSWORD`].
    ///
    /// # Errors
    /// If it is not let in.
    pub fn signed_in(of: &Collector, name: &str) -> anyhow::Result<Self> {
        let mut clerk = Self::outside(of)?;
        let answer = clerk.sign_in(name, PASSWORD)?;
        ensure!(answer.status == 303, "{} {}", answer.status, answer.html);
        Ok(clerk)
    }

    /// Posts the sheet of the sign-in, and keeps the cookie.
    ///
    /// # Errors
    /// If there is no answer.
    pub fn sign_in(&mut self, name: &str, password: &str) -> anyhow::Result<Page> {
        let fields = [("name", name), ("password", password)];
        let answer = self.send("/sign-in", &[("Origin", &self.base)], &fields)?;
        self.cookie = answer.cookie.clone().unwrap_or_default();
        Ok(answer)
    }

    /// Chooses another password, and signs in with it.
    ///
    /// # Errors
    /// If it is not taken.
    pub fn choose(&mut self, name: &str, old: &str, new: &str) -> anyhow::Result<()> {
        let fields = [("old", old), ("new", new), ("again", new)];
        let answer = self.post("/password", "/password", &fields)?;
        ensure!(answer.status == 303, "{} {}", answer.status, answer.html);
        let answer = self.sign_in(name, new)?;
        ensure!(answer.status == 303, "{} {}", answer.status, answer.html);
        Ok(())
    }

    /// Asks for a page.
    ///
    /// # Errors
    /// If there is no answer.
    pub fn get(&self, path: &str) -> anyhow::Result<Page> {
        let request = self.http.get(format!("{}{path}", self.base));
        Page::read(request.header("Cookie", self.cookies()).call()?)
    }

    /// Asks for a page that must be there.
    ///
    /// # Errors
    /// If it is not.
    pub fn html(&self, path: &str) -> anyhow::Result<String> {
        let page = self.get(path)?;
        ensure!(page.status == 200, "{path}: {} {}", page.status, page.html);
        Ok(page.html)
    }

    /// Posts a form of a page, with its word against forged forms.
    ///
    /// # Errors
    /// If there is no such page, or no answer.
    pub fn post(&self, of: &str, to: &str, fields: &[(&str, &str)]) -> anyhow::Result<Page> {
        let page = self.html(of)?;
        let hidden = ["csrf", "seen"].into_iter();
        let mut fields = fields.to_vec();
        fields.extend(hidden.filter_map(|name| Some((name, hidden_field(&page, name)?))));
        self.send(to, &[("Origin", &self.base)], &fields)
    }

    /// Posts these fields with these headers and the cookie.
    ///
    /// # Errors
    /// If there is no answer.
    pub fn send(
        &self,
        to: &str,
        headers: &[(&str, &str)],
        fields: &[(&str, &str)],
    ) -> anyhow::Result<Page> {
        let request = self.http.post(format!("{}{to}", self.base)).header("Cookie", self.cookies());
        let request =
            headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        Page::read(request.send_form(fields.iter().copied())?)
    }

    /// Asks for a picture.
    ///
    /// # Errors
    /// If there is no answer.
    pub fn picture(&self, path: &str) -> anyhow::Result<Picture> {
        let request = self.http.get(format!("{}{path}", self.base));
        let mut answer = request.header("Cookie", self.cookies()).call()?;
        let header = |name: &str| {
            let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        Ok(Picture {
            status: answer.status().as_u16(),
            kind: header("content-type"),
            policy: header("content-security-policy"),
            nosniff: header("x-content-type-options") == "nosniff",
            bytes: answer.body_mut().read_to_vec()?,
        })
    }

    /// Reads a file to its end, however long that takes; gives its bytes and lines.
    ///
    /// # Errors
    /// If it is not there, or is cut off.
    pub fn size_of_file(&self, path: &str) -> anyhow::Result<(u64, u64)> {
        let request = self.http.get(format!("{}{path}", self.base));
        let request = request.header("Cookie", self.cookies());
        let answer = request.config().timeout_global(None).build().call()?;
        ensure!(answer.status() == 200, "{path}: {}", answer.status());
        let (mut body, mut piece) = (answer.into_body().into_reader(), vec![0; 64 * 1024]);
        let (mut bytes, mut lines) = (0, 0);
        loop {
            match body.read(&mut piece)? {
                0 => return Ok((bytes, lines)),
                read => {
                    bytes += read as u64;
                    lines += piece[..read].iter().filter(|byte| **byte == b'\n').count() as u64;
                }
            }
        }
    }

    /// Opens a stream of events.
    ///
    /// # Errors
    /// If it is not one.
    pub fn stream(&self, path: &str) -> anyhow::Result<Stream> {
        let request = self.http.get(format!("{}{path}", self.base));
        let answer = request.header("Cookie", self.cookies()).call()?;
        let kind = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok());
        ensure!(kind == Some("text/event-stream"), "{path}: {} {kind:?}", answer.status());
        Ok(Stream(BufReader::new(Box::new(answer.into_body().into_reader()))))
    }

    fn cookies(&self) -> String {
        format!("{}; __Host-saksi-language={}", self.cookie, self.language)
    }
}

/// A picture, and what a browser may make of it.
pub struct Picture {
    /// The answer's status.
    pub status: u16,
    /// Its type.
    pub kind: String,
    /// Its policy for content.
    pub policy: String,
    /// Whether its type is to be believed.
    pub nosniff: bool,
    /// The file.
    pub bytes: Vec<u8>,
}

/// A stream of events.
pub struct Stream(BufReader<Box<dyn Read>>);

impl Stream {
    /// What the next event says; nothing, if the stream has ended as it should.
    ///
    /// # Errors
    /// If it is cut off.
    pub fn event(&mut self) -> anyhow::Result<Option<serde_json::Value>> {
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line)? == 0 {
                return Ok(None);
            }
            if let Some(told) = line.strip_prefix("data: ") {
                return Ok(Some(serde_json::from_str(told)?));
            }
        }
    }
}
