//! Names of pieces of evidence, made of their content.

use std::fmt;
use std::str::FromStr;

use crate::error::quoted;
use jiff::civil::Date;

use crate::{DailyBar, Error, ErrorKind, ItemKind, OptionRight, Ticker};

/// The name of a piece of evidence: `ev-` and 12 hexadecimal digits of BLAKE3 over what was known when it became known.
///
/// The same observation has the same name in every run, from every copy of the data. For a daily bar the name covers
/// ticker, date and raw prices and volume; not the adjustment, which later dividends rewrite, nor when or whence it was
/// fetched.
///
/// ```
/// use assize_altdata::{DailyBar, EvidenceId};
/// use jiff::civil::date;
///
/// let mut bar = DailyBar::new(date(1998, 3, 2), 68.5, 69.0, 68.0, 68.75);
/// let id = EvidenceId::of_bar(&"KO".parse()?, &bar);
/// bar.adjustment = Some(0.31);
/// assert_eq!(EvidenceId::of_bar(&"KO".parse()?, &bar), id);
/// assert_eq!(id.to_string().parse::<EvidenceId>()?, id);
/// # Ok::<(), assize_altdata::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EvidenceId([u8; 6]);

impl EvidenceId {
    /// The name of a day's bar.
    #[must_use]
    pub fn of_bar(ticker: &Ticker, bar: &DailyBar) -> Self {
        let number = |value: f64| value.to_bits().to_le_bytes();
        let date = bar.date.to_string();
        let prices = [bar.open, bar.high, bar.low, bar.close].map(number);
        let volume = bar.volume.map(number);
        let volume = volume.as_ref().map_or(&[][..], |bytes| bytes.as_slice());
        Self::of_parts(
            "daily bar",
            &[ticker.as_str().as_bytes(), date.as_bytes(), prices.as_flattened(), volume],
        )
    }

    /// The name of what was observed. It covers what the source said and is the same whenever it is read again: counts that
    /// grow (views, votes, answers) are no part of it, nor is a company's name, which changes.
    #[must_use]
    pub fn of(ticker: &Ticker, kind: &ItemKind) -> Self {
        let mut content = Content(kind.as_str(), Vec::new());
        match kind {
            ItemKind::Bar(bar) => return Self::of_bar(ticker, bar),
            ItemKind::Identity(card) => {
                content.text(ticker.as_str()).text(&card.cik.unwrap_or_default().to_string())
            }
            // A filing is the same whoever it was looked up for.
            ItemKind::Filing(filing) => content.text(&filing.accession).text(&filing.form),
            ItemKind::InsiderTrade(trade) => content
                .text(&trade.accession)
                .text(&trade.line.to_string())
                .text(&trade.owner_cik.to_string())
                .number(Some(trade.shares))
                .number(trade.price),
            ItemKind::Fact(fact) => content
                .text(ticker.as_str())
                .text(&fact.concept)
                .text(&fact.unit)
                .date(fact.start)
                .date(Some(fact.end))
                .number(Some(fact.value))
                .text(&fact.accession),
            ItemKind::Options(chain) => {
                content.text(ticker.as_str()).text(&chain.quoted_at.to_string()).number(chain.spot);
                for quote in &*chain.contracts {
                    let right = match quote.right {
                        OptionRight::Call => "C",
                        OptionRight::Put => "P",
                    };
                    content
                        .text(&quote.symbol)
                        .date(Some(quote.expiry))
                        .number(Some(quote.strike))
                        .text(right);
                    let figures = [
                        quote.bid,
                        quote.ask,
                        quote.last,
                        quote.volume,
                        quote.open_interest,
                        quote.implied_volatility,
                        quote.delta,
                        quote.gamma,
                    ];
                    figures.into_iter().for_each(|figure| {
                        content.number(figure);
                    });
                }
                &mut content
            }
            ItemKind::Article(article) => content.text(&article.link).text(&article.title),
            ItemKind::Post(post) => {
                content.text(&post.site).text(&post.number).text(&post.title).text(&post.text)
            }
            ItemKind::Video(video) => content.text(&video.number).text(&video.title),
            ItemKind::Attention(seen) => {
                content.text(&seen.subject).date(Some(seen.date)).text(&seen.views.to_string())
            }
            ItemKind::Macro(value) => content
                .text(&value.series)
                .date(Some(value.date))
                .number(Some(value.value))
                .date(value.vintage),
            ItemKind::ShortVolume(sold) => content
                .text(ticker.as_str())
                .date(Some(sold.date))
                .number(Some(sold.short))
                .number(Some(sold.exempt))
                .number(Some(sold.total)),
        };
        content.name()
    }

    /// The name of something of a kind with these parts. Parts are told apart by their lengths, so that no two contents
    /// run together.
    #[must_use]
    pub fn of_parts(kind: &str, parts: &[&[u8]]) -> Self {
        let mut hash = blake3::Hasher::new();
        for part in std::iter::once(kind.as_bytes()).chain(parts.iter().copied()) {
            hash.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            hash.update(part);
        }
        let mut digits = [0; 6];
        hash.finalize_xof().fill(&mut digits);
        Self(digits)
    }
}

/// The parts of what a name is made of.
struct Content(&'static str, Vec<Vec<u8>>);

impl Content {
    fn text(&mut self, text: &str) -> &mut Self {
        self.1.push(text.as_bytes().to_vec());
        self
    }

    fn number(&mut self, value: Option<f64>) -> &mut Self {
        self.1.push(value.map_or_else(Vec::new, |value| value.to_bits().to_le_bytes().to_vec()));
        self
    }

    fn date(&mut self, date: Option<Date>) -> &mut Self {
        self.text(&date.map_or_else(String::new, |date| date.to_string()))
    }

    fn name(&self) -> EvidenceId {
        let parts: Vec<&[u8]> = self.1.iter().map(Vec::as_slice).collect();
        EvidenceId::of_parts(self.0, &parts)
    }
}

impl FromStr for EvidenceId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let bytes = || {
            let digits = text.strip_prefix("ev-")?;
            if digits.len() != 12 || !digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
                return None;
            }
            let number = u64::from_str_radix(digits, 16).ok()?;
            let [_, _, rest @ ..] = number.to_be_bytes();
            Some(Self(rest))
        };
        bytes().ok_or_else(|| {
            let found = quoted(text);
            ErrorKind::BadEvidenceId
                .error(format!("read the evidence id {found}: write `ev-` and 12 digits of 0–9 and a–f"))
        })
    }
}

impl fmt::Display for EvidenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ev-")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for EvidenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn bar() -> DailyBar {
        DailyBar { volume: Some(5.0), ..DailyBar::new(date(2024, 1, 2), 1.0, 2.0, 0.5, 1.5) }
    }

    fn id(ticker: &str, bar: &DailyBar) -> EvidenceId {
        EvidenceId::of_bar(&ticker.parse().unwrap(), bar)
    }

    /// Written down so that a change of the rule, which would orphan every stored citation, can't pass unseen.
    #[test]
    fn the_rule_stays_the_same() {
        assert_eq!(id("KO", &bar()).to_string(), "ev-4e77cfcae39a");
    }

    #[test]
    fn what_was_known_then_names_it_and_nothing_else() {
        let same = DailyBar { adjustment: Some(0.5), dividend: Some(1.0), split: Some(2.0), ..bar() };
        assert_eq!(id("KO", &bar()), id("KO", &same));
        for other in [
            DailyBar { date: date(2024, 1, 3), ..bar() },
            DailyBar { open: 1.1, ..bar() },
            DailyBar { high: 2.1, ..bar() },
            DailyBar { low: 0.6, ..bar() },
            DailyBar { close: 1.6, ..bar() },
            DailyBar { volume: None, ..bar() },
            DailyBar { volume: Some(0.0), ..bar() },
        ] {
            assert_ne!(id("KO", &bar()), id("KO", &other), "{other:?}");
        }
        assert_ne!(id("KO", &bar()), id("PEP", &bar()));
    }

    #[test]
    fn texts_that_are_no_id() {
        for text in
            ["", "ev-", "ev-0123456789a", "ev-0123456789abc", "ev-0123456789AB", "ev-+12345678901", "xx"]
        {
            assert_eq!(text.parse::<EvidenceId>().unwrap_err().kind(), ErrorKind::BadEvidenceId, "{text}");
        }
        let zero: EvidenceId = "ev-000000000001".parse().unwrap();
        assert_eq!(zero.to_string(), "ev-000000000001");
    }
}
