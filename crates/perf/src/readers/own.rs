//! Our own stored form.

use std::path::Path;

use super::{Input, Limits, Reader};
use crate::{
    Error,
    run::{Finding, Run},
};

/// Reads runs that were stored with [`Run::to_json`].
#[derive(Debug, Clone, Copy, Default)]
pub struct Own;

impl Reader for Own {
    fn name(&self) -> &'static str {
        "assize-run"
    }

    fn reads(&self) -> &'static str {
        "runs stored by assize (JSON with \"assize\": \"run\")"
    }

    fn sniff(&self, input: &Input) -> bool {
        input.files().iter().any(|file| looks_like_a_run(&input.head(file)))
    }

    fn read(&self, input: &Input) -> Result<Run, Error> {
        let mut runs = Vec::new();
        let mut failed: Vec<(String, Error)> = Vec::new();
        for file in input.files().iter().filter(|file| looks_like_a_run(&input.head(file))) {
            let name = file.display().to_string();
            match input.bytes(file).and_then(|bytes| Run::from_json(&bytes, &name)) {
                Ok(mut run) => {
                    for measurement in &mut run.measurements {
                        measurement.source.get_or_insert_with(|| name.clone());
                    }
                    runs.push(run);
                }
                Err(error) => failed.push((name, error)),
            }
        }
        if runs.is_empty()
            && let Some((_, error)) = failed.pop()
        {
            return Err(error);
        }
        let mut run = if runs.len() == 1 { runs.remove(0) } else { Run::merged(runs) };
        run.findings
            .extend(failed.into_iter().map(|(name, e)| Finding::new(name, None, format!("could not {e}"))));
        Ok(run)
    }
}

/// The `run.json` at the top of a folder, if one is there and holds a run of ours.
pub(super) fn stored_in(folder: &Path, limits: Limits) -> Option<Input> {
    let file = folder.join("run.json");
    let input = Input::open(&file, limits).ok().filter(|_| file.is_file())?;
    looks_like_a_run(&input.head(&file)).then_some(input)
}

/// A JSON object that says what it is. An analysis holds a run too, but is not one: a report that lies beside the
/// results it was made from is no further result.
fn looks_like_a_run(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head);
    let squeezed: String = head.chars().filter(|c| !c.is_whitespace()).collect();
    squeezed.starts_with('{')
        && squeezed.contains(r#""assize":"run""#)
        && !squeezed.contains(r#""assize":"analysis""#)
}
