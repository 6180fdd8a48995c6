//! Each kind of item as evidence.

use std::fmt::Write;

use assize_altdata::{
    Article, Attention, Availability, CompanyFact, Filing, Identity, InsiderRole, InsiderTrade, ItemKind,
    MacroValue, OptionChain, OptionQuote, OptionRight, Post, ShortVolume, SourceId, Ticker, Video,
};
use assize_ambient::Timestamp;
use assize_transport::Url;
use jiff::{SignedDuration, civil::date};
use proptest::prelude::*;

use super::*;

const AS_OF: &str = "2025-06-02T20:00:00Z";

fn as_of() -> AsOf {
    AsOf::at(AS_OF.parse().unwrap())
}

fn at(hours_before: i64) -> Timestamp {
    as_of().moment() - SignedDuration::from_hours(hours_before)
}

/// An item that was known so many hours before the moment.
fn item(kind: ItemKind, hours_before: i64) -> Item {
    let ticker: Ticker = "ACME".parse().unwrap();
    let url: Url = "https://example.org/a".parse().unwrap();
    let known = Availability::at(at(hours_before), "a test");
    Item::new(&ticker, kind, &SourceId::new("test"), &url, known, Timestamp::UNIX_EPOCH)
}

fn fact(concept: &str, value: f64, filed: jiff::civil::Date) -> ItemKind {
    ItemKind::Fact(CompanyFact {
        concept: concept.to_owned(),
        unit: "USD".to_owned(),
        start: Some(date(2024, 1, 1)),
        end: date(2024, 12, 31),
        value,
        fiscal_year: Some(2024),
        fiscal_period: "FY".to_owned(),
        form: "10-K".to_owned(),
        filed_on: filed,
        accession: format!("0000000001-25-{:06}", filed.day_of_year()),
    })
}

fn trade(code: char, line: u32, is_derivative: bool) -> ItemKind {
    ItemKind::InsiderTrade(InsiderTrade {
        accession: "0000000001-25-000009".to_owned(),
        line,
        owner: "Doe\nJane".to_owned(),
        owner_cik: 7,
        role: InsiderRole { is_director: true, is_officer: true, ..InsiderRole::default() },
        title: "Chief Executive Officer".to_owned(),
        code,
        acquired: code == 'P',
        traded_on: date(2025, 5, 20),
        shares: 2_000.0,
        price: Some(12.5),
        held_after: Some(10_000.0),
        is_direct: true,
        is_planned: Some(false),
        is_derivative,
        is_amendment: false,
    })
}

fn article(title: &str, domain: &str) -> ItemKind {
    ItemKind::Article(Article {
        title: title.to_owned(),
        summary: String::new(),
        link: format!("https://{domain}/x"),
        domain: domain.to_owned(),
        language: "en".to_owned(),
    })
}

fn post(number: u32, text: &str) -> ItemKind {
    ItemKind::Post(Post {
        site: "stocktwits".to_owned(),
        number: number.to_string(),
        title: String::new(),
        text: text.to_owned(),
        link: format!("https://stocktwits.com/{number}"),
        score: None,
        comments: None,
        is_bullish: Some(true),
    })
}

fn video() -> ItemKind {
    ItemKind::Video(Video {
        number: "v1".to_owned(),
        channel: "c1".to_owned(),
        title: "Acme explained".to_owned(),
        description: "A\tfilm".to_owned(),
        link: "https://www.youtube.com/watch?v=v1".to_owned(),
        views: Some(1_000),
        likes: Some(40),
        comments: None,
    })
}

fn chain() -> ItemKind {
    let quote = |strike: f64, right, volume| OptionQuote {
        symbol: String::new(),
        expiry: date(2025, 6, 27),
        strike,
        right,
        bid: Some(1.0),
        ask: Some(1.2),
        last: Some(1.1),
        last_at: Some(date(2025, 6, 2).at(14, 30, 0, 0)),
        volume: Some(volume),
        open_interest: Some(200.0),
        implied_volatility: Some(0.3),
        delta: None,
        gamma: Some(0.01),
    };
    let contracts = [
        quote(95.0, OptionRight::Call, 800.0),
        quote(95.0, OptionRight::Put, 200.0),
        quote(100.0, OptionRight::Call, f64::NAN),
    ];
    ItemKind::Options(OptionChain { quoted_at: at(1), spot: Some(96.0), contracts: contracts.into() })
}

fn macro_value(
    series: &str,
    day: jiff::civil::Date,
    value: f64,
    vintage: Option<jiff::civil::Date>,
) -> ItemKind {
    ItemKind::Macro(MacroValue { series: series.to_owned(), date: day, value, vintage })
}

fn seen() -> ItemKind {
    ItemKind::Attention(Attention {
        subject: "en.wikipedia:Acme".to_owned(),
        date: date(2025, 6, 1),
        views: 4_321,
    })
}

fn filing() -> ItemKind {
    ItemKind::Filing(Filing {
        form: "8-K".to_owned(),
        accession: "0000000001-25-000010".to_owned(),
        filed_on: date(2025, 5, 30),
        period: Some(date(2025, 5, 29)),
        items: vec!["2.02".to_owned()],
        description: "Results".to_owned(),
        document: String::new(),
        sic: None,
    })
}

fn sold() -> ItemKind {
    ItemKind::ShortVolume(ShortVolume { date: date(2025, 5, 30), short: 400.5, exempt: 1.0, total: 1_000.0 })
}

/// The evidence as a table: kind, subject, when known, in words.
fn table(items: &[Item]) -> String {
    let mut table = String::new();
    for evidence in item_evidence(items, &as_of()) {
        assert!(evidence.id.is_plain() && evidence.source == "https://example.org/a");
        let Evidence { kind, subject, available_at, text, .. } = evidence;
        writeln!(table, "{kind} | {subject} | {available_at} | {text}").unwrap();
    }
    table
}

#[test]
fn each_kind_is_a_line() {
    let revenue = "us-gaap:Revenues";
    let cases: [(&str, Vec<Item>, &str); 10] = [
        (
            "a figure, as it was filed last",
            vec![
                item(fact(revenue, 12.3e9, date(2025, 2, 20)), 2_400),
                item(fact(revenue, 11.9e9, date(2025, 5, 2)), 700),
                item(fact("us-gaap:Goodwill", 1.0, date(2025, 2, 20)), 2_400),
            ],
            "company-fact | ACME | 2025-05-04T16:00:00Z | ACME us-gaap:Revenues, 2024-01-01 to 2024-12-31: 11.90 billion USD \
             (10-K, filed 2025-05-02, restated from 12.30 billion)\n",
        ),
        (
            "an opinion of an insider, and no gift and no option",
            vec![
                item(trade('P', 0, false), 300),
                item(trade('G', 1, false), 300),
                item(trade('P', 2, true), 300),
            ],
            "insider-trade | ACME | 2025-05-21T08:00:00Z | ACME: Doe Jane (Chief Executive Officer) bought 2000 shares on \
             2025-05-20 for 25000 USD, holds 10000 after it, not planned beforehand\n",
        ),
        (
            "news, and none from before two weeks",
            vec![
                item(article("Acme  beats\nestimates", "reuters.com"), 5),
                item(article("Acme hires", "reuters.com"), 24 * 15),
            ],
            "article | ACME | 2025-06-02T15:00:00Z | ACME (reuters.com): Acme beats estimates\n",
        ),
        (
            "a post",
            vec![item(post(1, "to the moon"), 5)],
            "post | ACME | 2025-06-02T15:00:00Z | ACME (stocktwits, ticked bullish): to the moon\n",
        ),
        (
            "a film",
            vec![item(video(), 5)],
            "video | ACME | 2025-06-02T15:00:00Z | ACME (video): Acme explained | A film\n",
        ),
        (
            "attention",
            vec![item(seen(), 5)],
            "attention | ACME | 2025-06-02T15:00:00Z | ACME: en.wikipedia:Acme was looked at 4321 times on 2025-06-01\n",
        ),
        (
            "a chain",
            vec![item(chain(), 1)],
            "option-chain | ACME | 2025-06-02T19:00:00Z | ACME options on 2025-06-02: 3 contracts, 800 calls and 200 puts traded, \
             premium 110000 USD; put-call ratio by volume 0.250; by open interest 0.500; volatility at the money, 30 days 0.300; \
             gamma exposure 18432 USD a per cent; 1 contracts trade unusually much, most 250627C00095000; doubtful: few_contracts\n",
        ),
        (
            "a series in its last vintage",
            vec![
                item(macro_value("fred:VIXCLS", date(2025, 5, 30), 18.4, Some(date(2025, 5, 31))), 60),
                item(macro_value("fred:VIXCLS", date(2025, 5, 30), 18.6, Some(date(2025, 6, 1))), 20),
            ],
            "macro | economy | 2025-06-02T00:00:00Z | fred:VIXCLS on 2025-05-30: 18.6\n",
        ),
        (
            "a filing",
            vec![item(filing(), 70)],
            "filing | ACME | 2025-05-30T22:00:00Z | ACME filed a 8-K for the period to 2025-05-29 on 2025-05-30, items 2.02: Results\n",
        ),
        (
            "what was sold short",
            vec![item(sold(), 60)],
            "short-volume | ACME | 2025-05-31T08:00:00Z | ACME: 400 of 1000 shares (40.0 %) were sold short on 2025-05-30, a volume \
             and not what is owed\n",
        ),
    ];
    for (what, items, wanted) in cases {
        assert_eq!(table(&items), wanted, "{what}");
    }
}

#[test]
fn each_kind_is_limited_and_the_best_stand_first() {
    let mut items: Vec<Item> = (0..300)
        .map(|n| item(article(&format!("Number {n} of {} stories", n * 7 % 300), "example.org"), n % 200))
        .collect();
    items.push(item(article("Acme beats estimates", "reuters.com"), 100));
    let card = Identity::new(&"ACME".parse().unwrap(), "Acme Corporation");
    items.push(item(ItemKind::Identity(card), 1_000));
    let evidence = item_evidence(&items, &as_of());
    assert_eq!(evidence.len(), 40);
    assert!(
        evidence[0].text.contains("beats"),
        "who says it and about whom counts more than when: {}",
        evidence[0].text
    );

    let days = |n: i64| date(2025, 6, 1).saturating_sub(jiff::Span::new().days(n));
    let series: Vec<Item> =
        (0..400).map(|n| item(macro_value("fred:DFF", days(n), 4.0, None), 24 * n + 10)).collect();
    let evidence = item_evidence(&series, &as_of());
    assert_eq!(evidence.len(), 3 + 42, "three days and a value for each of 42 weeks before them");
    let values: Vec<&str> = evidence.iter().map(|evidence| evidence.text.as_str()).collect();
    assert_eq!(
        values[..4],
        [
            "fred:DFF on 2025-06-01: 4",
            "fred:DFF on 2025-05-31: 4",
            "fred:DFF on 2025-05-30: 4",
            "fred:DFF on 2025-05-23: 4"
        ]
    );
}

#[test]
fn a_text_that_was_said_before_is_less_new() {
    let words = "Acme raises its forecast for the year after a strong quarter in all regions";
    let items = [item(post(1, words), 20), item(post(2, words), 10)];
    let novelty = |evidence: &Evidence| evidence.data["novelty"].as_f64().unwrap();
    let evidence = item_evidence(&items, &as_of());
    let (first, second) = (
        evidence.iter().find(|evidence| evidence.available_at == at(20)).unwrap(),
        evidence.iter().find(|evidence| evidence.available_at == at(10)).unwrap(),
    );
    assert_eq!((novelty(first), novelty(second)), (1.0, 0.0));
}

#[test]
fn words_from_outside_stay_one_short_line() {
    for (text, most, wanted) in [
        ("a b", 9, "a b"),
        (" a\n\n b\u{7}c\t", 9, "a b c"),
        ("abcdefghij", 5, "abcd…"),
        ("ab cdefghij", 5, "ab c…"),
        ("abcd efgh", 5, "abcd"),
        ("äöü äöü", 7, "äöü äöü"),
        ("", 5, ""),
    ] {
        let line = one_line(text, most);
        assert_eq!(line, wanted, "{text:?}");
        assert!(line.chars().count() <= most);
    }
}

fn any_kind() -> impl Strategy<Value = ItemKind> {
    let value = 1.0..100.0_f64;
    prop_oneof![
        (value.clone(), 0_i64..100).prop_map(|(value, days)| {
            fact("us-gaap:Revenues", value, date(2025, 2, 1).saturating_add(jiff::Span::new().days(days)))
        }),
        (0_u32..50).prop_map(|line| trade('P', line, false)),
        (0_u32..9)
            .prop_map(|n| article(&format!("Acme beats estimates by {n} cents and raises"), "example.org")),
        (0_u32..50).prop_map(|n| post(n, &format!("buy it at {} today", n % 7))),
        (0_u64..50, 0_i64..60).prop_map(|(views, days)| ItemKind::Attention(Attention {
            subject: "en.wikipedia:Acme".to_owned(),
            date: date(2025, 6, 1).saturating_sub(jiff::Span::new().days(days)),
            views,
        })),
        (value, 0_i64..60).prop_map(|(value, days)| {
            macro_value(
                "fred:DFF",
                date(2025, 6, 1).saturating_sub(jiff::Span::new().days(days)),
                value,
                None,
            )
        }),
        Just(video()),
        Just(chain()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// What becomes known later changes nothing, and neither does the order in which the items come.
    #[test]
    fn the_future_and_the_order_change_nothing(
        kinds in proptest::collection::vec((any_kind(), -200_i64..400), 0..60),
        turn in 0_usize..60,
    ) {
        let items: Vec<Item> = kinds.into_iter().map(|(kind, hours)| item(kind, hours)).collect();
        let evidence = item_evidence(&items, &as_of());
        let known: Vec<Item> = items.iter().filter(|item| as_of().knows(*item)).cloned().collect();
        prop_assert_eq!(&evidence, &item_evidence(&known, &as_of()));
        let mut turned = items;
        if !turned.is_empty() {
            let by = turn % turned.len();
            turned.rotate_left(by);
        }
        prop_assert_eq!(&evidence, &item_evidence(&turned, &as_of()));
        prop_assert!(evidence.iter().all(|evidence| evidence.available_at <= as_of().moment()));
    }
}
