//! What a panel's file wants to be learnt from resolved questions.

use std::{path::Path, sync::Arc};

use assize_altdata::AsOf;
use assize_ambient::Timestamp;
use assize_debate::{Outcomes, Panel, Seat, SeatIndex, Spec, TrackRecord};

use crate::{Error, text_file};

/// Until when outcomes count: who looks back must not know what was known later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Until {
    moment: Timestamp,
    /// Whether those count that do not say since when they are known: only where nobody looks back.
    undated: bool,
}

impl Until {
    /// As of a moment, seen from now.
    pub(crate) fn of(as_of: &AsOf, now: Timestamp) -> Self {
        Self { moment: as_of.not_after(now).moment(), undated: as_of.date() >= AsOf::at(now).date() }
    }
}

/// A file of outcomes, by the name that the panel gives it.
#[derive(Debug)]
struct Kept {
    name: String,
    outcomes: Outcomes,
}

/// Records of a panel.
#[derive(Debug, Default)]
pub(crate) struct Learnt {
    seats: Vec<Seat>,
    track_record: Option<Kept>,
    recalibration: Option<Kept>,
    is_forgotten: bool,
}

impl Learnt {
    /// Reads the files of outcomes that a panel names, whose own file is this one.
    pub(crate) fn read(panel: &Panel, path: &Path) -> Result<Self, Error> {
        let kept = |name: &Option<String>| {
            let kept =
                |name: &String| Ok::<_, Error>(Kept { name: name.clone(), outcomes: outcomes(name, path)? });
            name.as_ref().map(kept).transpose()
        };
        let learnt = Self {
            seats: panel.seats.clone(),
            track_record: kept(&panel.track_record)?,
            recalibration: kept(&panel.recalibration)?,
            is_forgotten: false,
        };
        // A file that is of no use at any time is an error now, and not a record that stays empty.
        if let Some(kept) = &learnt.track_record {
            kept.outcomes.track_record(&learnt.seats)?;
        }
        if let Some(kept) = &learnt.recalibration {
            kept.outcomes.recalibration(&learnt.seats)?;
        }
        Ok(learnt)
    }

    /// Forgets it all: others speak in those seats now.
    pub(crate) fn forget(&mut self) {
        let is_forgotten = self.track_record.is_some() || self.recalibration.is_some() || self.is_forgotten;
        *self = Self { is_forgotten, ..Self::default() };
    }

    /// Lays what was known by then into a specification.
    pub(crate) fn lay_into(&self, spec: &mut Spec, until: Until) -> Result<(), Error> {
        let record = self.track_record.as_ref().map(|kept| self.record(kept, until)).transpose()?;
        spec.track_record = record.map(Arc::new);
        spec.recalibration = None;
        if let Some(kept) = &self.recalibration {
            let known = kept.known_by(until);
            // Where nobody of the panel had stated anything by then, probabilities are taken as they are stated.
            spec.recalibration = known.recalibration(&self.seats).ok().map(Arc::new);
        }
        Ok(())
    }

    /// What is to be said about it, seen from then.
    pub(crate) fn notes(&self, until: Until) -> Result<Vec<String>, Error> {
        let mut notes = self.left_out(until);
        if let Some(kept) = &self.track_record {
            notes.extend(too_few(&self.record(kept, until)?, &self.seats, &kept.name));
        }
        if self.is_forgotten {
            let note =
                "the panel's outcomes are those of other models than --model puts there, and are left out";
            notes.push(note.to_owned());
        }
        Ok(notes)
    }

    /// What does not count, since nobody can tell whether it was known then; once for each file.
    pub(crate) fn left_out(&self, until: Until) -> Vec<String> {
        let kept = self.track_record.iter().chain(&self.recalibration);
        let undated = kept.filter(|kept| !until.undated && kept.outcomes.undated() > 0);
        let mut names: Vec<&str> = undated.map(|kept| kept.name.as_str()).collect();
        names.dedup();
        let note = |name: &str| {
            format!("lines of {name} without known_at are left out: they may have been known only later")
        };
        names.into_iter().map(note).collect()
    }

    /// The record as it was known then: empty where nothing was.
    fn record(&self, kept: &Kept, until: Until) -> Result<TrackRecord, Error> {
        let known = kept.known_by(until);
        match known.track_record(&self.seats) {
            Ok(record) => Ok(record),
            // That the whole file is of use was seen when it was read.
            Err(error) if error.kind() == assize_debate::ErrorKind::BadSpec => {
                Ok(TrackRecord::new(self.seats.len()))
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Kept {
    fn known_by(&self, until: Until) -> Outcomes {
        self.outcomes.known_by(until.moment, until.undated)
    }
}

fn outcomes(name: &str, panel: &Path) -> Result<Outcomes, Error> {
    let path = panel.parent().map_or_else(|| Path::new(name).to_owned(), |folder| folder.join(name));
    let text = text_file::read("outcomes", &path)?;
    Ok(Outcomes::from_jsonl(&path.display().to_string(), &text)?)
}

/// Who has too few outcomes for a record of its own, in words.
fn too_few(record: &TrackRecord, seats: &[Seat], name: &str) -> Option<String> {
    let least = TrackRecord::MIN_OUTCOMES;
    let few = (0..).map(SeatIndex).zip(seats).map(|(index, seat)| (&seat.name, record.of(index).0));
    let few: Vec<String> =
        few.filter(|(_, given)| *given < least).map(|(seat, given)| format!("{seat} ({given})")).collect();
    (!few.is_empty()).then(|| {
        format!(
            "fewer than {least} outcomes in {name} for {}: such a voice counts as the others do in the mean",
            few.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const PANEL: &str = r#"
        format_version = 1
        track_record = { outcomes = "past.jsonl" }
        recalibration = { outcomes = "past.jsonl" }
        seat = [{ name = "Ada", model = "scripted:ada.txt" }, { name = "Ben", model = "scripted:ben.txt" }]
    "#;

    /// So many lines about which Ada was right, known from this day on, or since nobody knows when.
    fn lines(name: &str, count: usize, known_on: Option<&str>) -> String {
        let known = known_on.map(|day| format!(r#""known_at": "{day}T12:00:00Z", "#)).unwrap_or_default();
        let line = |n: usize| {
            format!(
                r#"{{"format_version": 1, "question": "{name}-{n}", "truth": "up", {known}"answers": {{"Ada": {{"option": "up", "probability": 0.9}}}}}}"#
            )
        };
        (0..count).map(|n| line(n) + "\n").collect()
    }

    fn learnt(text: &str) -> Learnt {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("panel.toml");
        fs::write(folder.path().join("past.jsonl"), text).unwrap();
        Learnt::read(&Panel::from_toml("panel.toml", PANEL).unwrap(), &path).unwrap()
    }

    /// A record of the past holds what was known then: later lines change nothing of it, nor of what is said.
    #[test]
    fn who_looks_back_learns_nothing_of_what_came_later() {
        let now: Timestamp = "2024-06-05T12:00:00Z".parse().unwrap();
        let seen = |learnt: &Learnt, day: &str| {
            let until = Until::of(&day.parse().unwrap(), now);
            let mut spec = Spec::new("Will it rise?", ["up", "down"]);
            learnt.lay_into(&mut spec, until).unwrap();
            let record = spec.track_record.expect("a record").of(SeatIndex(0));
            (record, spec.recalibration.is_some(), learnt.notes(until).unwrap().join("; "))
        };
        let early = lines("early", 40, Some("2024-01-05"));
        let both = learnt(&(early.clone() + &lines("late", 40, Some("2024-05-06"))));
        let early = learnt(&early);
        for day in ["2023-12-29", "2024-01-04", "2024-01-05", "2024-05-05"] {
            assert_eq!(seen(&both, day), seen(&early, day), "{day}");
        }
        assert_eq!(seen(&both, "2024-01-04").0, (0, 0));
        assert!(!seen(&both, "2024-01-04").1 && seen(&both, "2024-01-05").1);
        assert!(seen(&both, "2024-01-04").2.starts_with("fewer than 30 outcomes in past.jsonl for Ada (0)"));
        assert_eq!((seen(&both, "2024-05-05").0, seen(&both, "2024-05-06").0), ((40, 40), (80, 80)));

        let old = learnt(&lines("old", 40, None));
        let (record, _, said) = seen(&old, "2024-06-04");
        assert!(
            record == (0, 0) && said.starts_with("lines of past.jsonl without known_at are left out"),
            "{said}"
        );
        let (record, is_recalibrated, said) = seen(&old, "2024-06-05");
        assert!(record == (40, 40) && is_recalibrated && !said.contains("known_at"), "{said}");
    }
}
