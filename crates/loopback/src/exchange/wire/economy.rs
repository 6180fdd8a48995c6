//! Figures that are the same for everybody: FRED, the Treasury, FINRA, alternative.me.

use std::fmt::Write as _;

use jiff::{
    ToSpan,
    civil::{Date, date},
    tz::TimeZone,
};

use crate::exchange::{
    calendar,
    desk::{Answer, Asked, Desk},
    economy::{self, MATURITIES, Rhythm, Series},
    json::Json,
    short_sale,
};

/// The days of a series within the bounds that a request names, and their values where there are some.
fn values(desk: &Desk<'_>, series: &Series, first: &str, last: &str) -> Vec<(Date, Option<f64>)> {
    let today = calendar::new_york(desk.now).date();
    let first: Date = first.parse().unwrap_or(today.saturating_sub(10.years())).max(date(1998, 1, 1));
    let last: Date = last.parse().unwrap_or(today).min(today);
    let is_due = |day: &Date| match series.rhythm {
        Rhythm::Daily => !calendar::is_weekend(*day),
        Rhythm::Monthly | Rhythm::Quarterly => series.value(desk.market.seed, *day).is_some(),
    };
    first
        .series(1.day())
        .take_while(|day| *day <= last)
        .filter(|day| is_due(day) && series.published(*day) <= desk.now)
        .map(|day| (day, series.value(desk.market.seed, day)))
        .collect()
}

/// `graph/fredgraph.csv?id=…`: a holiday has a dot.
pub(in crate::exchange) fn fred_csv(desk: &Desk<'_>, asked: &Asked) -> Option<Answer> {
    let series = economy::named(asked.parameter("id"))?;
    let mut out = format!("observation_date,{}\n", series.id);
    for (day, value) in values(desk, series, asked.parameter("cosd"), asked.parameter("coed")) {
        // Writing to a string can't fail.
        let _ = match value {
            Some(value) => writeln!(out, "{day},{value}"),
            None => writeln!(out, "{day},."),
        };
    }
    Some(Answer::text("application/csv", out))
}

/// `fred/series/observations?series_id=…&file_type=json`.
pub(in crate::exchange) fn fred_json(desk: &Desk<'_>, asked: &Asked) -> Option<Answer> {
    let error = |message: &str| {
        let code = ("error_code", Json::literal("400"));
        Some(Answer::json(Json::record([code, ("error_message", message.into())])).with_status(400))
    };
    if asked.parameter("api_key").is_empty() {
        return error("Bad Request.  Variable api_key is not set.");
    }
    let Some(series) = economy::named(asked.parameter("series_id")) else {
        return error("Bad Request.  The series does not exist.");
    };
    let today = calendar::new_york(desk.now).date();
    let named = |name: &str| asked.parameter(name).parse::<Date>().ok();
    let (from, to) = (named("realtime_start").unwrap_or(today), named("realtime_end").unwrap_or(today));
    let values =
        values(desk, series, asked.parameter("observation_start"), asked.parameter("observation_end"));
    let observation = |(day, value): &(Date, Option<f64>)| {
        // Nothing is revised here: what was published holds from then on.
        let published = calendar::new_york(series.published(*day)).date();
        let (start, end) = if from == to { (from, to) } else { (published.max(from), to) };
        Json::record([
            ("realtime_start", start.to_string().into()),
            ("realtime_end", end.to_string().into()),
            ("date", day.to_string().into()),
            ("value", value.map_or_else(|| ".".to_owned(), |value| value.to_string()).into()),
        ])
    };
    let edge = |name: &str, otherwise: &str| {
        Json::from(match asked.parameter(name) {
            "" => otherwise.to_owned(),
            given => given.to_owned(),
        })
    };
    Some(Answer::json(Json::record([
        ("realtime_start", from.to_string().into()),
        ("realtime_end", to.to_string().into()),
        ("observation_start", edge("observation_start", "1600-01-01")),
        ("observation_end", edge("observation_end", "9999-12-31")),
        ("units", "lin".into()),
        ("output_type", Json::literal("1")),
        ("file_type", "json".into()),
        ("order_by", "observation_date".into()),
        ("sort_order", "asc".into()),
        ("count", values.len().into()),
        ("offset", Json::literal("0")),
        ("limit", Json::literal("100000")),
        ("observations", values.iter().map(observation).collect::<Vec<_>>().into()),
    ])))
}

/// `…/daily-treasury-rates.csv/{year}/all`, the newest day first.
pub(in crate::exchange) fn treasury(desk: &Desk<'_>, year: &str) -> Option<Answer> {
    let year: i16 = year.parse().ok().filter(|year| (1998..=2030).contains(year))?;
    let mut out = String::from("Date");
    for (name, _) in MATURITIES {
        let _ = write!(out, ",\"{name}\"");
    }
    out.push('\n');
    let days = calendar::sessions().iter().rev().filter(|day| day.year() == year);
    for day in days.filter(|day| economy::yields_published(**day) <= desk.now) {
        let _ = write!(out, "{}", day.strftime("%m/%d/%Y"));
        for (_, maturity) in MATURITIES {
            let _ = write!(out, ",{:.2}", economy::percent(desk.market.seed, maturity, *day));
        }
        out.push('\n');
    }
    Some(Answer::text("text/csv", out))
}

/// `equity/regsho/daily/CNMSshvolYYYYMMDD.txt`: all listed companies, and their number in the last line.
pub(in crate::exchange) fn finra(desk: &Desk<'_>, file: &str) -> Option<Answer> {
    let digits = file.strip_prefix("CNMSshvol")?.strip_suffix(".txt")?;
    let day = Date::strptime("%Y%m%d", digits).ok()?;
    let session = calendar::session(day).filter(|_| short_sale::published(day) <= desk.now)?;
    let mut out = String::from("Date|Symbol|ShortVolume|ShortExemptVolume|TotalVolume|Market\n");
    let mut rows = 0;
    for symbol in desk.market.listed() {
        let Some(data) = desk.market.data(symbol) else { continue };
        let Some(sold) = short_sale::of(&data.company, &data.path, session) else { continue };
        rows += 1;
        let symbol = symbol.replace('-', "/");
        let _ = writeln!(out, "{digits}|{symbol}|{}|{}|{}|B,Q,N", sold.short, sold.exempt, sold.total);
    }
    let _ = writeln!(out, "{rows}");
    Some(Answer::text("text/plain", out))
}

/// `fng/?limit=N`: numbers are texts, the newest first.
pub(in crate::exchange) fn mood(desk: &Desk<'_>, asked: &Asked) -> Answer {
    let limit: i64 = asked.parameter("limit").parse().unwrap_or(1);
    let now = desk.now.to_zoned(TimeZone::UTC);
    let today = now.date();
    let left = today.tomorrow().ok().and_then(|next| next.to_zoned(TimeZone::UTC).ok());
    let left = left.map_or(0, |next| next.timestamp().as_second() - desk.now.as_second());
    // 0 asks for all there is.
    let days = if limit == 0 { 2_000 } else { limit.clamp(1, 2_000) };
    let value = |back: i64| {
        let day = today.saturating_sub(back.days());
        let (value, name) = economy::mood(desk.market.seed, day);
        let stamp = day.to_zoned(TimeZone::UTC).map_or(0, |midnight| midnight.timestamp().as_second());
        let mut members: Vec<(&'static str, Json)> = vec![
            ("value", value.to_string().into()),
            ("value_classification", name.into()),
            ("timestamp", stamp.to_string().into()),
        ];
        if back == 0 {
            members.push(("time_until_update", left.to_string().into()));
        }
        Json::Record(members)
    };
    Answer::json(Json::record([
        ("name", "Fear and Greed Index".into()),
        ("data", (0..days).map(value).collect::<Vec<_>>().into()),
        ("metadata", Json::record([("error", Json::NULL)])),
    ]))
}
