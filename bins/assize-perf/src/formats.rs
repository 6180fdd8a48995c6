//! `assize-perf formats`.

use std::io::Write;

use assize_perf::readers;
use assize_report::{Column, Document, Table, TerminalStyle, Text};
use serde_json::json;

use crate::{Surroundings, exit, exit::Failure};

pub(crate) fn formats(as_json: bool, surroundings: Surroundings, out: &mut dyn Write) -> Result<u8, Failure> {
    let all = readers::all();
    if as_json {
        let formats: Vec<_> = all.iter().map(|r| json!({"name": r.name(), "reads": r.reads()})).collect();
        writeln!(out, "{:#}", json!({"format_version": 1, "formats": formats})).map_err(Failure::output)?;
        return Ok(exit::DONE);
    }
    let mut table = Table::new([Column::left("format"), Column::left("what is read")]);
    for reader in &all {
        table.push([Text::new().code(reader.name()), Text::from(reader.reads())]);
    }
    let mut doc = Document::new("Formats");
    doc.table(table);
    let style = TerminalStyle { width: surroundings.width, colour: surroundings.colour };
    writeln!(out, "{}", doc.to_terminal(&style).trim_end()).map_err(Failure::output)?;
    Ok(exit::DONE)
}
