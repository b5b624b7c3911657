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
    /// The document that it belongs to.
    loader: String,
    /// What was asked for.
    pub url: String,
    /// Bytes of its answer on the wire, with its head, compressed as it came; 0 if none
    /// came.
    pub bytes: u64,
    /// Whether a script fetched it, to keep the page up to date.
    pub is_fetched: bool,
    /// Whether it is the document itself.
    is_document: bool,
}

impl Traffic {
    /// What it took to show the page: how many requests, and bytes of all their answers.
    /// A browser asks for the icon late, now and then when the next page is open already:
    /// each request counts for the document that it belongs to.
    #[must_use]
    pub fn cost(&self) -> (usize, u64) {
        let newest = self.requests.iter().rfind(|request| request.is_document);
        let newest = newest.map_or("", |request| request.loader.as_str());
        let asked = self.requests.iter();
        let asked = asked.filter(|request| request.loader == newest && !request.is_fetched);
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
                    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                    traffic.requests.push(Request {
                        id: id.to_owned(),
                        loader: text(&params["loaderId"]),
                        url: text(&params["request"]["url"]),
                        bytes: 0,
                        is_fetched: params["type"] == "Fetch",
                        is_document: params["type"] == "Document",
                    });
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(method: &str, params: Value) -> Event {
        Event { session: String::new(), method: method.to_owned(), params }
    }

    fn asked(id: &str, loader: &str, path: &str, kind: &str) -> Event {
        let url = format!("http://127.0.0.1:7470{path}");
        let params = json!({
            "requestId": id, "loaderId": loader, "request": { "url": url }, "type": kind,
        });
        event("Network.requestWillBeSent", params)
    }

    fn came(id: &str, bytes: u64) -> Event {
        event("Network.loadingFinished", json!({ "requestId": id, "encodedDataLength": bytes }))
    }

    #[test]
    fn an_icon_that_the_page_before_asks_for_late_costs_this_one_nothing() {
        let events = [
            asked("2", "B", "/c/dpd", "Document"),
            asked("3", "B", "/page.css", "Stylesheet"),
            asked("1", "A", "/icon.svg", "Other"),
            came("1", 7_000),
            came("2", 3_000),
            asked("4", "B", "/c/dpd", "Fetch"),
            came("3", 400),
            came("4", 3_000),
        ];
        let traffic = Traffic::of(&mut events.iter());
        assert_eq!(traffic.cost(), (2, 3_400));
        assert_eq!(traffic.requests.len(), 4, "all are looked at for foreign origins");
    }
}
