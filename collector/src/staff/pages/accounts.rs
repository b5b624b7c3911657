//! Accounts and wall views, for admins: within their own region, and no wider.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::HOST;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use saksi_proto::definition::Definition;
use saksi_proto::text::{Phrase, desk as text};

use super::frame::{self, Frame};
use super::place;
use super::refused::Refused;
use super::told;
use super::{Answer, Route, page};
use crate::clock;
use crate::staff::account::{self, Account, AccountName, Right, Role, Scope};
use crate::staff::desk::{Desk, DeskFault};
use crate::staff::password;
use crate::staff::session::Token;
use crate::staff::signed_in::{Posted, SignedIn};
use crate::staff::store::accounts::Added;
use crate::staff::store::walls::Wall;

pub(super) fn routes() -> [Route; 7] {
    [
        ("/accounts", get(show)),
        ("/accounts/add", post(add)),
        ("/accounts/{name}/password", post(set_password)),
        ("/accounts/{name}/end", post(end)),
        ("/accounts/{name}/second", post(reset_second)),
        ("/walls/add", post(add_wall)),
        ("/walls/{id}/end", post(end_wall)),
    ]
}

#[derive(Template)]
#[template(path = "staff/accounts.html")]
struct AccountsPage {
    frame: Frame,
    accounts: Vec<AccountRow>,
    walls: Vec<WallRow>,
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
fn admit(by: &SignedIn) -> Result<(), Refused> {
    if by.account.role.has(Right::Accounts) { Ok(()) } else { Err(Refused::Forbidden) }
}

async fn show(State(desk): State<Arc<Desk>>, by: SignedIn) -> Answer {
    sheet(&desk, &by, None).await
}

async fn sheet(desk: &Arc<Desk>, by: &SignedIn, made: Option<(String, String)>) -> Answer {
    admit(by)?;
    let definition = &desk.election.definition;
    let frame = Frame::new(&desk.election, by, "/accounts", "").titled(text::ACCOUNTS);
    let now_ms = clock::now_ms();
    let read =
        desk.ask(move |store| Ok((store.accounts()?, store.walls()?, store.seconds(now_ms)?)));
    let (accounts, walls, seconds) = read.await?;
    let is_mine = |scope: Scope| is_mine(definition, by, scope);
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
    let scope_of = |wall: &Wall| wall.region.map_or(Scope::Whole, Scope::Region);
    let walls = walls.iter().filter(|wall| is_mine(scope_of(wall))).map(|wall| WallRow {
        id: wall.id,
        name: wall.name.clone(),
        region: region(scope_of(wall)),
        made: frame.time(wall.made_ms).text,
    });
    page(&AccountsPage {
        accounts: accounts.iter().filter(|it| is_mine(it.scope)).map(row).collect(),
        walls: walls.collect(),
        roles: Role::ALL.map(|role| (role.name(), frame.say(frame::role(role)))).into(),
        made,
        frame,
    })
}

fn is_mine(definition: &Definition, by: &SignedIn, scope: Scope) -> bool {
    by.account.scope.holds_scope(definition, scope)
}

/// Why something was not done.
enum NotDone {
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
async fn shown(
    desk: &Arc<Desk>,
    posted: &Posted,
    sheet_name: &'static str,
    done: Result<Option<(String, String)>, NotDone>,
) -> Answer {
    match done {
        Ok(made) => sheet(desk, &posted.by, made).await,
        Err(NotDone::Refused(refused)) => Err(refused),
        Err(NotDone::Unfit(why)) => {
            let why = told::locale(desk, &posted.by).say(why).to_owned();
            let by = posted.by.having_typed(sheet_name, &posted.fields, Some(why));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, sheet(desk, &by, None).await?).into_response())
        }
    }
}

/// The scope of a code that was typed: the whole of the admin's own if none was.
fn scope(desk: &Desk, posted: &Posted) -> Result<Scope, NotDone> {
    let definition = &desk.election.definition;
    let region = place::region(definition, posted.by.account.scope, posted.fields.get("region"));
    let region = region.map_err(|_| NotDone::Unfit(text::NO_SUCH_REGION))?;
    Ok(Scope::of(Some(place::link(definition, region).code), definition))
}

async fn add(State(desk): State<Arc<Desk>>, posted: Posted) -> Answer {
    let added = added(&desk, &posted).await;
    shown(&desk, &posted, "account", added.map(Some)).await
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
    match desk.ask(move |store| store.add_account(&account, &hashed)).await? {
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
    posted: Posted,
) -> Answer {
    let account = of(&desk, &posted.by, &name).await?;
    let password = password::fresh().map_err(|fault| Refused::Fault(fault.to_string()))?;
    let hashed = desk.hashing.hash(password.clone()).await;
    let hashed = hashed.map_err(|fault| Refused::Fault(fault.to_string()))?;
    let told = account.name.to_string();
    desk.ask(move |store| store.set_password(&account.name, &hashed)).await?;
    desk.note(&posted.by.account, "account-password", "", &told).await?;
    sheet(&desk, &posted.by, Some((told, password))).await
}

async fn end(State(desk): State<Arc<Desk>>, Path(name): Path<String>, posted: Posted) -> Answer {
    let account = of(&desk, &posted.by, &name).await?;
    if account.name == posted.by.account.name {
        return shown(&desk, &posted, "", Err(NotDone::Unfit(text::NOT_OWN))).await;
    }
    let (told, now_ms) = (account.name.to_string(), clock::now_ms());
    desk.ask(move |store| store.end_account(&account.name, now_ms)).await?;
    desk.note(&posted.by.account, "account-end", "", &told).await?;
    sheet(&desk, &posted.by, None).await
}

/// Takes a second factor away, if another admin has asked for it within a day; else it is noted
/// that this one asks. One alone could give the account a new password, and be its owner.
async fn reset_second(
    State(desk): State<Arc<Desk>>,
    Path(name): Path<String>,
    posted: Posted,
) -> Answer {
    let (account, by) = (of(&desk, &posted.by, &name).await?, &posted.by.account);
    if account.name == by.name {
        return shown(&desk, &posted, "", Err(NotDone::Unfit(text::NOT_OWN_SECOND))).await;
    }
    let (now_ms, asked) = (clock::now_ms(), account.name.clone());
    let (own, full_name) = (by.name.clone(), by.full_name.to_lowercase());
    let reset = desk.ask(move |store| {
        let Some(first) = store.seconds(now_ms)?.remove(asked.as_str()) else { return Ok(None) };
        let first = first.and_then(|first| first.parse::<AccountName>().ok());
        let first = first.map(|first| store.account(&first)).transpose()?.flatten();
        let is_another = first.is_some_and(|(first, _)| {
            first.name != own
                && first.name != asked
                && first.full_name.to_lowercase() != full_name
                && first.role.has(Right::Accounts)
        });
        if is_another {
            store.reset_second(&asked)?
        } else {
            store.ask_reset(&asked, &own, now_ms).map(|()| false)?
        };
        Ok(Some(is_another))
    });
    let kind = match reset.await? {
        None => return Err(Refused::NotThere),
        Some(true) => "second-factor-reset",
        Some(false) => "second-factor-reset-ask",
    };
    desk.note(by, kind, "", account.name.as_str()).await?;
    sheet(&desk, &posted.by, None).await
}

async fn add_wall(State(desk): State<Arc<Desk>>, headers: HeaderMap, posted: Posted) -> Answer {
    let added = wall_added(&desk, &headers, &posted).await;
    shown(&desk, &posted, "wall", added.map(Some)).await
}

async fn wall_added(
    desk: &Arc<Desk>,
    headers: &HeaderMap,
    posted: &Posted,
) -> Result<(String, String), NotDone> {
    let Posted { by, fields } = posted;
    admit(by)?;
    let name = account::full_name(fields.get("name"));
    let name = name.map_err(|_| NotDone::Unfit(text::BAD_ACCOUNT))?;
    let (scope, made_ms) = (scope(desk, posted)?, clock::now_ms());
    let token = Token::fresh().map_err(|fault| Refused::Fault(fault.to_string()))?;
    let (digest, made_by) = (token.digest(), by.account.name.to_string());
    let wall = Wall { id: 0, name: name.clone(), region: scope.code(), made_by, made_ms };
    let id = desk.ask(move |store| store.add_wall(&digest, &wall)).await?;
    let id = id.ok_or(NotDone::Unfit(text::NO_ROOM))?;
    desk.note(&by.account, "wall-add", "", &format!("{id}: {name}")).await?;
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let link = format!("https://{host}/wall/{}", token.as_str());
    Ok((name, link))
}

async fn end_wall(State(desk): State<Arc<Desk>>, Path(id): Path<i64>, posted: Posted) -> Answer {
    admit(&posted.by)?;
    let walls = desk.ask(|store| store.walls()).await?;
    let scope = |wall: &Wall| wall.region.map_or(Scope::Whole, Scope::Region);
    let wall = walls.iter().find(|wall| wall.id == id);
    let mine = wall.filter(|wall| is_mine(&desk.election.definition, &posted.by, scope(wall)));
    mine.ok_or(Refused::NotThere)?;
    let now_ms = clock::now_ms();
    desk.ask(move |store| store.end_wall(id, now_ms)).await?;
    desk.note(&posted.by.account, "wall-end", "", &id.to_string()).await?;
    sheet(&desk, &posted.by, None).await
}
