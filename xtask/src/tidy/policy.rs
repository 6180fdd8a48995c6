//! `docs/tidy.toml`: what is allowed, each entry with its reason. Unknown keys and empty reasons are refused.

use serde::Deserialize;
use toml::Spanned;

use super::findings::Findings;
use crate::{Error, ErrorKind};

/// Where the policy lies.
pub(super) const FILE: &str = "docs/tidy.toml";

/// The name under which a stale entry of the policy is reported.
pub(super) const NAME: &str = "policy";

/// What is allowed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Policy {
    format_version: u32,
    /// Licences of others that the project may build on.
    #[serde(default, rename = "licence")]
    pub(super) licences: Vec<Licence>,
    /// Packages that are there in several incompatible versions.
    #[serde(default, rename = "duplicate")]
    pub(super) duplicates: Vec<Duplicate>,
    /// Files and folders that must stay pure, besides those that always must.
    #[serde(default, rename = "pure")]
    pub(super) pure: Vec<Place>,
    /// Files and folders that count money, besides those that always do.
    #[serde(default, rename = "money")]
    pub(super) money: Vec<Place>,
    /// Crates besides `transport` that may depend on an HTTP library.
    #[serde(default, rename = "http")]
    pub(super) http: Vec<Http>,
    /// Files that a check passes over.
    #[serde(default, rename = "exempt")]
    exemptions: Vec<Exemption>,
    /// The text's line starts, to give each entry its line.
    #[serde(skip)]
    line_starts: Vec<usize>,
}

/// A licence that packages of others may have.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Licence {
    /// An SPDX identifier, with `WITH …` where an exception belongs to it.
    pub(super) id: String,
    reason: Spanned<String>,
}

/// A package that is there in several incompatible versions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Duplicate {
    /// The package.
    pub(super) package: Spanned<String>,
    /// The compatible ranges that are there: `2` for 2.x, `0.8` for 0.8.x.
    pub(super) versions: Vec<String>,
    reason: Spanned<String>,
}

/// A file, or a folder with its closing `/`, that a check is to hold as well.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    /// Its path.
    pub(super) path: Spanned<String>,
    reason: Spanned<String>,
}

/// A member besides `transport` that may depend on an HTTP library.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Http {
    /// The member, as the architecture's table names it.
    #[serde(rename = "crate")]
    pub(super) name: Spanned<String>,
    reason: Spanned<String>,
}

/// A file that one check passes over.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exemption {
    check: Spanned<String>,
    path: String,
    reason: Spanned<String>,
}

impl Policy {
    /// Reads the policy; `exemptible` are the checks that allow exemptions.
    pub(super) fn parse(text: &str, exemptible: &[&str]) -> Result<Self, Error> {
        let mut policy: Self = toml::from_str(text)
            .map_err(|error| Error::because(ErrorKind::Policy, format!("understand {FILE}"), error))?;
        policy.line_starts =
            std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let refuse = |line: usize, why: String| {
            Err(Error::new(ErrorKind::Policy, format!("understand {FILE}: line {line}: {why}")))
        };
        if policy.format_version != 1 {
            return refuse(1, format!("format-version is {}, this tidy reads 1", policy.format_version));
        }
        let reasons = (policy.licences.iter().map(|entry| &entry.reason))
            .chain(policy.duplicates.iter().map(|entry| &entry.reason))
            .chain(policy.pure.iter().map(|entry| &entry.reason))
            .chain(policy.money.iter().map(|entry| &entry.reason))
            .chain(policy.http.iter().map(|entry| &entry.reason))
            .chain(policy.exemptions.iter().map(|entry| &entry.reason));
        for reason in reasons {
            if reason.get_ref().trim().is_empty() {
                return refuse(
                    policy.line(reason),
                    "the reason is empty; say why the entry is there".to_owned(),
                );
            }
        }
        for entry in &policy.exemptions {
            if !exemptible.contains(&entry.check.get_ref().as_str()) {
                let why = format!(
                    "no file can be exempt from `{}`; only from {}",
                    entry.check.get_ref(),
                    exemptible.join(", ")
                );
                return refuse(policy.line(&entry.check), why);
            }
        }
        Ok(policy)
    }

    /// The line of an entry's value, from 1.
    pub(super) fn line<T>(&self, value: &Spanned<T>) -> usize {
        self.line_starts.partition_point(|start| *start <= value.span().start)
    }

    /// Drops the violations that an exemption covers; an exemption that covers none is a violation itself.
    pub(super) fn exempt(&self, findings: &mut Findings) {
        for entry in &self.exemptions {
            let check = entry.check.get_ref();
            let before = findings.violations.len();
            findings
                .violations
                .retain(|violation| violation.check != check.as_str() || violation.file != entry.path);
            if findings.violations.len() == before {
                let message = format!(
                    "stale entry: `{check}` finds nothing in {} (any more); remove the entry",
                    entry.path
                );
                findings.violation(NAME, FILE, self.line(&entry.check), message);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        let error = Policy::parse(text, &["file-size"]).expect_err("the text is wrong");
        assert_eq!(error.kind(), ErrorKind::Policy);
        error.with_causes()
    }

    #[test]
    fn what_is_unknown_or_has_no_reason_is_refused() {
        let text = refusal(
            "format-version = 1\n\n[[exempt]]\ncheck = \"file-size\"\npath = \"a.rs\"\nwhy = \"x\"\n",
        );
        assert!(
            text.contains("docs/tidy.toml") && text.contains("line 6") && text.contains("`why`"),
            "{text}"
        );
        let text = refusal("format-version = 1\n[[http]]\ncrate = \"x\"\n");
        assert!(text.contains("missing field `reason`"), "{text}");
        let text = refusal("format-version = 1\n[[http]]\ncrate = \"x\"\nreason = \" \"\n");
        assert!(text.contains("line 4: the reason is empty"), "{text}");
        let text =
            refusal("format-version = 1\n[[exempt]]\ncheck = \"money\"\npath = \"a.rs\"\nreason = \"x\"\n");
        assert!(text.contains("line 3: no file can be exempt from `money`; only from file-size"), "{text}");
        assert!(refusal("format-version = 2\n").contains("format-version is 2"));
        assert!(refusal("").contains("missing field `format-version`"));
    }
}
