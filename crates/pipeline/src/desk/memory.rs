//! The forecasts of all runs, in a journal.

use assize_altdata::AsOf;
use assize_ambient::Timestamp;
use assize_journal::{Journal, Key, Writer};
use assize_portfolio::{Forecast, InputId};
use serde::{Deserialize, Serialize};

use crate::Error;

/// The version of the journal's form that is written.
const FORMAT_VERSION: u32 = 1;

/// What was forecast in a run: a line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    /// The version of this form.
    v: u32,
    run: InputId,
    as_of: Timestamp,
    forecasts: Vec<Forecast>,
}

/// The forecasts of all runs, each kept once.
#[derive(Debug)]
pub(super) struct Memory {
    kept: Vec<Kept>,
    writer: Box<dyn Writer>,
}

impl Memory {
    /// Opens the memory beside the account of this name.
    pub(super) async fn open(journal: &dyn Journal, name: &Key) -> Result<Self, Error> {
        let failed = |cause: assize_journal::Error| Error::of_journal("open the journal of forecasts", cause);
        let (log, writer) = journal.open(&key(name)?).await.map_err(failed)?;
        let kept = log.records.iter().enumerate().map(|(place, line)| read(place, line));
        Ok(Self { kept: kept.collect::<Result<_, _>>()?, writer })
    }

    /// What is kept beside the account of this name, whoever has it open.
    pub(super) async fn read(journal: &dyn Journal, name: &Key) -> Result<Vec<Forecast>, Error> {
        let failed = |cause: assize_journal::Error| Error::of_journal("read the journal of forecasts", cause);
        let log = journal.read(&key(name)?).await.map_err(failed)?;
        let kept = log.records.iter().enumerate().map(|(place, line)| read(place, line));
        Ok(kept.collect::<Result<Vec<_>, _>>()?.into_iter().flat_map(|kept| kept.forecasts).collect())
    }

    pub(super) fn forecasts(&self) -> impl Iterator<Item = &Forecast> {
        self.kept.iter().flat_map(|kept| &kept.forecasts)
    }

    /// The forecasts made by a moment.
    pub(super) fn known(&self, as_of: &AsOf) -> impl Iterator<Item = &Forecast> {
        let moment = as_of.moment();
        self.forecasts().filter(move |forecast| forecast.as_of <= moment)
    }

    /// As of when the newest run was.
    pub(super) fn newest(&self) -> Option<Timestamp> {
        self.kept.iter().map(|kept| kept.as_of).max()
    }

    /// Keeps what was forecast in a run, unless it is kept.
    pub(super) async fn remember(
        &mut self,
        run: &InputId,
        as_of: Timestamp,
        forecasts: Vec<Forecast>,
    ) -> Result<(), Error> {
        if self.kept.iter().any(|kept| kept.run == *run) {
            return Ok(());
        }
        let kept = Kept { v: FORMAT_VERSION, run: run.clone(), as_of, forecasts };
        let line = serde_json::to_vec(&kept).map_err(|cause| Error::of_journal("write forecasts", cause))?;
        let written = self.writer.append(&[line]).await;
        written.map_err(|cause| Error::of_journal("keep forecasts", cause))?;
        self.kept.push(kept);
        Ok(())
    }
}

/// The name of the memory beside an account.
fn key(name: &Key) -> Result<Key, Error> {
    let failed = |cause: assize_journal::Error| Error::of_journal("name the journal of forecasts", cause);
    format!("{name}-forecasts").parse().map_err(failed)
}

fn read(place: usize, line: &[u8]) -> Result<Kept, Error> {
    #[derive(Deserialize)]
    struct Version {
        v: u32,
    }
    let what = || format!("read line {} of the journal of forecasts", place + 1);
    let version: Version = serde_json::from_slice(line).map_err(|cause| Error::of_journal(&what(), cause))?;
    if version.v != FORMAT_VERSION {
        let why = format!(
            "it has version {}, and this program reads version {FORMAT_VERSION}; use a program of that version, or a later one",
            version.v
        );
        return Err(Error::of_journal(&what(), why));
    }
    serde_json::from_slice(line).map_err(|cause| Error::of_journal(&what(), cause))
}
