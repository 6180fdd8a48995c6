//! Who holds which evidence, and what was cited.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use crate::{Evidence, EvidenceId, FactCoverage, SeatIndex, Spec, Utterance, prompt::View};

/// Citations of what is not there, beyond this many, are not listed.
pub(super) const MAX_UNKNOWN_CITATIONS: usize = 100;

/// Who can see what.
#[derive(Debug, Clone, Default)]
pub(super) struct EvidenceLedger {
    /// For look-ups only: never iterated.
    index: HashMap<EvidenceId, u32>,
    /// Cited in an earlier round: everybody sees it.
    pub(super) shared: Arc<[bool]>,
    /// Cited at any time.
    cited: Vec<bool>,
    /// What each seat sees in the present round.
    pub(super) visible: Vec<Arc<View>>,
    pub(super) unknown: BTreeSet<(SeatIndex, EvidenceId)>,
}

impl EvidenceLedger {
    pub(super) fn new(spec: &Spec) -> Self {
        let n = spec.evidence.len();
        let mut ledger = Self {
            index: (0..).zip(&spec.evidence).map(|(index, evidence)| (evidence.id.clone(), index)).collect(),
            shared: std::iter::repeat_n(false, n).collect(),
            cited: vec![false; n],
            visible: Vec::new(),
            unknown: BTreeSet::new(),
        };
        ledger.look_around(spec);
        ledger
    }

    /// Works out what each seat sees.
    fn look_around(&mut self, spec: &Spec) {
        let seats = || (0..).map(SeatIndex).take(spec.seats.len());
        if spec.evidence.iter().all(|evidence| evidence.held_by.is_none()) {
            let all: Arc<View> = Arc::new((0..).take(spec.evidence.len()).collect());
            self.visible = seats().map(|_| Arc::clone(&all)).collect();
            return;
        }
        let shared = &self.shared;
        let sees = |seat: SeatIndex| -> Arc<View> {
            let sees = |(index, evidence): (u32, &Evidence)| {
                let holds = evidence.held_by.as_ref().is_none_or(|holders| holders.contains(&seat));
                (holds || shared[index as usize]).then_some(index)
            };
            Arc::new((0..).zip(&spec.evidence).filter_map(sees).collect())
        };
        self.visible = seats().map(sees).collect();
    }

    pub(super) fn cite(&mut self, seat: SeatIndex, utterance: &Utterance) {
        for id in utterance.cites() {
            let seen = self.visible.get(seat.get());
            match self
                .index
                .get(id)
                .filter(|index| seen.is_some_and(|seen| seen.evidence.binary_search(index).is_ok()))
            {
                Some(&index) => self.cited[index as usize] = true,
                // What the seat cannot see does not exist for it.
                None if self.unknown.len() < MAX_UNKNOWN_CITATIONS => {
                    self.unknown.insert((seat, id.clone()));
                }
                None => {}
            }
        }
    }

    /// What was cited becomes visible to all. Whether that shows anybody something new.
    pub(super) fn share(&mut self, spec: &Spec) -> bool {
        let mut brought_new = false;
        for (index, evidence) in spec.evidence.iter().enumerate() {
            if self.cited[index] && !self.shared[index] {
                Arc::make_mut(&mut self.shared)[index] = true;
                brought_new |= evidence.is_held_by_some(spec.seats.len());
            }
        }
        if brought_new {
            self.look_around(spec);
        }
        brought_new
    }

    /// How many pieces of evidence were cited.
    pub(super) fn n_cited(&self) -> usize {
        self.cited.iter().filter(|cited| **cited).count()
    }

    /// How much of what only some seats held from the start was cited.
    pub(super) fn unshared_coverage(&self, spec: &Spec) -> Option<FactCoverage> {
        let mut coverage = FactCoverage { held: 0, cited: 0 };
        for (evidence, cited) in spec.evidence.iter().zip(&self.cited) {
            if evidence.is_held_by_some(spec.seats.len()) {
                coverage.held += 1;
                coverage.cited += u32::from(*cited);
            }
        }
        (coverage.held > 0).then_some(coverage)
    }

    /// Whether some seats hold what others have not seen. What nobody holds is no reason to go on.
    pub(super) fn is_uneven(&self, spec: &Spec) -> bool {
        let hidden =
            |(evidence, shared): (&Evidence, &bool)| !shared && evidence.is_held_by_some(spec.seats.len());
        spec.evidence.iter().zip(&*self.shared).any(hidden)
    }
}
