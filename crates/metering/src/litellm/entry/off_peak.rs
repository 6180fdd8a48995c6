//! `off_peak_pricing`: rates, and the hours in which they hold.

use serde_json::value::RawValue;

use super::{Entry, MAX_WINDOWS, Refusal, array, object};
use crate::billing::Mode;
use crate::litellm::field::bucket;
use crate::litellm::json::{count, text};
use crate::off_peak::{OffPeak, Window};

const FIELD: &str = "off_peak_pricing";

impl<'a> Entry<'a> {
    /// Hours that cannot be read are left out: the peak rates hold in them, an upper bound.
    pub(super) fn read_off_peak(&mut self, json: &'a RawValue) -> Result<Option<OffPeak>, Refusal> {
        let mut off_peak = OffPeak::default();
        let (mut daily, mut rules, mut is_utc) = (None, None, true);
        for (name, value) in object(FIELD, json)? {
            if value.get() == "null" {
                continue;
            }
            let full = format!("{FIELD}.{name}");
            match name.as_str() {
                "hours_utc" => daily = Some(value),
                "windows" => rules = Some(value),
                "weekday_timezone" => is_utc = text(value).is_some_and(|zone| zone.trim() == "UTC"),
                _ => match bucket(&name) {
                    Some(bucket) => {
                        let rate = self.rate(&full, value)?;
                        off_peak.rates.set(bucket, Mode::Standard, rate);
                    }
                    None => self.findings.unknown_field(self.key, &full),
                },
            }
        }
        if let Some(hours) = daily {
            self.hours("hours_utc", hours, &[], &mut off_peak.windows)?;
        }
        for rule in rules.map(|rules| array::<MAX_WINDOWS>(FIELD, rules)).transpose()?.unwrap_or_default() {
            self.rule(rule, is_utc, &mut off_peak.windows)?;
        }
        if off_peak.rates.is_empty() {
            self.left_out(FIELD, "it states no rate");
            return Ok(None);
        }
        Ok(Some(off_peak))
    }

    fn rule(&mut self, json: &'a RawValue, is_utc: bool, windows: &mut Vec<Window>) -> Result<(), Refusal> {
        let (mut weekdays, mut hours) = (None, None);
        for (name, value) in object("off_peak_pricing.windows", json)? {
            match name.as_str() {
                "weekdays" if value.get() != "null" => weekdays = Some(value),
                "hours_utc" => hours = Some(value),
                _ => {}
            }
        }
        let Some(hours) = hours else { return Ok(()) };
        let mut days = Vec::new();
        if let Some(named) = weekdays {
            if !is_utc {
                self.left_out("off_peak_pricing.weekday_timezone", "weekdays are read in UTC only");
                return Ok(());
            }
            for day in array::<7>("off_peak_pricing.windows.weekdays", named)? {
                let Some(day) = weekday(day) else {
                    self.left_out("off_peak_pricing.windows.weekdays", "it names no weekday");
                    return Ok(());
                };
                if !days.contains(&day) {
                    days.push(day);
                }
            }
            if days.is_empty() {
                return Ok(());
            }
        }
        self.hours("windows.hours_utc", hours, &days, windows)
    }

    /// One part of the day, or several.
    fn hours(
        &mut self,
        name: &str,
        json: &'a RawValue,
        weekdays: &[u8],
        windows: &mut Vec<Window>,
    ) -> Result<(), Refusal> {
        let field = format!("{FIELD}.{name}");
        let parts =
            if json.get().starts_with('"') { vec![json] } else { array::<MAX_WINDOWS>(&field, json)? };
        for part in parts {
            let window = text(part).and_then(|hours| Window::new(weekdays, hours.trim()));
            match window {
                Some(window) if windows.len() < MAX_WINDOWS => windows.push(window),
                Some(_) => {
                    return Err(Refusal::of(&field, format!("there are more than {MAX_WINDOWS} windows")));
                }
                None => self.left_out(&field, "it is no part of the day such as 16:30-00:30"),
            }
        }
        Ok(())
    }
}

/// 1 to 7 from Monday, or the day's name.
fn weekday(json: &RawValue) -> Option<u8> {
    if let Some(name) = text(json) {
        let name = name.trim().to_lowercase();
        return Some(match name.as_str() {
            "mon" | "monday" => 1,
            "tue" | "tues" | "tuesday" => 2,
            "wed" | "wednesday" => 3,
            "thu" | "thur" | "thurs" | "thursday" => 4,
            "fri" | "friday" => 5,
            "sat" | "saturday" => 6,
            "sun" | "sunday" => 7,
            _ => return None,
        });
    }
    count(json).and_then(|day| u8::try_from(day).ok()).filter(|day| (1..=7).contains(day))
}
