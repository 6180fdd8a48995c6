//! Documents that a company filed, and what was sold short: for those who read; no rule counts them.

use assize_altdata::{AsOf, Item, ItemKind};
use assize_debate::Evidence;
use jiff::{ToSpan, civil::Date};
use serde_json::json;

use super::{FILING, SHORT_VOLUME, line};

const MOST_FILINGS: usize = 20;
const MOST_DAYS: usize = 10;
const DAYS: i64 = 180;
/// What insiders file; their purchases and sales are evidence of their own.
const OF_INSIDERS: [&str; 4] = ["3", "4", "5", "144"];

pub(super) fn evidence(known: &[&Item], as_of: &AsOf) -> Vec<Evidence> {
    let first = as_of.date().saturating_sub(DAYS.days());
    let newest = |mut papers: Vec<(Date, Evidence)>, most: usize| {
        papers.sort_by(|(a, x), (b, y)| b.cmp(a).then_with(|| x.id.cmp(&y.id)));
        papers.truncate(most);
        papers.into_iter().map(|(_, evidence)| evidence)
    };
    let filings = known.iter().filter_map(|item| filing(item)).filter(|(date, _)| *date >= first).collect();
    let short = known.iter().filter_map(|item| short_volume(item)).collect();
    newest(filings, MOST_FILINGS).chain(newest(short, MOST_DAYS)).collect()
}

fn filing(item: &Item) -> Option<(Date, Evidence)> {
    let ItemKind::Filing(filing) = &item.kind else { return None };
    if OF_INSIDERS.contains(&filing.form.trim_end_matches("/A")) {
        return None;
    }
    let period = filing.period.map(|day| format!(" for the period to {day}")).unwrap_or_default();
    let items =
        if filing.items.is_empty() { String::new() } else { format!(", items {}", filing.items.join(", ")) };
    let words =
        if filing.description.is_empty() { String::new() } else { format!(": {}", filing.description) };
    let text =
        format!("{} filed a {}{period} on {}{items}{words}", item.ticker, filing.form, filing.filed_on);
    let data = json!({ "form": filing.form, "accession": filing.accession, "filed_on": filing.filed_on, "items": filing.items });
    Some((filing.filed_on, line(item, FILING, item.ticker.as_str(), &text, data)))
}

fn short_volume(item: &Item) -> Option<(Date, Evidence)> {
    let ItemKind::ShortVolume(sold) = &item.kind else { return None };
    let share = (sold.total > 0.0).then(|| format!(" ({:.1} %)", 100.0 * sold.short / sold.total));
    let text = format!(
        "{}: {:.0} of {:.0} shares{} were sold short on {}, a volume and not what is owed",
        item.ticker,
        sold.short,
        sold.total,
        share.unwrap_or_default(),
        sold.date
    );
    let data = json!({ "date": sold.date, "short": sold.short, "exempt": sold.exempt, "total": sold.total });
    Some((sold.date, line(item, SHORT_VOLUME, item.ticker.as_str(), &text, data)))
}
