//! One good pack, and every way to spoil it.

use super::*;
use crate::definition::StationIndex;
use crate::slice::Slicer;

const ELECTION: &str = r#"format = 1
id = "test"
name = { id = "Uji", en = "Test" }
phase = "rehearsal"
time_zone = "Asia/Jakarta"
languages = ["id", "en"]

[[level]]
code = "country"
depth = 0
name = { id = "Negara", en = "Country" }

[[level]]
code = "village"
depth = 1
name = { id = "Desa", en = "Village" }

[[form]]
code = "small"
name = "C"
summary = { valid = "S" }

[[form.line]]
code = "V"
section = "I"
letter = "A"
name = { id = "Suara", en = "Votes" }
votes = "candidates"
bound = 999

[[form.line]]
code = "S"
section = "I"
letter = "B"
name = { id = "Jumlah", en = "Sum" }
bound = 999

[[form.rule]]
code = "A4"
severity = "hard"
check = "votes = S"
sentence = { id = "Jumlah", en = "Sum" }

[[contest]]
code = "mayor"
name = { id = "Kades", en = "Mayor" }
form = "small"
scope = ["1"]
[[contest.candidate]]
code = "01"
name = "Ani"
[[contest.candidate]]
code = "02"
name = "Budi"
"#;
const REGIONS: &str =
    "code,parent,level,name\n0,,country,Negara\n1,0,village,Satu\n2,0,village,Dua\n";
const STATIONS: &str = "code,region,name,registered_men,registered_women,registered_all\n\
                        1001,1,TPS 1,10,20,30\n1002,1,TPS 2,,,\n";

fn good() -> Pack<'static> {
    Pack { election: ELECTION, regions: REGIONS, stations: STATIONS }
}

fn mistakes(pack: Pack<'_>) -> Vec<String> {
    read(pack).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn a_good_pack_reads() {
    let definition = read(good()).unwrap();
    assert_eq!(definition.stations().len(), 2);
    assert_eq!(definition.regions()[definition.whole() as usize].code.as_str(), "0");
    let station = definition.station("1002".parse().unwrap()).unwrap();
    assert!(definition.in_scope(0, station));
    assert_eq!(definition.stations()[station as usize].registered.all, None);
}

#[test]
fn a_scope_that_names_a_region_and_its_part_has_each_station_once() {
    for scope in ["[\"1\"]", "[\"0\", \"1\"]", "\"everywhere\""] {
        let election = ELECTION.replace("scope = [\"1\"]", &format!("scope = {scope}"));
        let definition = read(Pack { election: &election, ..good() }).unwrap();
        assert_eq!(definition.stations_of(0), [0, 1], "{scope}");
        assert!(definition.in_scope(0, 0) && definition.in_scope(0, 1));
    }
}

#[test]
fn the_digest_knows_every_byte_that_means_something_and_no_other() {
    let digest = |pack| read(pack).unwrap().digest();
    let first = digest(good());
    let reordered =
        "name,code,level,parent\nDua,2,village,0\nNegara,0,country,\nSatu,1,village,0\n";
    assert_eq!(digest(Pack { regions: reordered, ..good() }), first);
    let renamed = STATIONS.replace("TPS 2", "TPS 3");
    assert_ne!(digest(Pack { stations: &renamed, ..good() }), first);
    let softer = ELECTION.replace("\"hard\"", "\"warn\"");
    assert_ne!(digest(Pack { election: &softer, ..good() }), first);
    let official = ELECTION.replace("rehearsal", "official");
    assert_ne!(digest(Pack { election: &official, ..good() }), first);
}

#[test]
fn a_station_gets_its_slice_and_nothing_of_it_can_be_changed() {
    let definition = read(good()).unwrap();
    let slicer = Slicer::new(&definition);
    let station: StationIndex = 1;
    let election = slicer.slice(&definition, station).verify(definition.digest()).unwrap();
    assert_eq!(election.station.code.as_str(), "1002");
    assert_eq!(election.regions.len(), 2);
    assert_eq!(election.contests.len(), 1);
    assert!(slicer.slice(&definition, station).verify(crate::digest::Digest([0; 32])).is_err());
    let bytes = crate::codec::encode(&slicer.slice(&definition, station));
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let opened = crate::codec::decode::<crate::slice::Slice>(&changed);
        if let Ok(slice) = opened {
            assert!(slice.verify(definition.digest()).is_err(), "byte {at}");
        }
    }
}

#[test]
fn each_mistake_in_the_election_file_has_its_place() {
    for (from, to, wanted) in [
        ("format = 1", "format = 2", "1:10: “format” must be from 1 to 1, not 2"),
        (
            "phase = \"rehearsal\"",
            "phase = \"rehersal\"",
            "4:9: “phase” must be “rehearsal” or “official”, not “rehersal”",
        ),
        (
            "Asia/Jakarta",
            "Asia/Batavia",
            "5:13: “Asia/Batavia” is not a time zone; for example “Asia/Jakarta”",
        ),
        ("id = \"test\"\n", "", "1:1: “id” is missing"),
        ("phase =", "phse = 1\nphase =", "4:1: unknown key “phse”; did you mean “phase”?"),
        (
            "name = { id = \"Uji\", en = \"Test\" }",
            "name = { id = \"Uji\" }",
            "3:8: “name” has no text in “en”",
        ),
        (
            "severity = \"hard\"",
            "severty = \"hard\"",
            "40:1: unknown key “severty”; did you mean “severity”?",
        ),
        (
            "check = \"votes = S\"",
            "check = \"votes = T\"",
            "41:18: rule A4: the form has no line or field “T”",
        ),
        (
            "check = \"votes = S\"",
            "check = \"votes = S + 3000\"",
            "41:10: rule A4: it cannot hold for any numbers within the bounds of the lines",
        ),
        (
            "valid = \"S\"",
            "valid = \"X\"",
            "21:11: the summary names the field “X”, which the form does not have",
        ),
        (
            "valid = \"S\"",
            "valid = \"S\", same = [\"T\"]",
            "21:34: the summary names the line “T”, which the form does not have",
        ),
        (
            "valid = \"S\"",
            "valid = \"S\", same = [\"V\"]",
            "21:34: the line “V” has votes, which are others in each contest",
        ),
        (
            "valid = \"S\"",
            "valid = \"S\", same = [\"S\", \"S\"]",
            "21:39: the line “S” stands twice in “same”",
        ),
        (
            "form = \"small\"",
            "form = \"smal\"",
            "47:8: there is no form “smal”; did you mean “small”?",
        ),
        ("scope = [\"1\"]", "scope = [\"1\", \"9\"]", "48:15: there is no region “9”"),
        ("code = \"02\"", "code = \"01\"", "53:8: “01” stands twice or is reserved"),
        ("code = \"S\"", "code = \"V\"", "32:8: the line “V” stands twice"),
        (
            "code = \"S\"",
            "code = \"vote\"",
            "32:8: “vote” is a word of the rules; choose another line code",
        ),
        ("votes = \"candidates\"\n", "", "19:8: a form needs one line of votes; this one has 0"),
        (
            "votes = \"candidates\"",
            "votes = \"parties\"",
            "47:8: the line “V” is for parties, but the contest has candidates",
        ),
        ("depth = 1", "depth = 2", "14:8: there is no level of depth 1 above it"),
        ("bound = 999", "bound = \"999\"", "29:9: “bound” must be a whole number, not string"),
    ] {
        let spoilt = ELECTION.replacen(from, to, 1);
        assert_ne!(spoilt, ELECTION, "{from}");
        let found = mistakes(Pack { election: &spoilt, ..good() });
        assert!(found.contains(&format!("election.toml:{wanted}")), "{wanted}\nfound {found:#?}");
    }
}

/// The good pack with titles, two officers said, and two lines typed twice.
fn careful() -> String {
    let policy = "summary = { valid = \"S\" }\nsecond_entry = [\"V\", \"S\"]\nofficers = 1\n\n\
                  [[form.section]]\ncode = \"I\"\ntitle = { id = \"Suara\", en = \"Votes\" }\n";
    ELECTION.replacen("summary = { valid = \"S\" }\n", policy, 1)
}

#[test]
fn titles_and_the_policy_of_entry_are_read_and_are_part_of_the_digest() {
    let election = careful();
    let read_one = |election: &str| read(Pack { election, ..good() }).unwrap();
    let definition = read_one(&election);
    let form = &definition.head().forms[0];
    assert_eq!(form.section_title("I", 1), Some("Votes"));
    assert_eq!(form.section_title("II", 1), None);
    assert_eq!(
        (&form.entry.second_entry[..], form.entry.officers),
        (&["V", "S"].map(String::from)[..], 1)
    );
    let layout = Layout::new(form, &definition.contests()[0]).unwrap();
    let again = layout.again().iter().map(|at| layout.fields()[*at].code.as_str());
    assert_eq!(again.collect::<Vec<_>>(), ["V.01", "V.02", "S"]);
    let plain = read(good()).unwrap();
    let plain_form = &plain.head().forms[0];
    assert_eq!(plain_form.entry, crate::election::EntryPolicy::default());
    assert_eq!(plain_form.entry.officers, 2, "two, unless the definition asks for one");
    assert!(Layout::new(plain_form, &plain.contests()[0]).unwrap().again().is_empty());
    for (from, to) in [
        ("officers = 1", "officers = 2"),
        ("\"V\", \"S\"", "\"V\""),
        ("en = \"Votes\" }\n", "en = \"Vote\" }\n"),
    ] {
        let other = election.replacen(from, to, 1);
        assert_ne!(other, election, "{from}");
        assert_ne!(read_one(&other).digest(), definition.digest(), "{from}");
    }
}

#[test]
fn each_mistake_in_titles_and_policy_has_its_place() {
    let election = careful();
    for (from, to, wanted) in [
        ("officers = 1", "officers = 3", "23:12: “officers” must be from 1 to 2, not 3"),
        (
            "officers = 1",
            "officers = \"1\"",
            "23:12: “officers” must be a whole number, not string",
        ),
        ("officers = 1", "oficers = 1", "23:1: unknown key “oficers”; did you mean “officers”?"),
        (
            "[\"V\", \"S\"]",
            "[\"V\", \"SS\"]",
            "22:22: the second entry names the line “SS”, which the form does not have",
        ),
        (
            "[\"V\", \"S\"]",
            "[\"V\", \"V\"]",
            "22:22: the line “V” stands twice in the second entry",
        ),
        (
            "[\"V\", \"S\"]",
            "[\"V\", 7]",
            "22:22: “second_entry” must be a text in quotes, not integer",
        ),
        ("[\"V\", \"S\"]", "true", "22:16: “second_entry” must be a text in quotes, not boolean"),
        ("code = \"I\"", "code = \"II\"", "26:8: no line stands in the section “II”"),
        (
            "code = \"I\"",
            "code = \"II\"",
            "31:11: the section “I” has no title; did you mean “II”?",
        ),
        ("title = {", "titel = {", "27:1: unknown key “titel”; did you mean “title”?"),
        ("title = {", "titel = {", "25:1: “title” is missing"),
        (
            ", en = \"Votes\" }\n\n[[form.line]]",
            " }\n\n[[form.line]]",
            "27:9: “title” has no text in “en”",
        ),
        ("code = \"A4\"", "code = \"X1\"", "45:8: “X1” is a code of Saksi's own; choose another"),
    ] {
        let spoilt = election.replacen(from, to, 1);
        assert_ne!(spoilt, election, "{from}");
        let found = mistakes(Pack { election: &spoilt, ..good() });
        assert!(found.contains(&format!("election.toml:{wanted}")), "{wanted}\nfound {found:#?}");
    }
    let twice = "[[form.section]]\ncode = \"I\"\ntitle = \"I\"\n\n[[form.line]]";
    let spoilt = election.replacen("[[form.line]]", twice, 1);
    let found = mistakes(Pack { election: &spoilt, ..good() });
    assert_eq!(found, ["election.toml:30:8: the section “I” stands twice"]);
}

#[test]
fn each_mistake_in_the_lists_has_its_place() {
    for (from, to, wanted) in [
        ("2,0,village", "1,0,village", "regions.csv:4:1: code: “1” stands in line 3 already"),
        ("2,0,village", "2,7,village", "regions.csv:4:2: there is no region “7”"),
        ("2,0,village", "2,2,village", "regions.csv:4:2: “2” lies within itself"),
        (
            "2,0,village",
            "2,0,vilage",
            "regions.csv:4:3: level: “vilage” is no level of the election; did you mean “village”?",
        ),
        (
            "2,0,village",
            "2,0,country",
            "regions.csv:4:3: “2” of depth 0 cannot lie in “0” of depth 0",
        ),
        (
            "2,0,village",
            "2,,country",
            "regions.csv:4:2: only one region is the whole; “0” in line 2 is",
        ),
        ("2,0,village,Dua", "2,0,village,", "regions.csv:4:4: name: a region needs a name"),
        (
            "2,0,village,Dua",
            "2,0,village",
            "regions.csv:4:1: 3 fields in this row; the header has 4",
        ),
        ("parent", "parents", "regions.csv:1:2: unknown column “parents”; did you mean “parent”?"),
        ("1002,1", "1001,1", "stations.csv:3:1: code: “1001” stands in line 2 already"),
        ("1002,1", "1002,8", "stations.csv:3:2: region: there is no region “8”"),
        ("1002,1", "1002,2", "stations.csv:3:2: no contest is held at the station “1002”"),
        (
            "10,20,30",
            "10,20,31",
            "stations.csv:2:6: registered_all: 10 men and 20 women are not 31 in all",
        ),
        (
            "10,20,30",
            "ten,20,30",
            "stations.csv:2:4: registered_men: invalid digit found in string",
        ),
    ] {
        let (regions, stations) = (REGIONS.replacen(from, to, 1), STATIONS.replacen(from, to, 1));
        assert!(regions != REGIONS || stations != STATIONS, "{from}");
        let found = mistakes(Pack { election: ELECTION, regions: &regions, stations: &stations });
        assert!(found.contains(&wanted.to_owned()), "{wanted}\nfound {found:#?}");
    }
}

#[test]
fn all_mistakes_of_all_files_come_together() {
    let election = ELECTION.replace("rehearsal", "x").replace("votes = S", "votes = T");
    let regions = REGIONS.replace("2,0", "2,7");
    let stations = STATIONS.replace("30", "31");
    let found = mistakes(Pack { election: &election, regions: &regions, stations: &stations });
    assert_eq!(found.len(), 4, "{found:#?}");
}

#[test]
fn a_syntax_error_has_its_place() {
    let broken = ELECTION.replacen("id = \"test\"", "id = test\"", 1);
    let found = mistakes(Pack { election: &broken, ..good() });
    assert!(found[0].starts_with("election.toml:2:"), "{found:#?}");
}
