//! Chains of options, as Cboe and Yahoo have them.

use assize_ambient::Timestamp;
use jiff::{civil::Date, tz::TimeZone};

use crate::exchange::{
    calendar, chain,
    chain::{Chain, Contract},
    desk::{Answer, Desk},
    json::Json,
    market::Data,
    number::{dollars, rounded, single},
    site_fault::SiteFault,
};

/// `api/global/delayed_quotes/options/{SYMBOL}.json` of `cdn.cboe.com`.
pub(in crate::exchange) fn cboe(desk: &Desk<'_>, file: &str) -> Option<Answer> {
    let data = desk.undashed(file.strip_suffix(".json")?)?;
    let chain = chain::chain(&data.company, &data.path, desk.now)?;
    let symbol = data.company.symbol.replace('-', "");
    let contracts: Vec<Json> =
        chain.contracts.iter().map(|contract| cboe_contract(desk, &chain, contract)).collect();
    let (_, day) = data.path.last(chain.session)?;
    let (_, before) = data.path.last(chain.session.checked_sub(1)?)?;
    let (spot, previous) = (chain.spot, dollars(before.close));
    let change = rounded(spot - previous, 2);
    let volatility = rounded(data.path.volatility * 100.0, 3);
    let body = Json::record([
        ("options", contracts.into()),
        ("symbol", symbol.as_str().into()),
        ("security_type", "stock".into()),
        ("exchange_id", Json::literal("3")),
        ("current_price", spot.into()),
        ("price_change", change.into()),
        ("price_change_percent", rounded(change / previous * 100.0, 4).into()),
        ("bid", rounded(spot - 0.01, 2).into()),
        ("ask", rounded(spot + 0.01, 2).into()),
        ("bid_size", Json::literal("100")),
        ("ask_size", Json::literal("100")),
        ("open", dollars(day.open).into()),
        ("high", dollars(if chain.is_over { day.high } else { day.open }).into()),
        ("low", dollars(if chain.is_over { day.low } else { day.open }).into()),
        ("close", spot.into()),
        ("prev_day_close", previous.into()),
        ("volume", if chain.is_over { day.volume } else { day.volume / 2 }.into()),
        ("iv30", volatility.into()),
        ("iv30_change", 0.0.into()),
        ("iv30_change_percent", 0.0.into()),
        ("seqno", chain.quoted_at.as_second().into()),
        ("last_trade_time", last_trade(&chain).into()),
        ("tick", "up".into()),
    ]);
    Some(Answer::json(Json::record([
        ("timestamp", chain.quoted_at.strftime("%Y-%m-%d %H:%M:%S").to_string().into()),
        ("data", body),
        ("symbol", symbol.into()),
    ])))
}

/// On New York's clocks.
fn last_trade(chain: &Chain) -> String {
    if chain.is_over {
        return format!("{}T15:59:59", calendar::day(chain.session));
    }
    let delayed = chain.quoted_at.checked_sub(jiff::SignedDuration::from_mins(15)).unwrap_or(chain.quoted_at);
    calendar::new_york(delayed).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

fn cboe_contract(desk: &Desk<'_>, chain: &Chain, contract: &Contract) -> Json {
    let worth = &contract.worth;
    let previous = rounded(contract.previous, 2);
    let volatility = match desk.fault {
        Some(SiteFault::NullIv) => Json::NULL,
        // Far in the money none can be computed.
        _ if worth.delta.abs() > 0.995 => 0.0.into(),
        _ => rounded(contract.volatility, 4).into(),
    };
    let is_traded = contract.volume > 0;
    let traded = |price: f64| Json::from(if is_traded { price } else { 0.0 });
    let change = if is_traded { rounded(contract.last - previous, 2) } else { 0.0 };
    Json::record([
        ("option", contract.symbol.as_str().into()),
        ("bid", contract.bid.into()),
        ("bid_size", 10.0.into()),
        ("ask", contract.ask.into()),
        ("ask_size", 12.0.into()),
        ("iv", volatility),
        ("open_interest", crate::exchange::number::float(contract.open_interest).into()),
        ("volume", crate::exchange::number::float(contract.volume).into()),
        ("delta", rounded(worth.delta, 4).into()),
        ("gamma", rounded(worth.gamma, 4).into()),
        ("vega", rounded(worth.vega, 4).into()),
        ("theta", rounded(worth.theta, 4).into()),
        ("rho", rounded(worth.rho, 4).into()),
        ("theo", rounded(worth.price, 4).into()),
        ("change", change.into()),
        ("open", traded(contract.last)),
        ("high", traded(contract.last)),
        ("low", traded(contract.last)),
        ("tick", if is_traded { "up" } else { "no_change" }.into()),
        ("last_trade_price", contract.last.into()),
        ("last_trade_time", is_traded.then(|| last_trade(chain)).into()),
        ("percent_change", rounded(if previous > 0.0 { change / previous * 100.0 } else { 0.0 }, 4).into()),
        // With the noise of a 32-bit float.
        ("prev_day_close", single(previous).into()),
    ])
}

/// Midnight in UTC of an expiry, as Yahoo writes it.
fn epoch(expiry: Date) -> i64 {
    expiry.to_zoned(TimeZone::UTC).map_or(0, |midnight| midnight.timestamp().as_second())
}

/// `v7/finance/options/{symbol}`: of one expiry, the next one unless told.
pub(in crate::exchange) fn yahoo(desk: &Desk<'_>, symbol: &str, date: &str) -> Option<Answer> {
    let data = desk.company(symbol)?;
    let chain = chain::chain(&data.company, &data.path, desk.now)?;
    let mut expiries: Vec<Date> = chain.contracts.iter().map(|contract| contract.expiry).collect();
    expiries.dedup();
    let wanted = match date {
        "" => epoch(*expiries.first()?),
        date => date.parse().unwrap_or(0),
    };
    let of = |is_call: bool| -> Json {
        let meant =
            chain.contracts.iter().filter(|one| one.is_call == is_call && epoch(one.expiry) == wanted);
        meant.map(|contract| yahoo_contract(desk, &chain, contract)).collect::<Vec<_>>().into()
    };
    let mut strikes: Vec<f64> = chain.contracts.iter().map(|contract| contract.strike).collect();
    strikes.sort_by(f64::total_cmp);
    strikes.dedup_by(|one, other| one.total_cmp(other).is_eq());
    let options = Json::record([
        ("expirationDate", wanted.into()),
        ("hasMiniOptions", false.into()),
        ("calls", of(true)),
        ("puts", of(false)),
    ]);
    // An expiry that is over has a date and nothing else.
    let result = Json::record([
        ("underlyingSymbol", data.company.symbol.as_str().into()),
        ("expirationDates", expiries.iter().map(|day| epoch(*day).into()).collect::<Vec<Json>>().into()),
        ("strikes", strikes.into_iter().map(Json::short).collect::<Vec<_>>().into()),
        ("hasMiniOptions", false.into()),
        ("quote", quote(&data, &chain, desk.now)),
        ("options", vec![options].into()),
    ]);
    let outer = Json::record([("result", vec![result].into()), ("error", Json::NULL)]);
    Some(Answer::json(Json::record([("optionChain", outer)])))
}

fn quote(data: &Data, chain: &Chain, now: Timestamp) -> Json {
    let company = &data.company;
    let state = if chain.is_over { "POST" } else { "REGULAR" };
    Json::record([
        ("language", "en-US".into()),
        ("region", "US".into()),
        ("quoteType", "EQUITY".into()),
        ("currency", "USD".into()),
        ("exchangeTimezoneName", "America/New_York".into()),
        ("gmtOffSetMilliseconds", (1_000 * i64::from(calendar::offset(now).0)).into()),
        ("marketState", state.into()),
        ("regularMarketPrice", Json::short(chain.spot)),
        ("regularMarketTime", chain.quoted_at.as_second().into()),
        ("exchange", if company.is_nasdaq { "NMS" } else { "NYQ" }.into()),
        ("shortName", company.name.as_str().into()),
        ("longName", company.name.as_str().into()),
        ("symbol", company.symbol.as_str().into()),
    ])
}

fn yahoo_contract(desk: &Desk<'_>, chain: &Chain, contract: &Contract) -> Json {
    let previous = rounded(contract.previous, 2);
    let is_traded = contract.volume > 0;
    let change = if is_traded { rounded(contract.last - previous, 2) } else { 0.0 };
    let is_inside =
        if contract.is_call { contract.strike < chain.spot } else { contract.strike > chain.spot };
    let volatility = match desk.fault {
        Some(SiteFault::NullIv) => Json::NULL,
        _ => Json::short(rounded(contract.volatility, 4)),
    };
    let traded = chain.quoted_at.as_second() - 960;
    let mut members: Vec<(&'static str, Json)> = vec![
        ("contractSymbol", contract.symbol.as_str().into()),
        ("strike", Json::short(contract.strike)),
        ("currency", "USD".into()),
        ("lastPrice", Json::short(contract.last)),
        ("change", Json::short(change)),
        ("percentChange", Json::short(if previous > 0.0 { change / previous * 100.0 } else { 0.0 })),
    ];
    if is_traded {
        members.push(("volume", contract.volume.into()));
    }
    members.extend([
        ("openInterest", contract.open_interest.into()),
        ("bid", Json::short(contract.bid)),
        ("ask", Json::short(contract.ask)),
        ("contractSize", "REGULAR".into()),
        ("expiration", epoch(contract.expiry).into()),
        ("lastTradeDate", traded.into()),
        ("impliedVolatility", volatility),
        ("inTheMoney", is_inside.into()),
    ]);
    Json::Record(members)
}
