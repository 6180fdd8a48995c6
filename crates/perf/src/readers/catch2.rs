//! The benchmarks of Catch2's console output.
//!
//! A benchmark is three lines: name, samples, iterations and estimated time; mean with its bounds; standard deviation
//! with its bounds. Long names go on before or beside the figures.

use std::path::Path;

use super::{FileReader, Head, Input, scale::nanoseconds, timed::Timed};
use crate::{
    Error,
    run::{Finding, Interval, Measurement, Run},
};

/// Reads Catch2's output.
#[derive(Debug, Clone, Copy, Default)]
pub struct Catch2;

impl FileReader for Catch2 {
    fn name(&self) -> &'static str {
        "catch2"
    }

    fn reads(&self) -> &'static str {
        "the benchmarks in Catch2's console output"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        let text = head.text();
        text.contains("Catch v") || (text.contains("benchmark name") && text.contains("low mean"))
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let bytes = input.bytes(file)?;
        let text = String::from_utf8_lossy(&bytes);
        let name = file.display().to_string();
        let mut run = Run::new("catch2");
        let mut reading = Reading::default();
        for (at, line) in text.lines().enumerate() {
            if let Err(text) = reading.line(at + 1, line, &mut run.measurements) {
                run.findings.push(Finding::new(&name, Some(format!("line {}", reading.begun)), text));
                reading.rows.clear();
            }
        }
        if !reading.rows.is_empty() {
            let text = "the benchmark that begins here is cut: it was left out";
            run.findings.push(Finding::new(&name, Some(format!("line {}", reading.begun)), text));
        }
        Ok(run)
    }
}

/// What the next line belongs to.
#[derive(Default, PartialEq)]
enum Part {
    #[default]
    Outside,
    Title,
    Place,
    Header,
    Table,
}

#[derive(Default)]
struct Reading {
    part: Part,
    /// Test case and sections.
    title: Vec<String>,
    place: Option<String>,
    begun: usize,
    names: Vec<String>,
    rows: Vec<Vec<f64>>,
    samples: String,
}

impl Reading {
    fn line(&mut self, at: usize, line: &str, found: &mut Vec<Measurement>) -> Result<(), String> {
        let text = line.trim();
        let of = |sign: char| text.len() > 10 && text.chars().all(|c| c == sign);
        if of('-') || of('=') || of('.') || of('~') {
            let was_cut = !self.rows.is_empty();
            self.names.clear();
            self.part = match self.part {
                Part::Header => Part::Table,
                Part::Title => Part::Place,
                _ if of('-') => {
                    self.title.clear();
                    Part::Title
                }
                _ => Part::Outside,
            };
            return if was_cut {
                Err("the benchmark that begins here is cut: it was left out".to_owned())
            } else {
                Ok(())
            };
        }
        if text.starts_with("benchmark name") {
            self.part = Part::Header;
        }
        match self.part {
            _ if text.is_empty() => Ok(()),
            Part::Title if self.title.len() < 20 => {
                self.title.push(text.to_owned());
                Ok(())
            }
            Part::Place => {
                self.place = Some(text.to_owned());
                Ok(())
            }
            Part::Table => self.row(at, text, found),
            _ => Ok(()),
        }
    }

    fn row(&mut self, at: usize, line: &str, found: &mut Vec<Measurement>) -> Result<(), String> {
        if self.rows.is_empty() {
            if self.names.is_empty() {
                self.begun = at;
            }
            let Some((name, samples, iterations)) = first(line) else {
                self.names.push(line.to_owned());
                if self.names.len() > 10 {
                    self.names.clear();
                    return Err("no figures follow this line".to_owned());
                }
                return Ok(());
            };
            self.names.push(name.to_owned());
            self.samples = format!("{samples} samples of {iterations} iterations in one process");
            self.rows.push(Vec::new());
            return Ok(());
        }
        let Some((name, times)) = times(line) else {
            self.names.clear();
            return Err("the figures of the benchmark that begins here are no three times: it was left out"
                .to_owned());
        };
        if !name.is_empty() {
            self.names.push(name.to_owned());
        }
        self.rows.push(times);
        if let [_, mean, deviation] = self.rows.as_slice() {
            let name = self.names.join(" ");
            let id = self.title.iter().chain([&name]).map(String::as_str).collect::<Vec<_>>().join("/");
            let measured = measurement(&id, mean, deviation, &self.samples);
            found.extend(measured.map(|one| Measurement { location: self.place.clone(), ..one }));
            self.rows.clear();
            self.names.clear();
        }
        Ok(())
    }
}

/// `name  samples  iterations  estimated unit`.
fn first(line: &str) -> Option<(&str, &str, &str)> {
    let (rest, unit) = last(line)?;
    nanoseconds(unit)?;
    let (rest, estimated) = last(rest)?;
    estimated.parse::<f64>().ok()?;
    let (rest, iterations) = last(rest)?;
    let (name, samples) = last(rest).unwrap_or(("", rest.trim()));
    let is_count = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (is_count(iterations) && is_count(samples)).then(|| (name.trim(), samples, iterations))
}

/// What comes before the last word, and the word.
fn last(line: &str) -> Option<(&str, &str)> {
    line.trim_end().rsplit_once(char::is_whitespace)
}

/// The end of a name, if one stands there, and three times.
fn times(line: &str) -> Option<(&str, Vec<f64>)> {
    let mut rest = line.trim();
    let mut found = Vec::new();
    for _ in 0..3 {
        let (before, unit) = last(rest)?;
        let (before, figure) = last(before).unwrap_or(("", before.trim()));
        found.push(figure.parse::<f64>().ok()? * nanoseconds(unit)?);
        rest = before;
    }
    found.reverse();
    Some((rest.trim(), found))
}

fn measurement(id: &str, mean: &[f64], deviation: &[f64], samples: &str) -> Option<Measurement> {
    let mut time = Timed::new(id, "time", Vec::new(), "samples");
    time.said = vec![("mean", mean.first().copied()), ("sd", deviation.first().copied())];
    let found = time.measurement()?.with_note(samples);
    let (low, high) = (*mean.get(1)?, *mean.get(2)?);
    // The level is a setting that the output does not repeat; 0.95 unless it was changed.
    let method = "Catch2's bootstrap over the samples of one process, at its usual level".to_owned();
    Some(found.with_interval(Interval { low, high, level: 0.95, method }))
}
