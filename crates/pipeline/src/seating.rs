//! Who sits on the panel of a question: decided when the evidence is there.

use std::{collections::BTreeMap, error::Error, fmt, sync::Arc};

use assize_altdata::AsOf;
use assize_analysts::panel;
use assize_debate::{Debater, Driver, Seat, Spec};

use crate::FindingNote;

/// No seat can have more weight.
const HEAVIEST: f64 = 1e6;

/// Who argues: each debater with its seat.
pub type Panel = Vec<(Seat, Arc<dyn Debater>)>;

/// A question that a panel is wanted for.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Matter {
    /// The debate as the brief wants it: question, options, evidence, rounds, rule, budget, seed; nobody sits there yet.
    pub draft: Spec,
    /// How far to look ahead, in sessions.
    pub horizon_sessions: u32,
    /// No more rounds than these, whatever the panel would like; 1: a vote.
    pub most_rounds: Option<u32>,
    /// What each seat's record is worth.
    pub weights: SeatWeights,
    /// As of when it is asked, where that is known: who weighs by records of its own leaves later ones out.
    pub as_of: Option<AsOf>,
}

/// What the records of seats are worth, by their names: factors on their weights, 1 for who has shown nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SeatWeights(BTreeMap<String, f64>);

impl SeatWeights {
    /// These factors, each finite and above 0.
    #[must_use]
    pub fn new(factors: impl IntoIterator<Item = (String, f64)>) -> Self {
        let is_factor = |(_, factor): &(String, f64)| factor.is_finite() && *factor > 0.0;
        Self(factors.into_iter().filter(is_factor).collect())
    }

    /// What the record of the seat of this name is worth.
    #[must_use]
    pub fn of(&self, name: &str) -> f64 {
        self.0.get(name).copied().unwrap_or(1.0)
    }

    /// Weighs seats by their records.
    pub fn weigh(&self, seats: &mut [Seat]) {
        for seat in seats {
            if let Some(factor) = self.0.get(&seat.name) {
                seat.weight = (seat.weight * factor).min(HEAVIEST);
            }
        }
    }
}

impl Matter {
    /// A question that may be debated for as long as its draft says.
    #[must_use]
    pub const fn new(draft: Spec, horizon_sessions: u32) -> Self {
        Self {
            draft,
            horizon_sessions,
            most_rounds: None,
            weights: SeatWeights(BTreeMap::new()),
            as_of: None,
        }
    }

    /// The same, asked as of this moment.
    #[must_use]
    pub const fn as_of(mut self, as_of: AsOf) -> Self {
        self.as_of = Some(as_of);
        self
    }

    /// The same, to be voted upon only.
    #[must_use]
    pub const fn voted(mut self) -> Self {
        self.most_rounds = Some(1);
        self
    }

    fn seated(mut self, panel: Panel) -> Result<Seated, assize_debate::Error> {
        let (seats, debaters): (Vec<Seat>, Vec<Arc<dyn Debater>>) = panel.into_iter().unzip();
        self.draft.seats = seats;
        self.weights.weigh(&mut self.draft.seats);
        if let Some(most) = self.most_rounds {
            self.draft.rounds = self.draft.rounds.min(most);
        }
        let spec = Arc::new(self.draft);
        Ok(Seated { driver: Driver::new(Arc::clone(&spec), debaters)?, spec, findings: Vec::new() })
    }
}

/// A debate that is ready to be held.
#[derive(Debug)]
pub struct Seated {
    /// What defines it.
    pub spec: Arc<Spec>,
    /// What runs it.
    pub driver: Driver,
    /// What is to be said of who sits there, such as of records that were left out.
    pub findings: Vec<FindingNote>,
}

/// Seats panels. One serves all tickers of a brief, several at once.
pub trait Seating: fmt::Debug + Send + Sync {
    /// The panel of a question, with its evidence at hand.
    ///
    /// # Errors
    /// Where nobody can be seated: why, as a fragment that fits "failed to …".
    fn seat(&self, matter: Matter) -> Result<Seated, Box<dyn Error + Send + Sync>>;
}

/// The analysts who have something to read, and whoever joins them.
///
/// ```
/// use assize_debate::Spec;
/// use assize_pipeline::{Analysts, Matter, Seating};
///
/// let draft = Spec::new("Will KO be worth more?", ["up", "down"]);
/// let nobody = Analysts::default().seat(Matter::new(draft, 20));
/// assert!(nobody.is_err(), "there is nothing to read");
/// ```
#[derive(Debug, Default)]
pub struct Analysts {
    joined_by: Panel,
}

impl Analysts {
    /// The same, joined by these.
    #[must_use]
    pub fn joined_by(mut self, panel: Panel) -> Self {
        self.joined_by.extend(panel);
        self
    }
}

impl Seating for Analysts {
    fn seat(&self, matter: Matter) -> Result<Seated, Box<dyn Error + Send + Sync>> {
        let mut seats = panel(matter.horizon_sessions as usize, &matter.draft.evidence);
        seats.extend(self.joined_by.iter().cloned());
        Ok(matter.seated(seats)?)
    }
}

/// The same panel, whatever the question.
impl Seating for Panel {
    fn seat(&self, matter: Matter) -> Result<Seated, Box<dyn Error + Send + Sync>> {
        Ok(matter.seated(self.clone())?)
    }
}
