//! What every page of the desk has around its own content.

use saksi_proto::election::Text;
use saksi_proto::ids::Phase;
use saksi_proto::text::{Phrase, cases, desk as text};

use crate::election::Election;
use crate::staff::account::Right;
use crate::staff::signed_in::SignedIn;
use crate::staff::typed::{Typed, sentences};
use crate::view::by_language;
use crate::web::locale::{LANGUAGES, Locale};
use crate::web::times::{self, TimeShown};

/// The frame of a page.
pub(crate) struct Frame {
    pub locale: Locale,
    /// For the browser's tab.
    pub title: String,
    pub election: String,
    pub rehearsal: bool,
    pub time_zone: String,
    pub languages: Vec<LanguageLink>,
    /// Who is signed in; none on the page of the sign-in.
    pub who: Option<Who>,
    pub tabs: Vec<Tab>,
    /// The word that each form carries; empty if nobody is signed in.
    pub csrf: String,
    /// What was typed into a sheet of the page, and came to nothing.
    pub typed: Option<Typed>,
}

/// The same page in another language.
pub(crate) struct LanguageLink {
    pub code: &'static str,
    pub name: &'static str,
    pub href: String,
    pub current: bool,
}

/// Who is signed in.
pub(crate) struct Who {
    pub full_name: String,
    pub role: &'static str,
    /// Name of the region.
    pub region: String,
}

/// A page that the account may open.
pub(crate) struct Tab {
    pub href: &'static str,
    pub name: &'static str,
    pub current: bool,
    /// What waits there for this account; 0 is not shown.
    pub waiting: usize,
}

/// The pages in their order: address, name, and the right that opens it.
const TABS: [(&str, Phrase, Right); 8] = [
    ("/", text::HOME, Right::See),
    ("/missing", text::MISSING, Right::See),
    ("/queue", cases::QUEUE, Right::See),
    (PROPOSALS, cases::PROPOSALS, Right::See),
    ("/publication", cases::PUBLICATION, Right::See),
    ("/devices", text::DEVICES, Right::See),
    ("/activity", text::ACTIVITY, Right::See),
    ("/accounts", text::ACCOUNTS, Right::Accounts),
];

/// The page of what waits for a second person.
const PROPOSALS: &str = "/proposals";

impl Frame {
    /// The frame of a page for somebody who is signed in. `tab` is its address in the list
    /// of pages.
    pub(crate) fn new(election: &Election, by: &SignedIn, tab: &str, title: &str) -> Self {
        let mut frame = Self::outside(election, by.language, &by.path, title);
        let definition = &election.definition;
        let region = by.account.scope.region(definition);
        let region = region.map(|region| definition.regions()[region as usize].name.to_string());
        frame.who = Some(Who {
            full_name: by.account.full_name.clone(),
            role: frame.say(role(by.account.role)),
            region: region.unwrap_or_default(),
        });
        let open = TABS.into_iter().filter(|(_, _, right)| by.account.role.has(*right));
        frame.tabs = open
            .map(|(href, name, _)| {
                let waiting = if href == PROPOSALS { by.waiting } else { 0 };
                Tab { href, name: frame.say(name), current: href == tab, waiting }
            })
            .collect();
        frame.csrf.clone_from(&by.csrf);
        frame.typed.clone_from(&by.typed);
        if frame.wrong().is_some() {
            frame = frame.titled(cases::NOT_DONE);
        }
        frame
    }

    /// The frame of a page for somebody who is not.
    pub(crate) fn outside(
        election: &Election,
        language: Option<saksi_proto::text::Language>,
        path: &str,
        title: &str,
    ) -> Self {
        let head = election.definition.head();
        let locale = Locale::new(language, &head.languages);
        let name = locale.text(&by_language(head, &head.name)).to_owned();
        let rehearsal = head.phase == Phase::Rehearsal;
        let mark = if rehearsal { locale.say(saksi_proto::text::SITE_REHEARSAL) } else { "" };
        let parts = [mark, title, name.as_str()].into_iter().filter(|part| !part.is_empty());
        let back: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
        let languages = LANGUAGES.map(|(language, name)| LanguageLink {
            code: language.code(),
            name,
            href: format!("/language/{}?back={back}", language.code()),
            current: language == locale.language,
        });
        Self {
            title: parts.collect::<Vec<_>>().join(" · "),
            election: name,
            rehearsal,
            time_zone: head.time_zone.clone(),
            languages: languages.into(),
            who: None,
            tabs: Vec::new(),
            csrf: String::new(),
            typed: None,
            locale,
        }
    }

    /// A sentence of the catalogue.
    pub(crate) fn say(&self, phrase: Phrase) -> &'static str {
        self.locale.say(phrase)
    }

    /// What was typed into a field of a sheet of this page.
    pub(crate) fn typed(&self, sheet: &str, name: &str) -> &str {
        self.typed.as_ref().map_or("", |typed| typed.of(sheet, name))
    }

    /// Whether a value of a sheet of this page was chosen.
    pub(crate) fn is_typed(&self, sheet: &str, name: &str, value: &str) -> bool {
        self.typed.as_ref().is_some_and(|typed| typed.has(sheet, name, value))
    }

    /// Why nothing was done.
    pub(crate) fn wrong(&self) -> Option<&str> {
        self.typed.as_ref()?.wrong.as_deref()
    }

    /// The sentences that were typed into a sheet which the page does not show any more.
    pub(crate) fn kept(&self, sheet: &str, is_shown: bool) -> Vec<String> {
        let typed = self.typed.as_ref().filter(|typed| typed.sheet == sheet && !is_shown);
        typed.map(|typed| sentences(&typed.fields)).unwrap_or_default()
    }

    /// Names the page in its title.
    pub(crate) fn titled(mut self, name: Phrase) -> Self {
        self.title = format!("{} · {}", self.say(name), self.title);
        self
    }

    /// A text of the election.
    pub(crate) fn of_election(&self, of: &Text, election: &Election) -> String {
        self.locale.text(&by_language(election.definition.head(), of)).to_owned()
    }

    /// A time in the election's zone.
    pub(crate) fn time(&self, ms: u64) -> TimeShown {
        times::shown(ms, &self.time_zone, &self.locale)
    }
}

/// A role in words.
pub(crate) fn role(role: crate::staff::account::Role) -> Phrase {
    use crate::staff::account::Role;
    match role {
        Role::Viewer => text::ROLE_VIEWER,
        Role::Operator => text::ROLE_OPERATOR,
        Role::Admin => text::ROLE_ADMIN,
        Role::Auditor => text::ROLE_AUDITOR,
    }
}
