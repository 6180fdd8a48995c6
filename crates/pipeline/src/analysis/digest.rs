//! What all frameworks read: what is known, a line each, with the id that it is cited by.

use std::collections::{BTreeMap, BTreeSet};

use assize_debate::{EvidenceId, Fence};

use super::{Exhibit, Known, exhibit::cut, framework::Framework};

/// No line is longer, and no digest has more of them.
pub(super) const MOST_LINE: usize = 320;
const MOST_LINES: usize = 140;

/// What is known, a line each.
#[derive(Debug, Clone)]
pub(super) struct Digest {
    /// Whom it is about, and as of when.
    pub(super) heading: String,
    lines: Vec<String>,
    missing: Vec<String>,
    /// What can be cited.
    pub(super) known: BTreeSet<EvidenceId>,
}

impl Digest {
    /// The digest of what is known; `exhibits` say what the cited evidence says.
    pub(super) fn of(ticker: &str, as_of: &str, known: &Known, exhibits: &[Exhibit]) -> Self {
        let name = known.research.found.as_ref().and_then(|research| research.name.as_deref());
        let heading = match name {
            Some(name) => format!("{ticker}, {name}, as of {as_of}"),
            None => format!("{ticker}, as of {as_of}"),
        };
        let texts: BTreeMap<&EvidenceId, &Exhibit> =
            exhibits.iter().map(|exhibit| (&exhibit.id, exhibit)).collect();
        let mut lines: Vec<String> =
            known.measures().map(|measure| format!("[{}] {}", measure.id, measure.text)).collect();
        if let Some(financial) = &known.financial.found {
            lines.extend(financial.health.as_ref().map(|health| {
                format!("health of its finances: {} ({:.0} of 100)", health.grade, health.score)
            }));
        }
        if let Some(research) = &known.research.found {
            lines.extend(research.stories.iter().map(|story| {
                let ids: Vec<String> = story.cites.iter().map(|id| format!("[{id}]")).collect();
                format!(
                    "{} told by {} articles on {} sites, {}, tone {:+.2}: {}",
                    ids.concat(),
                    story.articles,
                    story.sites,
                    story.category,
                    story.tone,
                    story.headline
                )
            }));
            lines.extend(research.filings.iter().map(|filing| {
                format!(
                    "[{}] filed a {} on {}: {}",
                    filing.id,
                    filing.form,
                    filing.filed_on,
                    filing.about.join("; ")
                )
            }));
        }
        let insiders = known.measure("res.insider-net").map(|measure| measure.rests_on.as_slice());
        lines.extend(
            insiders
                .unwrap_or_default()
                .iter()
                .filter_map(|id| texts.get(id).map(|exhibit| format!("[{id}] {}", exhibit.text))),
        );
        lines.truncate(MOST_LINES);
        let missing = [&known.research.shortfalls, &known.market.shortfalls, &known.financial.shortfalls];
        let missing = missing
            .into_iter()
            .flatten()
            .take(20)
            .map(|lack| format!("{}: {}", lack.part, lack.detail))
            .collect();
        let mut ids = known.cites();
        ids.extend(known.measures().map(|measure| measure.id.clone()));
        Self { heading, lines, missing, known: ids }
    }

    /// Whether nothing is known that could be cited or told.
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.known.is_empty()
    }

    /// The fence around all of it and around what frameworks say.
    pub(super) fn fence(&self, frameworks: &[Framework]) -> Fence {
        let points =
            frameworks.iter().flat_map(|framework| framework.points().map(|point| point.text.as_str()));
        let lines = self.lines.iter().chain(&self.missing).map(String::as_str);
        Fence::around([self.heading.as_str()].into_iter().chain(lines).chain(points))
    }

    /// Puts it into a prompt.
    pub(super) fn put(&self, to: &mut String, fence: &Fence) {
        to.push_str("The company:\n");
        fence.put(to, "company", [self.heading.as_str()], MOST_LINE);
        to.push_str("\nWhat is known, a line each, with the ids that it is cited by in brackets:\n");
        fence.put(to, "known", self.lines.iter().map(String::as_str), MOST_LINE);
        if !self.missing.is_empty() {
            to.push_str("\nWhat is not known:\n");
            fence.put(to, "missing", self.missing.iter().map(String::as_str), MOST_LINE);
        }
    }
}

/// What a framework says, a line a point, for whoever sums up.
pub(super) fn lines_of(framework: &Framework) -> Vec<String> {
    let mut lines: Vec<String> = framework.summary.iter().map(|text| cut(text, MOST_LINE)).collect();
    for cell in &framework.cells {
        for point in &cell.points {
            let ids: String = point.cites.iter().map(|id| format!("[{id}]")).collect();
            let claim = if point.is_supported { "" } else { " (cites nothing that is there)" };
            lines.push(format!("{}: {ids} {}{claim}", cell.key, point.text));
        }
    }
    lines
}
