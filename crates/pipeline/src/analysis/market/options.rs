//! What options on the share imply.

use assize_altdata::{Item, ItemKind, new_york};
use assize_analysts::chain_of;
use assize_signals::options::analyse;

use super::super::{Measure, Unit, exhibit::id_of};

/// The figures of the newest chain.
pub(super) fn read(known: &[&Item]) -> Vec<Measure> {
    let chains = known.iter().filter_map(|item| match &item.kind {
        ItemKind::Options(chain) => Some((chain.quoted_at, id_of(item), *item, chain)),
        _ => None,
    });
    let Some((at, id, item, chain)) = chains.max_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1))) else {
        return Vec::new();
    };
    let chain = chain_of(&item.ticker, chain);
    let report = analyse(&chain);
    let day = new_york::date(at);
    let flags: Vec<&str> = report.quality.flags.iter().map(|flag| flag.name()).collect();
    let doubts = if flags.is_empty() { String::new() } else { format!("; doubtful: {}", flags.join(", ")) };
    let skew = report.skew.filter(|skew| !skew.is_suspect);
    let of = [
        (
            "mkt.implied-volatility",
            "implied volatility",
            report.at_the_money.map(|money| money.iv),
            Unit::Share,
            "at the money, 30 days",
        ),
        (
            "mkt.option-skew",
            "skew of options",
            skew.map(|skew| skew.skew),
            Unit::Number,
            "implied volatility of the put less that of the call at 25 delta",
        ),
        ("mkt.put-call", "puts by calls", report.put_call.by_volume, Unit::Times, "by the day's volume"),
        (
            "mkt.put-call-open",
            "open puts by calls",
            report.put_call.by_open_interest,
            Unit::Times,
            "by open interest",
        ),
    ];
    of.into_iter()
        .filter_map(|(id_of_measure, name, value, unit, what)| {
            let how = format!("{what}, quoted on {day}{doubts}");
            Measure::new(id_of_measure, name, (value?, unit), &how, [id.clone()])
        })
        .collect()
}
