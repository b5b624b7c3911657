//! An officer at the station's page, in a browser that runs no script: what is asked over
//! HTTP, with the cookie and the words of the page's own forms.

use std::time::Duration;

use anyhow::{Context as _, ensure};

use crate::device::AgentProcess;
use crate::paper::Paper;
use crate::poll;

/// An officer does not wait longer for an answer.
const PATIENCE: Duration = Duration::from_secs(45);

/// A browser that was let in.
pub struct Officer {
    http: ureq::Agent,
    /// Where the page is, without a slash at the end.
    pub base: String,
    /// The cookie that lets in.
    pub cookie: String,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Page {
    /// Status code.
    pub status: u16,
    /// Where it leads on to, if it does.
    pub location: Option<String>,
    /// The cookie it sets, without its conditions.
    pub cookie: Option<String>,
    /// What it says.
    pub html: String,
}

impl Officer {
    /// Opens the address that a running agent tells.
    ///
    /// # Errors
    /// If it tells none, or lets nobody in.
    pub fn at(agent: &AgentProcess) -> anyhow::Result<Self> {
        let address = poll::until("the page's address", || {
            let told = agent.command(&["page"])?;
            Ok(told.status.success().then_some(told.stdout))
        })?;
        let address = String::from_utf8(address)?.trim().to_owned();
        let (base, _) = address.split_once("/open/").context("an address that lets in")?;
        let http = ureq::Agent::config_builder().max_redirects(0).http_status_as_error(false);
        let http = http.proxy(None).timeout_global(Some(PATIENCE)).build().new_agent();
        let mut officer = Self { http, base: base.to_owned(), cookie: String::new() };
        let opened = officer.get(address.trim_start_matches(base))?;
        officer.cookie = opened.cookie.context("a cookie")?;
        Ok(officer)
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

    /// Posts the form of a page, with the words that stand in it; gives the answer.
    ///
    /// # Errors
    /// If there is no such page, or no answer.
    pub fn post(&self, of: &str, to: &str, fields: &[(&str, &str)]) -> anyhow::Result<Page> {
        let page = self.html(of)?;
        let mut fields = fields.to_vec();
        let hidden = ["csrf", "seen"].into_iter();
        fields.extend(hidden.filter_map(|name| Some((name, hidden_field(&page, name)?))));
        let request = self.http.post(format!("{}{to}", self.base));
        Page::read(request.header("Cookie", self.cookies()).send_form(fields)?)
    }

    /// Posts the form of a page with a file, as a browser without a script does.
    ///
    /// # Errors
    /// If there is no such page, or no answer.
    pub fn post_file(&self, of: &str, to: &str, file: &[u8]) -> anyhow::Result<Page> {
        let page = self.html(of)?;
        let word = hidden_field(&page, "csrf").context("a word against forged forms")?;
        self.post_file_with(word, to, file)
    }

    /// The same with a word of one's own against forged forms.
    ///
    /// # Errors
    /// If there is no answer.
    pub fn post_file_with(&self, word: &str, to: &str, file: &[u8]) -> anyhow::Result<Page> {
        const BOUNDARY: &str = "----FormBoundary7MA4YWxkTrZu0gW";
        let mut body = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{word}\r\n\
             --{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        )
        .into_bytes();
        body.extend(file);
        body.extend(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        let request = self.http.post(format!("{}{to}", self.base)).header("Cookie", self.cookies());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        Page::read(request.header("Content-Type", kind).send(&body)?)
    }

    /// A file, byte for byte.
    ///
    /// # Errors
    /// If it is not there.
    pub fn file(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        let request = self.http.get(format!("{}{path}", self.base));
        let mut answer = request.header("Cookie", self.cookies()).call()?;
        ensure!(answer.status() == 200, "{path}: {}", answer.status());
        Ok(answer.body_mut().read_to_vec()?)
    }

    /// Posts the form of a page, and gives where it leads on to.
    ///
    /// # Errors
    /// If it does not lead on.
    pub fn led(&self, of: &str, to: &str, fields: &[(&str, &str)]) -> anyhow::Result<String> {
        let page = self.post(of, to, fields)?;
        page.location.with_context(|| format!("{to}: {} {}", page.status, page.html))
    }

    /// Types the numbers of a paper into the first sheet of its form, and goes on.
    ///
    /// # Errors
    /// If they are not taken.
    pub fn fill(&self, paper: &Paper) -> anyhow::Result<String> {
        let sheet = format!("/c/{}/1", paper.contest);
        let boxes: Vec<_> = paper
            .lines
            .iter()
            .map(|(field, number)| {
                (format!("f.{field}"), number.map_or("–".to_owned(), |number| number.to_string()))
            })
            .collect();
        let boxes = boxes.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        self.led(&sheet, &sheet, &boxes.chain([("go", "next")]).collect::<Vec<_>>())
    }

    /// Has two officers confirm what is read back, and seals it.
    ///
    /// # Errors
    /// If it is not sealed.
    pub fn seal(&self, contest: &str, remarks: &[(&str, &str)]) -> anyhow::Result<()> {
        let review = format!("/c/{contest}/review");
        let confirmed = [("one", "yes"), ("two", "yes"), ("go", "seal")];
        let led = self.led(&review, &review, &[&confirmed[..], remarks].concat())?;
        ensure!(led == format!("/c/{contest}"), "it leads to {led}");
        Ok(())
    }

    fn cookies(&self) -> String {
        format!("{}; saksi_language=en", self.cookie)
    }
}

impl Page {
    fn read(mut answer: ureq::http::Response<ureq::Body>) -> anyhow::Result<Self> {
        let header = |name: &str| {
            let value = answer.headers().get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        let cookie = header("set-cookie").and_then(|set| Some(set.split(';').next()?.to_owned()));
        let (status, location) = (answer.status().as_u16(), header("location"));
        Ok(Self { status, location, cookie, html: answer.body_mut().read_to_string()? })
    }
}

/// The value of a hidden field of a page's form.
#[must_use]
pub fn hidden_field<'a>(html: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = html.split_once(&format!("name=\"{name}\" value=\""))?;
    Some(rest.split_once('"')?.0)
}
