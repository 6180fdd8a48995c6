//! Our own stored form.

use std::path::Path;

use super::{FileReader, Head, Input, Limits};
use crate::{Error, run::Run};

/// Reads runs that were stored with [`Run::to_json`].
#[derive(Debug, Clone, Copy, Default)]
pub struct Own;

impl FileReader for Own {
    fn name(&self) -> &'static str {
        "assize-run"
    }

    fn reads(&self) -> &'static str {
        "runs stored by assize (JSON with \"assize\": \"run\")"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        looks_like_a_run(head)
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        Run::from_json(&input.bytes(file)?, &file.display().to_string())
    }

    /// It was checked when it was read, and may hold repetitions.
    fn check(&self, mut run: Run, file: &Path) -> Result<Run, Error> {
        for measurement in &mut run.measurements {
            measurement.source.get_or_insert_with(|| file.display().to_string());
        }
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
fn looks_like_a_run(head: &Head) -> bool {
    let squeezed: String = head.text().chars().filter(|c| !c.is_whitespace()).collect();
    squeezed.starts_with('{')
        && squeezed.contains(r#""assize":"run""#)
        && !squeezed.contains(r#""assize":"analysis""#)
}
