//! Where the debates of a brief are held: one panel, seated anew for each ticker, over the same accounts with vendors.

use std::{path::PathBuf, sync::Arc};

use assize_altdata::AsOf;
use assize_ambient::{Clock, Seed};
use assize_analysts::DIRECTION_OPTIONS;
use assize_debate::Spec;
use assize_journal::Journal;
use assize_llm::CallStatistics;
use assize_pipeline::{Blindfold, FindingNote, Matter, Seating};

use crate::{
    DebateOptions, Error, Procedure, VendorOptions,
    debate::{self, Bench},
    learnt::Until,
    panel::Seated,
    vendors::Vendors,
    voices,
};

/// Seats a panel's file, models and analysts as `set_up_debate` does.
#[derive(Debug)]
pub(crate) struct DebateHall {
    /// What all its debates have in common.
    options: DebateOptions,
    seated: Option<Seated>,
    /// The debate as the panel would hold it without evidence.
    usual: Spec,
    vendors: Option<Vendors>,
    journal: Option<Arc<dyn Journal>>,
    clock: Arc<dyn Clock>,
}

impl DebateHall {
    /// # Errors
    /// Where the panel, or one of its models, cannot be used: better now than for each ticker.
    pub(crate) fn open(
        panel: Option<PathBuf>,
        models: Vec<String>,
        procedure: Procedure,
        horizon_sessions: u32,
        vendors: VendorOptions,
        journal: Option<Arc<dyn Journal>>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        if let Some(name) = models.iter().find(|name| voices::is_human(name)) {
            return Err(Error::bad_request(format!("seat {name:?}: a brief does not wait for people"))
                .with_hint("`assize debate` asks people; a brief has models and analysts"));
        }
        let mut seated = panel.as_deref().map(Seated::read).transpose()?;
        if let Some(seated) = &mut seated {
            seated.recast(&models)?;
        }
        let options = DebateOptions {
            question: "Will it be worth more?".to_owned(),
            options: DIRECTION_OPTIONS.map(str::to_owned).to_vec(),
            panel,
            models,
            evidence: Vec::new(),
            as_of: AsOf::at(clock.now()),
            horizon_sessions,
            procedure,
            deadline: None,
            budget: None,
            seed: Seed::new(0),
            human: None,
            vendors,
        };
        let has_panel = seated.is_some() || !options.models.is_empty();
        let usual = if has_panel {
            debate::spec(&options, seated.as_ref(), Vec::new(), Until::of(&options.as_of, clock.now()))?
        } else {
            options.procedure.laid_over(Spec::new(&*options.question, DIRECTION_OPTIONS))?
        };
        let hired = debate::is_hired(&usual);
        let vendors =
            if hired { Some(Vendors::new(&options.vendors, Arc::clone(clock), options.seed)?) } else { None };
        if has_panel {
            let checked = usual.check().map_err(Error::from);
            let bench = checked.and_then(|()| Bench::seat_with(&usual, vendors.as_ref(), None, clock));
            bench.map_err(|error| match &seated {
                Some(seated) => seated.blame(error, &usual),
                None => error,
            })?;
        }
        Ok(Self { options, seated, usual, vendors, journal, clock: Arc::clone(clock) })
    }

    /// How its debates are held.
    pub(crate) const fn usual(&self) -> &Spec {
        &self.usual
    }

    /// Whether anybody sits there who must be waited for.
    pub(crate) fn asks_models(&self) -> bool {
        self.usual.seats.iter().any(|seat| voices::is_model(&seat.debater))
    }

    /// Keeps something from the models that sit there from now on.
    pub(crate) fn blindfold(&self, blindfold: &Arc<Blindfold>) {
        if let Some(vendors) = &self.vendors {
            vendors.blindfold(Arc::clone(blindfold));
        }
    }

    /// What is to be said about the records of the panel.
    pub(crate) fn notes(&self) -> Result<Vec<String>, Error> {
        let until = Until::of(&self.options.as_of, self.clock.now());
        let notes = self.seated.as_ref().map(|seated| seated.learnt.notes(until));
        Ok(notes.transpose()?.unwrap_or_default())
    }

    /// The same for debates as of a moment: [`notes`](Self::notes) say what was known then.
    pub(crate) fn seen_from(mut self, as_of: Option<AsOf>) -> Self {
        self.options.as_of = as_of.unwrap_or(self.options.as_of);
        self
    }

    /// How the calls of its models go.
    pub(crate) fn calls(&self) -> CallStatistics {
        self.vendors.as_ref().map(|vendors| vendors.statistics().clone()).unwrap_or_default()
    }

    fn hold(&self, matter: Matter) -> Result<assize_pipeline::Seated, Error> {
        let Matter { draft, most_rounds, weights, as_of, .. } = matter;
        let until = Until::of(&as_of.unwrap_or(self.options.as_of), self.clock.now());
        let mut options = self.options.clone();
        (options.question, options.budget, options.seed) = (draft.question, draft.budget, draft.seed);
        let mut spec = debate::spec(&options, self.seated.as_ref(), draft.evidence, until)?;
        if let Some(most) = most_rounds {
            spec.rounds = spec.rounds.min(most);
        }
        weights.weigh(&mut spec.seats);
        let bench = Bench::seat_with(&spec, self.vendors.as_ref(), None, &self.clock)?;
        let spec = Arc::new(spec);
        let mut driver = bench.driver(Arc::clone(&spec))?;
        if let Some(journal) = &self.journal {
            driver = driver.with_journal(Arc::clone(journal));
        }
        let left_out = self.seated.iter().flat_map(|seated| seated.learnt.left_out(until));
        let findings = left_out.map(|text| FindingNote::new("undated-outcomes", text, true)).collect();
        Ok(assize_pipeline::Seated { spec, driver, findings })
    }
}

impl Seating for DebateHall {
    fn seat(
        &self,
        matter: Matter,
    ) -> Result<assize_pipeline::Seated, Box<dyn std::error::Error + Send + Sync>> {
        Ok(self.hold(matter)?)
    }
}
