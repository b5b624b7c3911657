//! `election.toml`: head, levels, forms and contests.

use jiff::tz::TimeZone;

use crate::election::{Contest, DEFINITION_FORMAT, FormKind, Head, Level, Text};
use crate::ids::{ElectionId, PartCode, Phase};

use super::contests::{ContestPlaces, read_contest};
use super::forms::{FormPlaces, read_form};
use super::mistake::{Mistakes, Source};
use super::tree::{Reader, Table};

/// What `election.toml` says, as far as it could be read. The places are kept for
/// mistakes that only show together with other files.
pub(super) struct ElectionFile {
    /// Without its forms, which stand below.
    pub(super) head: Option<Head>,
    pub(super) levels: Vec<Level>,
    pub(super) forms: Vec<(FormKind, FormPlaces)>,
    pub(super) contests: Vec<(Contest, ContestPlaces)>,
}

/// Deepest level: the whole, and nine kinds of parts.
const MAX_DEPTH: u64 = 9;

pub(super) fn read(source: Source<'_>, mistakes: &mut Mistakes) -> ElectionFile {
    Reader::new(source, mistakes).root(|reader, root| {
        let languages = read_languages(reader, root);
        let head = read_head(reader, root, &languages);
        let levels = reader.tables(root, "level");
        let levels: Vec<_> =
            levels.into_iter().filter_map(|level| read_level(reader, level, &languages)).collect();
        check_levels(reader, &levels);
        let forms = reader.tables(root, "form");
        let forms =
            forms.into_iter().filter_map(|form| read_form(reader, form, &languages)).collect();
        let contests = reader.tables(root, "contest");
        if contests.is_empty() {
            reader.mistake(0, "there is no contest".to_owned());
        }
        let contests = contests.into_iter();
        let contests =
            contests.filter_map(|contest| read_contest(reader, contest, &languages)).collect();
        let levels = levels.into_iter().map(|(level, _)| level).collect();
        ElectionFile { head, levels, forms, contests }
    })
}

fn read_languages(reader: &mut Reader<'_>, root: &mut Table<'_>) -> Vec<String> {
    let languages = reader.strings(root, "languages");
    if languages.is_empty() {
        reader.mistake(0, "“languages” is missing; for example [\"id\", \"en\"]".to_owned());
    }
    languages.into_iter().map(|language| language.value).collect()
}

fn read_head(reader: &mut Reader<'_>, root: &mut Table<'_>, languages: &[String]) -> Option<Head> {
    let known = u64::from(DEFINITION_FORMAT);
    let format = reader.number(root, "format", known..=known);
    let id = reader.parsed::<ElectionId>(root, "id");
    let name = reader.texts(root, "name", languages);
    let phases = [("rehearsal", Phase::Rehearsal), ("official", Phase::Official)];
    let phase = reader.choice(root, "phase", &phases);
    let time_zone = reader.string(root, "time_zone");
    if let Some(zone) = time_zone.as_ref().filter(|zone| TimeZone::get(&zone.value).is_err()) {
        let what = format!("“{}” is not a time zone; for example “Asia/Jakarta”", zone.value);
        reader.mistake(zone.span.start, what);
    }
    format?;
    Some(Head {
        format: DEFINITION_FORMAT,
        id: id?.value,
        name: Text(name?),
        phase: phase?.value,
        time_zone: time_zone?.value,
        languages: languages.to_vec(),
        levels: Vec::new(),
        forms: Vec::new(),
    })
}

fn read_level(
    reader: &mut Reader<'_>,
    mut table: Table<'_>,
    languages: &[String],
) -> Option<(Level, usize)> {
    let code = reader.parsed::<PartCode>(&mut table, "code");
    let depth = reader.number(&mut table, "depth", 0..=MAX_DEPTH);
    let name = reader.texts(&mut table, "name", languages);
    reader.finish(&table);
    let depth = u8::try_from(depth?.value).ok()?;
    let code = code?;
    Some((Level { code: code.value, depth, name: Text(name?) }, code.span.start))
}

fn check_levels(reader: &mut Reader<'_>, levels: &[(Level, usize)]) {
    for (at, (level, place)) in levels.iter().enumerate() {
        if levels[..at].iter().any(|(before, _)| before.code == level.code) {
            reader.mistake(*place, format!("the level “{}” stands twice", level.code));
        }
        let above =
            level.depth == 0 || levels.iter().any(|(other, _)| other.depth + 1 == level.depth);
        if !above {
            let what = format!("there is no level of depth {} above it", level.depth - 1);
            reader.mistake(*place, what);
        }
    }
    if !levels.iter().any(|(level, _)| level.depth == 0) {
        reader.mistake(0, "there is no level of depth 0, the whole".to_owned());
    }
}
