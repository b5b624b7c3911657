//! What watchers are shown besides the pages that are made when they are asked for.

use saksi_proto::author::tree::{Reader, Table};

/// What of the static site is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Nothing: nobody sees photos but the staff.
    Nothing,
    /// Photos alone, for the pages that are made when they are asked for.
    Photos,
    /// Everything.
    Everything,
}

impl Shown {
    /// Reads what of it is wanted; nothing, if nothing is said.
    pub(super) fn read(reader: &mut Reader<'_>, root: &mut Table<'_>) -> Self {
        let site = reader.optional_boolean(root, "site").unwrap_or(false);
        let photos = reader.optional_boolean(root, "photos").unwrap_or(false);
        match (site, photos) {
            (true, _) => Self::Everything,
            (false, true) => Self::Photos,
            (false, false) => Self::Nothing,
        }
    }

    /// Its part of the file.
    pub(super) fn to_toml(self) -> String {
        let (site, photos) = (self == Self::Everything, self != Self::Nothing);
        format!(
            "# Whether pages and numbers are written as files as well, in DIR/public/site, as often as \
             totals;\n# and photos, with the names and signatures on them. Photos alone are for the \
             pages that the\n# collector makes when asked.\nsite = {site}\nphotos = {photos}\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use saksi_proto::author::mistake::{Mistakes, Source};

    use super::*;

    #[test]
    fn what_is_written_reads_back_and_nothing_is_shown_unasked() {
        let read = |text: &str| {
            let mut mistakes = Mistakes::default();
            let source = Source { file: "collector.toml", text };
            let read =
                |reader: &mut Reader<'_>, root: &mut Table<'_>| Some(Shown::read(reader, root));
            Reader::new(source, &mut mistakes).root(read).filter(|_| mistakes.is_empty())
        };
        for shown in [Shown::Nothing, Shown::Photos, Shown::Everything] {
            assert_eq!(read(&shown.to_toml()), Some(shown));
        }
        assert_eq!(read(""), Some(Shown::Nothing));
        assert_eq!(read("site = true\nphotos = false"), Some(Shown::Everything));
        assert_eq!(read("photos = 1"), None);
    }
}
