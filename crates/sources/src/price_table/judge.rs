//! Rows in the order of their dates, each judged by those before it.

use assize_altdata::{DailyBar, Disposition, Finding, FindingKind, split_explains};
use jiff::civil::Date;

use super::events::Events;
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
    /// What rows of the present day that can't be used say of it.
    dropped: Option<(Place, Events)>,
    /// The same of days since the last bar, and the first of them.
    carried: (Option<Date>, Events),
    /// What was carried to the last bar, and what its day's rows say themselves.
    last: (Events, Events),
}

const OF_THIS_DAY: &str = "the dividend or split of a row of this day that can't be used is counted";

fn beyond_belief(events: Events) -> Defect {
    let text = format!(
        "{events} of rows before that can't be used makes no sense with this day's split; not counted"
    );
    Defect::new(FindingKind::BadEvent, text)
}

impl Judge {
    /// Judges the next row: by date, and within a date by line.
    pub(super) fn hear(&mut self, date: Date, row: Row) {
        let place = Place { date, line: row.line };
        self.turn_to(place);
        let mut bar = match row.bar {
            Ok(bar) => bar,
            Err(defect) => {
                self.find(place, Disposition::Dropped, defect);
                return self.set_aside(place, row.events);
            }
        };
        let own = row.events.or(self.dropped.map_or_else(Events::default, |(_, events)| events));
        let together = own.behind(self.carried.1);
        together.unwrap_or(own).write_to(&mut bar);
        if self.is_repeated(place, &bar, row.events) {
            return;
        }
        if let Some(scale) = self.scale(&bar) {
            self.recent.iter_mut().for_each(|close| *close *= scale);
            self.elsewhere.clear();
        } else if !self.is_convincing(place, bar.close) {
            return self.set_aside_from_elsewhere(place, row.events);
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
        self.tell_of_carried(place, own != row.events, together.is_some());
        let carried = if together.is_some() { self.carried.1 } else { Events::default() };
        self.last = (carried, own);
        (self.carried, self.dropped) = ((None, Events::default()), None);
    }

    /// Counts the events of dropped rows as of one day when that day is over. That it is over is known by the next row, so
    /// that a finding is of that row's day.
    fn turn_to(&mut self, next: Place) {
        let Some((place, events)) = self.dropped.take_if(|(place, _)| place.date < next.date) else {
            return;
        };
        let together = events.behind(self.carried.1);
        if together.is_none() {
            self.find(next, Disposition::Kept, beyond_belief(self.carried.1));
        }
        self.carried = (self.carried.0.or(Some(place.date)), together.unwrap_or(events));
    }

    /// Keeps the events of a row that can't be used: for the bar of its day, or the next there is.
    fn set_aside(&mut self, place: Place, events: Events) {
        if events.are_none() {
            return;
        }
        if self.bars.last().is_some_and(|bar| bar.date == place.date) {
            if self.take_over(events) {
                self.find(place, Disposition::Kept, Defect::new(FindingKind::EventMoved, OF_THIS_DAY));
            }
        } else {
            let before = self.dropped.map_or_else(Events::default, |(_, events)| events);
            self.dropped = Some((place, before.or(events)));
        }
    }

    /// A split is a ratio in any unit; what was paid is not.
    fn set_aside_from_elsewhere(&mut self, place: Place, events: Events) {
        if let Some(dividend) = events.dividend {
            let text = format!("the dividend {dividend} of a row in what may be another unit is not counted");
            self.find(place, Disposition::Kept, Defect::new(FindingKind::BadEvent, text));
        }
        self.set_aside(place, Events { dividend: None, ..events });
    }

    /// Adds what another record of the last bar's day knows beyond it; whether there was anything.
    fn take_over(&mut self, events: Events) -> bool {
        let (carried, own) = self.last;
        let all = own.or(events);
        let Some(bar) = self.bars.last_mut() else { return false };
        if all == own {
            return false;
        }
        all.behind(carried).unwrap_or(all).write_to(bar);
        self.last = (carried, all);
        true
    }

    fn tell_of_carried(&mut self, place: Place, from_this_day: bool, all_counted: bool) {
        if let (Some(since), events) = self.carried {
            let text = format!("{events} of rows from {since} on that can't be used, counted on this day");
            let moved = Defect::new(FindingKind::EventMoved, text);
            self.find(place, Disposition::Kept, if all_counted { moved } else { beyond_belief(events) });
        }
        if from_this_day {
            self.find(place, Disposition::Kept, Defect::new(FindingKind::EventMoved, OF_THIS_DAY));
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

    fn is_repeated(&mut self, place: Place, bar: &DailyBar, events: Events) -> bool {
        let of_day = self.bars.last().copied().filter(|first| first.date == place.date);
        if let Some(first) = of_day {
            let without_events = |bar: &DailyBar| DailyBar { dividend: None, split: None, ..*bar };
            let own = self.last.1;
            let took = if self.take_over(events) { "; its dividend or split is taken over" } else { "" };
            let defect = if without_events(&first) != without_events(bar) {
                let text = format!(
                    "another row for this day, with the close {} where the first has {}{took}",
                    bar.close, first.close
                );
                Defect::new(FindingKind::Conflict, text)
            } else if own.or(events) == events.or(own) {
                Defect::new(FindingKind::Duplicate, format!("the same row again{took}"))
            } else {
                let text = format!("another row for this day, with {events} where the first has {own}{took}");
                Defect::new(FindingKind::Conflict, text)
            };
            self.find(place, Disposition::Dropped, defect);
            return true;
        }
        let is_far_off_again = self.elsewhere.last().is_some_and(|(first, _)| first.date == place.date)
            && self.scale(bar).is_none();
        if is_far_off_again {
            let text = "another row for this day, as far off as the first";
            self.find(place, Disposition::Dropped, Defect::new(FindingKind::Conflict, text));
            self.set_aside_from_elsewhere(place, events);
        }
        is_far_off_again
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
