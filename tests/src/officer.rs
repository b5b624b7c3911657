//! An officer at the station's page, in a browser that runs no script: what is asked over
//! HTTP, with the cookie and the words of the page's own forms.

use std::time::Duration;

use anyhow::{Context as _, ensure};

use crate::device::AgentProcess;
use crate::paper::Paper;
use crate::poll;

/// Longer than the page takes for any answer (90 s): a busy machine is no failure.
const PATIENCE: Duration = Duration::from_secs(120);

/// Stands between the parts of a form with files.
const BOUNDARY: &str = "----WebKitFormBoundaryx7Gq";

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

/// The address that lets in, as a running agent tells it.
///
/// # Errors
/// If it tells none.
pub fn address(agent: &AgentProcess) -> anyhow::Result<String> {
    let address = poll::until("the page's address", || {
        let told = agent.command(&["page"])?;
        Ok(told.status.success().then_some(told.stdout))
    })?;
    Ok(String::from_utf8(address)?.trim().to_owned())
}

impl Officer {
    /// Opens the address that a running agent tells.
    ///
    /// # Errors
    /// If it tells none, or lets nobody in.
    pub fn at(agent: &AgentProcess) -> anyhow::Result<Self> {
        let address = address(agent)?;
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

    /// Types the numbers of a paper into all the sheets of an entry, a sheet at a time, and
    /// goes on; gives where the last one leads.
    ///
    /// # Errors
    /// If they are not taken.
    pub fn fill_sheets(&self, paper: &Paper, base: &str, sheets: usize) -> anyhow::Result<String> {
        let mut led = String::new();
        for sheet in 1..=sheets {
            let path = format!("{base}/{sheet}");
            let html = self.html(&path)?;
            let is_here = |field: &&String| html.contains(&format!("name=\"f.{field}\""));
            let here = paper.lines.keys().filter(is_here);
            let boxes = here.map(|field| (format!("f.{field}"), paper.number(field).to_string()));
            let boxes: Vec<_> = boxes.collect();
            let boxes = boxes.iter().map(|(name, text)| (name.as_str(), text.as_str()));
            led = self.led(&path, &path, &boxes.chain([("go", "next")]).collect::<Vec<_>>())?;
        }
        Ok(led)
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

    /// Posts photos as a form with files does, with these fields before them.
    ///
    /// # Errors
    /// If there is no answer.
    pub fn post_photos(
        &self,
        contest: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &[u8])],
    ) -> anyhow::Result<Page> {
        let mut body = Vec::new();
        for (name, text) in fields {
            let head = format!("Content-Disposition: form-data; name=\"{name}\"");
            body.extend(format!("--{BOUNDARY}\r\n{head}\r\n\r\n{text}\r\n").bytes());
        }
        for (name, file) in files {
            let head = format!(
                "Content-Disposition: form-data; name=\"{name}\"; filename=\"IMG.jpg\"\r\n\
                 Content-Type: image/jpeg"
            );
            body.extend(format!("--{BOUNDARY}\r\n{head}\r\n\r\n").bytes());
            body.extend_from_slice(file);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{BOUNDARY}--\r\n").bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        self.post_body(&format!("/c/{contest}/photos"), &[("Content-Type", &kind)], &body)
    }

    /// Posts these bytes with these headers.
    ///
    /// # Errors
    /// If there is no answer.
    pub fn post_body(
        &self,
        to: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> anyhow::Result<Page> {
        let request = self.http.post(format!("{}{to}", self.base)).header("Cookie", self.cookies());
        let request =
            headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        Page::read(request.send(body)?)
    }

    /// Asks for a picture.
    ///
    /// # Errors
    /// If there is none.
    pub fn picture(&self, digest: &str) -> anyhow::Result<Vec<u8>> {
        let request = self.http.get(format!("{}/photos/{digest}.jpg", self.base));
        let mut answer = request.header("Cookie", self.cookies()).call()?;
        ensure!(answer.status() == 200, "{digest}: {}", answer.status());
        Ok(answer.body_mut().read_to_vec()?)
    }

    fn cookies(&self) -> String {
        format!("{}; saksi_language=en", self.cookie)
    }
}

impl Page {
    pub(crate) fn read(mut answer: ureq::http::Response<ureq::Body>) -> anyhow::Result<Self> {
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
