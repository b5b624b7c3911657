//! Elections with the forms of the sample of 2024 and contests made up to measure with:
//! held everywhere, of so many candidates, or of so many parties with so many each.

use anyhow::Context as _;

use crate::binaries::repository;

/// Who stands in a contest.
#[derive(Debug, Clone, Copy)]
pub enum Standing {
    /// So many candidates, on the presidential form.
    Candidates(u32),
    /// As many, on the form of the regional council.
    Regional(u32),
    /// So many parties, with so many candidates each.
    Parties(u32, u32),
}

/// The election file with these contests, by their codes.
///
/// # Errors
/// If the sample is not as it was.
pub fn election(contests: impl IntoIterator<Item = (String, Standing)>) -> anyhow::Result<String> {
    let sample = repository().join("deploy/elections/indonesia-2024/election.toml");
    let sample = std::fs::read_to_string(sample)?;
    let (forms, _) = sample.split_once("[[contest]]").context("contests in the sample")?;
    let contests = contests.into_iter().map(|(code, standing)| contest(&code, standing));
    Ok(forms.to_owned() + &contests.collect::<String>())
}

fn contest(code: &str, standing: Standing) -> String {
    let (form, ballot) = match standing {
        Standing::Candidates(count) => ("c-hasil-ppwp", candidates(count)),
        Standing::Regional(count) => ("c-hasil-dpd", candidates(count)),
        Standing::Parties(parties, each) => ("c-hasil-dpr", party_lists(parties, each)),
    };
    format!(
        "[[contest]]\ncode = \"{code}\"\nname = \"Contest {code}\"\nform = \"{form}\"\n\
         scope = \"everywhere\"\n{ballot}"
    )
}

fn candidates(count: u32) -> String {
    let candidate = |at| format!("{{ code = \"{at:02}\", name = \"Candidate {at}\" }}");
    let all: Vec<_> = (1..=count).map(candidate).collect();
    format!("candidate = [{}]\n", all.join(", "))
}

fn party_lists(parties: u32, each: u32) -> String {
    let list = candidates(each);
    let party =
        |at| format!("[[contest.party]]\ncode = \"{at:02}\"\nname = \"Party {at}\"\n{list}");
    (1..=parties).map(party).collect()
}
