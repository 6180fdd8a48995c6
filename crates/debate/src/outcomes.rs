//! Resolved questions: what a panel answered, and what turned out to be true. Records are learnt from them.

use std::collections::BTreeMap;

use assize_ambient::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind, Recalibration, Seat, TrackRecord};

/// The version of a line's form.
pub const OUTCOMES_FORMAT_VERSION: u32 = 1;

const MAX_NAME_BYTES: usize = 1_024;

/// Resolved questions, as a file of JSON lines keeps them, one a line.
///
/// ```
/// use assize_debate::{Outcomes, Seat, SeatIndex};
///
/// let outcomes = Outcomes::from_jsonl("past.jsonl", r#"
///     {"format_version": 1, "question": "q-1", "truth": "yes", "answers": {"Ada": {"option": "yes", "probability": 0.8}}}
///     {"format_version": 1, "question": "q-2", "truth": "no", "answers": {"Ada": {"option": "yes"}, "Ben": {"option": "no"}}}
/// "#)?;
/// let panel = [Seat::new("Ada", "openai:gpt-4o"), Seat::new("Ben", "human")];
/// let record = outcomes.track_record(&panel)?;
/// assert_eq!((record.of(SeatIndex(0)), record.of(SeatIndex(1))), ((2, 1), (1, 1)));
/// # Ok::<(), assize_debate::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Outcomes {
    name: String,
    questions: Vec<Resolved>,
}

/// A question whose answer is known, and what each voice had answered: a line of a file of outcomes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Resolved {
    /// The version of this form: 1.
    pub format_version: u32,
    /// The question's name, such as the id of its debate; each comes once.
    pub question: String,
    /// The option that was right.
    pub truth: String,
    /// From when on that was known. Who looks back leaves out what became known later, and what does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Moment>"))]
    pub known_at: Option<Timestamp>,
    /// What was answered, by the name of the seat. Who abstained is not there.
    pub answers: BTreeMap<String, PastAnswer>,
}

/// What a voice answered to a question that is resolved now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PastAnswer {
    /// The option that it stood for.
    pub option: String,
    /// How sure of that it said it was, 0.0 to 1.0, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
}

impl Resolved {
    /// A question of which nobody's answer is known yet.
    pub fn new(question: impl Into<String>, truth: impl Into<String>) -> Self {
        Self {
            format_version: OUTCOMES_FORMAT_VERSION,
            question: question.into(),
            truth: truth.into(),
            known_at: None,
            answers: BTreeMap::new(),
        }
    }

    /// The same, known from this moment on.
    #[must_use]
    pub const fn known_at(mut self, moment: Timestamp) -> Self {
        self.known_at = Some(moment);
        self
    }

    /// The same with what the seat of this name answered.
    #[must_use]
    pub fn with_answer(
        mut self,
        seat: impl Into<String>,
        option: impl Into<String>,
        probability: Option<f64>,
    ) -> Self {
        self.answers.insert(seat.into(), PastAnswer { option: option.into(), probability });
        self
    }

    /// Whether the seat of this name was right, and how sure it said it was; `None` if it did not answer. Options are the
    /// same whatever their case, as in a debate.
    fn of(&self, seat: &str) -> Option<(bool, Option<f64>)> {
        let answer = self.answers.get(seat)?;
        let is_right = answer.option.trim().to_lowercase() == self.truth.trim().to_lowercase();
        Some((is_right, answer.probability))
    }

    fn check(&self) -> Result<(), String> {
        if self.format_version != OUTCOMES_FORMAT_VERSION {
            return Err(format!(
                "its format_version is {}, and this program reads {OUTCOMES_FORMAT_VERSION}",
                self.format_version
            ));
        }
        let seats = self.answers.keys().map(|seat| ("the name of a seat", seat));
        let options = self.answers.values().map(|answer| ("an option", &answer.option));
        let texts = [("the question", &self.question), ("the truth", &self.truth)];
        for (what, text) in texts.into_iter().chain(seats).chain(options) {
            if text.trim().is_empty() || text.len() > MAX_NAME_BYTES {
                return Err(format!("{what} has 1 to {MAX_NAME_BYTES} bytes"));
            }
        }
        let stated = |(seat, answer): (&String, &PastAnswer)| Some((seat.clone(), answer.probability?));
        match self.answers.iter().filter_map(stated).find(|(_, p)| !(0.0..=1.0).contains(p)) {
            Some((seat, p)) => Err(format!("the probability of {seat:?} lies in 0 to 1, not {p}")),
            None => Ok(()),
        }
    }
}

impl Outcomes {
    /// Reads resolved questions, one a line, from the text of a file of this name. Empty lines are skipped.
    ///
    /// # Errors
    /// [`ErrorKind::BadSpec`] with the line and what is wrong there.
    pub fn from_jsonl(name: &str, text: &str) -> Result<Self, Error> {
        let mut questions = Vec::new();
        let mut lines: BTreeMap<String, usize> = BTreeMap::new();
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            let bad = |message: String| {
                Error::new(ErrorKind::BadSpec, format!("read the outcomes {name}, line {number}: {message}"))
            };
            let resolved: Resolved = serde_json::from_str(line).map_err(|e| bad(e.to_string()))?;
            resolved.check().map_err(bad)?;
            if let Some(before) = lines.insert(resolved.question.clone(), number) {
                return Err(bad(format!(
                    "the question {:?} is resolved in line {before} already",
                    resolved.question
                )));
            }
            questions.push(resolved);
        }
        Ok(Self { name: name.to_owned(), questions })
    }

    /// What of it was known by a moment. Questions that do not say since when they are resolved count with `undated`, which is
    /// for who does not look back.
    #[must_use]
    pub fn known_by(&self, moment: Timestamp, undated: bool) -> Self {
        let is_known =
            |question: &&Resolved| question.known_at.map_or(undated, |known_at| known_at <= moment);
        Self { name: self.name.clone(), questions: self.questions.iter().filter(is_known).cloned().collect() }
    }

    /// How many questions do not say since when they are resolved.
    #[must_use]
    pub fn undated(&self) -> usize {
        self.questions.iter().filter(|question| question.known_at.is_none()).count()
    }

    /// How many questions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.questions.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.questions.is_empty()
    }

    /// How often each of these seats was right, by its name. Questions that none of them answered are left out.
    ///
    /// # Errors
    /// [`ErrorKind::BadSpec`] if two seats have one name, or none of them ever answered; [`ErrorKind::Refused`] beyond
    /// 100,000 questions.
    pub fn track_record(&self, seats: &[Seat]) -> Result<TrackRecord, Error> {
        let rows = self.rows(seats)?;
        let mut record = TrackRecord::new(seats.len());
        for row in rows {
            let right: Vec<Option<bool>> = row.into_iter().map(|answer| Some(answer?.0)).collect();
            record.resolve(&right)?;
        }
        Ok(record)
    }

    /// What the stated probabilities of these seats have been worth, all together.
    ///
    /// # Errors
    /// [`ErrorKind::BadSpec`] if two seats have one name, or none of them ever stated a probability.
    pub fn recalibration(&self, seats: &[Seat]) -> Result<Recalibration, Error> {
        let answers = self.rows(seats)?.into_iter().flatten().flatten();
        let stated: Vec<(f64, bool)> = answers.filter_map(|(right, stated)| Some((stated?, right))).collect();
        if stated.is_empty() {
            return Err(self.useless("none of the panel's seats states a probability in it"));
        }
        Ok(Recalibration::from_outcomes(stated))
    }

    /// The answers of these seats to each question that one of them answered.
    fn rows(&self, seats: &[Seat]) -> Result<Vec<Vec<Answered>>, Error> {
        for (at, seat) in seats.iter().enumerate() {
            if seats[..at].iter().any(|other| other.name == seat.name) {
                return Err(self.useless(&format!(
                    "two seats of the panel are called {:?}: give each a name of its own",
                    seat.name
                )));
            }
        }
        let row = |question: &Resolved| seats.iter().map(|seat| question.of(&seat.name)).collect();
        let mut rows: Vec<Vec<Answered>> = self.questions.iter().map(row).collect();
        rows.retain(|row| row.iter().any(Option::is_some));
        if rows.is_empty() {
            return Err(self.useless("none of the panel's seats answers a question in it"));
        }
        Ok(rows)
    }

    fn useless(&self, why: &str) -> Error {
        Error::new(ErrorKind::BadSpec, format!("learn from the outcomes {}: {why}", self.name))
    }
}

/// Whether a seat was right, and how sure it said it was; `None` where it did not answer.
type Answered = Option<(bool, Option<f64>)>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeatIndex;

    fn seats() -> Vec<Seat> {
        ["Ada", "Ben", "Cem"].into_iter().map(|name| Seat::new(name, "scripted")).collect()
    }

    fn line(question: usize, answers: &str) -> String {
        format!(
            "{{\"format_version\": 1, \"question\": \"q-{question}\", \"truth\": \"up\", \"answers\": {{{answers}}}}}\n"
        )
    }

    const ADA: &str = "\"Ada\": {\"option\": \"up\", \"probability\": 0.9}";
    const BEN: &str = "\"Ben\": {\"option\": \"down\", \"probability\": 0.9}";

    #[test]
    fn records_come_from_the_seats_own_answers() {
        let mut text = String::new();
        for question in 0..60 {
            text += &match question % 3 {
                0 => line(question, ADA),
                1 => line(question, &format!("{ADA}, {BEN}, \"Eve\": {{\"option\": \" UP \"}}")),
                _ => line(question, "\"Eve\": {\"option\": \"up\"}"),
            };
        }
        let outcomes = Outcomes::from_jsonl("past.jsonl", &text).unwrap();
        let record = outcomes.track_record(&seats()).unwrap();
        let of = |seat| record.of(SeatIndex(seat));
        assert_eq!((of(0), of(1), of(2)), ((40, 40), (20, 0), (0, 0)));
        // 40 of 60 that said 0.9 were right, and ten more as stated: 49 of 70, pooled with the two empty tenths below, of which
        // nothing is known but that they would be worth more: 8.5 of 10, and 7.5 of 10.
        let worth = outcomes.recalibration(&seats()).unwrap().worth(0.9);
        assert!((worth - 65.0 / 90.0).abs() < 1e-12, "{worth}");
        let eve = [Seat::new("Eve", "scripted")];
        assert_eq!(outcomes.track_record(&eve).unwrap().of(SeatIndex(0)), (40, 40), "whatever the case");
        let error = outcomes.recalibration(&eve).unwrap_err().to_string();
        assert!(
            error.contains("learn from the outcomes past.jsonl: none") && error.contains("probability"),
            "{error}"
        );
    }

    #[test]
    fn a_written_question_is_read_back() {
        let resolved =
            Resolved::new("deb-1", "yes").with_answer("Ada", "yes", Some(0.7)).with_answer("Ben", "no", None);
        let text = serde_json::to_string(&resolved).unwrap();
        assert_eq!(
            text,
            r#"{"format_version":1,"question":"deb-1","truth":"yes","answers":{"Ada":{"option":"yes","probability":0.7},"Ben":{"option":"no"}}}"#
        );
        assert_eq!(Outcomes::from_jsonl("x", &text).unwrap().questions, [resolved]);
    }

    #[test]
    fn what_became_known_later_is_left_out() {
        let at = |day: &str| format!("2024-03-0{day}T00:00:00Z").parse::<Timestamp>().unwrap();
        let dated = |question: &str, day| {
            let resolved = Resolved::new(question, "up").known_at(at(day)).with_answer("Ada", "up", None);
            serde_json::to_string(&resolved).unwrap() + "\n"
        };
        let text = dated("a", "1") + &dated("b", "2") + &line(1, ADA);
        let outcomes = Outcomes::from_jsonl("past.jsonl", &text).unwrap();
        assert_eq!((outcomes.len(), outcomes.undated()), (3, 1));
        let known = |day, undated| outcomes.known_by(at(day), undated).len();
        assert_eq!((known("1", false), known("2", false), known("2", true)), (1, 2, 3));
        assert!(!outcomes.is_empty() && outcomes.known_by(Timestamp::UNIX_EPOCH, false).is_empty());
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let good = line(1, ADA);
        for (second, expected) in [
            (good.clone(), "\"q-1\" is resolved in line 1 already"),
            (line(2, ADA).replace(": 1,", ": 2,"), "its format_version is 2"),
            (line(2, ADA).replace("truth", "answer"), "unknown field `answer`"),
            (line(2, &ADA.replace("0.9", "1.1")), "the probability of \"Ada\" lies in 0 to 1, not 1.1"),
            (line(2, &ADA.replace("up", " ")), "an option has 1 to 1024 bytes"),
            (line(2, &ADA.replace("Ada", "")), "the name of a seat has"),
            ("up".to_owned(), "expected value"),
        ] {
            let error = Outcomes::from_jsonl("past.jsonl", &format!("{good}\n{second}")).unwrap_err();
            let text = error.to_string();
            assert_eq!(error.kind(), ErrorKind::BadSpec);
            assert!(
                text.starts_with("read the outcomes past.jsonl, line 3: ") && text.contains(expected),
                "{text}"
            );
        }
    }

    #[test]
    fn a_file_of_others_is_refused() {
        let outcomes = Outcomes::from_jsonl("past.jsonl", &line(1, ADA)).unwrap();
        for (panel, expected) in [
            (vec![Seat::new("Dan", "scripted")], "none of the panel's seats answers"),
            (vec![Seat::new("Ada", "scripted"); 2], "two seats of the panel are called \"Ada\""),
        ] {
            let error = outcomes.track_record(&panel).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BadSpec);
            assert!(error.to_string().contains(expected), "{error}");
        }
    }
}
