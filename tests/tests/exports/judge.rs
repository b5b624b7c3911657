//! Validators of others, in Python environments of their own, and the schemas beside the
//! repository.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use saksi_tests::binaries::repository;
use saksi_tests::{public_data, python};
use serde_json::Value;

/// Versions of what is installed from PyPI.
const PACKAGES: [(&str, &str); 3] =
    [("lxml", "6.1.3"), ("jsonschema", "4.26.0"), ("xmlschema", "4.3.2")];

pub(crate) struct Judge {
    schemas: PathBuf,
    pythons: Vec<PathBuf>,
}

impl Judge {
    /// `None`, said on standard error, where schemas or validators cannot be had.
    pub(crate) fn new() -> Option<Self> {
        let schemas = public_data::schemas()?;
        let python =
            |(package, version)| Some(python::programs_of(package, version)?.join("python"));
        let pythons = PACKAGES.into_iter().map(python).collect::<Option<_>>()?;
        Some(Self { schemas, pythons })
    }

    fn run(&self, package: &str, arguments: &[&Path]) -> Output {
        let at = PACKAGES.iter().position(|(name, _)| *name == package).unwrap();
        let script = repository().join("tests/tests/exports/judge.py");
        let kind = if arguments.len() == 1 { "elements" } else { package };
        Command::new(&self.pythons[at]).arg(script).arg(kind).args(arguments).output().unwrap()
    }

    /// What a validator says against a file; nothing if it is valid.
    fn against(&self, package: &str, schema: &str, file: &Path) -> Result<(), String> {
        let checked = self.run(package, &[&self.schemas.join(schema), file]);
        let words = String::from_utf8_lossy(&checked.stdout).into_owned();
        let faults = String::from_utf8_lossy(&checked.stderr);
        assert!(matches!(checked.status.code(), Some(0 | 1)) && faults.is_empty(), "{faults}");
        if checked.status.success() { Ok(()) } else { Err(words) }
    }

    /// What its schema says against an export of this format.
    pub(crate) fn against_export(&self, format: &str, file: &Path) -> Result<(), String> {
        let nist = "NIST_SP_1500-100_v2/NIST_V2_election_results_reporting";
        match format {
            "nist-json" => self.against("jsonschema", &format!("{nist}.json"), file),
            "nist-xml" => {
                self.against("lxml", &format!("{nist}.xsd"), file)?;
                self.against("xmlschema", &format!("{nist}.xsd"), file)
            }
            "eml-510" => self.against("lxml", "EML_NL_xsd/510-count-kiesraad-strict.xsd", file),
            "eml-520" => self.against("lxml", "EML_NL_xsd/520-result-kiesraad-strict.xsd", file),
            _ => panic!("{format} has no schema"),
        }
    }

    /// The root element of an XML file.
    pub(crate) fn elements(&self, file: &Path) -> Element {
        let read = self.run("lxml", &[file]);
        assert!(read.status.success(), "{read:?}");
        Element(serde_json::from_slice(&read.stdout).unwrap())
    }
}

/// An element of XML: its name, attributes, text, and the elements in it.
#[derive(Debug, Clone)]
pub(crate) struct Element(Value);

impl Element {
    pub(crate) fn name(&self) -> &str {
        self.0[0].as_str().unwrap()
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.0[1][name].as_str()
    }

    pub(crate) fn text(&self) -> &str {
        self.0[2].as_str().unwrap_or_default()
    }

    pub(crate) fn number(&self) -> u64 {
        self.text().parse().unwrap()
    }

    /// The elements in it that have this name.
    pub(crate) fn all(&self, name: &str) -> Vec<Self> {
        let inner = self.0[3].as_array().unwrap().iter().cloned().map(Self);
        inner.filter(|element| element.name() == name).collect()
    }

    /// The one element at the end of this path.
    pub(crate) fn one(&self, path: &str) -> Self {
        path.split('/').fold(self.clone(), |element, name| {
            let all = element.all(name);
            assert_eq!(all.len(), 1, "{name} in {}", element.name());
            all[0].clone()
        })
    }
}
