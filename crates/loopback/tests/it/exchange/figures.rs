//! Figures that are the same for everybody.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{EVENING, TICKERS, evening, get, json, text, truth};

/// The rows of a table by their first cell; the first row names the columns.
fn table(text: &str) -> (Vec<String>, BTreeMap<String, Vec<String>>) {
    let mut lines = text.lines().map(|line| line.split(',').map(|cell| cell.trim_matches('"').to_owned()));
    let header = lines.next().expect("a header").collect();
    let rows = lines.map(|mut cells| (cells.next().expect("a date"), cells.collect()));
    (header, rows.collect())
}

#[tokio::test]
async fn the_bank_s_table_its_json_and_the_treasury_agree() {
    let exchange = evening(3);
    let truth = truth(&exchange, "2025-01-01", "2026-03-06");
    let bounds = "cosd=2025-01-01&coed=2026-03-06";
    for series in ["DGS10", "T10Y2Y", "CPIAUCSL", "GDPC1", "VIXCLS"] {
        let csv =
            text(&exchange, format!("https://fred.stlouisfed.org/graph/fredgraph.csv?id={series}&{bounds}"))
                .await;
        let (header, rows) = table(&csv);
        assert_eq!(header, ["observation_date", series]);
        let url = format!(
            "https://api.stlouisfed.org/fred/series/observations?series_id={series}&file_type=json&api_key=k\
             &observation_start=2025-01-01&observation_end=2026-03-06"
        );
        let body = json(&exchange, url).await;
        let told: BTreeMap<String, Vec<String>> = body["observations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                (one["date"].as_str().unwrap().to_owned(), vec![one["value"].as_str().unwrap().to_owned()])
            })
            .collect();
        assert_eq!(told, rows, "{series}");
        let known = truth.economy[series].iter().filter(|value| value.available <= EVENING.parse().unwrap());
        let known: BTreeMap<String, f64> = known.map(|value| (value.date.to_string(), value.value)).collect();
        let shown = rows.iter().filter(|(_, cells)| cells[0] != ".");
        let shown: BTreeMap<String, f64> =
            shown.map(|(date, cells)| (date.clone(), cells[0].parse().unwrap())).collect();
        assert_eq!(shown, known, "{series}");
        assert!(!known.is_empty());
    }
    let url = "https://home.treasury.gov/resource-center/data-chart-center/interest-rates/daily-treasury-rates.csv/2026/all\
               ?type=daily_treasury_yield_curve&field_tdr_date_value=2026&_format=csv";
    let (header, rows) = table(&text(&exchange, url).await);
    let column = header.iter().position(|name| name == "10 Yr").unwrap() - 1;
    let of_2026 = truth.economy["DGS10"].iter().filter(|value| value.date.year() == 2026);
    let mut seen = 0;
    for value in of_2026 {
        let cells = &rows[&value.date.strftime("%m/%d/%Y").to_string()];
        assert_eq!(cells[column].parse(), Ok(value.value), "{}", value.date);
        seen += 1;
    }
    assert_eq!(rows.len(), seen);
    let refused = get(&exchange, "https://api.stlouisfed.org/fred/series/observations?series_id=DGS10").await;
    assert_eq!(refused.status, 400);
}

#[tokio::test]
async fn a_holiday_has_a_dot() {
    let url = "https://fred.stlouisfed.org/graph/fredgraph.csv?id=DGS2&cosd=2026-01-01&coed=2026-01-02";
    let (_, rows) = table(&text(&evening(3), url).await);
    assert_eq!(rows["2026-01-01"], ["."]);
    assert!(rows["2026-01-02"][0].parse::<f64>().is_ok());
}

#[tokio::test]
async fn short_sales_have_a_row_for_each_and_their_number() {
    let exchange = evening(1);
    let file = text(&exchange, "https://cdn.finra.org/equity/regsho/daily/CNMSshvol20260306.txt").await;
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(lines[0], "Date|Symbol|ShortVolume|ShortExemptVolume|TotalVolume|Market");
    assert_eq!(lines.last().unwrap().parse(), Ok(TICKERS.len()));
    let truth = truth(&exchange, "2026-03-06", "2026-03-06");
    for (line, ticker) in lines[1..].iter().zip(TICKERS) {
        let cells: Vec<&str> = line.split('|').collect();
        assert_eq!(cells[..2], ["20260306", &ticker.replace('-', "/")]);
        let numbers: Vec<u64> = cells[2..5].iter().map(|cell| cell.parse().unwrap()).collect();
        assert!(numbers[0] < numbers[2] && numbers[2] < truth.companies[ticker].bars[0].volume, "{line}");
    }
}

#[tokio::test]
async fn the_mood_is_in_texts() {
    let body = json(&evening(2), "https://api.alternative.me/fng/?limit=3").await;
    let data = body["data"].as_array().unwrap();
    assert_eq!(data.len(), 3);
    assert_eq!(data[0]["timestamp"], "1772841600");
    assert!(data[0]["value"].as_str().unwrap().parse::<u8>().unwrap() <= 100);
    assert!(data[0].get("time_until_update").is_some() && data[1].get("time_until_update").is_none());
    assert_eq!(body["metadata"]["error"], serde_json::Value::Null);
    assert_eq!(
        Date::new(2026, 3, 7).unwrap().to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_second(),
        1_772_841_600
    );
}
