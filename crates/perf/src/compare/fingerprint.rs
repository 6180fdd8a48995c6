//! Whether two sets of runs were measured on the same machine, system and build.

use std::collections::BTreeSet;

use crate::run::{Environment, Run};

/// What has to be the same for times to be compared.
pub const FIELDS: [&str; 5] = ["operating system", "processor", "processors", "toolchain", "profile"];

/// Something that differs between runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// What it is: one of [`FIELDS`].
    pub field: &'static str,
    /// What the runs before say.
    pub before: Vec<String>,
    /// What the runs after say.
    pub after: Vec<String>,
}

/// What differs, and what is not known on a side.
pub(super) fn compare(before: &[Run], after: &[Run]) -> (Vec<Mismatch>, Vec<&'static str>) {
    let (mut mismatches, mut unknown) = (Vec::new(), Vec::new());
    for field in FIELDS {
        let (said_before, all_before) = said(before, field);
        let (said_after, all_after) = said(after, field);
        // Runs of one side must not differ among themselves either.
        if said_before.union(&said_after).count() > 1 {
            let (before, after) = (said_before.into_iter().collect(), said_after.into_iter().collect());
            mismatches.push(Mismatch { field, before, after });
        } else if !all_before || !all_after {
            unknown.push(field);
        }
    }
    (mismatches, unknown)
}

/// What the runs say of a field, and whether all say something.
fn said(runs: &[Run], field: &str) -> (BTreeSet<String>, bool) {
    let values: Vec<Option<String>> = runs.iter().map(|run| value(&run.environment, field)).collect();
    let all = values.iter().all(Option::is_some);
    (values.into_iter().flatten().collect(), all)
}

fn value(environment: &Environment, field: &str) -> Option<String> {
    match field {
        "operating system" => environment.os.clone(),
        "processor" => environment.cpu_model.clone(),
        "processors" => environment.cpu_count.map(|n| n.to_string()),
        "toolchain" => environment.toolchain.clone(),
        _ => environment.profile.clone(),
    }
}
