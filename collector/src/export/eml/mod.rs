//! EML 510 (the count) and EML 520 (the result), in the profile EML_NL of the Netherlands:
//! what both have. The profile has codes for Dutch bodies only; where ours do not fit, a number
//! stands in their place and our code beside it, in the name.

pub mod count;
pub mod log;
pub mod result;

use std::io::{self, Write};

use jiff::civil::Date;
use saksi_proto::definition::RegionIndex;
use saksi_proto::election::Ballot;
use saksi_proto::ids::PartCode;

use super::content::Export;
use super::xml::Xml;

const NAMESPACES: [(&str, &str); 5] = [
    ("xmlns", "urn:oasis:names:tc:evs:schema:eml"),
    ("xmlns:ds", "http://www.w3.org/2000/09/xmldsig#"),
    ("xmlns:kr", "http://www.kiesraad.nl/extensions"),
    ("xmlns:xal", "urn:oasis:names:tc:ciq:xsdschema:xAL:2.0"),
    ("xmlns:xnl", "urn:oasis:names:tc:ciq:xsdschema:xNL:2.0"),
];

/// The category of a national parliament: the profile has a word for Dutch elections only.
const CATEGORY: &str = "TK";

/// Begins the document: who issues it, and when.
fn begin<W: Write>(export: &Export<'_>, id: &str, out: W) -> io::Result<Xml<W>> {
    let mut xml = Xml::begin(out)?;
    let attributes: Vec<_> =
        NAMESPACES.into_iter().chain([("Id", id), ("SchemaVersion", "5")]).collect();
    xml.open("EML", &attributes)?;
    let checkpoint = &export.folded.checkpoint;
    xml.text("TransactionId", &[], &format!("{}:{}", checkpoint.origin, checkpoint.size))?;
    xml.open("ManagingAuthority", &[])?;
    xml.text("AuthorityIdentifier", &[("Id", &authority(export))], export.issuer())?;
    xml.empty("AuthorityAddress", &[])?;
    xml.close()?;
    xml.text("kr:CreationDateTime", &[], &export.made_at())?;
    let canonical = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments";
    xml.empty("ds:CanonicalizationMethod", &[("Algorithm", canonical)])?;
    Ok(xml)
}

/// The central bureau for the whole, a principal one for a region.
fn authority(export: &Export<'_>) -> String {
    if export.region == export.definition().whole() {
        "CSB".to_owned()
    } else {
        bureau(export.region)
    }
}

/// The number of a region's bureau: its place in the list of regions, from 1.
fn bureau(region: RegionIndex) -> String {
    format!("HSB{}", u64::from(region) + 1)
}

/// Which election it is, and that a rehearsal is one.
fn election<W: Write>(export: &Export<'_>, date: Date, xml: &mut Xml<W>) -> io::Result<()> {
    let definition = export.definition();
    let head = definition.head();
    let day = date.strftime("%Y%m%d");
    let id = format!("{CATEGORY}{day}_{}", head.id.as_str().replace('.', "_"));
    let name = head.name.in_language(0);
    let name =
        if export.is_rehearsal() { format!("REHEARSAL – {name}") } else { name.to_owned() };
    xml.open("ElectionIdentifier", &[("Id", &id)])?;
    xml.text("ElectionName", &[], &name)?;
    xml.text("ElectionCategory", &[], CATEGORY)?;
    let whole = &definition.regions()[definition.whole() as usize];
    xml.text("kr:ElectionDomain", &[], &whole.name)?;
    xml.text("kr:ElectionDate", &[], &date.to_string())?;
    xml.close()
}

/// Which contest it is: a number, and its code in the name.
fn contest<W: Write>(export: &Export<'_>, contest: usize, xml: &mut Xml<W>) -> io::Result<()> {
    let of = export.election().contest(contest);
    xml.open("ContestIdentifier", &[("Id", &(contest + 1).to_string())])?;
    xml.text("ContestName", &[], &format!("{} {}", of.code, of.name.in_language(0)))?;
    xml.close()
}

/// Who stands for how much.
fn affiliation<W: Write>(id: &str, name: &str, xml: &mut Xml<W>) -> io::Result<()> {
    xml.open("AffiliationIdentifier", &[("Id", id)])?;
    xml.text("RegisteredName", &[], name)?;
    xml.close()
}

/// The names of a candidate, of which the ballot paper does not say which is which.
fn full_name<W: Write>(name: &str, xml: &mut Xml<W>) -> io::Result<()> {
    xml.open("CandidateFullName", &[])?;
    xml.open("xnl:PersonName", &[])?;
    xml.text("xnl:LastName", &[], name)?;
    xml.close()?;
    xml.close()
}

/// Numbers for codes, as the profile has them: the code's own if all are different numbers
/// from 1, as on nearly all ballot papers, or else their places.
fn numbered<'a>(codes: impl Iterator<Item = &'a PartCode>) -> Vec<String> {
    let codes: Vec<_> = codes.collect();
    let own = codes.iter().map(|code| code.as_str().parse::<u64>().ok().filter(|n| *n > 0));
    let own: Option<Vec<_>> = own.collect();
    let own = own.filter(|numbers| {
        let different: std::collections::BTreeSet<_> = numbers.iter().collect();
        different.len() == numbers.len()
    });
    match own {
        Some(numbers) => numbers.iter().map(u64::to_string).collect(),
        None => (1..=codes.len()).map(|place| place.to_string()).collect(),
    }
}

/// The numbers of everybody who stands: of candidates or parties, and of each party's list.
struct Ids {
    first: Vec<String>,
    lists: Vec<Vec<String>>,
}

impl Ids {
    fn of(ballot: &Ballot) -> Self {
        match ballot {
            Ballot::Candidates(candidates) => {
                let first = numbered(candidates.iter().map(|candidate| &candidate.code));
                Self { first, lists: Vec::new() }
            }
            Ballot::Parties(parties) => Self {
                first: numbered(parties.iter().map(|party| &party.code)),
                lists: parties
                    .iter()
                    .map(|party| numbered(party.candidates.iter().map(|of| &of.code)))
                    .collect(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_become_numbers_of_the_profile() {
        let of = |codes: &[&str]| {
            let codes: Vec<PartCode> = codes.iter().map(|code| code.parse().unwrap()).collect();
            numbered(codes.iter()).join(" ")
        };
        assert_eq!(of(&["01", "02", "24"]), "1 2 24");
        assert_eq!(of(&["1", "01"]), "1 2", "two of one number");
        assert_eq!(of(&["A", "2"]), "1 2");
        assert_eq!(of(&["00", "07"]), "1 2", "the profile counts from 1");
    }
}
