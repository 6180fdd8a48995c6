//! A panel's file, and models in the place of those that it names.

use std::path::{Path, PathBuf};

use assize_debate::{Panel, Spec};

use crate::{Error, learnt::Learnt, text_file, voices};

/// A larger file is none.
const MAX_BYTES: usize = 1 << 20;

/// A panel as its file says, and where it says so.
#[derive(Debug)]
pub(crate) struct Seated {
    path: PathBuf,
    text: String,
    pub(crate) panel: Panel,
    pub(crate) learnt: Learnt,
}

impl Seated {
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let text = text_file::read("panel", path)?;
        let shown = path.display().to_string();
        if text.len() > MAX_BYTES {
            return Err(Error::bad_request(format!(
                "read the panel {shown}: it has more than {MAX_BYTES} bytes"
            )));
        }
        let panel = Panel::from_toml(&shown, &text)?;
        let learnt = Learnt::read(&panel, path)?;
        Ok(Self { path: path.to_owned(), text, panel, learnt })
    }

    /// Lets these models speak: one for all of them, or one for each seat of a model in their order, one more for the judge
    /// and one more for whoever sums up. People, analysts and a judge by rules stay.
    pub(crate) fn recast(&mut self, models: &[String]) -> Result<(), Error> {
        if !models.is_empty() {
            // It would be the one model left that nobody asked for.
            self.panel.seats.iter_mut().for_each(|seat| seat.cheaper = None);
            self.learnt.forget();
        }
        let seats = self.panel.seats.iter_mut().map(|seat| &mut seat.debater);
        let mut cast: Vec<&mut String> = seats.filter(|debater| voices::is_model(debater)).collect();
        let n_seats = cast.len();
        cast.extend(
            self.panel.judge.iter_mut().map(|judge| &mut judge.judge).filter(|judge| voices::is_model(judge)),
        );
        cast.extend(self.panel.summariser.iter_mut().map(|seat| &mut seat.model));
        match models {
            [] => {}
            [one] => cast.into_iter().for_each(|name| name.clone_from(one)),
            _ if (n_seats..=cast.len()).contains(&models.len()) => {
                cast.into_iter().zip(models).for_each(|(name, model)| name.clone_from(model));
            }
            _ => {
                let judge = self.panel.judge.as_ref().filter(|judge| voices::is_model(&judge.judge));
                let judge = if judge.is_some() { ", and one more for its judge" } else { "" };
                let summary = self.panel.summariser.as_ref().map(|_| ", and one more for its summaries");
                let summary = summary.unwrap_or_default();
                return Err(Error::bad_request(format!(
                    "seat {} models: the panel {} has {n_seats} seats for models",
                    models.len(),
                    self.path.display()
                ))
                .with_hint(format!(
                    "give one --model for all of them, or one for each seat{judge}{summary}"
                )));
            }
        }
        Ok(())
    }

    /// An error about this panel, with its file and, where it is about a seat, the line.
    pub(crate) fn blame(&self, error: Error, spec: &Spec) -> Error {
        let words = error.to_string();
        let names = |name: &str| words.contains(&format!("{name:?}"));
        let seat = spec.seats.iter().position(|seat| names(&seat.name));
        let judge = spec.judge.as_ref().is_some_and(|judge| names(&judge.name));
        let summariser = spec.summariser.as_ref().is_some_and(|seat| names(&seat.model));
        let line = match seat {
            Some(at) => self.line_of("[[seat]]", at),
            None if judge => self.line_of("[judge]", 0),
            None if summariser => self.line_of("[window]", 0),
            None => None,
        };
        let line = line.map(|line| format!(", line {line}")).unwrap_or_default();
        error.about(&format!("use the panel {}{line}", self.path.display()))
    }

    /// The line of the `nth` table of this name.
    fn line_of(&self, table: &str, nth: usize) -> Option<usize> {
        let is_table = |line: &str| line.split('#').next().is_some_and(|line| line.trim() == table);
        (1..).zip(self.text.lines()).filter(|(_, line)| is_table(line)).nth(nth).map(|(line, _)| line)
    }
}
