//! What a panel's file wants to be learnt from resolved questions.

use std::{path::Path, sync::Arc};

use assize_debate::{Outcomes, Panel, Recalibration, SeatIndex, Spec, TrackRecord};

use crate::{Error, text_file};

/// Records of a panel, and what is to be said about them.
#[derive(Debug, Default)]
pub(crate) struct Learnt {
    track_record: Option<Arc<TrackRecord>>,
    recalibration: Option<Arc<Recalibration>>,
    notes: Vec<String>,
}

impl Learnt {
    /// Reads the files of outcomes that a panel names, whose own file is this one.
    pub(crate) fn read(panel: &Panel, path: &Path) -> Result<Self, Error> {
        let mut learnt = Self::default();
        if let Some(name) = &panel.track_record {
            let record = outcomes(name, path)?.track_record(&panel.seats)?;
            learnt.notes.extend(too_few(&record, panel, name));
            learnt.track_record = Some(Arc::new(record));
        }
        if let Some(name) = &panel.recalibration {
            learnt.recalibration = Some(Arc::new(outcomes(name, path)?.recalibration(&panel.seats)?));
        }
        Ok(learnt)
    }

    /// Forgets it all: others speak in those seats now.
    pub(crate) fn forget(&mut self) {
        if self.track_record.is_some() || self.recalibration.is_some() {
            let note =
                "the panel's outcomes are those of other models than --model puts there, and are left out";
            *self = Self { notes: vec![note.to_owned()], ..Self::default() };
        }
    }

    /// Lays it into a specification.
    pub(crate) fn lay_into(&self, spec: &mut Spec) {
        spec.track_record.clone_from(&self.track_record);
        spec.recalibration.clone_from(&self.recalibration);
    }

    /// What is to be said about it.
    pub(crate) fn notes(&self) -> &[String] {
        &self.notes
    }
}

fn outcomes(name: &str, panel: &Path) -> Result<Outcomes, Error> {
    let path = panel.parent().map_or_else(|| Path::new(name).to_owned(), |folder| folder.join(name));
    let text = text_file::read("outcomes", &path)?;
    Ok(Outcomes::from_jsonl(&path.display().to_string(), &text)?)
}

/// Who has too few outcomes for a record of its own, in words.
fn too_few(record: &TrackRecord, panel: &Panel, name: &str) -> Option<String> {
    let least = TrackRecord::MIN_OUTCOMES;
    let few = (0..).map(SeatIndex).zip(&panel.seats).map(|(index, seat)| (&seat.name, record.of(index).0));
    let few: Vec<String> =
        few.filter(|(_, given)| *given < least).map(|(seat, given)| format!("{seat} ({given})")).collect();
    (!few.is_empty()).then(|| {
        format!(
            "fewer than {least} outcomes in {name} for {}: such a voice counts as the others do in the mean",
            few.join(", ")
        )
    })
}
