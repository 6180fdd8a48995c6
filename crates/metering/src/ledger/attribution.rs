//! Who and what a call is for.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The longest label, in bytes.
const MAX_LABEL_BYTES: usize = 256;
/// The most tags of one attribution.
const MAX_TAGS: usize = 32;

/// What a call is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Purpose {
    /// A participant's turn in a debate.
    Turn,
    /// A judge's assessment.
    Judge,
    /// The verdict at the end.
    Verdict,
    /// A summary of what was said.
    Summary,
    /// Anything else.
    Other,
}

impl Purpose {
    /// The name in ledgers and reports.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Turn => "turn",
            Self::Judge => "judge",
            Self::Verdict => "verdict",
            Self::Summary => "summary",
            Self::Other => "other",
        }
    }
}

/// Who and what a call is for, as far as anybody said. Cheap to clone: all clones share one allocation.
///
/// A label has 1 to 256 bytes, an attribution at most 32 tags. Neither is cut to fit, since that could make one tenant
/// pay for another: a reservation with more is refused.
///
/// ```
/// use assize_metering::{Attribution, Purpose};
///
/// let panel = Attribution::new().with_debate("2026-11-20/rates").with_tenant("acme");
/// let turn = panel.clone().with_participant("hawk").with_round(2).with_purpose(Purpose::Turn);
/// assert_eq!((turn.tenant(), turn.round()), (Some("acme"), Some(2)));
/// assert_eq!(panel.participant(), None);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attribution(Arc<Labels>);

#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Labels {
    #[serde(skip_serializing_if = "Option::is_none")]
    debate: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    participant: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    round: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<Purpose>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<Arc<str>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<Arc<str>, Arc<str>>,
}

impl Attribution {
    /// For nobody in particular.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same for this debate.
    #[must_use]
    pub fn with_debate(self, debate: impl Into<Arc<str>>) -> Self {
        self.with(|labels| labels.debate = Some(debate.into()))
    }

    /// The same for this tenant.
    #[must_use]
    pub fn with_tenant(self, tenant: impl Into<Arc<str>>) -> Self {
        self.with(|labels| labels.tenant = Some(tenant.into()))
    }

    /// The same for this participant.
    #[must_use]
    pub fn with_participant(self, participant: impl Into<Arc<str>>) -> Self {
        self.with(|labels| labels.participant = Some(participant.into()))
    }

    /// The same in this round.
    #[must_use]
    pub fn with_round(self, round: u32) -> Self {
        self.with(|labels| labels.round = Some(round))
    }

    /// The same for this purpose.
    #[must_use]
    pub fn with_purpose(self, purpose: Purpose) -> Self {
        self.with(|labels| labels.purpose = Some(purpose))
    }

    /// The same to this model.
    #[must_use]
    pub fn with_model(self, model: impl Into<Arc<str>>) -> Self {
        self.with(|labels| labels.model = Some(model.into()))
    }

    /// The same with this tag; it replaces one of the same key.
    #[must_use]
    pub fn with_tag(self, key: impl Into<Arc<str>>, value: impl Into<Arc<str>>) -> Self {
        self.with(|labels| {
            labels.tags.insert(key.into(), value.into());
        })
    }

    /// The debate.
    #[must_use]
    pub fn debate(&self) -> Option<&str> {
        self.0.debate.as_deref()
    }

    /// The tenant.
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        self.0.tenant.as_deref()
    }

    /// The participant.
    #[must_use]
    pub fn participant(&self) -> Option<&str> {
        self.0.participant.as_deref()
    }

    /// The round.
    #[must_use]
    pub fn round(&self) -> Option<u32> {
        self.0.round
    }

    /// The purpose.
    #[must_use]
    pub fn purpose(&self) -> Option<Purpose> {
        self.0.purpose
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.0.model.as_deref()
    }

    /// The value of a tag.
    #[must_use]
    pub fn tag(&self, key: &str) -> Option<&str> {
        self.0.tags.get(key).map(AsRef::as_ref)
    }

    /// Every tag, sorted by key.
    pub fn tags(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.tags.iter().map(|(key, value)| (key.as_ref(), value.as_ref()))
    }

    /// The label in one dimension, where it is a text.
    pub(super) fn text(&self, dimension: &Dimension) -> Option<&str> {
        match dimension {
            Dimension::Model => self.model(),
            Dimension::Participant => self.participant(),
            Dimension::Debate => self.debate(),
            Dimension::Tenant => self.tenant(),
            Dimension::Purpose => self.purpose().map(Purpose::key),
            Dimension::Tag(key) => self.tag(key),
            Dimension::Round | Dimension::Day => None,
        }
    }

    /// The same, shared instead of copied.
    pub(super) fn shared(&self, dimension: &Dimension) -> Option<Arc<str>> {
        match dimension {
            Dimension::Model => self.0.model.clone(),
            Dimension::Participant => self.0.participant.clone(),
            Dimension::Debate => self.0.debate.clone(),
            Dimension::Tenant => self.0.tenant.clone(),
            Dimension::Tag(key) => self.0.tags.get(key).cloned(),
            Dimension::Purpose | Dimension::Round | Dimension::Day => self.text(dimension).map(Arc::from),
        }
    }

    /// What is wrong with the labels.
    pub(super) fn problem(&self) -> Option<&'static str> {
        let labels = &*self.0;
        let named = [&labels.debate, &labels.tenant, &labels.participant, &labels.model];
        let tags = labels.tags.iter().flat_map(|(key, value)| [key, value]);
        if labels.tags.len() > MAX_TAGS {
            return Some("it has more than 32 tags");
        }
        named.into_iter().flatten().chain(tags).find_map(|label| label_problem(label))
    }

    fn with(mut self, change: impl FnOnce(&mut Labels)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }
}

/// What is wrong with a label.
pub(super) fn label_problem(label: &str) -> Option<&'static str> {
    match label.len() {
        0 => Some("a label is empty; leave it out instead"),
        1..=MAX_LABEL_BYTES => None,
        _ => Some("a label is longer than 256 bytes"),
    }
}

/// By what calls are told apart: in roll-ups, and in the scope of a budget.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Dimension {
    /// By model.
    Model,
    /// By participant.
    Participant,
    /// By round.
    Round,
    /// By debate.
    Debate,
    /// By tenant.
    Tenant,
    /// By purpose.
    Purpose,
    /// By the value of the tag with this key.
    Tag(Arc<str>),
    /// By the day in UTC on which it was booked.
    Day,
}

impl Dimension {
    /// By the value of the tag with this key.
    #[must_use]
    pub fn tag(key: impl Into<Arc<str>>) -> Self {
        Self::Tag(key.into())
    }
}

/// The name in exports: `model`, `participant`, …; of a tag `tag:` and its key.
impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Model => "model",
            Self::Participant => "participant",
            Self::Round => "round",
            Self::Debate => "debate",
            Self::Tenant => "tenant",
            Self::Purpose => "purpose",
            Self::Tag(key) => return write!(f, "tag:{key}"),
            Self::Day => "day",
        })
    }
}
