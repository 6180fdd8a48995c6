//! A complete submission that holds a Form 4: a header with the moment of acceptance, and the form as XML within it.

use assize_altdata::{
    Availability, Disposition, Finding, FindingKind, InsiderRole, InsiderTrade, Item, ItemKind, Outcome,
    Query, SourceId, new_york,
};
use assize_transport::RawResponse;
use jiff::civil::{Date, DateTime};

use super::acceptance::{self, Reading, Stamp};
use super::form4::{Form, Line};
use super::site;
use crate::answer;

/// How much of a submission is looked at for its header.
const HEADER: usize = 100_000;

/// Reads it for the query.
pub(super) fn decode(query: &Query, id: &SourceId, response: &RawResponse) -> Outcome {
    match read(query, id, response) {
        Ok(outcome) | Err(outcome) => outcome,
    }
}

fn read(query: &Query, id: &SourceId, response: &RawResponse) -> Result<Outcome, Outcome> {
    if let Some(refusal) = site::refusal(response) {
        return Err(refusal);
    }
    let name = site::file_name(response.url());
    let accession = name.strip_suffix(".txt").filter(|accession| site::is_accession(accession));
    let accession = accession.ok_or_else(|| drift("the address", "it names no accession number"))?;
    let text = String::from_utf8_lossy(response.body());
    let available = availability(&text, accession)?;
    let form = Form::read(form_of(&text)?)?;
    let about = |cik| format!("{} (CIK {cik})", answer::plain(&form.issuer_name, 80));
    let wanted = site::cik(query, id).map_err(|gap| Outcome::OtherCompany(gap.detail))?;
    let mut findings = Vec::new();
    let mut note = |kind, text: String| {
        let finding = Finding::undated(None, kind, Disposition::Dropped, text).at_url(response.url());
        findings.push(Finding { known_from: Some(available.clone()), ..finding });
    };
    if form.issuer != wanted {
        if !form.owners.iter().any(|owner| owner.cik == wanted) {
            let known = query.identity().map_or("", |card| card.name.as_str());
            let which = format!("{}, not {} (CIK {wanted})", about(form.issuer), answer::plain(known, 80));
            return Err(Outcome::OtherCompany(which));
        }
        // A company's index lists what it filed as the holder of another's shares, too.
        let text = format!("trades of the company itself in shares of {}", about(form.issuer));
        note(FindingKind::OtherTicker, text);
        return Ok(Outcome::Items { items: Vec::new(), findings });
    }
    let mut items = Vec::new();
    for (n, line) in (0_u32..).zip(&form.lines) {
        match trade(&form, line, accession, n) {
            Ok(trade) => {
                let (ticker, url) = (query.ticker(), response.url());
                let kind = ItemKind::InsiderTrade(trade);
                let item = Item::new(ticker, kind, id, url, available.clone(), response.fetched_at());
                items.push(item.published(available.earliest));
            }
            Err((kind, text)) => note(kind, format!("line {n} of {accession}: {text}")),
        }
    }
    if form.is_cut {
        note(FindingKind::More, format!("further lines of {accession} are not read"));
    }
    Ok(Outcome::Items { items, findings })
}

fn drift(place: &str, found: &str) -> Outcome {
    Outcome::Drift(format!("at `{place}`: {found}"))
}

/// From the header: its times are Eastern.
fn availability(text: &str, accession: &str) -> Result<Availability, Outcome> {
    // The header is plain ASCII; a cut within a character leaves it whole.
    let mut end = text.len().min(HEADER);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let header = text[..end].split("<DOCUMENT>").next().unwrap_or_default();
    let after = |label: &str| header.split_once(label).map(|(_, rest)| rest.trim_start_matches([' ', '\t']));
    let own = after("ACCESSION NUMBER:").and_then(|rest| rest.split_whitespace().next());
    let own = own.ok_or_else(|| drift("ACCESSION NUMBER", "the submission's header lacks it"))?;
    if own != accession {
        return Err(drift("ACCESSION NUMBER", &format!("{}, not {accession}", answer::plain(own, 40))));
    }
    let stamp = after("<ACCEPTANCE-DATETIME>").and_then(Stamp::read_header);
    let stamp = stamp.ok_or_else(|| drift("ACCEPTANCE-DATETIME", "the submission's header lacks it"))?;
    let accepted = acceptance::accepted(stamp, Reading::Eastern);
    let filed = after("FILED AS OF DATE:").and_then(|rest| rest.get(..8));
    let filed = filed.and_then(|digits| DateTime::strptime("%Y%m%d%H", format!("{digits}00")).ok());
    let filed_on = filed.map_or_else(|| new_york::date(accepted.latest), DateTime::date);
    Ok(acceptance::shown(accepted, filed_on))
}

/// The XML of the form among the submission's documents.
fn form_of(text: &str) -> Result<&str, Outcome> {
    let mut rest = text;
    while let Some((_, from)) = rest.split_once("<XML>") {
        let Some((document, after)) = from.split_once("</XML>") else {
            return Err(drift("XML", "the submission breaks off within it"));
        };
        if document.contains("<ownershipDocument") {
            return Ok(document.trim());
        }
        rest = after;
    }
    Err(drift("ownershipDocument", "the submission lacks it"))
}

fn trade(form: &Form, line: &Line, accession: &str, n: u32) -> Result<InsiderTrade, (FindingKind, String)> {
    let wrong = |kind, what: &str, text: &Option<String>| {
        let found = text.as_deref().map_or_else(|| "missing".to_owned(), |text| answer::plain(text, 40));
        (kind, format!("the {what} is {found}"))
    };
    let traded_on = line.date.as_deref().and_then(date);
    let traded_on = traded_on.ok_or_else(|| wrong(FindingKind::UnreadableDate, "date", &line.date))?;
    let shares = line.shares.as_deref().and_then(number);
    let shares =
        shares.ok_or_else(|| wrong(FindingKind::UnreadableNumber, "number of shares", &line.shares))?;
    let letter = |text: &Option<String>| {
        let mut chars = text.as_deref().unwrap_or_default().trim().chars();
        chars.next().filter(|c| c.is_ascii_uppercase() && chars.next().is_none())
    };
    let code = letter(&line.code).ok_or_else(|| wrong(FindingKind::RaggedRow, "code", &line.code))?;
    let acquired = match letter(&line.acquired) {
        Some('A') => true,
        Some('D') => false,
        _ => return Err(wrong(FindingKind::RaggedRow, "direction", &line.acquired)),
    };
    let owner = form.owners.first();
    Ok(InsiderTrade {
        accession: accession.to_owned(),
        line: n,
        owner: owner.map_or_else(String::new, |owner| answer::plain(&owner.name, 200)),
        owner_cik: owner.map_or(0, |owner| owner.cik),
        role: owner.map_or_else(InsiderRole::default, |owner| owner.role),
        title: owner.map_or_else(String::new, |owner| answer::plain(&owner.title, 200)),
        code,
        acquired,
        traded_on,
        shares,
        price: line.price.as_deref().and_then(number),
        held_after: line.held_after.as_deref().and_then(number),
        is_direct: line.nature.as_deref().is_none_or(|nature| nature.trim() != "I"),
        is_planned: form.is_planned,
        is_derivative: line.is_derivative,
        is_amendment: form.is_amendment,
    })
}

/// Some filers write a date with an offset: `2019-02-15-05:00`.
fn date(text: &str) -> Option<Date> {
    text.trim().get(..10)?.parse().ok()
}

/// A number as the form allows it: digits and a point.
fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let is_plain = (1..=24).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && text.bytes().any(|byte| byte.is_ascii_digit());
    text.parse::<f64>().ok().filter(|number| is_plain && number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_dates() {
        for (text, expected) in [
            ("757756", Some(757_756.0)),
            (" 150.841 ", Some(150.841)),
            (".5", Some(0.5)),
            ("1,000", None),
            ("-1", None),
            ("1e9", None),
            ("inf", None),
            ("NaN", None),
            (".", None),
            ("", None),
            ("1.2.3", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
        assert_eq!(date("2019-02-15-05:00"), date("2019-02-15"));
        assert!(date("2019-02-15").is_some() && date("soon").is_none() && date("ÄÖÜäöüß").is_none());
    }
}
