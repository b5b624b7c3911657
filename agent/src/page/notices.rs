//! What the centre has to say of a form, on its page and in a line of the first one; and the
//! way from there to the field.

use super::entry::href;
use super::reply::Reply;
use super::sheet::sheets;
use super::shell::Shell;
use super::site::{Paper, Visit};
use super::text;
use crate::desk::{NoticeKind, NoticeShown};
use crate::draft::Turn;
use crate::store::StoreFault;
use crate::words;

/// A notice, as it is shown.
pub(super) struct NoticeLine {
    /// Names it in the page.
    pub(super) id: String,
    pub(super) is_warning: bool,
    pub(super) sentence: String,
    pub(super) text: Option<String>,
    /// Code and name of each line that it is about.
    pub(super) lines: Vec<(String, String)>,
    /// Whose word it is, and where it can be checked.
    pub(super) source: String,
    /// A correction that is the answer waits to be sent.
    pub(super) is_answered: bool,
    /// The fields to go to: code, and address on the correction's sheet.
    pub(super) fields: Vec<(String, String)>,
}

/// The notices of a form's page. `paper` is its form.
pub(super) fn lines(
    visit: &Visit<'_>,
    shell: &Shell,
    paper: Paper<'_>,
    notices: &[NoticeShown],
) -> Vec<NoticeLine> {
    let sheets = sheets(paper.form, paper.layout);
    let line = |(at, notice): (usize, &NoticeShown)| {
        let time = shell.moment.show(notice.at_ms);
        let entry = visit.voice().number(i64::try_from(notice.index).unwrap_or(i64::MAX));
        let by = notice.by.as_deref().unwrap_or_default();
        let phrase = if by.is_empty() { words::NOTICE_SOURCE } else { words::NOTICE_FROM };
        let is_open = !notice.is_answered;
        let fields = notice.lines.iter().filter(|_| is_open);
        let fields = fields.filter_map(|line| {
            Some((line.code.clone(), href(paper, &sheets, line.field.as_deref()?, Turn::First)))
        });
        NoticeLine {
            id: format!("notice-{at}"),
            is_warning: notice.kind.is_warning(),
            sentence: notice.sentence.clone(),
            text: notice.text.clone(),
            lines: notice
                .lines
                .iter()
                .filter_map(|of| Some((of.code.clone(), of.name.clone()?)))
                .collect(),
            source: visit.voice().fill(phrase, &[&time, &entry, &by]),
            is_answered: notice.is_answered,
            fields: fields.collect(),
        }
    };
    notices.iter().enumerate().map(line).collect()
}

/// Each notice in one line, for the first page: sign, and what is said.
pub(super) fn short(notices: &[NoticeShown]) -> Vec<(bool, String)> {
    let line = |notice: &NoticeShown| {
        let text = notice.text.as_ref().map_or_else(String::new, |text| format!(" – “{text}”"));
        (notice.kind.is_warning(), format!("{}{text}", notice.sentence))
    };
    notices.iter().map(line).collect()
}

/// Those that want a correction, each in one line, for whoever makes it.
pub(super) fn urgent(notices: &[NoticeShown]) -> Vec<String> {
    let lines = short(notices).into_iter();
    lines.filter(|(is_warning, _)| *is_warning).map(|(_, said)| said).collect()
}

/// Takes out of a form's warnings that it is held: a notice says it with the rule.
pub(super) fn say_it_once(visit: &Visit<'_>, notices: &[NoticeShown], warnings: &mut Vec<String>) {
    if notices.iter().any(|notice| notice.kind == NoticeKind::Held) {
        warnings.retain(|warning| warning != visit.voice().say(text::STANDING_HELD));
    }
}

/// Begins a correction with the numbers and photos of the form before, and goes to the field
/// or the photos that somebody wants to look at.
///
/// # Errors
/// [`StoreFault`]; nothing has begun then.
pub(super) fn correct(visit: &Visit<'_>, paper: Paper<'_>) -> Result<Reply, StoreFault> {
    let code = paper.contest.code;
    visit.desk.begin_correction(code, visit.now_ms)?;
    let named = visit.asked.field("at").and_then(|line| visit.labels.line(code, line));
    let sheets = sheets(paper.form, paper.layout);
    let place = named.map(|(_, field)| href(paper, &sheets, &field, Turn::First));
    let first = if visit.asked.field("to") == Some("photos") { "photos" } else { "1" };
    Ok(Reply::go_to(&place.unwrap_or_else(|| format!("/c/{code}/{first}"))))
}

/// Has the centre asked at once.
pub(super) fn look(visit: &Visit<'_>) -> Reply {
    visit.desk.look_now();
    Reply::go_to("/")
}
