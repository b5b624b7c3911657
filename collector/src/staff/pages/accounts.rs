//! Accounts and wall views, for admins: within their own region, and no wider. The acts on wall
//! views are in [`super::walls`].

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use saksi_proto::definition::Definition;
use saksi_proto::text::{Phrase, desk as text};
use serde::Deserialize;

use super::frame::{self, Frame};
use super::place;
use super::refused::Refused;
use super::told;
use super::{Answer, Route, page};
use crate::clock;
use crate::staff::account::{self, Account, AccountName, Right, Role, Scope};
use crate::staff::desk::{Desk, DeskFault};
use crate::staff::password::{self, KnownTo};
use crate::staff::signed_in::{Posted, SignedIn};
use crate::staff::store::accounts::Added;
use crate::staff::store::walls::Wall;
use crate::view::sought::{begins, has};

/// Accounts on a page, and wall views, of 10,000 and 1,000 that there may be: less than 50 KB,
/// which 2G brings in two seconds. What has a word against forged forms in it is not compressed.
const PAGE: usize = 30;

pub(super) fn routes() -> [Route; 5] {
    [
        ("/accounts", get(show)),
        ("/accounts/add", post(add)),
        ("/accounts/{name}/password", post(set_password)),
        ("/accounts/{name}/end", post(end)),
        ("/accounts/{name}/second", post(reset_second)),
    ]
}

/// What part of the list is looked at. An act leaves it where it is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// A part of an account's name, of its owner's, of a wall view's or of their region's, or the
    /// beginning of the region's code.
    q: String,
    /// The account that the page before ended with.
    after: String,
}

impl Asked {
    /// The same list after this account, as the end of an address.
    fn query(&self, after: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("q", self.q.as_str()), ("after", after)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        Some(query.finish())
            .filter(|it| !it.is_empty())
            .map_or_else(String::new, |it| format!("?{it}"))
    }
}

#[derive(Template)]
#[template(path = "staff/accounts.html")]
struct AccountsPage {
    frame: Frame,
    search: String,
    /// The end of this page's address, for its acts.
    here: String,
    accounts: Vec<AccountRow>,
    /// The end of the next page's.
    next: Option<String>,
    walls: Vec<WallRow>,
    /// Whether there are wall views that are not on the page.
    has_more_walls: bool,
    roles: Vec<(&'static str, &'static str)>,
    /// What was made and is shown once: what it is for, and the secret.
    made: Option<(String, String)>,
}

struct AccountRow {
    name: String,
    full_name: String,
    role: &'static str,
    region: String,
    made: String,
    ended: Option<String>,
    is_own: bool,
    second: Option<SecondRow>,
}

/// An account's second factor.
struct SecondRow {
    /// Who has asked to have it taken away.
    asked_by: Option<String>,
}

struct WallRow {
    id: i64,
    name: String,
    region: String,
    made: String,
}

/// Who may be here at all.
pub(super) fn admit(by: &SignedIn) -> Result<(), Refused> {
    if by.account.role.has(Right::Accounts) { Ok(()) } else { Err(Refused::Forbidden) }
}

async fn show(State(desk): State<Arc<Desk>>, by: SignedIn, Query(asked): Query<Asked>) -> Answer {
    sheet(&desk, &by, &asked, None).await
}

pub(super) async fn sheet(
    desk: &Arc<Desk>,
    by: &SignedIn,
    asked: &Asked,
    made: Option<(String, String)>,
) -> Answer {
    admit(by)?;
    let definition = &desk.election.definition;
    let frame = Frame::new(&desk.election, by, "/accounts", "").titled(text::ACCOUNTS);
    let now_ms = clock::now_ms();
    let read =
        desk.ask(move |store| Ok((store.accounts()?, store.walls()?, store.seconds(now_ms)?)));
    let (mut accounts, mut walls, seconds) = read.await?;
    let scope_of = |wall: &Wall| wall.region.map_or(Scope::Whole, Scope::Region);
    let search = asked.q.trim().to_lowercase();
    accounts.retain(|it| {
        let names = [it.name.as_str(), &it.full_name];
        it.name.as_str() > asked.after.as_str()
            && is_mine(definition, by, it.scope)
            && is_sought(definition, &search, it.scope, &names)
    });
    walls.retain(|it| {
        let scope = scope_of(it);
        is_mine(definition, by, scope) && is_sought(definition, &search, scope, &[&it.name])
    });
    let (has_more, has_more_walls) = (accounts.len() > PAGE, walls.len() > PAGE);
    accounts.truncate(PAGE);
    walls.truncate(PAGE);
    let region = |scope: Scope| {
        let region = scope.region(definition).map(|region| place::link(definition, region));
        region.map_or_else(|| "–".to_owned(), |region| format!("{} ({})", region.name, region.code))
    };
    let row = |account: &Account| AccountRow {
        name: account.name.to_string(),
        full_name: account.full_name.clone(),
        role: frame.say(frame::role(account.role)),
        region: region(account.scope),
        made: frame.time(account.made_ms).text,
        ended: account.ended_ms.map(|ms| frame.time(ms).text),
        is_own: account.name == by.account.name,
        second: seconds
            .get(account.name.as_str())
            .map(|asked_by| SecondRow { asked_by: asked_by.clone() }),
    };
    let walls = walls.iter().map(|wall| WallRow {
        id: wall.id,
        name: wall.name.clone(),
        region: region(scope_of(wall)),
        made: frame.time(wall.made_ms).text,
    });
    let last = accounts.last().filter(|_| has_more);
    page(&AccountsPage {
        search: asked.q.clone(),
        here: asked.query(&asked.after),
        next: last.map(|last| asked.query(last.name.as_str())),
        accounts: accounts.iter().map(row).collect(),
        walls: walls.collect(),
        has_more_walls,
        roles: Role::ALL.map(|role| (role.name(), frame.say(frame::role(role)))).into(),
        made,
        frame,
    })
}

pub(super) fn is_mine(definition: &Definition, by: &SignedIn, scope: Scope) -> bool {
    by.account.scope.holds_scope(definition, scope)
}

/// Whether somebody looks for one of these names, or for the region.
fn is_sought(definition: &Definition, search: &str, scope: Scope, names: &[&str]) -> bool {
    let region = scope.region(definition).map(|region| place::link(definition, region));
    names.iter().any(|name| has(name, search))
        || region.is_some_and(|of| begins(of.code.as_str(), search) || has(&of.name, search))
}

/// Why something was not done.
pub(super) enum NotDone {
    /// What was typed, or the state of things, does not allow it.
    Unfit(Phrase),
    /// Another cause.
    Refused(Refused),
}

impl From<Refused> for NotDone {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<DeskFault> for NotDone {
    fn from(fault: DeskFault) -> Self {
        Self::Refused(fault.into())
    }
}

/// The page, with what was made; or with what was typed into one of its sheets for nothing.
pub(super) async fn shown(
    desk: &Arc<Desk>,
    posted: &Posted,
    asked: &Asked,
    sheet_name: &'static str,
    done: Result<Option<(String, String)>, NotDone>,
) -> Answer {
    match done {
        Ok(made) => sheet(desk, &posted.by, asked, made).await,
        Err(NotDone::Refused(refused)) => Err(refused),
        Err(NotDone::Unfit(why)) => {
            let why = told::locale(desk, &posted.by).say(why).to_owned();
            let by = posted.by.having_typed(sheet_name, &posted.fields, Some(why));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, sheet(desk, &by, asked, None).await?)
                .into_response())
        }
    }
}

/// The scope of a code that was typed: the whole of the admin's own if none was.
pub(super) fn scope(desk: &Desk, posted: &Posted) -> Result<Scope, NotDone> {
    let definition = &desk.election.definition;
    let region = place::region(definition, posted.by.account.scope, posted.fields.get("region"));
    let region = region.map_err(|_| NotDone::Unfit(text::NO_SUCH_REGION))?;
    Ok(Scope::of(Some(place::link(definition, region).code), definition))
}

async fn add(State(desk): State<Arc<Desk>>, Query(asked): Query<Asked>, posted: Posted) -> Answer {
    let added = added(&desk, &posted).await;
    shown(&desk, &posted, &asked, "account", added.map(Some)).await
}

async fn added(desk: &Arc<Desk>, posted: &Posted) -> Result<(String, String), NotDone> {
    let Posted { by, fields } = posted;
    admit(by)?;
    let typed = |_| NotDone::Unfit(text::BAD_ACCOUNT);
    let name: AccountName = fields.get("name").to_lowercase().parse().map_err(typed)?;
    let full_name = account::full_name(fields.get("full_name")).map_err(typed)?;
    let role: Role = fields.get("role").parse().map_err(typed)?;
    let (scope, made_ms) = (scope(desk, posted)?, clock::now_ms());
    let password = password::fresh().map_err(|fault| Refused::Fault(fault.to_string()))?;
    let hashed = desk.hashing.hash(password.clone()).await;
    let hashed = hashed.map_err(|fault| Refused::Fault(fault.to_string()))?;
    let account = Account { name, full_name, role, scope, made_ms, ended_ms: None };
    let told = account.name.to_string();
    match desk.ask(move |store| store.add_account(&account, &hashed, KnownTo::Giver)).await? {
        Added::Done => {}
        Added::Taken => return Err(NotDone::Unfit(text::NAME_TAKEN)),
        Added::Full => return Err(NotDone::Unfit(text::NO_ROOM)),
    }
    let detail = format!("{told}: {}", role.name());
    desk.note(&by.account, "account-add", "", &detail).await?;
    Ok((told, password))
}

/// An account that this admin looks after, and that is not ended.
async fn of(desk: &Arc<Desk>, by: &SignedIn, name: &str) -> Result<Account, Refused> {
    admit(by)?;
    let name: AccountName = name.parse().map_err(|_| Refused::NotThere)?;
    let found = desk.ask(move |store| store.account(&name)).await?;
    let found = found.map(|(account, _)| account).filter(|account| account.ended_ms.is_none());
    let mine = |account: &Account| is_mine(&desk.election.definition, by, account.scope);
    found.filter(mine).ok_or(Refused::NotThere)
}

async fn set_password(
    State(desk): State<Arc<Desk>>,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
    posted: Posted,
) -> Answer {
    let account = of(&desk, &posted.by, &name).await?;
    let password = password::fresh().map_err(|fault| Refused::Fault(fault.to_string()))?;
    let hashed = desk.hashing.hash(password.clone()).await;
    let hashed = hashed.map_err(|fault| Refused::Fault(fault.to_string()))?;
    let told = account.name.to_string();
    desk.ask(move |store| store.set_password(&account.name, &hashed, KnownTo::Giver)).await?;
    desk.note(&posted.by.account, "account-password", "", &told).await?;
    sheet(&desk, &posted.by, &asked, Some((told, password))).await
}

async fn end(
    State(desk): State<Arc<Desk>>,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
    posted: Posted,
) -> Answer {
    let account = of(&desk, &posted.by, &name).await?;
    if account.name == posted.by.account.name {
        return shown(&desk, &posted, &asked, "", Err(NotDone::Unfit(text::NOT_OWN))).await;
    }
    let (told, now_ms) = (account.name.to_string(), clock::now_ms());
    desk.ask(move |store| store.end_account(&account.name, now_ms)).await?;
    desk.note(&posted.by.account, "account-end", "", &told).await?;
    sheet(&desk, &posted.by, &asked, None).await
}

/// Takes a second factor away, if another admin has asked for it within a day; else it is noted
/// that this one asks. One alone could give the account a new password, and be its owner.
async fn reset_second(
    State(desk): State<Arc<Desk>>,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
    posted: Posted,
) -> Answer {
    let (account, by) = (of(&desk, &posted.by, &name).await?, &posted.by.account);
    if account.name == by.name {
        return shown(&desk, &posted, &asked, "", Err(NotDone::Unfit(text::NOT_OWN_SECOND))).await;
    }
    let (now_ms, whose) = (clock::now_ms(), account.name.clone());
    let (own, full_name) = (by.name.clone(), by.full_name.to_lowercase());
    let reset = desk.ask(move |store| {
        let Some(first) = store.seconds(now_ms)?.remove(whose.as_str()) else { return Ok(None) };
        let first = first.and_then(|first| first.parse::<AccountName>().ok());
        let first = first.map(|first| store.account(&first)).transpose()?.flatten();
        let is_another = first.is_some_and(|(first, _)| {
            first.name != own
                && first.name != whose
                && first.full_name.to_lowercase() != full_name
                && first.role.has(Right::Accounts)
        });
        if is_another {
            store.reset_second(&whose)?
        } else {
            store.ask_reset(&whose, &own, now_ms).map(|()| false)?
        };
        Ok(Some(is_another))
    });
    let kind = match reset.await? {
        None => return Err(Refused::NotThere),
        Some(true) => "second-factor-reset",
        Some(false) => "second-factor-reset-ask",
    };
    desk.note(by, kind, "", account.name.as_str()).await?;
    sheet(&desk, &posted.by, &asked, None).await
}
