//! Rows in the order of their dates, each judged by those before it.

use assize_altdata::{DailyBar, Disposition, Finding, FindingKind, split_explains};
use jiff::civil::Date;

use super::row::Row;
use super::{Defect, numbers};

/// A close so many times the median of those before it, or one part in so many, is in another unit.
const JUMP: f64 = 20.0;
/// How many closes before it a close is compared with.
const COMPARED: usize = 5;
/// So many rows in a row at another level, agreeing with each other, are taken as the new level.
const CONVINCING: usize = 5;
/// Closes of one level differ by less than this factor.
const AGREEING: f64 = 2.0;

/// Where a row stands.
#[derive(Clone, Copy, Debug)]
struct Place {
    date: Date,
    line: u64,
}

#[derive(Debug, Default)]
pub(super) struct Judge {
    bars: Vec<DailyBar>,
    findings: Vec<Finding>,
    /// The last closes that were kept, in the unit of the last one.
    recent: Vec<f64>,
    /// The first and last row of the present level.
    level: Option<(Place, Place)>,
    /// Rows in a row that are far from the level and agree with each other.
    elsewhere: Vec<(Place, f64)>,
}

impl Judge {
    /// Judges the next row: by date, and within a date by line.
    pub(super) fn hear(&mut self, date: Date, row: Row) {
        let place = Place { date, line: row.line };
        let bar = match row.bar {
            Ok(bar) => bar,
            Err(defect) => return self.find(place, Disposition::Dropped, defect),
        };
        if self.is_repeated(place, &bar) {
            return;
        }
        if let Some(scale) = self.scale(&bar) {
            self.recent.iter_mut().for_each(|close| *close *= scale);
            self.elsewhere.clear();
        } else if !self.is_convincing(place, bar.close) {
            return;
        }
        self.recent.push(bar.close);
        if self.recent.len() > COMPARED {
            self.recent.remove(0);
        }
        self.level = Some((self.level.map_or(place, |(first, _)| first), place));
        self.bars.push(bar);
        for note in row.notes {
            self.find(place, Disposition::Kept, note);
        }
    }

    /// What was kept, in the order of dates, and what was wrong.
    pub(super) fn rest(self) -> (Vec<DailyBar>, Vec<Finding>) {
        (self.bars, self.findings)
    }

    fn find(&mut self, place: Place, disposition: Disposition, defect: Defect) {
        self.findings
            .push(Finding::on(place.date, defect.kind, disposition, defect.text).on_line(place.line));
    }

    fn is_repeated(&mut self, place: Place, bar: &DailyBar) -> bool {
        let defect = match (self.bars.last(), self.elsewhere.last()) {
            (Some(first), _) if first.date == place.date && first == bar => {
                Defect::new(FindingKind::Duplicate, "the same row again")
            }
            (Some(first), _) if first.date == place.date => Defect::new(
                FindingKind::Conflict,
                format!(
                    "another row for this day, with the close {} where the first has {}",
                    bar.close, first.close
                ),
            ),
            (_, Some((first, _))) if first.date == place.date && self.scale(bar).is_none() => {
                Defect::new(FindingKind::Conflict, "another row for this day, as far off as the first")
            }
            _ => return false,
        };
        self.find(place, Disposition::Dropped, defect);
        true
    }

    /// By how much the closes before have to be multiplied to be comparable with this bar's; `None` if nothing makes them
    /// comparable.
    fn scale(&self, bar: &DailyBar) -> Option<f64> {
        let (Some(reference), Some(before)) = (numbers::median(&self.recent), self.bars.last()) else {
            return Some(1.0);
        };
        let comparable = |scale: &f64| {
            let moved = bar.close / (reference * scale);
            moved < JUMP && moved > 1.0 / JUMP
        };
        let split = bar
            .split
            .filter(|split| split_explains(before.close, bar.close, *split))
            .map(|split| 1.0 / split);
        let adjusted = before.adjustment.zip(bar.adjustment).map(|(then, now)| then / now);
        [split, Some(1.0), adjusted].into_iter().flatten().find(comparable)
    }

    /// Takes a row that is far from the level: dropped, until so many agree that they are the new level.
    fn is_convincing(&mut self, place: Place, close: f64) -> bool {
        let agrees =
            self.elsewhere.iter().all(|(_, other)| (1.0 / AGREEING..=AGREEING).contains(&(close / other)));
        if !agrees {
            self.elsewhere.clear();
        }
        self.elsewhere.push((place, close));
        let reference = numbers::median(&self.recent).unwrap_or(close);
        let ratio = close / reference;
        let times =
            if ratio >= 1.0 { format!("{ratio:.0} times") } else { format!("1/{:.0} of", 1.0 / ratio) };
        let count = self.recent.len();
        if self.elsewhere.len() < CONVINCING {
            let text = format!(
                "the close {close} is {times} the median {reference} of the {count} before it and no split explains it: \
                 another unit?"
            );
            self.find(place, Disposition::Dropped, Defect::new(FindingKind::UnitJump, text));
            return false;
        }
        // By their dates: in a file that runs backwards, the numbers of lines depend on later rows.
        let rows = |(first, last): (Place, Place)| format!("rows of {} to {}", first.date, last.date);
        let former = self.level.map_or_else(String::new, rows);
        let dropped = rows((self.elsewhere[0].0, self.elsewhere[CONVINCING - 2].0));
        let text = format!(
            "{CONVINCING} closes in a row about {close}, {times} the level before: taken as the new level; either the \
             {former} or all from here on and the dropped {dropped} are in another unit"
        );
        self.find(place, Disposition::Kept, Defect::new(FindingKind::NewLevel, text));
        // The new level's own closes; the caller adds this one.
        self.recent = self.elsewhere.drain(..).map(|(_, close)| close).take(CONVINCING - 1).collect();
        self.level = None;
        true
    }
}
