//! One line of the table: a date and a bar, or what is wrong with it.

use std::borrow::Cow;

use assize_altdata::{DailyBar, FindingKind};
use jiff::civil::{Date, Weekday};

use super::columns::{Columns, MOST_COLUMNS};
use super::events::{Events, SPLITS};
use super::lines::{fields, quoted};
use super::numbers::{self, Number};
use super::{Defect, dates};

/// Prices outside this range are slips.
const PRICES: std::ops::RangeInclusive<f64> = 1e-9..=1e12;
/// A volume above this is a slip.
const MOST_VOLUME: f64 = 1e15;
/// Adjusted closes by a factor outside this range are slips.
const FACTORS: std::ops::RangeInclusive<f64> = 1e-9..=1e9;
/// By how much a price may lie outside high and low: adjusted prices are rounded each by itself.
const TOLERANCE: f64 = 0.005;

/// A line that was read by itself.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) line: u64,
    /// Also there where the prices can't be read.
    pub(super) date: Option<Date>,
    pub(super) bar: Result<DailyBar, Defect>,
    /// Dividend and split, also where the prices can't be read.
    pub(super) events: Events,
    /// What is wrong although the row can be used.
    pub(super) notes: Vec<Defect>,
}

/// Reads a line.
pub(super) fn read(columns: &Columns, line: u64, text: &str) -> Row {
    let mut row = Row {
        line,
        date: None,
        bar: Err(Defect::new(FindingKind::RaggedRow, "")),
        events: Events::default(),
        notes: Vec::new(),
    };
    let Some(fields) = fields(text, columns.delimiter, MOST_COLUMNS + 1) else {
        // The date may be readable all the same, and says when the defect could be noticed.
        let day = text.split(columns.delimiter).nth(columns.date).unwrap_or("");
        row.date = dates::read(day.trim_matches([' ', '"'])).ok();
        let text = format!("a quotation mark in {} does not end", quoted(text, 60));
        row.bar = Err(Defect::new(FindingKind::RaggedRow, text));
        return row;
    };
    match dates::read(fields.get(columns.date).map_or("", |field| field)) {
        Ok(date) => {
            row.date = Some(date);
            row.bar = bar(columns, &fields, date, &mut row.notes);
            // Beside surplus values, it is not clear which column is which.
            if !has_surplus(columns, &fields) {
                row.events = events(columns, &fields, &mut row.notes);
                if let Ok(bar) = &mut row.bar {
                    row.events.write_to(bar);
                }
            }
        }
        Err(defect) => row.bar = Err(defect),
    }
    row
}

fn bar(
    columns: &Columns,
    fields: &[Cow<'_, str>],
    date: Date,
    notes: &mut Vec<Defect>,
) -> Result<DailyBar, Defect> {
    let (width, found) = (columns.width, fields.len());
    if found > MOST_COLUMNS {
        let text = format!("more than {MOST_COLUMNS} values in {width} columns");
        return Err(Defect::new(FindingKind::RaggedRow, text));
    }
    if has_surplus(columns, fields) {
        return Err(Defect::new(FindingKind::RaggedRow, format!("{found} values in {width} columns")));
    }
    let field = |place: usize| fields.get(place).map(|field| &**field);
    let price = |name: &str, place: usize| {
        let Some(text) = field(place) else {
            return Err(Defect::new(FindingKind::RaggedRow, format!("{found} values in {width} columns")));
        };
        match numbers::read(text) {
            Number::Value(value) if PRICES.contains(&value) => Ok(value),
            Number::Value(value) if value <= 0.0 => {
                Err(Defect::new(FindingKind::BadPrice, format!("the {name} {value} is not positive")))
            }
            Number::Value(value) => {
                Err(Defect::new(FindingKind::BadPrice, format!("the {name} {value:e} is beyond belief")))
            }
            Number::Missing => {
                Err(Defect::new(FindingKind::UnreadableNumber, format!("the {name} is missing")))
            }
            Number::Unreadable => {
                let text = format!("the {name} {} can't be read; write it as 1234.5", quoted(text, 40));
                Err(Defect::new(FindingKind::UnreadableNumber, text))
            }
        }
    };
    let close = price("close", columns.close)?;
    let or_close = |name, place: Option<usize>| place.map_or(Ok(close), |place| price(name, place));
    let open = or_close("open", columns.open)?;
    let high = or_close("high", columns.high)?;
    let low = or_close("low", columns.low)?;
    let mut bar = DailyBar::new(date, open, high, low, close);
    if let Some(text) = outside_range(&bar) {
        notes.push(Defect::new(FindingKind::OutsideRange, text));
    }
    if matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) {
        let day = if date.weekday() == Weekday::Saturday { "Saturday" } else { "Sunday" };
        notes.push(Defect::new(FindingKind::Weekend, format!("the day is a {day}")));
    }
    let number = |place: usize| field(place).map_or(Number::Missing, numbers::read);
    if let Some(place) = columns.volume {
        bar.volume = volume(number(place), notes);
    }
    if let Some(place) = columns.adjusted {
        bar.adjustment = adjustment(number(place), close, notes);
    }
    Ok(bar)
}

fn has_surplus(columns: &Columns, fields: &[Cow<'_, str>]) -> bool {
    fields.len() > MOST_COLUMNS || fields.iter().skip(columns.width).any(|field| !field.is_empty())
}

fn events(columns: &Columns, fields: &[Cow<'_, str>], notes: &mut Vec<Defect>) -> Events {
    let number = |place: usize| fields.get(place).map_or(Number::Missing, |field| numbers::read(field));
    let dividend = columns
        .dividend
        .and_then(|place| event("dividend", number(place), &(0.0..=*PRICES.end()), notes))
        .filter(|paid| *paid > 0.0);
    let split = columns.split.and_then(|place| match number(place) {
        // Files write both 0 and 1 where nothing was split.
        Number::Value(0.0 | 1.0) => None,
        number => event("split", number, &SPLITS, notes),
    });
    Events { dividend, split }
}

fn outside_range(bar: &DailyBar) -> Option<String> {
    let DailyBar { open, high, low, close, .. } = *bar;
    if high < low * (1.0 - TOLERANCE) {
        return Some(format!("the high {high} is below the low {low}"));
    }
    [("open", open), ("close", close)].into_iter().find_map(|(name, price)| {
        if price > high * (1.0 + TOLERANCE) {
            Some(format!("the {name} {price} is above the high {high}"))
        } else if price < low * (1.0 - TOLERANCE) {
            Some(format!("the {name} {price} is below the low {low}"))
        } else {
            None
        }
    })
}

fn volume(number: Number, notes: &mut Vec<Defect>) -> Option<f64> {
    let text = match number {
        Number::Value(0.0) => {
            notes.push(Defect::new(FindingKind::ZeroVolume, "nothing was traded"));
            return Some(0.0);
        }
        Number::Value(volume) if (0.0..=MOST_VOLUME).contains(&volume) => return Some(volume),
        Number::Value(volume) if volume < 0.0 => format!("the volume {volume} is negative"),
        Number::Value(volume) => format!("the volume {volume:e} is beyond belief"),
        Number::Missing => "the volume is missing".to_owned(),
        Number::Unreadable => "the volume can't be read".to_owned(),
    };
    notes.push(Defect::new(FindingKind::BadVolume, text + "; the row is used without it"));
    None
}

fn adjustment(number: Number, close: f64, notes: &mut Vec<Defect>) -> Option<f64> {
    let text = match number {
        Number::Value(adjusted) if adjusted > 0.0 && FACTORS.contains(&(adjusted / close)) => {
            return Some(adjusted / close);
        }
        Number::Value(adjusted) => format!("the adjusted close {adjusted:?} makes no sense beside {close}"),
        Number::Missing => "the adjusted close is missing".to_owned(),
        Number::Unreadable => "the adjusted close can't be read".to_owned(),
    };
    notes.push(Defect::new(FindingKind::BadAdjustment, text + "; the row is used without it"));
    None
}

fn event(
    name: &str,
    number: Number,
    sound: &std::ops::RangeInclusive<f64>,
    notes: &mut Vec<Defect>,
) -> Option<f64> {
    let text = match number {
        Number::Value(value) if sound.contains(&value) => return Some(value),
        // An empty field is how most files write that nothing happened.
        Number::Missing => return None,
        Number::Value(value) => format!("the {name} {value:?} makes no sense; the row is used without it"),
        Number::Unreadable => format!("the {name} can't be read; the row is used without it"),
    };
    notes.push(Defect::new(FindingKind::BadEvent, text));
    None
}
