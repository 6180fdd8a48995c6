//! A stream with planted events: what of them is found as stories, and which bursts.

use std::collections::BTreeMap;

use assize_signals::story::{Assigned, Stories, StoryId, StoryItem};
use jiff::Timestamp;

/// Splitmix64 (Steele, Lea, Flood 2014): the same stream everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % below as u64).expect("small")
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }
}

/// Ways to say what happened: `{c}` is the company, `{x}` somebody or something, `{n}` a figure.
const KINDS: [&[&str]; 10] = [
    &[
        "{c} to buy {x} for ${n} billion",
        "{c} agrees ${n} billion deal for {x}",
        "{x} to be acquired by {c} in ${n} billion deal",
        "{c} buys {x}, paying ${n} billion",
        "Deal of the day: {c} swallows {x}",
    ],
    &[
        "{c} recalls {n}00 {x} vehicles over fire risk",
        "Fire risk: {c} recalls {n}00 {x} cars",
        "{c} recall of {x} covers {n}00 cars after fire reports",
        "Regulator says {c} to recall {x} over fire risk",
    ],
    &[
        "{c} chief {x} steps down after {n} years",
        "{x} to step down as {c} chief",
        "{c} CEO {x} resigns, board begins search",
        "After {n} years, {x} leaves {c}",
    ],
    &[
        "{c} fined ${n} million over {x} leak",
        "Watchdog fines {c} ${n} million for {x} leak",
        "{c} hit with ${n} million fine after {x} leak",
        "{x} leak costs {c} ${n} million",
    ],
    &[
        "{c} cuts profit outlook, blames {x}",
        "{c} slashes outlook as {x} bites",
        "Profit outlook cut at {c} on {x} woes",
        "{x} forces {c} to cut its profit outlook by {n}%",
    ],
    &[
        "FDA approves {c}'s {x} for asthma",
        "{c} wins FDA approval for asthma drug {x}",
        "{c}'s asthma drug {x} approved by FDA",
        "Green light for {c}: {x} cleared to treat asthma",
    ],
    &[
        "{c} data breach exposes {n} million {x} accounts",
        "Hackers steal data on {n} million {x} users from {c}",
        "{c} says breach hit {n} million {x} accounts",
        "{n} million {x} accounts exposed in {c} breach",
    ],
    &[
        "Activist {x} builds {n}% stake in {c}",
        "{x} takes {n}% stake in {c}, urges changes",
        "{c}: activist {x} discloses {n}% stake",
        "{c} faces activist {x}, holder of {n}%",
    ],
    &[
        "Strike at {c}'s {x} plant enters day {n}",
        "Workers strike at {c} plant in {x}",
        "{c} halts {x} plant as workers strike",
        "{x} plant of {c} shut by strike",
    ],
    &[
        "{c} declares quarterly dividend of {n} cents",
        "{c} sets dividend at {n} cents",
        "Quarterly dividend of {n} cents declared by {c}",
        "{c} to pay {n} cents a share",
    ],
];

const DOMAINS: [&str; 24] = [
    "alpha.example",
    "bravo.example",
    "charlie.example",
    "delta.example",
    "echo.example",
    "foxtrot.example",
    "golf.example",
    "hotel.example",
    "india.example",
    "juliet.example",
    "kilo.example",
    "lima.example",
    "mike.example",
    "november.example",
    "oscar.example",
    "papa.example",
    "quebec.example",
    "romeo.example",
    "sierra.example",
    "tango.example",
    "uniform.example",
    "victor.example",
    "whiskey.example",
    "xray.example",
];

/// So many streams are judged.
const SEEDS: u32 = 3;

const DAY: i64 = 86_400;

#[derive(Debug, Clone)]
struct Planted {
    at: i64,
    domain: &'static str,
    text: String,
    ticker: String,
    event: usize,
}

struct Stream {
    items: Vec<Planted>,
    /// The events that many told of within hours.
    loud: Vec<bool>,
}

fn name(dice: &mut Dice) -> String {
    let (head, tail) = (
        [
            "Hal", "Bri", "Quil", "Cor", "Tal", "Or", "Cas", "Dun", "Vel", "Mar", "Kes", "San", "Lin", "Fen",
            "Wex", "Gab",
        ],
        [
            "vorsen", "ghtwell", "lon", "vane", "lis", "rin", "tellan", "more", "mont", "low", "trel", "dry",
            "qvist", "wick", "ford", "le",
        ],
    );
    format!("{}{}{}", dice.pick(&head), dice.pick(&["", "a", "e", "o", "u"]), dice.pick(&tail))
}

/// Thirty days of news about sixty companies: events told by one outlet to twenty, the same kinds of events over and over.
fn stream(seed: u64) -> Stream {
    let mut dice = Dice(seed);
    let companies: Vec<String> = (0..60).map(|_| name(&mut dice)).collect();
    let (mut items, mut loud) = (Vec::new(), Vec::new());
    for event in 0..1_500 {
        let company = dice.roll(companies.len());
        let ways = KINDS[dice.roll(KINDS.len())];
        let (what, figure) = (name(&mut dice), (dice.roll(89) + 11).to_string());
        let begins = dice.roll(30 * 86_400);
        // One in ten is loud, three in ten are told a few times over a day and a half, the rest once.
        let (n, spread) = match dice.roll(10) {
            0 => (8 + dice.roll(13), 4 * 3_600),
            1..=3 => (2 + dice.roll(4), 36 * 3_600),
            _ => (1, 1),
        };
        loud.push(n >= 8);
        let first_domain = dice.roll(DOMAINS.len());
        for telling in 0..n {
            let said = dice
                .pick(ways)
                .replace("{c}", &companies[company])
                .replace("{x}", &what)
                .replace("{n}", &figure);
            let dressed = match dice.roll(6) {
                0 => format!("UPDATE 1-{said}"),
                1 => format!("{said} - sources"),
                2 => format!("{said}; shares move"),
                _ => said,
            };
            items.push(Planted {
                at: 1_780_000_000 + i64::try_from(begins + dice.roll(spread)).expect("small"),
                domain: DOMAINS[(first_domain + telling) % DOMAINS.len()],
                text: dressed,
                ticker: format!("T{company}"),
                event,
            });
        }
    }
    items.sort_by(|a, b| (a.at, &a.text, a.domain).cmp(&(b.at, &b.text, b.domain)));
    Stream { items, loud }
}

fn run(items: &[Planted]) -> Vec<Assigned> {
    let mut stories = Stories::default();
    items
        .iter()
        .map(|item| {
            let at = Timestamp::from_second(item.at).expect("a time");
            stories.insert(&StoryItem {
                at,
                domain: item.domain,
                text: &item.text,
                entities: &[&item.ticker],
            })
        })
        .collect()
}

fn of(n: usize) -> f64 {
    f64::from(u32::try_from(n).expect("few"))
}

/// B-cubed precision and recall (Bagga and Baldwin 1998): the means over the items of what share of an item's story is of
/// its event, and what share of its event is in its story.
fn b_cubed(pairs: &[(usize, StoryId)]) -> (f64, f64) {
    let (mut events, mut stories, mut both) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for &(event, story) in pairs {
        *events.entry(event).or_insert(0) += 1;
        *stories.entry(story).or_insert(0) += 1;
        *both.entry((event, story)).or_insert(0) += 1;
    }
    let mean = |whole: &dyn Fn(&(usize, StoryId)) -> usize| {
        pairs.iter().map(|pair| of(both[pair]) / of(whole(pair))).sum::<f64>() / of(pairs.len())
    };
    (mean(&|(_, story)| stories[story]), mean(&|(event, _)| events[event]))
}

#[test]
fn planted_events_are_found() {
    let (mut all, mut told, mut n_items) = ((0.0, 0.0), (0.0, 0.0), 0);
    for seed in 1..=SEEDS {
        let stream = stream(u64::from(seed));
        let answers = run(&stream.items);
        let pairs: Vec<_> =
            stream.items.iter().zip(&answers).map(|(item, answer)| (item.event, answer.story)).collect();
        let mut sizes = BTreeMap::new();
        for (event, _) in &pairs {
            *sizes.entry(*event).or_insert(0) += 1;
        }
        let repeated: Vec<_> = pairs.iter().copied().filter(|(event, _)| sizes[event] > 1).collect();
        let (of_all, of_told) = (b_cubed(&pairs), b_cubed(&repeated));
        all = (all.0 + of_all.0 / f64::from(SEEDS), all.1 + of_all.1 / f64::from(SEEDS));
        told = (told.0 + of_told.0 / f64::from(SEEDS), told.1 + of_told.1 / f64::from(SEEDS));
        n_items += pairs.len();
    }
    let text = format!(
        "{n_items} items of {SEEDS} streams, B-cubed over all: precision {:.3}, recall {:.3}; over events told more than once: \
         precision {:.3}, recall {:.3}\n",
        all.0, all.1, told.0, told.1
    );
    insta::assert_snapshot!(text);
    assert!(told.0 >= 0.95 && told.1 >= 0.92, "{text}");
}

#[test]
fn loud_events_burst_and_others_do_not() {
    let (mut found, mut missed, mut false_alarms) = (0, 0, 0);
    for seed in 1..=SEEDS {
        let stream = stream(u64::from(seed));
        // The first two days say what is usual.
        let quiet_until = 1_780_000_000 + 2 * DAY;
        let answers = run(&stream.items);
        let mut bursts = vec![false; stream.loud.len()];
        for (item, answer) in stream.items.iter().zip(&answers) {
            bursts[item.event] |= answer.burst.is_burst && item.at > quiet_until;
        }
        for (event, &loud) in stream.loud.iter().enumerate() {
            let counts = stream.items.iter().any(|item| item.event == event && item.at > quiet_until);
            match (loud && counts, bursts[event]) {
                (true, true) => found += 1,
                (true, false) => missed += 1,
                (false, true) => false_alarms += 1,
                (false, false) => {}
            }
        }
    }
    let text = format!(
        "bursts: {found} found, {missed} missed, {false_alarms} false; precision {:.3}, recall {:.3}\n",
        of(found) / of(found + false_alarms),
        of(found) / of(found + missed)
    );
    insta::assert_snapshot!(text);
    assert!(found >= 40 * missed && found >= 20 * false_alarms, "{text}");
}

#[test]
fn the_same_stream_gives_the_same_stories_ids_included() {
    let stream = stream(7);
    assert_eq!(run(&stream.items), run(&stream.items));
}
