//! The receipt of a form: short code, index and times, as a page to print and as a file.

use askama::Template;

use super::reply::Reply;
use super::shell::Shell;
use super::site::{Paper, Visit};
use super::text;
use crate::desk::{Answer, Envelope, Request, ShownReceipt, StateName, Trouble};
use crate::qr::Code;
use crate::store::StoreFault;

#[derive(Template)]
#[template(path = "receipt.html")]
struct Receipt {
    shell: Shell,
    contest: String,
    code: String,
    short: String,
    index: String,
    arrived: String,
    stored: String,
    received: String,
    digest: String,
    origin: String,
    revision: u32,
    /// Who besides the log has signed.
    cosigned: Option<String>,
    /// Whether it fits into a QR code.
    has_code: bool,
}

/// The receipt of a contest's newest form, verified at this moment.
///
/// # Errors
/// None of the store's is left out: a receipt that cannot be read is said on the page.
pub(super) fn page(visit: &Visit<'_>, paper: Paper<'_>) -> Result<Reply, StoreFault> {
    let code = paper.contest.code;
    let proven = match verified(visit, paper) {
        Ok(proven) => proven,
        Err(trouble) => return Ok(visit.trouble(&trouble)),
    };
    let status = visit.desk.status(visit.labels.language);
    let contest = status.contests.into_iter().find(|contest| contest.contest == code);
    let (revision, delivery) = match contest {
        Some(contest) => (contest.revision.unwrap_or_default(), contest.delivery),
        None => (0, None),
    };
    let Some(delivery) = delivery.filter(|delivery| delivery.state == StateName::Received) else {
        return Ok(Reply::go_to(&format!("/c/{code}")));
    };
    let name = visit.labels.contest(code);
    let shell = visit.shell(&format!("{} · {name}", visit.voice().say(text::RECEIPT)));
    let index = delivery.index.and_then(|index| i64::try_from(index).ok());
    let page = Receipt {
        contest: name,
        code: code.to_string(),
        short: short_code(&proven),
        index: index.map_or_else(String::new, |index| visit.voice().number(index)),
        arrived: shell.moment.show_whole(delivery.arrived_ms.unwrap_or(delivery.at_ms)),
        stored: shell.moment.show_whole(delivery.stored_ms),
        received: shell.moment.show_whole(delivery.at_ms),
        digest: proven.form.to_string(),
        origin: visit.desk.identity().log_key().origin.clone(),
        revision,
        cosigned: proven.cosigned.map(|it| it.sentence(visit.labels.language)),
        has_code: Code::of(&proven.text).is_ok(),
        shell,
    };
    Ok(visit.render(&page))
}

/// The receipt as a QR code: black on white in the dark too, since cameras want it so.
pub(super) fn drawing(visit: &Visit<'_>, paper: Paper<'_>) -> Reply {
    match verified(visit, paper) {
        Ok(proven) => match Code::of(&proven.text) {
            Ok(code) => Reply::drawing(code.svg()),
            Err(_) => visit.refuse(visit.voice().say(text::QR_TOO_LONG)),
        },
        Err(trouble) => visit.trouble(&trouble),
    }
}

/// The receipt as a file that anybody can check.
pub(super) fn file(visit: &Visit<'_>, paper: Paper<'_>) -> Reply {
    match verified(visit, paper) {
        Ok(proven) => {
            let station = visit.desk.identity().election().station.code;
            let name = format!("{station}-{}.tlog-proof", paper.contest.code);
            Reply::file(&name, proven.text)
        }
        Err(trouble) => visit.trouble(&trouble),
    }
}

fn verified(visit: &Visit<'_>, paper: Paper<'_>) -> Result<ShownReceipt, Trouble> {
    let form = Some(paper.contest.code.to_string());
    let envelope = Envelope::new(visit.labels.language, Request::Receipt { form });
    match visit.desk.execute(envelope) {
        Answer::Receipt(receipt) => Ok(receipt),
        Answer::Trouble(trouble) => Err(trouble),
        // The desk answers a question with its answer.
        other => unreachable!("{other:?}"),
    }
}

/// The first twelve digits of the form's digest, in groups of four: to be read aloud.
fn short_code(receipt: &ShownReceipt) -> String {
    let digits = receipt.form.to_string();
    [&digits[..4], &digits[4..8], &digits[8..12]].join(" ")
}
