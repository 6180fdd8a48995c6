//! Option chains out of documents.

use assize_altdata::{AsOf, ItemKind, Outcome, Query, Source, Ticker};
use assize_ambient::Timestamp;
use assize_analysts::chain_of;
use assize_signals::options::Chain;
use assize_sources::CboeChain;
use assize_transport::{Headers, RawResponse};
use serde_json::Value;

use crate::Error;

/// The chain in a document of Cboe's delayed quotes, and whose it is; `None` for another document.
///
/// # Errors
/// [`BadRequest`](crate::ErrorKind::BadRequest) where it is such a document, and not of the expected form: the message says
/// where it strays.
pub fn chain_in(document: &Value) -> Option<Result<Chain, Error>> {
    document.get("data")?.get("options")?.as_array()?;
    Some(read(document))
}

fn read(document: &Value) -> Result<Chain, Error> {
    let wrong = |why: &str| Error::bad_request(format!("read the option chain: {why}"));
    let symbol = document.get("symbol").and_then(Value::as_str).ok_or_else(|| wrong("it has no `symbol`"))?;
    let ticker: Ticker = symbol
        .trim_start_matches(['_', '^'])
        .parse()
        .map_err(|error| wrong(&format!("failed to {error}")))?;
    let source = CboeChain::new();
    let query = Query::new(&ticker, AsOf::at(Timestamp::MAX));
    let request = source.plan(&query).map_err(|gap| wrong(&gap.detail))?.into_iter().next();
    let request = request.ok_or_else(|| wrong("nothing is asked for it"))?;
    let response =
        RawResponse::new(&request, 200, Headers::default(), document.to_string(), Timestamp::UNIX_EPOCH);
    match source.decode(&query, &response) {
        Outcome::Items { items, .. } => items
            .iter()
            .find_map(|item| match &item.kind {
                ItemKind::Options(chain) => Some(chain_of(&ticker, chain)),
                _ => None,
            })
            .ok_or_else(|| wrong("it holds no quotes")),
        Outcome::Drift(place) => Err(wrong(&format!("it is not of the expected form: {place}"))),
        Outcome::OtherCompany(which) => Err(wrong(&format!("it is about {which}"))),
        _ => Err(wrong("it holds no contracts")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        let contract = |symbol: &str, volume: f64| json!({ "option": symbol, "bid": 1.0, "ask": 1.2, "iv": 0.3, "volume": volume, "open_interest": 10.0 });
        json!({ "timestamp": "2026-01-02 21:00:00", "symbol": "ACME", "data": { "current_price": 50.0,
            "options": [contract("ACME260116P00050000", 25.0), contract("ACME260116C00050000", 100.0)] } })
    }

    #[test]
    fn a_chain_comes_with_its_figures() {
        let chain = chain_in(&document()).unwrap().unwrap();
        assert_eq!((chain.underlying.as_str(), chain.contracts.len(), chain.spot), ("ACME", 2, 50.0));
        assert_eq!(assize_signals::options::put_call(&chain).by_volume, Some(0.25));
        assert_eq!(chain.quoted_at.to_string(), "2026-01-02T16:00:00", "the exchange's own time");
    }

    #[test]
    fn what_is_no_chain_and_what_is_a_bad_one() {
        assert!(chain_in(&json!({ "data": {} })).is_none() && chain_in(&json!([])).is_none());
        for (field, said) in [("symbol", "`symbol`"), ("timestamp", "timestamp")] {
            let mut document = document();
            document.as_object_mut().unwrap().remove(field);
            let error = chain_in(&document).unwrap().unwrap_err();
            assert!(error.to_string().contains(said), "{error}");
        }
    }
}
