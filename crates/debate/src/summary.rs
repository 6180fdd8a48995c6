//! What falls out of a debate's window, summed up: the trait of whoever does it, what it is told, and what it says.

use std::{collections::BTreeSet, fmt, sync::Arc};

use futures_util::{
    FutureExt,
    future::{BoxFuture, ready},
};
use serde::{Deserialize, Serialize};

use crate::{
    AbstainReason, Abstention, Bill, DebateId, Error, ErrorKind, EvidenceId, Reason, Remark, Reservation,
    Shortened, Spec, counts::Counts, persona,
};

/// A longer summary is cut after so many points.
pub(crate) const MAX_POINTS: usize = 12;
/// A longer point is cut.
pub(crate) const MAX_POINT_CHARACTERS: usize = 300;
/// More evidence than this is not cited by one point.
const MAX_POINT_CITES: usize = 16;
const MAX_NAME_BYTES: usize = 200;

/// Who sums up what falls out of the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SummariserSeat {
    /// What sums up here, such as `openai:gpt-4o-mini`; part of the debate's identity.
    pub model: String,
    /// The most tokens of a summary; 1,024 where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
}

impl SummariserSeat {
    /// A seat for this model.
    pub fn new(model: impl Into<String>) -> Self {
        Self { model: model.into(), max_tokens: None }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let bad = |message: String| {
            Err(Error::new(
                ErrorKind::BadSpec,
                format!("hold the debate: the summariser {:?}: {message}", self.model),
            ))
        };
        if self.model.trim().is_empty() || self.model.len() > MAX_NAME_BYTES {
            return bad(format!("a model has a name of 1 to {MAX_NAME_BYTES} bytes"));
        }
        match self.max_tokens {
            Some(tokens) if !(1..=persona::MAX_TOKENS).contains(&tokens) => {
                bad(format!("its answers can have 1 to {} tokens, not {tokens}", persona::MAX_TOKENS))
            }
            _ => Ok(()),
        }
    }
}

/// What was said in rounds that are not shown any more, in a few points.
///
/// ```
/// use assize_debate::Summary;
///
/// let summary = Summary::new([("It rained in all of the last ten years.".to_owned(), vec!["ev-1".into()])]);
/// assert_eq!(summary.points.len(), 1);
/// assert!(summary.check().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// The points, with the evidence that each rests on. One without any is shown as what nothing supports.
    pub points: Vec<Reason>,
}

impl Summary {
    /// A summary of these points. Those without words are left out; of too many, the first stay; what is too long is cut.
    pub fn new(points: impl IntoIterator<Item = (String, Vec<EvidenceId>)>) -> Self {
        let point = |(text, mut cites): (String, Vec<EvidenceId>)| {
            let text = text.trim();
            cites.retain(EvidenceId::is_plain);
            cites.truncate(MAX_POINT_CITES);
            (!text.is_empty()).then(|| Reason { text: cut(text), cites, weight: None })
        };
        Self { points: points.into_iter().filter_map(point).take(MAX_POINTS).collect() }
    }

    /// Whether it can be shown: 1 to 12 points of 1 to 300 characters.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] with what is wrong.
    pub fn check(&self) -> Result<(), Error> {
        let refuse =
            |message: String| Err(Error::new(ErrorKind::Refused, format!("take the summary: {message}")));
        if !(1..=MAX_POINTS).contains(&self.points.len()) {
            return refuse(format!(
                "it has {} points, and 1 to {MAX_POINTS} are possible",
                self.points.len()
            ));
        }
        for point in &self.points {
            if point.text.trim().is_empty() || point.text.chars().nth(MAX_POINT_CHARACTERS).is_some() {
                return refuse(format!("a point has 1 to {MAX_POINT_CHARACTERS} characters"));
            }
            if point.cites.len() > MAX_POINT_CITES || !point.cites.iter().all(EvidenceId::is_plain) {
                return refuse(format!(
                    "a point cites at most {MAX_POINT_CITES} pieces of evidence, by their plain ids"
                ));
            }
        }
        Ok(())
    }

    /// All evidence cited, in the order of the points.
    pub fn cites(&self) -> impl Iterator<Item = &EvidenceId> {
        self.points.iter().flat_map(|point| &point.cites)
    }

    /// Its points as they are shown.
    pub(crate) fn lines(&self) -> impl DoubleEndedIterator<Item = String> {
        self.points.iter().map(|point| {
            let cites: Vec<&str> = point.cites.iter().map(EvidenceId::as_str).collect();
            if cites.is_empty() {
                format!("{} (without evidence)", point.text)
            } else {
                format!("{} [{}]", point.text, cites.join(", "))
            }
        })
    }
}

/// At most as many characters as a point has.
fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_POINT_CHARACTERS) {
        None => text.to_owned(),
        Some(_) => text.chars().take(MAX_POINT_CHARACTERS - 1).chain(['…']).collect(),
    }
}

/// What a summariser is told: the summary so far, and what has fallen out of the window since. It does not learn who said
/// what.
#[derive(Debug, Clone)]
pub struct Minutes {
    pub(crate) debate: Arc<DebateId>,
    pub(crate) spec: Arc<Spec>,
    pub(crate) fence: Arc<str>,
    pub(crate) counts: Arc<Counts>,
    pub(crate) round: u32,
    pub(crate) before: Option<Arc<Summary>>,
    pub(crate) statements: Vec<Remark>,
}

impl Minutes {
    /// The debate's name.
    #[must_use]
    pub fn debate(&self) -> &DebateId {
        &self.debate
    }

    /// The round that is about to begin, from 0.
    #[must_use]
    pub const fn round(&self) -> u32 {
        self.round
    }

    /// What is argued.
    #[must_use]
    pub fn question(&self) -> &str {
        &self.spec.question
    }

    /// The answers that can be given.
    #[must_use]
    pub fn options(&self) -> &[String] {
        &self.spec.options
    }

    /// The summary so far, if there is one.
    #[must_use]
    pub fn before(&self) -> Option<&Summary> {
        self.before.as_deref()
    }

    /// What has fallen out of the window and is in no summary yet, the oldest first. The numbers of the debaters hold for
    /// this summary only.
    #[must_use]
    pub fn statements(&self) -> &[Remark] {
        &self.statements
    }

    /// The same summary, without what it cannot cite: evidence that is not there, or on which nothing rests that it sums up.
    #[must_use]
    pub fn checked(&self, mut summary: Summary) -> Summary {
        let there: BTreeSet<&EvidenceId> = self.spec.evidence.iter().map(|evidence| &evidence.id).collect();
        let said = self.statements.iter().flat_map(|remark| remark.utterance.cites());
        let said = said.chain(self.before.iter().flat_map(|before| before.cites()));
        let known: BTreeSet<&EvidenceId> = said.filter(|id| there.contains(id)).collect();
        for point in &mut summary.points {
            point.cites.retain(|id| known.contains(id));
            let mut cited = BTreeSet::new();
            point.cites.retain(|id| cited.insert(id.clone()));
        }
        summary
    }

    pub(crate) fn before_lines(&self) -> impl DoubleEndedIterator<Item = String> {
        self.before.iter().flat_map(|before| before.lines())
    }
}

/// A summary, and what it cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Summarised {
    /// What the summariser says.
    pub summary: Summary,
    /// What it cost.
    pub bill: Bill,
}

/// A summary that is ready to be made: nothing is asked of anybody before it is polled.
pub struct Summarising {
    /// The most that it can take.
    pub reservation: Reservation,
    /// What the summariser is not told, since it would not fit.
    pub shortened: Option<Shortened>,
    /// What is said, or why nothing is. Dropping it cancels the call.
    pub summary: BoxFuture<'static, Result<Summarised, Abstention>>,
}

impl Summarising {
    /// A summary that costs nothing and is known already.
    #[must_use]
    pub fn immediate(said: Result<Summary, Abstention>) -> Self {
        let said = said.map(|summary| Summarised { summary, bill: Bill::default() });
        Self { reservation: Reservation::default(), shortened: None, summary: ready(said).boxed() }
    }
}

impl fmt::Debug for Summarising {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Summarising").field("reservation", &self.reservation).finish_non_exhaustive()
    }
}

/// Whoever can sum up.
#[cfg_attr(any(test, feature = "test-util"), mockall::automock)]
pub trait Summariser: fmt::Debug + Send + Sync + 'static {
    /// Prepares a summary: what it can take at most, and what will be said. What it [cannot cite](Minutes::checked) is taken
    /// out of it.
    fn summarise(&self, minutes: Minutes) -> Summarising;
}

/// A summariser that says what it was told to say, time by time; its last word is repeated.
///
/// ```
/// use assize_debate::{ScriptedSummariser, Summary};
///
/// let summariser = ScriptedSummariser::new([Ok(Summary::new([("so far, so good".to_owned(), vec![])]))]);
/// ```
#[derive(Debug)]
pub struct ScriptedSummariser {
    script: Vec<(u32, Result<Summary, Abstention>)>,
}

impl ScriptedSummariser {
    /// A summariser with this script, from the third round on, the first before which something can be summed up. An
    /// empty one abstains.
    pub fn new(script: impl IntoIterator<Item = Result<Summary, Abstention>>) -> Self {
        Self { script: (2..).zip(script).collect() }
    }
}

impl Summariser for ScriptedSummariser {
    fn summarise(&self, minutes: Minutes) -> Summarising {
        let said =
            self.script.iter().rev().find(|(round, _)| *round <= minutes.round).or(self.script.first());
        let silent = || Err(Abstention::new(AbstainReason::Undecided, "its script is empty"));
        Summarising::immediate(said.map_or_else(silent, |(_, said)| said.clone()))
    }
}

#[cfg(test)]
pub(crate) mod tests;
