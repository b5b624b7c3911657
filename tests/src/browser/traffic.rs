//! What a document cost and what the browser had to say against it, from the events since
//! it was opened.

use serde_json::Value;

use super::devtools::Event;

/// What was asked of servers.
#[derive(Debug, Clone, Default)]
pub struct Traffic {
    /// In the order in which it was asked for.
    pub requests: Vec<Request>,
}

/// One request and its answer.
#[derive(Debug, Clone)]
pub struct Request {
    id: String,
    /// What was asked for.
    pub url: String,
    /// Bytes of its answer on the wire, with its head, compressed as it came; 0 if none
    /// came.
    pub bytes: u64,
    /// Whether a script fetched it, to keep the page up to date.
    pub is_fetched: bool,
}

impl Traffic {
    /// What it took to show the page: how many requests, and bytes of all their answers.
    #[must_use]
    pub fn cost(&self) -> (usize, u64) {
        let asked = self.requests.iter().filter(|request| !request.is_fetched);
        asked.fold((0, 0), |(many, bytes), request| (many + 1, bytes + request.bytes))
    }

    /// What was asked of others than `origin` (`http://127.0.0.1:7480`).
    #[must_use]
    pub fn foreign(&self, origin: &str) -> Vec<&str> {
        let urls = self.requests.iter().map(|request| request.url.as_str());
        let is_own = |url: &str| {
            // A picture in the style sheet itself costs no request.
            url.strip_prefix(origin).is_some_and(|path| path.starts_with('/'))
                || url.starts_with("data:")
                || url.starts_with("blob:")
        };
        urls.filter(|url| !is_own(url)).collect()
    }

    pub(super) fn of(events: &mut dyn Iterator<Item = &Event>) -> Self {
        let mut traffic = Self::default();
        for Event { method, params, .. } in events {
            let id = params["requestId"].as_str().unwrap_or_default();
            match method.as_str() {
                "Network.requestWillBeSent" => {
                    // A redirection is an answer, and the next request has its id.
                    traffic.add(id, &params["redirectResponse"]["encodedDataLength"]);
                    let url = params["request"]["url"].as_str().unwrap_or_default().to_owned();
                    let (id, is_fetched) = (id.to_owned(), params["type"] == "Fetch");
                    traffic.requests.push(Request { id, url, bytes: 0, is_fetched });
                }
                "Network.loadingFinished" => traffic.add(id, &params["encodedDataLength"]),
                _ => {}
            }
        }
        traffic
    }

    /// Adds bytes to the last request of this id.
    fn add(&mut self, id: &str, bytes: &Value) {
        let mut asked = self.requests.iter_mut().rev();
        if let Some(request) = asked.find(|request| request.id == id) {
            request.bytes += bytes.as_u64().unwrap_or(0);
        }
    }
}

pub(super) fn complaints(events: &mut dyn Iterator<Item = &Event>) -> Vec<String> {
    events.filter_map(complaint).collect()
}

fn complaint(Event { method, params, .. }: &Event) -> Option<String> {
    match method.as_str() {
        "Runtime.exceptionThrown" => {
            Some(format!("thrown: {}", params["exceptionDetails"]["exception"]["description"]))
        }
        "Runtime.consoleAPICalled" if params["type"] == "error" || params["type"] == "assert" => {
            let said = params["args"].as_array().into_iter().flatten();
            let said = said.map(|arg| format!("{}{}", arg["value"], arg["description"]));
            Some(format!("console: {}", said.collect::<Vec<_>>().join(" ")))
        }
        "Log.entryAdded" if params["entry"]["level"] == "error" => {
            let entry = &params["entry"];
            Some(format!("log: {} {}", entry["text"], entry["url"]))
        }
        "Audits.issueAdded" => Some(format!("issue: {}", params["issue"])),
        _ => None,
    }
}
