//! How much of the earlier rounds a debater is shown.

use std::{collections::BTreeSet, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind, EvidenceId, Utterance, counts::Place, prompt::Shown};

/// The longest summary, in lines: one for each reason.
const MAX_SUMMARY_REASONS: usize = 12;
const MOST_TOKENS: u32 = 1_000_000;

/// How much of the earlier rounds a debater is shown, besides what everybody said last, which it is always shown, as it is the
/// question and the evidence. What does not fit is summed up: the reasons that rest on evidence which nothing shown cites,
/// the latest first.
///
/// A window keeps the prompt, and with it the price of a turn, from growing with the rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// How many rounds before the last one are shown at most.
    pub rounds: u32,
    /// How many tokens of them at most, estimated from their characters; whole statements only, the latest first.
    pub tokens: u32,
}

impl Default for Window {
    /// Five rounds and 4,096 tokens.
    fn default() -> Self {
        Self { rounds: 5, tokens: 4_096 }
    }
}

impl Window {
    pub(crate) fn check(self) -> Result<(), Error> {
        if self.tokens > MOST_TOKENS {
            return Err(Error::new(
                ErrorKind::BadSpec,
                format!(
                    "hold the debate: its window has {} tokens, and {MOST_TOKENS} are possible",
                    self.tokens
                ),
            ));
        }
        Ok(())
    }
}

/// Something that was said in an earlier round.
#[derive(Debug, Clone, PartialEq)]
pub struct Remark {
    /// The round, from 0.
    pub round: u32,
    /// Which [peer](crate::Peer::number) said it; `None`: the reader itself.
    pub peer: Option<usize>,
    /// What was said.
    pub utterance: Arc<Utterance>,
    pub(crate) at: Place,
    pub(crate) shown: Shown,
}

/// What a debater is shown of the earlier rounds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    /// What fits into the window, the oldest first.
    pub remarks: Vec<Remark>,
    /// What does not fit, summed up: by a summariser, where there is one and it was heard; what is in no summary of its, by
    /// the reasons there, shortened, the latest first.
    pub summary: Vec<String>,
}

/// What a summariser has summed up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Covered {
    pub(crate) statements: BTreeSet<Place>,
    pub(crate) lines: Vec<String>,
    pub(crate) cited: BTreeSet<EvidenceId>,
}

/// A statement that may be shown, with what it takes.
#[derive(Debug, Clone)]
pub(crate) struct Sized {
    pub(crate) remark: Remark,
    pub(crate) tokens: u32,
}

impl History {
    /// What fits of `statements`, the latest first, where rounds from `oldest` on are shown. `shown` is what the reader is
    /// shown anyway.
    pub(crate) fn within<'a>(
        window: Window,
        oldest: u32,
        statements: impl IntoIterator<Item = Sized>,
        shown: impl IntoIterator<Item = &'a Utterance>,
        minutes: &Covered,
    ) -> Self {
        let mut left = window.tokens;
        let (mut remarks, mut fallen) = (Vec::new(), None);
        let mut statements = statements.into_iter();
        for Sized { remark, tokens } in statements.by_ref() {
            // Once one does not fit, no older one is shown: a gap would look like a silence.
            if remark.round < oldest || tokens > left {
                fallen = Some(remark);
                break;
            }
            left -= tokens;
            remarks.push(remark);
        }
        remarks.reverse();
        let mut summary = minutes.lines.clone();
        let Some(fallen) = fallen else { return Self { remarks, summary } };
        // Looked at only as far back as the summary is long.
        let fallen = std::iter::once(fallen).chain(statements.map(|statement| statement.remark));
        let fallen = fallen.filter(|remark| !minutes.statements.contains(&remark.at));
        let mut cited: BTreeSet<EvidenceId> =
            remarks.iter().flat_map(|remark| remark.utterance.cites()).cloned().collect();
        cited.extend(shown.into_iter().flat_map(Utterance::cites).cloned());
        cited.extend(minutes.cited.iter().cloned());
        summary.extend(summed_up(fallen, cited));
        Self { remarks, summary }
    }
}

/// The reasons that rest on evidence of which nothing shown speaks.
fn summed_up(fallen: impl Iterator<Item = Remark>, mut cited: BTreeSet<EvidenceId>) -> Vec<String> {
    let mut summary = Vec::new();
    for remark in fallen {
        for reason in &remark.utterance.reasons {
            let is_new = reason.cites.iter().any(|id| !cited.contains(id));
            if !is_new {
                continue;
            }
            cited.extend(reason.cites.iter().cloned());
            let cites: Vec<_> = reason.cites.iter().map(EvidenceId::as_str).collect();
            summary.push(format!("{} [{}]", first_sentence(&reason.text), cites.join(", ")));
            if summary.len() == MAX_SUMMARY_REASONS {
                return summary;
            }
        }
    }
    summary
}

/// Up to the first full stop that ends a sentence.
fn first_sentence(text: &str) -> &str {
    let text = text.trim();
    let ends = |(at, mark): &(usize, &str)| {
        let rest = &text[at + 1..];
        *mark == "\n" || rest.is_empty() || rest.starts_with(char::is_whitespace)
    };
    text.match_indices(['.', '!', '?', '\n']).find(ends).map_or(text, |(at, _)| text[..=at].trim_end())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::SeatIndex;

    fn statement(round: u32, tokens: u32, cites: &str) -> Sized {
        let text = format!("Said in round {round}. And more.");
        let utterance = Arc::new(Utterance::new(0).because(text, [cites]));
        let at = Place::of(round, SeatIndex(0), 1);
        Sized { remark: Remark { round, peer: Some(1), utterance, at, shown: Shown::default() }, tokens }
    }

    fn within(window: Window, oldest: u32, statements: Vec<Sized>) -> (Vec<u32>, Vec<String>) {
        let shown = Utterance::new(0).because("Shown.", ["ev-shown"]);
        let History { remarks, summary } =
            History::within(window, oldest, statements, [&shown], &Covered::default());
        (remarks.iter().map(|remark| remark.round).collect(), summary)
    }

    #[test]
    fn the_latest_that_fit_are_shown_and_the_rest_is_summed_up() {
        let statements = || {
            vec![statement(3, 10, "d"), statement(2, 10, "c"), statement(1, 10, "b"), statement(0, 10, "a")]
        };
        let all = Window { rounds: 9, tokens: 40 };
        assert_eq!(within(all, 0, statements()), (vec![0, 1, 2, 3], vec![]));
        let tight = Window { rounds: 9, tokens: 29 };
        let expected = ["Said in round 1. [b]", "Said in round 0. [a]"].map(str::to_owned).to_vec();
        assert_eq!(within(tight, 0, statements()), (vec![2, 3], expected.clone()));
        assert_eq!(within(all, 2, statements()), (vec![2, 3], expected), "too many rounds ago");
        let none = Window { rounds: 9, tokens: 0 };
        assert_eq!(within(none, 0, statements()).1.len(), 4);
    }

    #[test]
    fn what_is_shown_or_was_said_already_is_not_summed_up() {
        let none = Window { rounds: 1, tokens: 0 };
        let statements = vec![statement(2, 1, "a"), statement(1, 1, "a"), statement(0, 1, "ev-shown")];
        assert_eq!(within(none, 0, statements).1, ["Said in round 2. [a]"]);
        let many = (0..40).map(|n| statement(n, 1, &format!("e{n}"))).collect();
        assert_eq!(within(none, 0, many).1.len(), MAX_SUMMARY_REASONS);
    }

    #[test]
    fn nobody_looks_further_back_than_the_summary_is_long() {
        let none = Window { rounds: 1, tokens: 0 };
        let mut looked_at = 0;
        let statements =
            (0..1_000).rev().map(|n| statement(n, 1, &format!("e{n}"))).inspect(|_| looked_at += 1);
        let history = History::within(none, 0, statements, [], &Covered::default());
        assert_eq!((history.summary.len(), looked_at), (MAX_SUMMARY_REASONS, MAX_SUMMARY_REASONS));
    }

    #[test]
    fn sentences_end_where_they_end() {
        for (text, first) in [
            ("Up 3.5 % since May. More.", "Up 3.5 % since May."),
            ("No end", "No end"),
            ("Really? Yes.", "Really?"),
            (" a\nb", "a"),
            ("", ""),
            ("é.", "é."),
            ("...", "..."),
        ] {
            assert_eq!(first_sentence(text), first, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_window_is_never_exceeded(tokens in 0_u32..100, sizes in prop::collection::vec(0_u32..40, 0..20)) {
            let statements: Vec<_> =
                (0..).zip(&sizes).map(|(n, &size)| statement(100 - n, size, "a")).collect();
            let shown = History::within(Window { rounds: 9, tokens }, 0, statements, [], &Covered::default()).remarks;
            let taken: u32 = sizes[..shown.len()].iter().sum();
            prop_assert!(taken <= tokens);
            prop_assert!(shown.is_sorted_by_key(|remark| remark.round));
            prop_assert!(shown.len() == sizes.len() || taken + sizes[shown.len()] > tokens, "as many as fit");
        }

        #[test]
        fn no_text_breaks_a_sentence_apart(text: String) {
            prop_assert!(text.contains(first_sentence(&text)));
        }
    }
}
