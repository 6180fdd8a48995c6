//! What the papers write: this and that, and the stories behind jumps.

use assize_ambient::{Chance, Seed, Timestamp};
use jiff::{SignedDuration, ToSpan, civil::Date};

use super::{
    calendar,
    company::Company,
    number::whole,
    path::{Jump, Path},
};

/// The papers, under names that are reserved for examples.
pub(super) const PAPERS: [(&str, &str); 7] = [
    ("newswire.example", "Example Newswire"),
    ("marketdaily.example", "Market Daily"),
    ("tradepost.example", "Trade Post"),
    ("harbourtimes.example", "Harbour Times"),
    ("investorledger.example", "Investor Ledger"),
    ("streetnotes.example", "Street Notes"),
    ("morningbourse.example", "Morning Bourse"),
];

/// What a story is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Topic {
    Earnings,
    Guidance,
    Merger,
    Product,
    Legal,
    Management,
}

impl Topic {
    const ALL: [Self; 6] =
        [Self::Earnings, Self::Guidance, Self::Merger, Self::Product, Self::Legal, Self::Management];

    /// What a jump comes from.
    pub(super) fn of(company: &Company, jump: &Jump) -> Self {
        Self::ALL[company.seed.child("topic").child(&jump.session.to_string()).rng().below(Self::ALL.len())]
    }

    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Earnings => "earnings",
            Self::Guidance => "guidance",
            Self::Merger => "merger",
            Self::Product => "product",
            Self::Legal => "legal",
            Self::Management => "management",
        }
    }

    /// The items of its 8-K.
    pub(super) fn items(self) -> &'static str {
        match self {
            Self::Earnings => "2.02,9.01",
            Self::Guidance => "7.01",
            Self::Merger => "1.01,9.01",
            Self::Product | Self::Legal => "8.01",
            Self::Management => "5.02",
        }
    }

    /// Headlines, `N` being the company, `P` what it makes, and the other letters what all papers tell of the event: [`Facts`].
    fn headlines(self, is_up: bool) -> [&'static str; 3] {
        match (self, is_up) {
            (Self::Earnings, true) => [
                "N beats estimates with record quarterly profit of F",
                "N quarterly profit soars to F, past estimates",
                "Record quarter: N tops profit estimates with F",
            ],
            (Self::Earnings, false) => [
                "N misses estimates as quarterly profit plunges to F",
                "N quarterly profit slumps to F on weak sales",
                "Weak quarter: N profit of F falls short of estimates",
            ],
            (Self::Guidance, true) => [
                "N raises full-year outlook to F on strong demand",
                "N lifts its outlook to F as demand surges",
                "Strong demand lets N raise its outlook to F",
            ],
            (Self::Guidance, false) => [
                "N cuts full-year outlook to F on weak demand",
                "N slashes its outlook to F and warns of losses",
                "Weak demand forces N to cut its outlook to F",
            ],
            (Self::Merger, true) => [
                "N agrees to be bought by B for F",
                "N receives F takeover offer from B",
                "Takeover: N accepts F buyout offer of B",
            ],
            (Self::Merger, false) => [
                "N takeover collapses as B walks away from F deal",
                "B abandons F deal to acquire N",
                "Merger of N fails after B withdraws F offer",
            ],
            (Self::Product, true) => [
                "N wins approval for its new P C",
                "Regulators clear the P C of N in a big win",
                "N launches P C to strong early orders",
            ],
            (Self::Product, false) => [
                "N recalls its P C after failures",
                "N halts the P C after a failed test",
                "Failed test forces N to abandon its P C",
            ],
            (Self::Legal, true) => [
                "N wins patent lawsuit of B over its P",
                "Court clears N in a long dispute with B over its P",
                "N settles its lawsuit with B on good terms",
            ],
            (Self::Legal, false) => [
                "N faces fraud investigation after B report",
                "Regulators sue N alleging fraud after B report",
                "B report puts N under investigation for fraud",
            ],
            (Self::Management, true) => [
                "N names admired E new chief executive",
                "Investors cheer E, the new chief executive of N",
                "N hires star E as chief executive",
            ],
            (Self::Management, false) => [
                "N chief executive E resigns abruptly amid a probe",
                "Abrupt exit: chief executive E of N quits",
                "N loses its chief executive E in a sudden departure",
            ],
        }
    }
}

/// What an event is told by: papers choose their words, but these are the same in all of them.
struct Facts {
    /// A figure.
    figure: String,
    /// Another company, or a firm.
    other: String,
    /// The name of a model.
    model: String,
    /// The name of a person.
    person: String,
}

impl Facts {
    const HEADS: [&str; 12] =
        ["Ald", "Bran", "Cor", "Dren", "Els", "Fal", "Gren", "Hol", "Ister", "Jor", "Kest", "Lan"];
    const TAILS: [&str; 8] = ["bridge", "croft", "dale", "ford", "holm", "mere", "stead", "wick"];
    const FIRST: [&str; 8] = ["Agnes", "Boris", "Celia", "Dorian", "Elena", "Frank", "Gloria", "Henrik"];

    fn of(seed: Seed) -> Self {
        let mut chance = seed.child("facts").rng();
        let mut name = || {
            let head = Self::HEADS[chance.below(Self::HEADS.len())];
            format!("{head}{}", Self::TAILS[chance.below(Self::TAILS.len())])
        };
        let (other, last, model) = (name(), name(), name());
        let first = Self::FIRST[chance.below(Self::FIRST.len())];
        Self {
            figure: format!("${} million", 100 + chance.below(900)),
            other: format!("{other} Capital"),
            model,
            person: format!("{first} {last}"),
        }
    }
}

/// What is written on other days.
const ROUTINE: [&str; 12] = [
    "N to speak at an industry conference next week",
    "What to know about N before the next dividend",
    "N opens a regional office",
    "A look at how N makes its P",
    "N publishes its sustainability report",
    "Five figures that explain N",
    "N schedules its annual meeting",
    "Analyst keeps neutral rating on N",
    "N and its suppliers: who depends on whom",
    "N extends a contract for office services",
    "How N fits into the sector this year",
    "N updates the website for its P",
];

/// An article of a paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Article {
    pub(super) domain: &'static str,
    pub(super) url: String,
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) published: Timestamp,
    /// The session of the jump whose story it tells.
    pub(super) story: Option<usize>,
}

impl Article {
    /// When an index of the news that looks every quarter of an hour has seen it.
    pub(super) fn seen(&self) -> Timestamp {
        let second = self.published.as_second();
        Timestamp::from_second(second + 900 - second.rem_euclid(900)).unwrap_or(self.published)
    }
}

/// The articles about a company that were published within `from..=to`, in their order.
pub(super) fn articles(company: &Company, path: &Path, from: Timestamp, to: Timestamp) -> Vec<Article> {
    let (first, last) = (calendar::new_york(from).date(), calendar::new_york(to).date());
    let mut articles: Vec<Article> =
        first.series(1.day()).take_while(|day| *day <= last).flat_map(|day| routine(company, day)).collect();
    let is_near = |jump: &&Jump| {
        let day = jump.day();
        day >= first.saturating_sub(4.days()) && day <= last.saturating_add(6.days())
    };
    articles.extend(path.jumps.iter().filter(is_near).flat_map(|jump| story(company, jump)));
    articles.retain(|article| (from..=to).contains(&article.published));
    articles.sort_by(|one, other| (one.published, &one.url).cmp(&(other.published, &other.url)));
    articles
}

/// The story of a jump: from the evening before to the opening, in three papers at least.
pub(super) fn story(company: &Company, jump: &Jump) -> Vec<Article> {
    let topic = Topic::of(company, jump);
    let seed = company.seed.child("story").child(&jump.session.to_string());
    let mut chance = seed.rng();
    let mut papers = PAPERS;
    chance.shuffle(&mut papers);
    let headlines = topic.headlines(jump.is_up());
    let facts = Facts::of(seed);
    // It breaks some time in the night before the opening, and the other papers follow soon: most within two hours.
    let open = calendar::open(jump.session);
    let count = 5 + chance.below(3);
    let breaks = 3 * 3_600 + chance.below(11 * 3_600);
    let article = |n: usize, chance: &mut Chance| {
        let follows = if n == 0 { 0 } else { whole(-4_000.0 * libm::log(1.0 - chance.unit())) };
        let follows = i64::try_from(follows).unwrap_or(0);
        let before = (i64::try_from(breaks).unwrap_or(600) - follows).max(600);
        let title = headlines[(n + chance.below(2)) % headlines.len()];
        let title = fill(title, company, Some(&facts));
        let published = open.checked_sub(SignedDuration::from_secs(before)).unwrap_or(open);
        write(
            company,
            papers[n % papers.len()].0,
            &title,
            published,
            Some(jump.session),
            seed.child(&n.to_string()),
        )
    };
    (0..count).map(|n| article(n, &mut chance)).collect()
}

fn routine(company: &Company, day: Date) -> Vec<Article> {
    let seed = company.seed.child("papers of").child(&day.to_string());
    let mut chance = seed.rng();
    let most = if calendar::is_weekend(day) { 2 } else { 3 };
    let count = chance.below(most);
    let mut article = |n: usize| {
        let title = fill(ROUTINE[chance.below(ROUTINE.len())], company, None);
        let paper = PAPERS[chance.below(PAPERS.len())].0;
        let second = i64::try_from(6 * 3_600 + chance.below(14 * 3_600)).unwrap_or(0);
        write(company, paper, &title, calendar::wall(day, second), None, seed.child(&n.to_string()))
    };
    (0..count).map(&mut article).collect()
}

fn fill(headline: &str, company: &Company, facts: Option<&Facts>) -> String {
    let word = |word: &str| {
        let (letter, mark) = word.split_at(word.len() - usize::from(word.ends_with(',')));
        let filled = match (letter, facts) {
            ("N", _) => company.short_name(),
            ("P", _) => company.sector.product,
            ("F", Some(facts)) => &facts.figure,
            ("B", Some(facts)) => &facts.other,
            ("C", Some(facts)) => &facts.model,
            ("E", Some(facts)) => &facts.person,
            _ => letter,
        };
        format!("{filled}{mark}")
    };
    headline.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn write(
    company: &Company,
    domain: &'static str,
    title: &str,
    published: Timestamp,
    story: Option<usize>,
    seed: Seed,
) -> Article {
    let mut slug: String =
        title.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    slug.truncate(60);
    let day = calendar::new_york(published).date();
    let url = format!("https://{domain}/{}/{slug}-{:08x}", day.strftime("%Y/%m/%d"), seed.value() >> 32);
    let (name, symbol) = (&company.name, &company.symbol);
    let summary = format!("{title}. {name} is traded under the symbol {symbol}.");
    Article { domain, url, title: title.to_owned(), summary, published, story }
}
