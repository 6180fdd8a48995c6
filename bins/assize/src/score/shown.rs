//! Scores as a person reads them: a table of all, and a card for each of the first.

use assize_report::{Cell, Column, Document, Table, Tone};
use assize_signals::options::{Chain, analyse};
use assize_signals::{Batch, Feeling, Kinship, Piece, Scored};

/// So many texts have a card, and so many stories a line.
const CARDS: usize = 20;
/// So many rows are in the table.
const ROWS: usize = 200;
/// So much of a title is shown in the table.
const TITLE: usize = 60;
/// So many reasons of a class and contracts of a chain are told.
const TOLD: usize = 5;

pub(super) fn page(pieces: &[Piece], batch: &Batch, chains: &[Chain]) -> Document {
    let mut doc = Document::new(match (pieces.len(), chains.len()) {
        (texts, 0) => format!("Scores of {texts} text(s)"),
        (0, chains) => format!("Figures of {chains} option chain(s)"),
        (texts, chains) => format!("Scores of {texts} text(s), figures of {chains} option chain(s)"),
    });
    if pieces.len() > 1 {
        doc.table(all(pieces, batch));
        if let Some(more @ 1..) = pieces.len().checked_sub(ROWS) {
            doc.paragraph(format!("… and {more} more, in the JSON."));
        }
        stories(&mut doc, batch);
    }
    for (at, (piece, scored)) in pieces.iter().zip(&batch.scored).enumerate().take(CARDS) {
        card(&mut doc, at, piece, scored, pieces);
    }
    if let Some(more @ 1..) = pieces.len().checked_sub(CARDS) {
        doc.paragraph(format!("Of {more} more the details are in the JSON."));
    }
    for chain in chains {
        of_chain(&mut doc, chain);
    }
    doc
}

fn all(pieces: &[Piece], batch: &Batch) -> Table {
    let mut table = Table::new([
        Column::right("no."),
        Column::left("text"),
        Column::right("score"),
        Column::right("feeling"),
        Column::left("category"),
        Column::right("novelty"),
        Column::right("story"),
    ]);
    for (at, (piece, scored)) in pieces.iter().zip(&batch.scored).enumerate().take(ROWS) {
        table.push([
            Cell::from((at + 1).to_string()),
            Cell::from(title(piece, TITLE)),
            Cell::from(scored.score.score.map_or_else(|| "–".to_owned(), |score| format!("{score:.1}"))),
            feeling(scored),
            Cell::from(scored.category.primary().name()),
            Cell::from(
                scored.novelty.as_ref().map_or_else(|| "–".to_owned(), |new| format!("{:.2}", new.score)),
            ),
            Cell::from((scored.story + 1).to_string()),
        ]);
    }
    table
}

fn feeling(scored: &Scored) -> Cell {
    let sentiment = scored.text.sentiment.rounded();
    let tone = match scored.text.sentiment.feeling() {
        Feeling::Negative => Tone::Bad,
        Feeling::Neutral => Tone::Plain,
        Feeling::Positive => Tone::Good,
    };
    Cell::toned(tone, format!("{:+.2}", sentiment.compound))
}

fn title(piece: &Piece, most: usize) -> String {
    let title = if piece.title.trim().is_empty() { piece.text.trim() } else { piece.title.trim() };
    let title = title.split_whitespace().take(most).collect::<Vec<_>>().join(" ");
    let mut shown: String = title.chars().take(most).collect();
    if shown.len() < title.len() {
        shown.push('…');
    }
    shown
}

fn stories(doc: &mut Document, batch: &Batch) {
    let told: Vec<_> =
        batch.stories.iter().enumerate().filter(|(_, (_, members))| members.len() > 1).collect();
    if told.is_empty() {
        return;
    }
    doc.heading(2, "Stories that several tell");
    doc.list(told.iter().take(CARDS).map(|(at, (view, members))| {
        let numbers: Vec<String> =
            members.iter().take(CARDS).map(|member| (member + 1).to_string()).collect();
        let shown: String = view.title.chars().take(160).collect();
        format!("{}: {shown} (no. {}; {} domains)", at + 1, numbers.join(", "), view.n_domains)
    }));
}

fn card(doc: &mut Document, at: usize, piece: &Piece, scored: &Scored, pieces: &[Piece]) {
    doc.heading(2, format!("{}. {}", at + 1, title(piece, 160)));
    let score = &scored.score;
    match score.score {
        Some(points) => doc.paragraph(format!(
            "Score {points:.1} of 100, from parts that weigh {:.0} % together.",
            score.known * 100.0
        )),
        None => doc.paragraph("No score: nothing is known of it."),
    };
    let mut lines = score.explanation();
    let sentiment = scored.text.sentiment.rounded();
    lines.push(format!(
        "sentiment: {} ({:+.4}; positive {:.3}, neutral {:.3}, negative {:.3})",
        scored.text.sentiment.feeling().name(),
        sentiment.compound,
        sentiment.positive,
        sentiment.neutral,
        sentiment.negative
    ));
    let tone = &scored.text.tone;
    let balance =
        tone.balance().map_or_else(|| "no such words".to_owned(), |balance| format!("{balance:+.2}"));
    lines.push(format!(
        "tone: {balance} ({} good, {} bad, {} of doubt, {} of law, in {} words)",
        tone.positive, tone.negative, tone.uncertainty, tone.litigious, tone.words
    ));
    lines.push(match (scored.text.readability.reading_ease(), scored.text.readability.ease()) {
        (Some(ease), None) => format!("readability: {ease:.0} by Flesch, of too few words to count"),
        (Some(ease), Some(_)) => format!("readability: {ease:.0} by Flesch"),
        _ => "readability: no words".to_owned(),
    });
    lines.extend(novelty(scored, pieces));
    if let Some(found) = &scored.credibility {
        lines.push(format!("credibility: {:.2}, {}", found.score, found.reason));
    }
    if let Some(found) = &scored.relevance {
        let how = found.strongest.map_or("it is not named", assize_signals::Mention::name);
        lines.push(format!("relevance: {:.2} ({how}; mentions: {})", found.score, found.mentions));
    }
    lines.push(category(scored));
    if let Some(points) = scored.engagement.score {
        let missing: Vec<&str> =
            scored.engagement.missing().map(assize_signals::EngagementPart::name).collect();
        let missing =
            if missing.is_empty() { String::new() } else { format!("; unknown: {}", missing.join(", ")) };
        lines.push(format!("engagement: {points:.2}{missing}"));
    }
    if scored.text.is_cut {
        lines.push("only its beginning was read: it is longer than 256 KiB".to_owned());
    }
    doc.list(lines);
}

fn novelty(scored: &Scored, pieces: &[Piece]) -> Option<String> {
    let novelty = scored.novelty.as_ref()?;
    let near = novelty.nearest.as_ref().filter(|near| near.similarity > 0.0);
    Some(match near {
        None => format!("novelty: {:.2}, nothing like it among the given", novelty.score),
        Some(near) => {
            let kin = match near.kinship {
                Kinship::Copy => "a copy of",
                Kinship::Duplicate => "much the same as",
                Kinship::SameStory => "the same story as",
                Kinship::Loose => "somewhat like",
            };
            let other = pieces.get(near.key).map(|piece| title(piece, TITLE)).unwrap_or_default();
            format!("novelty: {:.2}, {kin} no. {} ({other})", novelty.score, near.key + 1)
        }
    })
}

fn category(scored: &Scored) -> String {
    let category = &scored.category;
    let labels: Vec<String> = category
        .labels()
        .iter()
        .map(|label| format!("{label} {:.0} %", category.probability(*label) * 100.0))
        .collect();
    let reasons: Vec<String> = category
        .reasons()
        .iter()
        .take(TOLD)
        .map(|reason| format!("“{}” {:+.1} for {}", reason.phrase, reason.weight, reason.category))
        .collect();
    let why = if reasons.is_empty() { "no rule was met".to_owned() } else { reasons.join(", ") };
    format!("category: {} ({why})", labels.join(", "))
}

fn of_chain(doc: &mut Document, chain: &Chain) {
    let report = analyse(chain);
    doc.heading(2, format!("Options on {}", chain.underlying));
    let number = |value: Option<f64>, digits: usize| {
        value.map_or_else(|| "unknown".to_owned(), |value| format!("{value:.digits$}"))
    };
    let percent = |value: Option<f64>| {
        value.map_or_else(|| "unknown".to_owned(), |value| format!("{:.1} %", value * 100.0))
    };
    let spot = number(chain.usable_spot(), 2);
    let mut lines = vec![
        format!(
            "{} contracts, quoted {} (the exchange's time), the underlying at {spot}",
            report.quality.n_contracts, chain.quoted_at
        ),
        format!(
            "puts by calls: {} by volume, {} by open interest",
            number(report.put_call.by_volume, 4),
            number(report.put_call.by_open_interest, 4)
        ),
        format!(
            "volatility at the money, 30 days: {}",
            percent(report.at_the_money.as_ref().map(|at| at.iv))
        ),
    ];
    lines.push(match &report.skew {
        Some(skew) => {
            let doubt = if skew.is_suspect { ", doubtful" } else { "" };
            format!("skew: {} at {} days{doubt}", percent(Some(skew.skew)), skew.days)
        }
        None => "skew: unknown".to_owned(),
    });
    if let Some(pain) = report.max_pain.first() {
        lines.push(format!(
            "max pain: {} for {} ({} expiries)",
            pain.strike,
            pain.expiry,
            report.max_pain.len()
        ));
    }
    lines.push(match &report.gamma {
        Some(gamma) => format!(
            "gamma exposure: {:.0} USD per move of 1 %, if dealers have bought all calls and sold all puts",
            gamma.total
        ),
        None => "gamma exposure: unknown".to_owned(),
    });
    lines.push(format!(
        "premium traded: {:.0} USD, calls {:.0}, puts {:.0}; concentration {}",
        report.premium.total,
        report.premium.calls,
        report.premium.puts,
        number(report.premium.concentration, 2)
    ));
    doc.list(lines);
    if !report.unusual.is_empty() {
        doc.heading(3, format!("Unusual contracts: {}", report.unusual.len()));
        let mut table = Table::new([
            Column::left("contract"),
            Column::right("volume"),
            Column::right("open before"),
            Column::right("ratio"),
        ]);
        let count = |count: Option<u64>| count.map_or_else(|| "–".to_owned(), |count| count.to_string());
        for one in report.unusual.iter().take(TOLD) {
            let contract = one.contract;
            table.push([
                contract.symbol.to_string(),
                count(contract.volume),
                count(contract.open_interest),
                format!("{:.2}", one.ratio),
            ]);
        }
        doc.table(table);
    }
    let flags: Vec<&str> = report.quality.flags.iter().map(|flag| flag.name()).collect();
    if flags.is_empty() {
        doc.callout(Tone::Good, "Nothing speaks against the chain as a whole.");
    } else {
        doc.callout(Tone::Warn, format!("To be doubted: {}.", flags.join(", ")));
    }
}
