//! `staff …`: accounts and wall views of the desk, also beside a running collector.

use std::fmt::Write as _;
use std::io::{BufRead as _, IsTerminal as _, Read as _, Write as _, stderr, stdin};

use anyhow::{Context as _, bail, ensure};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use saksi_collector::config::Config;
use saksi_collector::home::Home;
use saksi_collector::staff::account::{self, Account, AccountName, Scope};
use saksi_collector::staff::password::{self, KnownTo, LONGEST};
use saksi_collector::staff::session::Token;
use saksi_collector::staff::store::accounts::Added;
use saksi_collector::staff::store::acts::Deed;
use saksi_collector::staff::store::walls::Wall;
use saksi_collector::staff::{certificate, store::Store};
use saksi_collector::{chosen, clock, pack, slips};
use saksi_proto::definition::Definition;
use saksi_proto::ids::RegionCode;

use super::{answer, existing};
use crate::cli;

/// Who acts on the command line, in the activity.
const COMMAND_LINE: &str = "command line";

pub(crate) fn run(command: &cli::Staff) -> anyhow::Result<()> {
    match command {
        cli::Staff::Add(arguments) => add(arguments),
        cli::Staff::List { dir } => list(&existing(dir)?.0),
        cli::Staff::Password { of, password } => set_password(of, password),
        cli::Staff::ResetSecond(of) => reset_second(of),
        cli::Staff::End(of) => end(of),
        cli::Staff::Wall(cli::Wall::Add { dir, name, region }) => {
            let (home, config) = existing(dir)?;
            add_wall(&home, &config, name, *region)
        }
        cli::Staff::Wall(cli::Wall::List { dir }) => list_walls(&existing(dir)?.0),
        cli::Staff::Wall(cli::Wall::End { dir, id }) => {
            let (home, _) = existing(dir)?;
            let store = Store::open(&home.staff())?;
            ensure!(store.end_wall(*id, clock::now_ms())?, "there is no wall view {id}");
            note(&store, "wall-end", &id.to_string())?;
            println!("The link of wall view {id} is ended.");
            Ok(())
        }
        cli::Staff::Certificate { dir } => {
            let (home, config) = existing(dir)?;
            certificate::make_if_missing(&home, &config, clock::now_ms())?;
            println!("{}", certificate::fingerprint(&home)?);
            Ok(())
        }
    }
}

fn add(arguments: &cli::Add) -> anyhow::Result<()> {
    let cli::Add { of, full_name, role, region, password } = arguments;
    let (home, config) = existing(&of.dir)?;
    let definition = pack::read(&home.election())?;
    let scope = scope(&definition, *region)?;
    let full_name = account::full_name(full_name)?;
    let store = Store::open(&home.staff())?;
    if store.account(&of.name)?.is_some() {
        bail!("there is, or was, an account {}; a name means one person for all time", of.name);
    }
    let password = taken(password, &of.name, &full_name)?;
    let made_ms = clock::now_ms();
    let (name, role) = (of.name.clone(), *role);
    let account = Account { name, full_name, role, scope, made_ms, ended_ms: None };
    match store.add_account(&account, &password::hash(&password.text)?, password.known_to())? {
        Added::Done => {}
        Added::Taken => bail!("there is, or was, an account {}", of.name),
        Added::Full => bail!("there are as many accounts as there can be; nothing was done"),
    }
    note(&store, "account-add", of.name.as_str())?;
    println!("{} is {} {}.", of.name, role.name(), of_scope(scope));
    password.show();
    if config.staff.is_none() {
        println!("No desk is served yet: set staff = \"127.0.0.1:7482\" in collector.toml.");
    }
    certificate::make_if_missing(&home, &config, made_ms)?;
    println!("SHA-256 of the desk's certificate: {}", certificate::fingerprint(&home)?);
    Ok(())
}

fn scope(definition: &Definition, region: Option<RegionCode>) -> anyhow::Result<Scope> {
    region.map(|code| chosen::region(definition, code)).transpose()?;
    Ok(Scope::of(region, definition))
}

fn of_scope(scope: Scope) -> String {
    scope.code().map_or("of the whole".to_owned(), |code| format!("of region {code}"))
}

fn list(home: &Home) -> anyhow::Result<()> {
    let zone = pack::read(&home.election())?.head().time_zone.clone();
    let mut text = String::new();
    let store = Store::open(&home.staff())?;
    let seconds = store.seconds(clock::now_ms())?;
    for account in store.accounts()? {
        let ended =
            account.ended_ms.map(|ms| format!("  ended {}", slips::sheet::minute(ms, &zone)));
        let (made, ended) =
            (slips::sheet::minute(account.made_ms, &zone), ended.unwrap_or_default());
        let (name, role) = (account.name.as_str(), account.role.name());
        let scope = of_scope(account.scope);
        let second = if seconds.contains_key(name) { "  second factor" } else { "" };
        let full_name = &account.full_name;
        writeln!(text, "{name:32}  {role:8}  {scope}  since {made}  {full_name}{second}{ended}")?;
    }
    Ok(answer(&text)?)
}

fn set_password(of: &cli::OfAccount, password: &cli::PasswordFrom) -> anyhow::Result<()> {
    let (home, _) = existing(&of.dir)?;
    let store = Store::open(&home.staff())?;
    let (account, _) = store.account(&of.name)?.with_context(|| none(&of.name))?;
    ensure!(account.ended_ms.is_none(), "the account {} is ended", of.name);
    let password = taken(password, &of.name, &account.full_name)?;
    let hashed = password::hash(&password.text)?;
    ensure!(store.set_password(&of.name, &hashed, password.known_to())?, none(&of.name));
    note(&store, "account-password", of.name.as_str())?;
    println!("{} has a new password; its sessions are ended.", of.name);
    password.show();
    Ok(())
}

fn end(of: &cli::OfAccount) -> anyhow::Result<()> {
    let (home, _) = existing(&of.dir)?;
    let store = Store::open(&home.staff())?;
    let ended = store.end_account(&of.name, clock::now_ms())?;
    ensure!(ended, "there is no account {} that has not ended", of.name);
    note(&store, "account-end", of.name.as_str())?;
    println!("{} is ended, and so are its sessions.", of.name);
    Ok(())
}

fn reset_second(of: &cli::OfAccount) -> anyhow::Result<()> {
    let (home, _) = existing(&of.dir)?;
    let store = Store::open(&home.staff())?;
    ensure!(store.reset_second(&of.name)?, "{} has no second factor; nothing was done", of.name);
    note(&store, "second-factor-reset", of.name.as_str())?;
    println!("{} signs in with the password alone, until a second factor is set up.", of.name);
    Ok(())
}

fn none(name: &AccountName) -> String {
    format!("there is no account {name}; see: saksi-collector staff list DIR")
}

fn add_wall(
    home: &Home,
    config: &Config,
    name: &str,
    region: Option<RegionCode>,
) -> anyhow::Result<()> {
    let scope = scope(&pack::read(&home.election())?, region)?;
    let (store, token) = (Store::open(&home.staff())?, Token::fresh()?);
    let (region, made_ms) = (scope.code(), clock::now_ms());
    let made_by = COMMAND_LINE.to_owned();
    let wall = Wall { id: 0, name: account::full_name(name)?, region, made_by, made_ms };
    let id = store.add_wall(&token.digest(), &wall)?;
    let id = id.context("there are as many wall views as there can be; end one")?;
    note(&store, "wall-add", &id.to_string())?;
    let host = config.staff.map_or("HOST:PORT".to_owned(), |staff| staff.to_string());
    println!("Wall view {id} {}. Whoever has this link sees it:", of_scope(scope));
    println!("https://{host}/wall/{}", token.as_str());
    Ok(())
}

fn list_walls(home: &Home) -> anyhow::Result<()> {
    let zone = pack::read(&home.election())?.head().time_zone.clone();
    let mut text = String::new();
    for wall in Store::open(&home.staff())?.walls()? {
        let scope = of_scope(wall.region.map_or(Scope::Whole, Scope::Region));
        let made = slips::sheet::minute(wall.made_ms, &zone);
        writeln!(text, "{:4}  {scope}  {made} by {}  {}", wall.id, wall.made_by, wall.name)?;
    }
    Ok(answer(&text)?)
}

/// The activity of the desk has what was done here too.
fn note(store: &Store, kind: &'static str, detail: &str) -> anyhow::Result<()> {
    let by = cli::By::login();
    let deed = Deed {
        account: COMMAND_LINE.to_owned(),
        full_name: by,
        kind,
        place: String::new(),
        regions: String::new(),
        detail: detail.to_owned(),
    };
    Ok(store.note_act(&deed, clock::now_ms())?)
}

/// A password, and whether it is shown.
struct Taken {
    text: String,
    is_made: bool,
}

impl Taken {
    fn known_to(&self) -> KnownTo {
        if self.is_made { KnownTo::Giver } else { KnownTo::Owner }
    }

    fn show(&self) {
        if self.is_made {
            println!("Its password, which is shown this once:  {}", self.text);
            println!("At the first sign-in the desk asks for another one.");
        }
    }
}

/// Takes a password from where it was said to come from. Never from the command line, which
/// others can see.
fn taken(asked: &cli::PasswordFrom, name: &AccountName, full_name: &str) -> anyhow::Result<Taken> {
    if asked.generate {
        return Ok(Taken { text: password::fresh()?, is_made: true });
    }
    let text = match &asked.password_file {
        Some(file) if file.as_os_str() != "-" => {
            let text = std::fs::read_to_string(file);
            let text = text.with_context(|| file.display().to_string())?;
            text.lines().next().unwrap_or_default().to_owned()
        }
        Some(_) => line()?,
        None => {
            let first = asked_for("Password (15 characters at least): ")?;
            ensure!(asked_for("The same again: ")? == first, "the two are not the same");
            first
        }
    };
    password::check(&text, name.as_str(), full_name)?;
    Ok(Taken { text, is_made: false })
}

/// Asks at the terminal, which shows nothing of the answer.
fn asked_for(question: &str) -> anyhow::Result<String> {
    let terminal = stdin();
    ensure!(
        terminal.is_terminal(),
        "no terminal: use --generate, or --password-file - to pipe one"
    );
    let shown = tcgetattr(&terminal)?;
    let mut hidden = shown.clone();
    hidden.local_modes -= LocalModes::ECHO;
    eprint!("{question}");
    stderr().flush()?;
    tcsetattr(&terminal, OptionalActions::Flush, &hidden)?;
    let line = line();
    tcsetattr(&terminal, OptionalActions::Flush, &shown)?;
    eprintln!();
    line
}

fn line() -> anyhow::Result<String> {
    let mut text = String::new();
    // What is longer than any password is cut off, and refused.
    stdin().lock().take(LONGEST as u64 + 2).read_line(&mut text)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
