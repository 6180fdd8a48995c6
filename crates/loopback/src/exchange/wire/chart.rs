//! Daily prices, as `query2.finance.yahoo.com/v8/finance/chart` has them.

use assize_ambient::Timestamp;

use crate::exchange::{
    calendar,
    desk::{Answer, Asked, Desk},
    json::Json,
    market::Data,
    number::{dollars, float, single, whole},
    site_fault::SiteFault,
};

/// `v8/finance/chart/{symbol}`, by the day. Prices and dividends are divided by the splits up to now, volumes multiplied.
pub(in crate::exchange) fn chart(desk: &Desk<'_>, symbol: &str, asked: &Asked) -> Option<Answer> {
    let Some(data) = desk.company(symbol) else {
        return Some(error(404, "Not Found", "No data found, symbol may be delisted"));
    };
    if !matches!(asked.parameter("interval"), "" | "1d") {
        return Some(error(422, "Unprocessable Entity", "this market knows days alone"));
    }
    let second = |name: &str, otherwise: i64| asked.parameter(name).parse().unwrap_or(otherwise);
    let now = desk.now.as_second();
    let (from, to) = (second("period1", now - 31_557_600), second("period2", now));
    let over = calendar::closed_by(desk.now);
    let last = over.checked_sub(1)?;
    let stamp = |session: usize| calendar::open(session).as_second();
    let within = |session: &usize| (from..to).contains(&stamp(*session));
    let first = Timestamp::from_second(from.clamp(0, 4_000_000_000)).ok()?;
    let first = calendar::first_from(calendar::new_york(first).date());
    let rows: Vec<usize> =
        (first..over).filter(within).filter(|session| data.path.days[*session].is_some()).collect();
    let mut members = vec![("meta", meta(&data, desk.now, last)?)];
    if desk.fault == Some(SiteFault::MissingTimestamp) || rows.is_empty() {
        members.push(("indicators", Json::record([("quote", vec![Json::record([])].into())])));
    } else {
        let stamps: Vec<Json> = rows.iter().map(|session| stamp(*session).into()).collect();
        members.push(("timestamp", stamps.into()));
        members.extend(events(&data, &rows, last).map(|events| ("events", events)));
        members.push(("indicators", indicators(&data, &rows, last)));
    }
    let chart = Json::record([("result", vec![Json::Record(members)].into()), ("error", Json::NULL)]);
    Some(Answer::json(Json::record([("chart", chart)])))
}

fn error(status: u16, code: &str, description: &str) -> Answer {
    let error = Json::record([("code", code.into()), ("description", description.into())]);
    let chart = Json::record([("result", Json::NULL), ("error", error)]);
    Answer::json(Json::record([("chart", chart)])).with_status(status)
}

/// A price of a session, as it is shown when so many sessions are over.
fn shown(data: &Data, cents: u64, session: usize, last: usize) -> f64 {
    single(dollars(cents) / data.path.shares_between(session, last))
}

fn meta(data: &Data, now: Timestamp, last: usize) -> Option<Json> {
    let company = &data.company;
    let (session, day) = data.path.last(last)?;
    let year = (last.saturating_sub(251)..=last).filter_map(|n| Some((n, data.path.days[n]?)));
    let price = |cents: u64, session: usize| Json::short(shown(data, cents, session, last));
    let top = year.clone().map(|(n, day)| shown(data, day.high, n, last)).fold(0.0, f64::max);
    let bottom = year.map(|(n, day)| shown(data, day.low, n, last)).fold(f64::MAX, f64::min);
    let (code, full) = if company.is_nasdaq { ("NMS", "NasdaqGS") } else { ("NYQ", "NYSE") };
    let (offset, zone) = calendar::offset(now);
    let before = session.checked_sub(1).and_then(|before| data.path.last(before));
    let before = before.map_or(Json::NULL, |(n, day)| price(day.close, n));
    Some(Json::record([
        ("currency", "USD".into()),
        ("symbol", company.symbol.as_str().into()),
        ("exchangeName", code.into()),
        ("fullExchangeName", full.into()),
        ("instrumentType", "EQUITY".into()),
        ("firstTradeDate", calendar::open(0).as_second().into()),
        ("regularMarketTime", (calendar::close(session).as_second() + 1).into()),
        ("hasPrePostMarketData", true.into()),
        ("gmtoffset", i64::from(offset).into()),
        ("timezone", zone.into()),
        ("exchangeTimezoneName", "America/New_York".into()),
        ("regularMarketPrice", price(day.close, session)),
        ("fiftyTwoWeekHigh", Json::short(top)),
        ("fiftyTwoWeekLow", Json::short(bottom)),
        ("regularMarketDayHigh", price(day.high, session)),
        ("regularMarketDayLow", price(day.low, session)),
        ("regularMarketVolume", day.volume.into()),
        ("longName", company.name.as_str().into()),
        ("shortName", company.name.as_str().into()),
        ("chartPreviousClose", before),
        ("priceHint", Json::literal("2")),
        ("dataGranularity", "1d".into()),
        ("range", "".into()),
        ("validRanges", ["1d", "5d", "1mo", "1y", "max"].map(Json::from).to_vec().into()),
    ]))
}

/// What fell within the rows; nothing where nothing did.
fn events(data: &Data, rows: &[usize], last: usize) -> Option<Json> {
    let (first, end) = (*rows.first()?, *rows.last()?);
    let within = |session: usize| (first..=end).contains(&session);
    let stamp = |session: usize| calendar::open(session).as_second();
    let dividends = data.path.dividends.iter().filter(|dividend| within(dividend.session)).map(|dividend| {
        let at = stamp(dividend.session);
        let amount = Json::short(shown(data, dividend.cents, dividend.session, last));
        (at.to_string(), Json::record([("amount", amount), ("date", at.into())]))
    });
    let splits = data.path.splits.iter().filter(|split| within(split.session)).map(|split| {
        let at = stamp(split.session);
        let split = Json::record([
            ("date", at.into()),
            ("numerator", i64::from(split.new).into()),
            ("denominator", i64::from(split.old).into()),
            ("splitRatio", format!("{}:{}", split.new, split.old).into()),
        ]);
        (at.to_string(), split)
    });
    let (dividends, splits): (Vec<_>, Vec<_>) = (dividends.collect(), splits.collect());
    let mut members = Vec::new();
    for (name, events) in [("dividends", dividends), ("splits", splits)] {
        if !events.is_empty() {
            members.push((name.to_owned(), Json::Map(events)));
        }
    }
    (!members.is_empty()).then_some(Json::Map(members))
}

fn indicators(data: &Data, rows: &[usize], last: usize) -> Json {
    let days = || rows.iter().filter_map(|session| Some((*session, data.path.days[*session]?)));
    let price = |of: fn(&crate::exchange::path::Day) -> u64| -> Vec<Json> {
        days().map(|(session, day)| Json::short(shown(data, of(&day), session, last))).collect()
    };
    let volume = |(session, day): (usize, crate::exchange::path::Day)| {
        Json::from(whole(float(day.volume) * data.path.shares_between(session, last)))
    };
    // What later dividends left of each price.
    let adjusted = days().map(|(session, day)| {
        let later = data.path.dividends.iter();
        let later = later.filter(|dividend| dividend.session > session && dividend.session <= last);
        let left = |dividend: &crate::exchange::path::Dividend| {
            let before = data.path.last(dividend.session - 1);
            before.map_or(1.0, |(_, before)| 1.0 - float(dividend.cents) / float(before.close))
        };
        let left: f64 = later.map(left).product();
        Json::short(single(shown(data, day.close, session, last) * left))
    });
    let adjusted = Json::Columns(vec![("adjclose", adjusted.collect())]);
    let quote = Json::Columns(vec![
        ("volume", days().map(volume).collect()),
        ("open", price(|day| day.open)),
        ("high", price(|day| day.high)),
        ("low", price(|day| day.low)),
        ("close", price(|day| day.close)),
    ]);
    Json::record([("quote", vec![quote].into()), ("adjclose", vec![adjusted].into())])
}
