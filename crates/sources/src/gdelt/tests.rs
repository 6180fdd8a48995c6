//! What is asked, and what comes back.

use assize_altdata::conformance;
use assize_transport::Headers;

use super::*;

const BODY: &str = r#"{"articles":[
    {"url":"https://www.a.example/1","url_mobile":"","title":"Acme ' s profit , up","seendate":"20260105T091500Z",
     "socialimage":"","domain":"a.example","language":"English","sourcecountry":"United States","new":1},
    {"url":"https://b.example/2","title":"Other news","seendate":"20260105T090000Z","language":"English"},
    {"url":"https://c.example/3","title":"Acme gewinnt","seendate":"20260104T090000Z","language":"German"}]}"#;

fn company(ticker: &str, name: &str) -> Identity {
    Identity::new(&ticker.parse().unwrap(), name)
}

fn query_of(company: Identity) -> Query {
    let ticker = company.ticker.clone();
    Query::new(&ticker, "2026-01-05".parse().unwrap()).with_identity(Arc::new(company))
}

fn query() -> Query {
    query_of(company("ACME", "Acme Inc."))
}

fn decode(status: u16, body: &str) -> Outcome {
    let request = &Gdelt::new().plan(&query()).unwrap()[0];
    let response =
        RawResponse::new(request, status, Headers::default(), body.to_owned(), Timestamp::UNIX_EPOCH);
    Gdelt::new().decode(&query(), &response)
}

#[test]
fn it_keeps_the_contract() {
    conformance::check_query(&Gdelt::new(), &query(), BODY.as_bytes());
}

#[test]
fn three_days_up_to_the_moment_are_asked_for() {
    let url = |source: &Gdelt, query: &Query| source.plan(query).unwrap()[0].url().as_str().to_owned();
    let start = "https://api.gdeltproject.org/api/v2/doc/doc?query=";
    let rest = "&mode=artlist&format=json&maxrecords=250&startdatetime=20260103044500&enddatetime=20260106050000&sort=datedesc";
    assert_eq!(url(&Gdelt::new(), &query()), format!("{start}%22acme%22{rest}"));
    let since = query().since("2026-01-05T10:07:00Z".parse().unwrap());
    assert!(url(&Gdelt::new(), &since).contains("&startdatetime=20260105100000&"));
    // A name that is too short for the site is searched with its legal form.
    let hp = query_of(company("HPQ", "HP Inc."));
    assert!(url(&Gdelt::new(), &hp).starts_with(&format!("{start}%22hp%20inc%22&")));
    assert_eq!(Gdelt::new().plan(&query_of(company("X", "X"))).unwrap_err().reason, GapReason::NoSuchTicker);
    let unknown = Query::new(&"ACME".parse().unwrap(), "2026-01-05".parse().unwrap());
    assert_eq!(Gdelt::new().plan(&unknown).unwrap_err().reason, GapReason::NoSuchTicker);
}

#[test]
fn several_companies_share_a_request() {
    let companies: Vec<Identity> =
        (0..12).map(|n| company(&format!("C{n}"), &format!("Company {n} Works Inc."))).collect();
    let source = Gdelt::new().with_companies(&companies);
    let mut plans: Vec<Request> =
        companies.iter().map(|company| source.plan(&query_of(company.clone())).unwrap().remove(0)).collect();
    plans.dedup();
    assert_eq!(plans.len(), 3);
    assert!(
        plans[2]
            .url()
            .as_str()
            .contains("query=%28%22company%2010%20works%22%20OR%20%22company%2011%20works%22%29&")
    );
    let long = company("LONG", &"long name ".repeat(6));
    let longer: Vec<Identity> = (0..4).map(|_| long.clone()).collect();
    assert!(Gdelt::new().with_companies(&longer).batches.iter().all(|batch| batch.companies.len() <= 3));
    // One that was not told of is asked about alone.
    assert!(source.plan(&query()).unwrap()[0].url().as_str().contains("query=%22acme%22&"));
}

#[test]
fn a_query_is_no_longer_than_the_site_takes() {
    let companies: Vec<Identity> =
        (0..40).map(|n| company(&format!("C{n}"), &format!("{} {n}", "long name ".repeat(n % 5)))).collect();
    let source = Gdelt::new().with_companies(&companies);
    for batch in source.batches.iter().filter(|batch| batch.companies.len() > 1) {
        let quoted: Vec<String> = batch.phrases.iter().map(|phrase| format!("\"{phrase}\"")).collect();
        let query = format!("({})", quoted.join(" OR "));
        assert!(query.len() <= MOST_QUERY, "{} bytes: {query}", query.len());
    }
}

#[test]
fn nobody_is_lost_in_a_list_that_others_have_filled() {
    let source =
        Gdelt::new().with_companies(&[company("ACME", "Acme Inc."), company("BOLT", "Bolt Works Inc.")]);
    let list = |of: &str, n: usize| {
        let one = |n: usize| {
            format!(
                r#"{{"url":"https://a.example/{n}","title":"{of} told {n}","seendate":"20260105T091500Z"}}"#
            )
        };
        format!("{{\"articles\":[{}]}}", (0..n).map(one).collect::<Vec<_>>().join(","))
    };
    let (bolt, acme) = (query_of(company("BOLT", "Bolt Works Inc.")), query());
    let response = |source: &Gdelt, body: String| {
        RawResponse::new(
            &source.plan(&bolt).unwrap()[0],
            200,
            Headers::default(),
            body,
            Timestamp::UNIX_EPOCH,
        )
    };
    let full = response(&source, list("Acme", MOST));
    let Outcome::Items { items, findings } = source.decode(&bolt, &full) else { panic!("it is not certain") };
    assert_eq!((items.len(), findings.len()), (0, 1));
    assert!(findings[0].known_from.is_some(), "{:?}", findings[0]);
    let alone = source.follow(&bolt, &full);
    assert_eq!(alone, Gdelt::new().plan(&bolt).unwrap());
    assert_eq!(source.follow(&acme, &full), [], "it has articles");
    assert_eq!(source.follow(&bolt, &response(&source, list("Acme", MOST - 1))), [], "there was room");
    assert_eq!(source.decode(&bolt, &response(&source, list("Acme", MOST - 1))), Outcome::Empty);
    // Asked about alone, it is not asked about again.
    assert_eq!(source.follow(&bolt, &response(&Gdelt::new(), list("Acme", MOST))), []);
}

#[test]
fn articles_are_known_when_they_are_seen() {
    let Outcome::Items { items, findings } = decode(200, BODY) else { panic!("items") };
    assert_eq!((items.len(), findings.len()), (2, 0));
    let ItemKind::Article(article) = &items[1].kind else { panic!("an article") };
    let expected = Article {
        title: "Acme's profit, up".to_owned(),
        summary: String::new(),
        link: "https://www.a.example/1".to_owned(),
        domain: "a.example".to_owned(),
        language: "English".to_owned(),
    };
    assert_eq!(article, &expected);
    assert_eq!(
        items[1].available_at,
        Availability::at("2026-01-05T09:15:00Z".parse().unwrap(), "when GDELT saw it")
    );
    assert_eq!(items[1].published, None);
    let broken = BODY.replace("profit", "pro\\'fi\tt");
    let Outcome::Items { items, .. } = decode(200, &broken) else { panic!("items") };
    let ItemKind::Article(article) = &items[1].kind else { panic!("an article") };
    assert_eq!(article.title, "Acme's pro'fi t, up");
}

#[test]
fn what_is_no_answer() {
    let slower = "Please limit requests to one every 5 seconds or contact somebody for larger queries.";
    let five = Outcome::Throttled(Some(Duration::from_secs(5)));
    for (status, body, expected) in [
        (200, slower, five.clone()),
        (429, slower, five),
        (429, "", Outcome::Throttled(None)),
        (503, "{}", Outcome::Unavailable("a status of 503".to_owned())),
        (200, r#"{"articles":[]}"#, Outcome::Empty),
        (
            200,
            "The specified phrase is too short.\n",
            Outcome::Drift("words in the place of a list: The specified phrase is too short.".to_owned()),
        ),
    ] {
        assert_eq!(decode(status, body), expected, "{body}");
    }
    for body in ["{}", " { }\n", "", "<html>"] {
        assert!(matches!(decode(200, body), Outcome::DoubtfulEmpty(_)), "{body}");
    }
    let Outcome::Drift(path) = decode(200, &BODY.replacen("seendate", "seen", 1)) else { panic!("drift") };
    assert!(path.starts_with("at `articles[0]`: missing field `seendate`"), "{path}");
    let Outcome::Items { items, findings } = decode(200, &BODY.replace("20260104T", "soon")) else {
        panic!()
    };
    assert_eq!((items.len(), findings.len()), (1, 1));
}
