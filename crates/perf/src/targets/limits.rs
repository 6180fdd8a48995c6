//! The table `[thresholds]`.

use serde::Deserialize;
use toml::Spanned;

use super::{Figure, Place, quantity};
use crate::{Error, Thresholds, Unit};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    critical_time: Option<Spanned<Figure>>,
    high_time: Option<Spanned<Figure>>,
    critical_memory: Option<Spanned<Figure>>,
    high_memory: Option<Spanned<Figure>>,
    critical_multiple: Option<Spanned<Figure>>,
    high_multiple: Option<Spanned<Figure>>,
    medium_multiple: Option<Spanned<Figure>>,
    speed_up: Option<Spanned<Figure>>,
    unsteady: Option<Spanned<Figure>>,
}

impl Form {
    pub(super) fn read(self, place: &Place<'_>) -> Result<Thresholds, Error> {
        let or = |figure: Option<Spanned<Figure>>, unit: Unit, default: f64| {
            figure.map_or(Ok((default, None)), |figure| value(figure, &unit, place))
        };
        let known = Thresholds::default();
        let critical_time = or(self.critical_time, Unit::Nanoseconds, known.critical_ns)?;
        let high_time = or(self.high_time, Unit::Nanoseconds, known.high_ns)?;
        let critical_memory = or(self.critical_memory, Unit::Bytes, known.critical_bytes)?;
        let high_memory = or(self.high_memory, Unit::Bytes, known.high_bytes)?;
        let critical = or(self.critical_multiple, Unit::Ratio, known.critical_multiple)?;
        let high = or(self.high_multiple, Unit::Ratio, known.high_multiple)?;
        let medium = or(self.medium_multiple, Unit::Ratio, known.medium_multiple)?;
        let ordered = [
            (&high_time, &critical_time, "high_time is above critical_time"),
            (&high_memory, &critical_memory, "high_memory is above critical_memory"),
            (&high, &critical, "high_multiple is above critical_multiple"),
            (&medium, &high, "medium_multiple is above high_multiple"),
        ];
        for (less, more, text) in ordered {
            if less.0 > more.0 {
                let at = less.1.clone().or_else(|| more.1.clone());
                return Err(place.error(at, text).hinted("give both, the lower severity the lower limit"));
            }
        }
        Ok(Thresholds {
            critical_ns: critical_time.0,
            high_ns: high_time.0,
            critical_bytes: critical_memory.0,
            high_bytes: high_memory.0,
            critical_multiple: critical.0,
            high_multiple: high.0,
            medium_multiple: medium.0,
            speed_up: or(self.speed_up, Unit::Ratio, known.speed_up)?.0,
            unsteady: or(self.unsteady, Unit::Fraction, known.unsteady)?.0,
            ..known
        })
    }
}

/// A limit, and where it stands.
type Limit = (f64, Option<std::ops::Range<usize>>);

fn value(figure: Spanned<Figure>, unit: &Unit, place: &Place<'_>) -> Result<Limit, Error> {
    let span = figure.span();
    let quantity = quantity(figure, place)?;
    // A bare number is a factor or a share; of a time or a size it would not say what it counts.
    let needs_unit = matches!(unit, Unit::Nanoseconds | Unit::Bytes);
    let fits = quantity.unit.as_ref().map_or(!needs_unit, |given| given.comparable(unit));
    if !fits {
        let text = format!("{} is not in {}", quantity.text, unit.name());
        return Err(place.error(Some(span), text).hinted("write a time as \"30 s\", memory as \"500 MB\""));
    }
    if !(quantity.value.is_finite() && quantity.value > 0.0) {
        return Err(place.error(Some(span), format!("{} is not above zero", quantity.text)));
    }
    Ok((quantity.value, Some(span)))
}
