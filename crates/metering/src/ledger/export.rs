//! Roll-ups as JSON and as CSV.

use serde::Serialize;

use super::bookings::{Sums, Totals};
use super::roll_up::{Label, RollUp};
use crate::bucket::Bucket;
use crate::error::Result;
use crate::ledger::Problem;
use crate::unit::Unit;

/// The columns after those of the dimensions; then follow the buckets and the units, each by its key.
const COLUMNS: [&str; 6] =
    ["simulated", "calls", "retries", "cost_usd", "possibly_billed_usd", "overrun_usd"];

impl RollUp {
    /// The version of the JSON form.
    pub const FORMAT_VERSION: u32 = 1;

    /// One JSON document: `format_version`, `by` (the names of the dimensions), `rows` (each with `labels`, in the same
    /// order, a missing one being null, and `billed` and `simulated`), `earlier` and `total`. Amounts are decimal strings.
    ///
    /// # Errors
    /// None is known: the form is made of texts and whole numbers.
    pub fn to_json(&self) -> Result<String> {
        let rows = self.rows().iter().map(|row| RowForm {
            labels: row.labels.iter().map(|label| label.as_ref().map(ToString::to_string)).collect(),
            sums: &row.sums,
        });
        let form = Form {
            format_version: Self::FORMAT_VERSION,
            by: self.by().iter().map(ToString::to_string).collect(),
            rows: rows.collect(),
            earlier: self.earlier(),
            total: self.total(),
        };
        Ok(serde_json::to_string_pretty(&form).map_err(|error| Problem::Export(error.into()))?)
    }

    /// A table after RFC 4180, its lines ending in CR LF. The columns: one for each dimension, by its name; `simulated`
    /// (`true` or `false`), `calls`, `retries`, `cost_usd`, `possibly_billed_usd`, `overrun_usd`; `tokens_` and each
    /// [`Bucket::key`]; `units_` and each [`Unit::key`]. New ones are only ever added at the end of theirs.
    ///
    /// A row has one line for what is billed and one for what is simulated, each where there is any. Empty cells are what
    /// nobody stated. What came [earlier](RollUp::earlier) than the rows is a line with `(earlier)` in every dimension.
    /// There is no line of totals: the columns add up to them.
    ///
    /// A label that a spreadsheet would take for a formula (that starts with `=`, `+`, `-`, `@`, a tab or a line break)
    /// gets an apostrophe before it, and so does one that starts with an apostrophe: who takes the first apostrophe of a
    /// cell away has the label again.
    ///
    /// # Errors
    /// None is known: it is written to memory.
    pub fn to_csv(&self) -> Result<String> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        self.write_table(&mut writer).map_err(|error| Problem::Export(error.into()))?;
        let bytes = writer.into_inner().map_err(|error| Problem::Export(error.into_error().into()))?;
        Ok(String::from_utf8(bytes).map_err(|error| Problem::Export(error.into()))?)
    }

    fn write_table(&self, writer: &mut csv::Writer<Vec<u8>>) -> csv::Result<()> {
        let tokens = Bucket::ALL.map(|bucket| format!("tokens_{}", bucket.key()));
        let units = Unit::ALL.map(|unit| format!("units_{}", unit.key()));
        let dimensions = self.by().iter().map(|dimension| inert(&dimension.to_string()));
        let columns = COLUMNS.map(str::to_owned);
        writer.write_record(dimensions.chain(columns).chain(tokens).chain(units))?;
        let earlier = vec!["(earlier)".to_owned(); self.by().len()];
        write_lines(writer, &earlier, self.earlier())?;
        for row in self.rows() {
            let labels: Vec<String> = row.labels.iter().map(|label| cell(label.as_ref())).collect();
            write_lines(writer, &labels, &row.sums)?;
        }
        Ok(())
    }
}

fn write_lines(writer: &mut csv::Writer<Vec<u8>>, labels: &[String], sums: &Sums) -> csv::Result<()> {
    for (simulated, totals) in [("false", &sums.billed), ("true", &sums.simulated)] {
        if *totals != Totals::default() {
            let figures = [
                simulated.to_owned(),
                totals.calls.to_string(),
                totals.retries.to_string(),
                totals.cost.to_string(),
                totals.possibly_billed.to_string(),
                totals.overrun.to_string(),
            ];
            let tokens = Bucket::ALL.map(|bucket| stated(totals.tokens.get(bucket)));
            let units = Unit::ALL.map(|unit| stated(totals.units.get(unit)));
            writer.write_record(labels.iter().cloned().chain(figures).chain(tokens).chain(units))?;
        }
    }
    Ok(())
}

fn stated(count: Option<u64>) -> String {
    count.map(|count| count.to_string()).unwrap_or_default()
}

fn cell(label: Option<&Label>) -> String {
    label.map(|label| inert(&label.to_string())).unwrap_or_default()
}

/// A text that no spreadsheet runs.
fn inert(text: &str) -> String {
    let runs = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\'']);
    format!("{}{text}", if runs { "'" } else { "" })
}

#[derive(Serialize)]
struct Form<'a> {
    format_version: u32,
    by: Vec<String>,
    rows: Vec<RowForm<'a>>,
    earlier: &'a Sums,
    total: &'a Sums,
}

#[derive(Serialize)]
struct RowForm<'a> {
    labels: Vec<Option<String>>,
    #[serde(flatten)]
    sums: &'a Sums,
}
