//! What people write: a few posts a day, and many when a story breaks.

use assize_ambient::Timestamp;
use jiff::{ToSpan, civil::Date};

use super::{calendar, company::Company, path::Path};

/// Where people write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Board {
    StockTwits,
    Reddit,
    HackerNews,
}

impl Board {
    fn key(self) -> &'static str {
        match self {
            Self::StockTwits => "stocktwits",
            Self::Reddit => "reddit",
            Self::HackerNews => "hacker-news",
        }
    }

    /// Posts of a usual day, and of the day of a story, at most.
    fn most(self) -> (usize, usize) {
        match self {
            Self::StockTwits => (5, 24),
            Self::Reddit => (2, 8),
            Self::HackerNews => (2, 3),
        }
    }
}

const GLAD: [&str; 4] = [
    "N is going to fly, I'm loading up & holding",
    "Great news for N, this is a strong buy",
    "Love what N is doing, best stock I own",
    "N breakout incoming, so excited",
];
const SAD: [&str; 4] = [
    "N looks terrible, selling everything",
    "Awful news for N, this is a disaster",
    "I'm worried, N keeps disappointing & falling",
    "N is a bad investment, avoid",
];
const PLAIN: [&str; 4] = [
    "Does anybody follow N?",
    "N volume looks average today",
    "When does N report?",
    "Chart of N for the week",
];

/// A post.
#[derive(Debug, Clone)]
pub(super) struct Post {
    pub(super) id: u64,
    pub(super) text: String,
    pub(super) created: Timestamp,
    /// Whether its author called it bullish, or bearish.
    pub(super) is_bullish: Option<bool>,
    /// A number instead of a name.
    pub(super) author: usize,
    pub(super) points: usize,
    pub(super) replies: usize,
}

/// The posts about a company within `from..=to`, in their order.
pub(super) fn posts(
    company: &Company,
    path: &Path,
    board: Board,
    from: Timestamp,
    to: Timestamp,
) -> Vec<Post> {
    let (first, last) = (calendar::new_york(from).date(), calendar::new_york(to).date());
    let days = first.series(1.day()).take_while(|day| *day <= last);
    let mut posts: Vec<Post> = days.flat_map(|day| of_day(company, path, board, day)).collect();
    posts.retain(|post| (from..=to).contains(&post.created));
    posts.sort_by_key(|post| (post.created, post.id));
    posts
}

fn of_day(company: &Company, path: &Path, board: Board, day: Date) -> Vec<Post> {
    let seed = company.seed.child(board.key()).child(&day.to_string());
    let mut chance = seed.rng();
    let jump = path.jumps.iter().find(|jump| jump.day() == day);
    let (usual, busy) = board.most();
    let count = match jump {
        Some(_) => busy / 2 + chance.below(busy / 2 + 1),
        None => chance.below(usual + 1),
    };
    let mut post = |n: usize| {
        let mood = match jump {
            Some(jump) if chance.happens(0.8) => Some(jump.is_up()),
            _ => chance.happens(0.5).then(|| chance.happens(0.55)),
        };
        let texts = match mood {
            Some(true) => GLAD,
            Some(false) => SAD,
            None => PLAIN,
        };
        let tag = match board {
            Board::StockTwits => format!("${}", company.symbol),
            Board::Reddit => format!("{} (${})", company.short_name(), company.symbol),
            Board::HackerNews => company.short_name().to_owned(),
        };
        let text = texts[chance.below(texts.len())].replacen('N', &tag, 1);
        // The night's news is talked about from the early morning on.
        let second = i64::try_from(7 * 3_600 + chance.below(15 * 3_600)).unwrap_or(0);
        Post {
            // Fits where the sites keep theirs.
            id: 100_000_000 + (seed.child(&n.to_string()).value() >> 24) % 900_000_000,
            text,
            created: calendar::wall(day, second),
            is_bullish: mood.filter(|_| board == Board::StockTwits && chance.happens(0.7)),
            author: 1 + chance.below(5_000),
            points: chance.below(200),
            replies: chance.below(40),
        }
    };
    (0..count).map(&mut post).collect()
}
