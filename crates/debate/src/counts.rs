//! How many tokens the texts of a debate take: each is counted once, when somebody first needs to know.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use assize_metering::{CharacterEstimator, TokenCounter};

use crate::{
    Evidence, SeatIndex, Spec, Utterance,
    prompt::{self, Shown},
};

/// How many characters of each reason are shown, from all that ever are to none: shorter ones where a prompt does not fit.
pub(crate) const REASON_CAPS: [usize; 7] = [prompt::MAX_PEER_CHARACTERS, 1_000, 500, 250, 120, 60, 0];

/// The place of a statement in its debate: there is one for each seat in each round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place(u32);

impl Place {
    pub(crate) fn of(round: u32, seat: SeatIndex, seats: usize) -> Self {
        let seats = u32::try_from(seats).unwrap_or(u32::MAX);
        Self(round.saturating_mul(seats).saturating_add(u32::from(seat.0)))
    }
}

/// One count for each text of a kind; nothing is set aside before the first.
type Cells = OnceLock<Box<[OnceLock<u32>]>>;

/// The counts of a debate. What was counted stays so: a statement that was made does not change, nor does evidence.
#[derive(Debug, Clone)]
pub(crate) struct Counts {
    spec: Arc<Spec>,
    count: fn(&str) -> u64,
    /// By place, for each of [`REASON_CAPS`].
    statements: [Cells; REASON_CAPS.len()],
    evidence: Cells,
    /// Texts that have no place: system prompts, the question, lines of a summary.
    texts: Arc<Mutex<BTreeMap<Box<str>, u32>>>,
}

impl Counts {
    pub(crate) fn new(spec: Arc<Spec>) -> Self {
        Self {
            spec,
            count: |text| CharacterEstimator.count(text),
            statements: Default::default(),
            evidence: Cells::new(),
            texts: Arc::default(),
        }
    }

    /// The same, counting like this.
    #[cfg(test)]
    pub(crate) fn counting_by(mut self, count: fn(&str) -> u64) -> Self {
        self.count = count;
        self
    }

    /// The tokens of what was said at this place, each reason cut at the [cap](REASON_CAPS) with this number.
    pub(crate) fn statement(&self, at: Place, cap: usize, said: &Utterance) -> u32 {
        let characters = REASON_CAPS[cap];
        if characters == 0 {
            return self.text(&prompt::said(said, &self.spec.options, 0));
        }
        // What is not cut is what it always was.
        let is_cut = |text: &str| text.len() > characters && text.chars().nth(characters).is_some();
        let cap = if cap > 0 && said.reasons.iter().any(|reason| is_cut(&reason.text)) { cap } else { 0 };
        let count = || self.count(&prompt::said(said, &self.spec.options, REASON_CAPS[cap]));
        match self.cell(at, cap) {
            Some(cell) => *cell.get_or_init(count),
            None => count(),
        }
    }

    /// Counts what was just said at this place, and writes it as prompts show it inside of a fence with this label.
    pub(crate) fn write(&self, at: Place, said: &Utterance, label: &str) -> Shown {
        let text = prompt::said(said, &self.spec.options, REASON_CAPS[0]);
        if let Some(cell) = self.cell(at, 0) {
            cell.get_or_init(|| self.count(&text));
        }
        Shown::written(text, label)
    }

    /// The tokens of a piece of evidence, by its index in the specification.
    pub(crate) fn evidence(&self, index: u32) -> u32 {
        let count = |evidence: &Evidence| self.count(&prompt::evidence(evidence));
        let (Some(evidence), Some(cell)) = (
            self.spec.evidence.get(index as usize),
            cells(&self.evidence, self.spec.evidence.len()).get(index as usize),
        ) else {
            return 0;
        };
        *cell.get_or_init(|| count(evidence))
    }

    /// The tokens of a text that comes again and again.
    pub(crate) fn text(&self, text: &str) -> u32 {
        let mut known = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tokens) = known.get(text) {
            return *tokens;
        }
        let tokens = self.count(text);
        known.insert(text.into(), tokens);
        tokens
    }

    fn cell(&self, at: Place, cap: usize) -> Option<&OnceLock<u32>> {
        let n = self.spec.rounds as usize * self.spec.seats.len();
        cells(&self.statements[cap], n).get(at.0 as usize)
    }

    fn count(&self, text: &str) -> u32 {
        u32::try_from((self.count)(text)).unwrap_or(u32::MAX)
    }
}

fn cells(cells: &Cells, n: usize) -> &[OnceLock<u32>] {
    cells.get_or_init(|| (0..n).map(|_| OnceLock::new()).collect())
}

/// The counts of one debate, for those who share them. A copy of the debate goes its own way, and so do its counts.
#[derive(Debug)]
pub(crate) struct SharedCounts(pub(crate) Arc<Counts>);

impl Clone for SharedCounts {
    fn clone(&self) -> Self {
        Self(Arc::new(Counts::clone(&self.0)))
    }
}
