//! The command lines of `question`.

use clap::{Args, Subcommand};

use super::{Because, OfStation, Waiting};

/// `question`
#[derive(Debug, Subcommand)]
pub(crate) enum Question {
    /// Ask a station to look at its paper again. Its device shows the question; its next form
    /// for the contest is the answer.
    Ask(Ask),
    /// Show the questions that stations have not answered.
    List(Waiting),
}

/// `question ask`
#[derive(Debug, Args)]
pub(crate) struct Ask {
    #[command(flatten)]
    pub(crate) of: OfStation,
    /// Lines or fields of the form, such as V.B,I.A.L; none: all of it.
    #[arg(long, value_delimiter = ',', value_name = "LINE")]
    pub(crate) lines: Vec<String>,
    /// What the officers are asked, in their language.
    #[arg(long)]
    pub(crate) text: String,
    #[command(flatten)]
    pub(crate) because: Because,
}
