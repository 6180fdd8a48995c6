//! Votes weighted by how often a voice has been right, and by how much it says what others say anyway.

use serde::{Deserialize, Serialize};

use super::{DecisionRule, by_weight};
use crate::{Election, Error, ErrorKind, SeatIndex, Tally};

const FORMAT_VERSION: u32 = 1;
const MAX_SEATS: usize = 1_000;
const MAX_OUTCOMES: usize = 100_000;

/// The weighted majority that is best for independent voices of known accuracy (Nitzan and Paroush 1982, "Optimal decision
/// rules in uncertain dichotomous choice situations"): each seat counts with its weight times
/// [`TrackRecord::weights`]. Without a record all voices are alike, and this is a vote weighted by seats.
#[derive(Debug, Clone, Copy, Default)]
pub struct ByTrackRecord;

impl ByTrackRecord {
    /// What each ballot weighs.
    pub(super) fn weights(election: Election<'_>) -> Vec<f64> {
        let seats: Vec<SeatIndex> = election.ballots.iter().map(|ballot| ballot.seat).collect();
        let by_record = match election.record {
            Some(record) => record.weights(&seats, election.options),
            None => vec![1.0; seats.len()],
        };
        election.ballots.iter().zip(by_record).map(|(ballot, by_record)| ballot.weight * by_record).collect()
    }
}

impl DecisionRule for ByTrackRecord {
    fn decide(&self, election: Election<'_>) -> Tally {
        by_weight(election, &Self::weights(election))
    }
}

/// How often each seat of a panel has been right, question by question, so that it can also be seen who errs together.
///
/// ```
/// use assize_debate::{SeatIndex, TrackRecord};
///
/// let mut record = TrackRecord::new(3);
/// for question in 0..100 {
///     // Seats 0 and 1 always answer alike; seat 2 is as good as they are, by itself.
///     let (twins, other) = (question % 5 != 0, question % 5 != 1);
///     record.resolve(&[Some(twins), Some(twins), Some(other)])?;
/// }
/// let seats = [SeatIndex(0), SeatIndex(1), SeatIndex(2)];
/// let weights = record.weights(&seats, 2);
/// assert!(weights[2] > weights[0]);
/// assert!(record.effective_voices(&seats) < 2.2);
/// # Ok::<(), assize_debate::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "Written", into = "Written")]
pub struct TrackRecord {
    seats: Vec<Answers>,
    outcomes: usize,
}

/// One seat's answers, a bit for each question.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Answers {
    /// It answered.
    given: Vec<u64>,
    /// It was right.
    right: Vec<u64>,
}

/// As it is written: for each seat a text with `+` for right, `-` for wrong and `.` for no answer.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Written {
    /// The version of this form: 1.
    format_version: u32,
    /// A text for each seat, with a sign for each question in turn.
    seats: Vec<String>,
}

impl TrackRecord {
    /// With fewer outcomes than this a voice has no record of its own, and two voices no common one.
    pub const MIN_OUTCOMES: u32 = 30;

    /// The empty record of a panel with so many seats.
    #[must_use]
    pub fn new(seats: usize) -> Self {
        Self { seats: vec![Answers::default(); seats], outcomes: 0 }
    }

    /// Adds a question whose answer is known: whether each seat was right, `None` for who did not answer.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] when it is not of this panel, or there are 100,000 outcomes already.
    pub fn resolve(&mut self, right: &[Option<bool>]) -> Result<(), Error> {
        if right.len() != self.seats.len() || self.outcomes >= MAX_OUTCOMES {
            let message = format!(
                "add an outcome to the track record: it has {} answers for {} seats, and {} of at most {MAX_OUTCOMES} \
                 outcomes are there",
                right.len(),
                self.seats.len(),
                self.outcomes
            );
            return Err(Error::new(ErrorKind::Refused, message));
        }
        let (word, bit) = (self.outcomes / 64, 1 << (self.outcomes % 64));
        for (answers, right) in self.seats.iter_mut().zip(right) {
            answers.given.resize(word + 1, 0);
            answers.right.resize(word + 1, 0);
            if right.is_some() {
                answers.given[word] |= bit;
            }
            if *right == Some(true) {
                answers.right[word] |= bit;
            }
        }
        self.outcomes += 1;
        Ok(())
    }

    /// How often a seat answered, and how often it was right.
    #[must_use]
    pub fn of(&self, seat: SeatIndex) -> (u32, u32) {
        self.seats.get(seat.get()).map_or((0, 0), |answers| (ones(&answers.given), ones(&answers.right)))
    }

    /// What the voices of those who vote weigh, among so many options: the log-odds of being right rather than by chance,
    /// ln(a (K − 1) / (1 − a)), divided by the voice's redundancy.
    ///
    /// The accuracy a is shrunk towards that of all who vote and have a record, as if 30 more outcomes had come out like
    /// theirs; a newcomer is as good as their mean. It is cut at 0.99. Who does no better than chance weighs nothing:
    /// nobody's vote is turned round. The redundancy is 1 plus the correlations of its being right with the others',
    /// where those are positive (the design effect of Kish 1965), each shrunk by the share n / (n + 30) of n common
    /// outcomes. While nobody has [`MIN_OUTCOMES`](Self::MIN_OUTCOMES), or if nobody does better than chance, all weigh 1.
    #[must_use]
    pub fn weights(&self, seats: &[SeatIndex], options: usize) -> Vec<f64> {
        let prior = f64::from(Self::MIN_OUTCOMES);
        let records: Vec<(u32, u32)> = seats.iter().map(|seat| self.of(*seat)).collect();
        let known = records.iter().filter(|(given, _)| *given >= Self::MIN_OUTCOMES);
        let (given, right) = known.fold((0.0, 0.0), |(given, right), record| {
            (given + f64::from(record.0), right + f64::from(record.1))
        });
        if given <= 0.0 {
            return vec![1.0; seats.len()];
        }
        let mean = right / given;
        #[expect(clippy::cast_precision_loss, reason = "a few options")]
        let rivals = options.saturating_sub(1).max(1) as f64;
        let redundancies = self.redundancies(seats);
        let weight = |((given, right), redundancy): (&(u32, u32), f64)| {
            let known = *given >= Self::MIN_OUTCOMES;
            let (given, right) = if known { (f64::from(*given), f64::from(*right)) } else { (0.0, 0.0) };
            let accuracy = (prior.mul_add(mean, right) / (given + prior)).min(0.99);
            libm::log(rivals * accuracy / (1.0 - accuracy)).max(0.0) / redundancy
        };
        let weights: Vec<f64> = records.iter().zip(redundancies).map(weight).collect();
        if weights.iter().all(|weight| *weight <= 0.0) { vec![1.0; seats.len()] } else { weights }
    }

    /// How many independent voices these seats are worth: n / (1 + (n − 1) r) if all are correlated by r.
    #[must_use]
    pub fn effective_voices(&self, seats: &[SeatIndex]) -> f64 {
        self.redundancies(seats).into_iter().map(f64::recip).sum()
    }

    /// For each seat 1 and its correlations with the others, as far as they are positive.
    fn redundancies(&self, seats: &[SeatIndex]) -> Vec<f64> {
        let mut redundancies = vec![1.0; seats.len()];
        for (one, seat) in seats.iter().enumerate() {
            for (other, other_seat) in seats.iter().enumerate().skip(one + 1) {
                let correlation = self.correlation(*seat, *other_seat).max(0.0);
                redundancies[one] += correlation;
                redundancies[other] += correlation;
            }
        }
        redundancies
    }

    /// The correlation of two seats' being right (phi) over the questions that both answered, shrunk by how few these are.
    fn correlation(&self, one: SeatIndex, other: SeatIndex) -> f64 {
        let (Some(one), Some(other)) = (self.seats.get(one.get()), self.seats.get(other.get())) else {
            return 0.0;
        };
        let mut counts = [0_u32; 4];
        for (word, common) in one.given.iter().zip(&other.given).map(|(one, other)| one & other).enumerate() {
            let (one, other) = (one.right[word] & common, other.right[word] & common);
            for (count, bits) in counts.iter_mut().zip([common, one, other, one & other]) {
                *count += bits.count_ones();
            }
        }
        if counts[0] < Self::MIN_OUTCOMES {
            return 0.0;
        }
        let [n, one, other, both] = counts.map(f64::from);
        let spread = one * (n - one) * other * (n - other);
        if spread <= 0.0 {
            // Who is always right, or always wrong, is not seen to err together with anybody.
            return 0.0;
        }
        (n * both - one * other) / spread.sqrt() * n / (n + f64::from(Self::MIN_OUTCOMES))
    }
}

fn ones(words: &[u64]) -> u32 {
    words.iter().map(|word| word.count_ones()).sum()
}

impl TryFrom<Written> for TrackRecord {
    type Error = Error;

    fn try_from(written: Written) -> Result<Self, Error> {
        let bad =
            |message: String| Error::new(ErrorKind::BadSpec, format!("read the track record: {message}"));
        if written.format_version != FORMAT_VERSION {
            return Err(bad(format!(
                "it has format {}, and this program reads format {FORMAT_VERSION}",
                written.format_version
            )));
        }
        let outcomes = written.seats.first().map_or(0, String::len);
        if written.seats.len() > MAX_SEATS || outcomes > MAX_OUTCOMES {
            return Err(bad(format!("at most {MAX_SEATS} seats with {MAX_OUTCOMES} outcomes are read")));
        }
        if written.seats.iter().any(|answers| answers.len() != outcomes) {
            return Err(bad("its seats have different numbers of outcomes".to_owned()));
        }
        let mut record = Self::new(written.seats.len());
        for question in 0..outcomes {
            let answer = |answers: &String| match answers.as_bytes()[question] {
                b'+' => Ok(Some(true)),
                b'-' => Ok(Some(false)),
                b'.' => Ok(None),
                _ => Err(bad("an answer is + for right, - for wrong or . for none".to_owned())),
            };
            let row = written.seats.iter().map(answer).collect::<Result<Vec<_>, _>>()?;
            record.resolve(&row)?;
        }
        Ok(record)
    }
}

impl From<TrackRecord> for Written {
    fn from(record: TrackRecord) -> Self {
        let answer = |answers: &Answers, question: usize| {
            let (word, bit) = (question / 64, 1 << (question % 64));
            match (answers.given[word] & bit != 0, answers.right[word] & bit != 0) {
                (_, true) => '+',
                (true, false) => '-',
                (false, false) => '.',
            }
        };
        let seats = record
            .seats
            .iter()
            .map(|answers| (0..record.outcomes).map(|question| answer(answers, question)).collect())
            .collect();
        Self { format_version: FORMAT_VERSION, seats }
    }
}
