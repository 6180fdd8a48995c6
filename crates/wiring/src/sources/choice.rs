//! Which sources are asked: by name, by kind, or by what differs from the default.

use std::{collections::BTreeSet, str::FromStr};

use assize_altdata::{NotAsked, SourceKind};

use super::catalogue::{Entry, FOLDER};
use crate::Error;

/// Which sources are asked, as a user writes it: `all`, `default`, names, kinds, `+name` and `-name`, with commas between.
///
/// What begins with a name is that list and no more; what begins with `+` or `-` begins with the default.
///
/// ```
/// use assize_wiring::SourceChoice;
///
/// assert!("wikipedia-pageviews,edgar-filings".parse::<SourceChoice>().is_ok());
/// assert!("+options,-fred-csv".parse::<SourceChoice>().is_ok());
/// assert!("".parse::<SourceChoice>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceChoice {
    steps: Vec<(Step, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Only,
    Add,
    Drop,
}

/// So many parts are read; there are fewer sources.
const MOST_PARTS: usize = 100;

impl FromStr for SourceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted =
            "write all, or names with commas between, or +NAME and -NAME for what differs from the default";
        let mut steps = Vec::new();
        for part in text.split(',').map(str::trim) {
            let (step, name) = match part.split_at_checked(1) {
                Some(("+", name)) => (Step::Add, name),
                Some(("-", name)) => (Step::Drop, name),
                _ => (Step::Only, part),
            };
            if name.is_empty()
                || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_:.".contains(&byte))
            {
                return Err(wanted.to_owned());
            }
            steps.push((step, name.to_ascii_lowercase()));
        }
        if steps.len() > MOST_PARTS { Err(wanted.to_owned()) } else { Ok(Self { steps }) }
    }
}

impl SourceChoice {
    /// Whether this source is left out by its name, or by that of its kind.
    pub(super) fn drops(&self, name: &str) -> bool {
        self.steps
            .iter()
            .any(|(step, of)| *step == Step::Drop && (of == name || name == FOLDER && of == "prices"))
    }
}

/// Sources that are asked, and why the others are not.
#[derive(Debug)]
pub(super) struct Picked {
    pub(super) sources: Vec<Entry>,
    pub(super) not_asked: Vec<NotAsked>,
}

/// None, for this reason.
pub(super) fn none(all: &[Entry], why: &str) -> Picked {
    let not_asked =
        all.iter().map(|entry| NotAsked { source: entry.id().clone(), why: why.to_owned() }).collect();
    Picked { sources: Vec::new(), not_asked }
}

/// Those of `all` that are meant, and those that read what the user has named, unless they are left out. Where answers are
/// played back, the default is what `played` hosts answered.
pub(super) fn pick(
    choice: Option<&SourceChoice>,
    all: &[Entry],
    played: Option<&BTreeSet<String>>,
    has_folder: bool,
) -> Result<Picked, Error> {
    let default = default_of(all, played);
    let mut chosen: BTreeSet<usize> = default.clone();
    let mut named = BTreeSet::new();
    for (n, (step, name)) in choice.map_or(&[][..], |choice| &choice.steps).iter().enumerate() {
        if n == 0 && *step == Step::Only {
            chosen.retain(|at| all[*at].is_named);
        }
        if name == FOLDER {
            if has_folder {
                continue;
            }
            return Err(Error::bad_request(format!("ask {FOLDER}: there is no folder"))
                .with_hint("name it: --prices DIR"));
        }
        let meant = meant(name, all, &default)?;
        match step {
            Step::Drop => {
                chosen.retain(|at| !meant.contains(at));
                named.retain(|at| !meant.contains(at));
            }
            Step::Only | Step::Add => {
                chosen.extend(&meant);
                if all.iter().any(|entry| entry.id().as_str() == name) {
                    named.extend(meant);
                }
            }
        }
    }
    // Whoever names a source wants it; of all, or of a kind, those that can be asked.
    if let Some(entry) = named.iter().map(|at| &all[*at]).find(|entry| entry.lacks().is_some()) {
        return Err(lacking(entry));
    }
    let (mut sources, mut not_asked) = (Vec::new(), Vec::new());
    for (at, entry) in all.iter().enumerate() {
        if chosen.contains(&at) && entry.lacks().is_none() {
            sources.push(entry.clone());
        } else {
            let is_default = default.contains(&at);
            not_asked.push(NotAsked {
                source: entry.id().clone(),
                why: why(entry, choice, is_default, played.is_some()),
            });
        }
    }
    Ok(Picked { sources, not_asked })
}

fn default_of(all: &[Entry], played: Option<&BTreeSet<String>>) -> BTreeSet<usize> {
    let Some(played) = played else {
        return (0..all.len()).filter(|at| all[*at].is_default()).collect();
    };
    let is_played = |entry: &Entry| entry.hosts.iter().any(|host| played.contains(host));
    // A host that answers a source of the default was asked by that one; any other by the first of those that ask it.
    let goes_before = |one: usize, other: usize| {
        let shares = all[one].hosts.iter().any(|host| all[other].hosts.contains(host));
        shares && (all[one].source.meta().default_on || one < other)
    };
    let is_first = |at: usize| !(0..all.len()).any(|other| other != at && goes_before(other, at));
    (0..all.len())
        .filter(|at| {
            all[*at].is_named || is_played(&all[*at]) && (all[*at].source.meta().default_on || is_first(*at))
        })
        .collect()
}

/// The places of the sources that a name, a kind or a word for many means.
fn meant(name: &str, all: &[Entry], default: &BTreeSet<usize>) -> Result<BTreeSet<usize>, Error> {
    if name == "default" {
        return Ok(default.clone());
    }
    let is_meant = |entry: &Entry| {
        let meta = entry.source.meta();
        name == "all" || meta.id.as_str() == name || meta.kind.as_str() == name
    };
    let meant: BTreeSet<usize> = (0..all.len()).filter(|at| is_meant(&all[*at])).collect();
    if meant.is_empty() && !SourceKind::ALL.iter().any(|kind| kind.as_str() == name) {
        let known: Vec<&str> = all.iter().map(|entry| entry.id().as_str()).collect();
        return Err(Error::bad_request(format!("find the source {name}: there is none of that name"))
            .with_hint(format!(
                "the sources are {}; `assize fetch --list` tells of each",
                known.join(", ")
            )));
    }
    Ok(meant)
}

fn lacking(entry: &Entry) -> Error {
    let id = entry.id();
    match entry.lacks() {
        Some(need) => Error::bad_request(format!("ask {id}: there is no {} for it", called(need.name)))
            .with_hint(format!(
                "set {}, or write `{} = \"…\"` into a file and give it as --keys FILE",
                need.variable, need.name
            )),
        None => Error::bad_request(format!("ask {id}")),
    }
}

/// What a source is given under this name.
fn called(name: &str) -> &'static str {
    match name {
        "sec" => "contact (a name and an e-mail address)",
        "feeds" => "address of a feed",
        "channels" => "channel",
        _ => "key",
    }
}

fn why(entry: &Entry, choice: Option<&SourceChoice>, is_default: bool, is_played: bool) -> String {
    let id = entry.id();
    if let Some(need) = entry.lacks() {
        return format!("it has no {}: set {}", called(need.name), need.variable);
    }
    if choice.is_some_and(|choice| choice.steps.iter().any(|(step, _)| *step == Step::Only)) || is_default {
        return "it was left out by --sources".to_owned();
    }
    if choice
        .is_some_and(|choice| choice.drops(id.as_str()) || choice.drops(entry.source.meta().kind.as_str()))
    {
        return "it was left out by --sources".to_owned();
    }
    if is_played {
        return format!("the recording was made without it: --sources +{id} asks for it all the same");
    }
    format!("it is off unless chosen, since its terms are the user's to check: --sources +{id}")
}
