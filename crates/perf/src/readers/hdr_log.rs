//! Logs of HdrHistogram (`.hlog`).
//!
//! A line holds an interval: perhaps `Tag=NAME`, its start, its length and its maximum, and a histogram in base64. The
//! histograms of a tag are added up, never their percentiles averaged. A log states no unit: the maximum of a line is
//! the histogram's divided by a ratio, usually 1,000,000, which makes milliseconds of nanoseconds.

mod histogram;

use std::{collections::BTreeMap, path::Path};

use assize_ambient::Timestamp;

use self::histogram::Histogram;
use super::{
    FileReader, Head, Input,
    lines::Lines,
    load::{Load, number},
};
use crate::{Error, run::Run};

/// How many tags one log may have.
const TAGS: usize = 10_000;

/// How many different values are held in all.
const VALUES: usize = 4_000_000;

const PERCENTILES: [f64; 8] = [25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99];

/// Reads logs of HdrHistogram.
#[derive(Debug, Clone, Copy, Default)]
pub struct HdrLog;

impl FileReader for HdrLog {
    fn name(&self) -> &'static str {
        "hdr-log"
    }

    fn reads(&self) -> &'static str {
        "logs of HdrHistogram (.hlog, encodings V0 to V2, compressed or not, with tags)"
    }

    fn sniff_file(&self, head: &Head, _file: &Path) -> bool {
        let mut lines = head.text().lines();
        lines.clone().any(|line| line.starts_with("#[Histogram log format version"))
            || lines.any(|line| Line::of(line).is_some_and(|line| line.payload.starts_with("HIST")))
    }

    fn read_file(&self, input: &Input, file: &Path) -> Result<Run, Error> {
        let mut run = Run::new("hdr-log");
        let mut lines = Lines::open(input, file)?;
        let mut merged: BTreeMap<String, Merged> = BTreeMap::new();
        let mut room = VALUES;
        while let Some((at, text)) = lines.next() {
            if let Some(start) = text.strip_prefix("#[StartTime:") {
                let seconds = start.split_whitespace().next().and_then(number);
                run.created_at = run.created_at.or_else(|| timestamp(seconds?));
            }
            if text.trim().is_empty() || text.starts_with(['#', '"']) || text.starts_with("StartTimestamp") {
                continue;
            }
            let read = Line::of(text)
                .ok_or_else(|| "it has not the fields of an interval".to_owned())
                .and_then(|line| {
                    Ok((line.tag.to_owned(), line.length, line.maximum, Histogram::decode(line.payload)?))
                });
            match read {
                Ok((tag, length, maximum, histogram)) => {
                    if merged.len() >= TAGS && !merged.contains_key(&tag) {
                        lines.find(
                            &mut run,
                            at,
                            format!("the log has more than {TAGS} tags: this one was left out"),
                        );
                        continue;
                    }
                    let into = merged.entry(tag).or_default();
                    let before = into.counts.len();
                    into.add(length, maximum, &histogram);
                    let Some(left) = room.checked_sub(into.counts.len() - before) else {
                        lines.find(
                            &mut run,
                            at,
                            "the log has too many different values: what follows was left out",
                        );
                        break;
                    };
                    room = left;
                }
                Err(why) => lines.find(&mut run, at, format!("{why}: the interval was left out")),
            }
        }
        let name = file.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        for (tag, merged) in merged {
            let id = if tag.is_empty() { format!("hdr/{name}") } else { format!("hdr/{name}/{tag}") };
            run.measurements.extend(merged.load(id).measurements());
        }
        lines.finish(&mut run)?;
        Ok(run)
    }
}

/// An interval as it stands in the log.
struct Line<'a> {
    tag: &'a str,
    length: f64,
    maximum: f64,
    payload: &'a str,
}

impl<'a> Line<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let (tag, rest) = match line.strip_prefix("Tag=") {
            Some(rest) => rest.split_once(',')?,
            None => ("", line),
        };
        let mut fields = rest.split([',', ' ']).filter(|field| !field.is_empty());
        let (_start, length) = (number(fields.next()?)?, number(fields.next()?)?);
        let (maximum, payload) = (number(fields.next()?)?, fields.next()?.trim());
        Some(Self { tag, length, maximum, payload })
    }
}

/// The histograms of one tag.
#[derive(Debug, Default)]
struct Merged {
    /// The number of values between these two, ends included.
    counts: BTreeMap<(u64, u64), u64>,
    total: u64,
    intervals: usize,
    seconds: f64,
    /// The largest maximum of a line, in its unit, and what the histogram has for it.
    largest: Option<(f64, u64)>,
}

impl Merged {
    fn add(&mut self, length: f64, maximum: f64, histogram: &Histogram) {
        self.intervals += 1;
        self.seconds += length.max(0.0);
        for &(low, high, count) in &histogram.counts {
            let known = self.counts.entry((high, low)).or_default();
            *known = known.saturating_add(count);
            self.total = self.total.saturating_add(count);
        }
        let here = histogram.counts.last().map(|(_, high, _)| (maximum, *high));
        self.largest = match (self.largest, here) {
            (Some(known), Some(here)) if here.1 <= known.1 => Some(known),
            (known, here) => here.or(known),
        };
    }

    fn load(&self, id: String) -> Load {
        let (factor, note) = self.unit();
        let mut load = Load::new(id);
        load.notes.push(format!("{} intervals added up", self.intervals));
        load.notes.push(note.to_owned());
        load.requests = Some(real(self.total));
        load.per_second = (self.seconds > 0.0).then(|| real(self.total) / self.seconds);
        let at = |percent| Some((percent, real(self.value_at(percent)?) * factor));
        load.percentiles = PERCENTILES.into_iter().filter_map(at).collect();
        let (first, last) = (self.counts.first_key_value(), self.counts.last_key_value());
        let ends = [("min", first.map(|((_, low), _)| *low)), ("max", last.map(|((high, _), _)| *high))];
        load.figures =
            ends.into_iter().filter_map(|(name, value)| Some((name, real(value?) * factor))).collect();
        if self.total > 0 {
            // As HdrHistogram has it: each value stands in the middle of its range.
            let sum: f64 = self
                .counts
                .iter()
                .map(|((high, low), count)| real(*count) * real(low + (high - low).div_ceil(2)))
                .sum();
            load.figures.push(("mean", sum / real(self.total) * factor));
        }
        load
    }

    /// The highest value that is equivalent to that of the rank, as HdrHistogram has it.
    fn value_at(&self, percent: f64) -> Option<u64> {
        let rank = (percent / 100.0 * real(self.total)).ceil().max(1.0);
        let mut below = 0_u64;
        self.counts.iter().find_map(|((high, _), count)| {
            below = below.saturating_add(*count);
            (real(below) >= rank).then_some(*high)
        })
    }

    /// Nanoseconds of a step of the values, and how that is known.
    fn unit(&self) -> (f64, &'static str) {
        let ratio =
            self.largest.filter(|(told, _)| *told > 0.0).map_or(0.0, |(told, high)| real(high) / told);
        if (3e5..3e6).contains(&ratio) {
            (
                1.0,
                "in nanoseconds, for the log tells maxima in a millionth of its values, which is milliseconds",
            )
        } else if (3e2..3e3).contains(&ratio) {
            (
                1e3,
                "in microseconds, for the log tells maxima in a thousandth of its values, which is milliseconds",
            )
        } else {
            (1.0, "a log states no unit: taken for nanoseconds")
        }
    }
}

/// A count as a real number.
#[expect(clippy::cast_precision_loss, reason = "beyond 2^53 the last digits of a count say nothing")]
const fn real(count: u64) -> f64 {
    count as f64
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a cast of a float saturates, and what is out of range is no time"
)]
fn timestamp(seconds: f64) -> Option<Timestamp> {
    Timestamp::from_millisecond((seconds * 1e3) as i64).ok()
}
