//! `assize doctor`.

use std::process::ExitCode;

use assize_report::{Cell, Column, Document, Table, Tone};
use serde_json::json;

use crate::{
    exit::{Failure, Outcome},
    screen::Screen,
};

pub(crate) async fn run(screen: &Screen) -> Result<ExitCode, Failure> {
    let scratch =
        tempfile::tempdir().map_err(|e| Failure::outside(format!("make a folder for the check: {e}")))?;
    let checks = assize_wiring::doctor(scratch.path()).await;
    let mut table = Table::new([
        Column::left("component"),
        Column::left("works"),
        Column::left("tried"),
        Column::left("found"),
    ]);
    for check in &checks {
        let (works, found) = match &check.outcome {
            Ok(fact) => (Cell::toned(Tone::Good, "yes"), fact),
            Err(failure) => (Cell::toned(Tone::Bad, "no"), failure),
        };
        table.push([Cell::from(check.component), works, Cell::from(check.tried), Cell::from(found.clone())]);
    }
    let failed = checks.iter().filter(|check| check.outcome.is_err()).count();
    let mut doc = Document::new(if failed == 0 { "All is well" } else { "Something does not work" });
    doc.table(table);
    let entries: Vec<_> = checks
        .iter()
        .map(|check| {
            let (works, found) = match &check.outcome {
                Ok(fact) => (true, fact),
                Err(failure) => (false, failure),
            };
            let took_ms = check.took.as_secs_f64() * 1e3;
            json!({ "component": check.component, "tried": check.tried, "works": works, "found": found, "took_ms": took_ms })
        })
        .collect();
    screen.show(&doc, &json!({ "format_version": 1, "works": failed == 0, "checks": entries }))?;
    Ok(if failed == 0 { Outcome::Done } else { Outcome::No }.into())
}
