//! The order of a file's rows, and when something about it could first have been noticed.

use assize_altdata::{Disposition, Finding, FindingKind};
use jiff::civil::Date;

use super::row::Row;

/// How the rows of a file run. Decided by its two earliest days alone, so that later rows can't change it.
#[derive(Debug)]
pub(super) struct Order {
    first: Option<Date>,
    /// The second-earliest day: from then on the direction is known.
    second: Option<Date>,
    ascending: bool,
}

impl Order {
    pub(super) fn of(rows: &[Row]) -> Self {
        let dates = || rows.iter().filter_map(|row| row.date);
        let first = dates().min();
        let second = dates().filter(|date| Some(*date) > first).min();
        let place = |day| rows.iter().position(|row| row.date == Some(day));
        let ascending = first.and_then(place) <= second.and_then(place);
        Self { first, second, ascending: ascending || second.is_none() }
    }

    /// The earliest day in the file.
    pub(super) fn first_date(&self) -> Option<Date> {
        self.first
    }

    /// Rows without a date, each with the day from which on it could be noticed: when the first of the rows on the side of
    /// later days was known, and the file's direction too. `None` where nothing says that.
    pub(super) fn undated<'a>(&self, rows: &'a [Row]) -> Vec<(&'a Row, Option<Date>)> {
        let mut found = Vec::new();
        let mut later = None;
        // Towards the earlier days. The earliest date seen, not the last: a row that stands in the wrong place must not hide
        // what is known without it.
        let mut visit = |row: &'a Row| match row.date {
            Some(date) => later = Some(later.map_or(date, |later: Date| later.min(date))),
            None => found.push((row, later.zip(self.second).map(|(later, second)| later.max(second)))),
        };
        if self.ascending {
            rows.iter().rev().for_each(&mut visit);
        } else {
            rows.iter().for_each(&mut visit);
        }
        found
    }

    /// The earliest day from which on the rows were not in order, if they are not.
    pub(super) fn out_of_order(&self, rows: &[Row]) -> Option<Finding> {
        let mut dated: Vec<(Date, u64)> = rows.iter().filter_map(|row| Some((row.date?, row.line))).collect();
        dated.sort_unstable();
        let mut dated = dated.into_iter().peekable();
        // The line among all earlier days that this day's lines must stand behind (or, descending, before).
        let mut bound: Option<u64> = None;
        while let Some((date, line)) = dated.next() {
            let (first, mut last) = (line, line);
            while let Some((_, line)) = dated.next_if(|(same, _)| *same == date) {
                last = line;
            }
            let misplaced = match bound {
                Some(bound) if self.ascending && first < bound => Some(first),
                Some(bound) if !self.ascending && last > bound => Some(last),
                _ => None,
            };
            if let Some(line) = misplaced {
                let text = "the rows are not in the order of their dates, first here; sorted";
                return Some(
                    Finding::on(date, FindingKind::OutOfOrder, Disposition::Kept, text).on_line(line),
                );
            }
            bound = if self.ascending {
                bound.max(Some(last))
            } else {
                Some(bound.map_or(first, |b| b.min(first)))
            };
        }
        None
    }
}
