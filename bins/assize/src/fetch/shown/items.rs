//! The items of a ticker in brief, kind by kind.

use std::collections::BTreeMap;

use assize_altdata::{
    Article, DailyBar, Filing, InsiderTrade, Item, ItemKind, MacroValue, Post, TickerFetch, Video,
};
use assize_report::{Document, Text};
use assize_signals::options::analyse;

use super::minute;

/// So many filings, trades, headlines, posts and films are shown.
const SHOWN: usize = 5;
/// A text from outside is shown as far as this.
const LONGEST: usize = 160;

pub(super) fn brief(doc: &mut Document, fetch: &TickerFetch) {
    let mut lines = Vec::new();
    let items = &fetch.items;
    lines.extend(identity(items));
    lines.extend(prices(items));
    lines.extend(options(fetch));
    lines.extend(attention(items));
    lines.extend(short_volume(items));
    lines.extend(facts(items));
    lines.extend(economy(items));
    if !lines.is_empty() {
        doc.list(lines);
    }
    listed(doc, "Filings", items, |kind| matches!(kind, ItemKind::Filing(_)), filing);
    listed(doc, "What insiders did", items, |kind| matches!(kind, ItemKind::InsiderTrade(_)), trade);
    listed(doc, "News", items, |kind| matches!(kind, ItemKind::Article(_)), article);
    listed(doc, "Posts", items, |kind| matches!(kind, ItemKind::Post(_)), post);
    listed(doc, "Films", items, |kind| matches!(kind, ItemKind::Video(_)), video);
}

/// The newest of a kind, the newest first.
fn listed(
    doc: &mut Document,
    head: &str,
    items: &[Item],
    is_meant: impl Fn(&ItemKind) -> bool,
    shown: impl Fn(&Item) -> Option<Text>,
) {
    let meant: Vec<&Item> = items.iter().filter(|item| is_meant(&item.kind)).collect();
    if meant.is_empty() {
        return;
    }
    let of = if meant.len() > SHOWN { format!(": the newest of {}", meant.len()) } else { String::new() };
    doc.heading(3, format!("{head}{of}"));
    doc.list(meant.iter().rev().take(SHOWN).filter_map(|item| shown(item)));
}

fn identity(items: &[Item]) -> Option<String> {
    items.iter().rev().find_map(|item| match &item.kind {
        ItemKind::Identity(card) => {
            let cik = card.cik.map(|cik| format!(", CIK {cik}")).unwrap_or_default();
            let place = [card.exchange.as_str(), card.instrument.as_str()];
            let place: String =
                place.iter().filter(|text| !text.is_empty()).map(|text| format!(", {text}")).collect();
            Some(format!("company: {}{cik}{place}", cut(&card.name)))
        }
        _ => None,
    })
}

fn prices(items: &[Item]) -> Vec<String> {
    let mut by_source: BTreeMap<&str, Vec<&DailyBar>> = BTreeMap::new();
    for item in items {
        if let ItemKind::Bar(bar) = &item.kind {
            by_source.entry(item.source.as_str()).or_default().push(bar);
        }
    }
    let line = |(source, bars): (&str, Vec<&DailyBar>)| {
        let (first, last) =
            (bars.iter().min_by_key(|bar| bar.date)?, bars.iter().max_by_key(|bar| bar.date)?);
        let volume = last.volume.map(|volume| format!(", volume {volume:.0}")).unwrap_or_default();
        Some(format!(
            "price ({source}): {} on {}{volume}; {} days since {}",
            last.close,
            last.date,
            bars.len(),
            first.date
        ))
    };
    by_source.into_iter().filter_map(line).collect()
}

fn options(fetch: &TickerFetch) -> Option<String> {
    let (item, chain) = fetch.items.iter().rev().find_map(|item| match &item.kind {
        ItemKind::Options(chain) => Some((item, assize_wiring::chain_of(&fetch.ticker, chain))),
        _ => None,
    })?;
    let report = analyse(&chain);
    let figure =
        |value: Option<f64>| value.map_or_else(|| "unknown".to_owned(), |value| format!("{value:.2}"));
    let percent = |value: Option<f64>| {
        value.map_or_else(|| "unknown".to_owned(), |value| format!("{:.1} %", value * 100.0))
    };
    let flags: Vec<&str> = report.quality.flags.iter().map(|flag| flag.name()).collect();
    let flags = if flags.is_empty() { String::new() } else { format!("; doubts: {}", flags.join(", ")) };
    Some(format!(
        "options: {} contracts quoted {} ({}); puts by calls {} by volume, {} by open interest; volatility at 30 days {}; \
         skew {}; {} unusual{flags}",
        report.quality.n_contracts,
        chain.quoted_at.strftime("%Y-%m-%d %H:%M"),
        item.source,
        figure(report.put_call.by_volume),
        figure(report.put_call.by_open_interest),
        percent(report.at_the_money.as_ref().map(|at| at.iv)),
        percent(report.skew.as_ref().map(|skew| skew.skew)),
        report.unusual.len(),
    ))
}

fn attention(items: &[Item]) -> Option<String> {
    let days: Vec<_> = items
        .iter()
        .filter_map(|item| match &item.kind {
            ItemKind::Attention(seen) => Some(seen),
            _ => None,
        })
        .collect();
    let newest = days.iter().max_by_key(|seen| seen.date)?;
    let mut views: Vec<u64> =
        days.iter().filter(|seen| seen.subject == newest.subject).map(|seen| seen.views).collect();
    views.sort_unstable();
    let usual = views[views.len() / 2];
    Some(format!(
        "attention: {} views of {} on {}; usually {usual} ({} days)",
        newest.views,
        cut(&newest.subject),
        newest.date,
        views.len()
    ))
}

fn short_volume(items: &[Item]) -> Option<String> {
    let newest = items
        .iter()
        .filter_map(|item| match &item.kind {
            ItemKind::ShortVolume(sold) => Some(sold),
            _ => None,
        })
        .max_by_key(|sold| sold.date)?;
    let share = (newest.total > 0.0).then(|| format!("{:.1} %", newest.short / newest.total * 100.0));
    Some(format!(
        "sold short: {} of the volume on {}",
        share.unwrap_or_else(|| "unknown".to_owned()),
        newest.date
    ))
}

fn facts(items: &[Item]) -> Option<String> {
    let facts = || {
        items.iter().filter_map(|item| match &item.kind {
            ItemKind::Fact(fact) => Some(fact),
            _ => None,
        })
    };
    let newest = facts().max_by_key(|fact| (fact.filed_on, fact.end))?;
    Some(format!(
        "reported figures: {}, the newest filed {} ({} for the period to {})",
        facts().count(),
        newest.filed_on,
        cut(&newest.form),
        newest.end
    ))
}

fn economy(items: &[Item]) -> Option<String> {
    let mut newest: BTreeMap<&str, &MacroValue> = BTreeMap::new();
    for item in items {
        if let ItemKind::Macro(value) = &item.kind {
            let best = newest.entry(value.series.as_str()).or_insert(value);
            if (value.date, value.vintage) >= (best.date, best.vintage) {
                *best = value;
            }
        }
    }
    const MOST: usize = 12;
    let shown: Vec<String> = newest
        .values()
        .take(MOST)
        .map(|value| format!("{} {} ({})", cut(&value.series), value.value, value.date))
        .collect();
    let more = newest.len().checked_sub(MOST).filter(|more| *more > 0);
    let more = more.map(|more| format!(", … and {more} more series")).unwrap_or_default();
    (!shown.is_empty()).then(|| format!("economy: {}{more}", shown.join(", ")))
}

fn filing(item: &Item) -> Option<Text> {
    let ItemKind::Filing(Filing { form, filed_on, items, description, .. }) = &item.kind else { return None };
    let what = if items.is_empty() { description.clone() } else { format!("items {}", items.join(", ")) };
    let what = if what.is_empty() || what == *form { String::new() } else { format!(", {}", cut(&what)) };
    let text =
        format!("{} filed {filed_on}{what}; known by {} ", cut(form), minute(item.available_at.latest));
    Some(linked(Text::new().plain(text), "source", item.url.as_str()))
}

fn trade(item: &Item) -> Option<Text> {
    let ItemKind::InsiderTrade(trade) = &item.kind else { return None };
    let InsiderTrade { owner, title, code, acquired, shares, traded_on, .. } = trade;
    let did = match (code, acquired) {
        ('P', _) => "bought",
        ('S', _) => "sold",
        (_, true) => "was given",
        (_, false) => "gave away",
    };
    let price = trade.price.map(|price| format!(" at {price}")).unwrap_or_default();
    let title = if title.is_empty() { String::new() } else { format!(" ({})", cut(title)) };
    let plan = if trade.is_planned == Some(true) { ", by a plan made before" } else { "" };
    let what = if trade.is_derivative { "derivatives of shares" } else { "shares" };
    let opinion = if trade.is_opinion() { "" } else { "; says nothing of the price" };
    Some(Text::new().plain(format!(
        "{}{title} {did} {shares} {what}{price} on {traded_on}, code {code}{plan}{opinion}",
        cut(owner)
    )))
}

fn article(item: &Item) -> Option<Text> {
    let ItemKind::Article(Article { title, link, domain, .. }) = &item.kind else { return None };
    let text = Text::new().plain(format!("{} {} ", minute(item.available_at.latest), cut(title)));
    Some(linked(text, domain, link))
}

fn post(item: &Item) -> Option<Text> {
    let ItemKind::Post(Post { site, title, text, link, score, comments, is_bullish, .. }) = &item.kind else {
        return None;
    };
    let said = if title.is_empty() { text } else { title };
    let mut heard = Vec::new();
    heard.extend(score.map(|score| format!("{score} points")));
    heard.extend(comments.map(|comments| format!("{comments} answers")));
    heard.extend(is_bullish.map(|bullish| if bullish { "bullish" } else { "bearish" }.to_owned()));
    let heard = if heard.is_empty() { String::new() } else { format!(" ({})", heard.join(", ")) };
    let text = Text::new().plain(format!("{} {}{heard} ", minute(item.available_at.latest), cut(said)));
    Some(linked(text, site, link))
}

fn video(item: &Item) -> Option<Text> {
    let ItemKind::Video(Video { title, link, views, .. }) = &item.kind else { return None };
    let views = views.map(|views| format!(" ({views} views)")).unwrap_or_default();
    let text = Text::new().plain(format!("{} {}{views} ", minute(item.available_at.latest), cut(title)));
    Some(linked(text, "film", link))
}

fn linked(text: Text, label: &str, address: &str) -> Text {
    if address.is_empty() { text.plain(label) } else { text.link(label, address) }
}

/// A text from outside, no longer than a line or two.
fn cut(text: &str) -> String {
    let mut shown: String = text.chars().take(LONGEST).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
