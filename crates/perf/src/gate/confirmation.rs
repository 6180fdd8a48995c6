//! Whether measuring again shows an alarm too.

use crate::{
    compare::{CONTROLS, Changes, Row, Rules, Verdict},
    run::Run,
};

/// What measuring again made of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Confirmation {
    /// It shows a regression too.
    Confirmed,
    /// It shows that there is none.
    Cleared,
    /// It shows neither.
    Open,
    /// It was not measured again.
    NotMeasuredAgain,
}

impl Confirmation {
    /// The name in tables and stored forms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Cleared => "cleared",
            Self::Open => "neither confirmed nor cleared",
            Self::NotMeasuredAgain => "not measured again",
        }
    }
}

/// A figure that got worse, or is suspected to have.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// What the first runs show.
    pub row: Row,
    /// What measuring again made of it.
    pub confirmation: Confirmation,
    /// What measuring again shows.
    pub again: Option<Row>,
}

impl Alert {
    /// Whether it counts: shown by the first runs and not taken back, or suspected and then shown.
    #[must_use]
    pub const fn counts(&self) -> bool {
        match self.confirmation {
            Confirmation::Confirmed => true,
            Confirmation::NotMeasuredAgain => matches!(self.row.verdict, Verdict::Regressed),
            Confirmation::Cleared | Confirmation::Open => false,
        }
    }
}

/// The alarms of a comparison, each held against the runs that were made after it. Only the alarms are tested again, so that
/// fewer runs suffice than for the whole.
pub(super) fn alerts(changes: &Changes, baseline: &[Run], confirm: &[Run], rules: &Rules) -> Vec<Alert> {
    let alarming =
        |row: &&Row| row.verdict == Verdict::Regressed || row.verdict == Verdict::Suspected && row.is_worse();
    let alarms: Vec<&Row> = changes.rows.iter().filter(alarming).collect();
    let again = (!confirm.is_empty() && !alarms.is_empty()).then(|| {
        let only = |runs: &[Run]| -> Vec<Run> {
            let alarmed = |run: &Run| {
                let mut run = run.clone();
                run.measurements.retain(|m| {
                    m.id.starts_with(CONTROLS)
                        || alarms.iter().any(|row| row.id == m.id && row.metric == m.metric)
                });
                run
            };
            runs.iter().map(alarmed).collect()
        };
        Changes::between(&only(baseline), &only(confirm), rules)
    });
    let of_one = |row: &Row| {
        let again = again.as_ref().and_then(|changes| {
            changes.rows.iter().find(|other| other.id == row.id && other.metric == row.metric)
        });
        let confirmation = match again.map(|again| again.verdict) {
            None => Confirmation::NotMeasuredAgain,
            Some(Verdict::Regressed) => Confirmation::Confirmed,
            Some(Verdict::Unchanged | Verdict::Improved) => Confirmation::Cleared,
            Some(Verdict::Suspected | Verdict::Inconclusive { .. } | Verdict::Refused) => Confirmation::Open,
        };
        Alert { row: row.clone(), confirmation, again: again.cloned() }
    };
    alarms.into_iter().map(of_one).collect()
}
