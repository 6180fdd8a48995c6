//! The XML of a Form 4, in any of its schemas.
//!
//! Schema X0306 writes flags as `0` and `1`, X0508 as `false` and `true` and adds `aff10b5One`; elements may be absent.
//! Amounts stand in a `value` beside footnotes, or a footnote stands in their place.

use assize_altdata::{InsiderRole, Outcome};
use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use super::site::Cik;
use crate::answer;

/// The most lines of a form that are read.
const MOST_LINES: usize = 1_000;
/// The most owners whose numbers are read.
const MOST_OWNERS: usize = 100;
/// How deep elements may lie in each other; the form's lie six deep.
const DEEPEST: usize = 32;
/// The longest text that is kept of an element, in bytes.
const LONGEST: usize = 1_000;

const ROOT: &str = "ownershipDocument";
const OWN: &str = "ownershipDocument/nonDerivativeTable/nonDerivativeTransaction";
const DERIVED: &str = "ownershipDocument/derivativeTable/derivativeTransaction";

/// What the form says.
#[derive(Debug, Default)]
pub(super) struct Form {
    pub(super) issuer: u64,
    pub(super) issuer_name: String,
    /// In the order of the form, at least one.
    pub(super) owners: Vec<Owner>,
    pub(super) is_planned: Option<bool>,
    pub(super) is_amendment: bool,
    pub(super) lines: Vec<Line>,
    /// Whether there were more lines than are read.
    pub(super) is_cut: bool,
}

/// Who reports.
#[derive(Debug, Default)]
pub(super) struct Owner {
    pub(super) cik: u64,
    pub(super) name: String,
    pub(super) role: InsiderRole,
    pub(super) title: String,
}

/// A line of one of the two tables, unread.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) is_derivative: bool,
    pub(super) date: Option<String>,
    pub(super) code: Option<String>,
    pub(super) shares: Option<String>,
    pub(super) price: Option<String>,
    pub(super) acquired: Option<String>,
    pub(super) held_after: Option<String>,
    pub(super) nature: Option<String>,
}

impl Form {
    /// Reads it.
    ///
    /// # Errors
    /// [`Outcome::Drift`] with the path at which it is no Form 4.
    pub(super) fn read(xml: &str) -> Result<Self, Outcome> {
        let mut reading = Reading::default();
        let mut reader = Reader::from_str(xml);
        loop {
            let event = reader.read_event().map_err(|error| reading.drift(&error.to_string()))?;
            match event {
                Event::Start(tag) => reading.open(tag.local_name().as_ref())?,
                Event::Empty(tag) => {
                    reading.open(tag.local_name().as_ref())?;
                    reading.close()?;
                }
                Event::End(_) => reading.close()?,
                Event::Text(text) => reading.text(&text.into_inner()),
                Event::CData(text) => reading.text(&text.into_inner()),
                Event::GeneralRef(reference) => {
                    if let Some(c) = resolved(&reference) {
                        reading.text(c.encode_utf8(&mut [0; 4]));
                    }
                }
                Event::Eof => return reading.finish(),
                _ => {}
            }
        }
    }
}

/// What a reference such as `&amp;` or `&#39;` stands for.
pub(super) fn resolved(reference: &BytesRef<'_>) -> Option<char> {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        return Some(c);
    }
    Some(match &*reference.xml10_content() {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

/// A form on the way: where we are, and what has been read there.
#[derive(Default)]
struct Reading {
    form: Form,
    path: String,
    depth: usize,
    text: String,
    has_issuer: bool,
    is_form_4: bool,
}

impl Reading {
    fn drift(&self, found: &str) -> Outcome {
        let path = if self.path.is_empty() { "." } else { &self.path };
        Outcome::Drift(format!("at `{}`: {}", answer::plain(path, 120), answer::plain(found, 120)))
    }

    fn open(&mut self, name: &str) -> Result<(), Outcome> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.drift("elements lie too deep in each other"));
        }
        if !self.path.is_empty() {
            self.path.push('/');
        }
        self.path.push_str(name);
        self.text.clear();
        let form = &mut self.form;
        match self.path.as_str() {
            OWN | DERIVED if form.lines.len() >= MOST_LINES => form.is_cut = true,
            OWN => form.lines.push(Line::default()),
            DERIVED => form.lines.push(Line { is_derivative: true, ..Line::default() }),
            "ownershipDocument/reportingOwner" if form.owners.len() < MOST_OWNERS => {
                form.owners.push(Owner::default());
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        let room = LONGEST.saturating_sub(self.text.len());
        let end = (0..=text.len().min(room)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        self.text.push_str(&text[..end]);
    }

    /// The end of an element: its text is whole.
    fn close(&mut self) -> Result<(), Outcome> {
        if self.depth == 0 {
            return Err(self.drift("an element ends that never began"));
        }
        self.take()?;
        self.text.clear();
        self.depth -= 1;
        self.path.truncate(self.path.rfind('/').unwrap_or(0));
        Ok(())
    }

    fn take(&mut self) -> Result<(), Outcome> {
        let Some(within) = self.path.strip_prefix(ROOT).and_then(|rest| rest.strip_prefix('/')) else {
            return Ok(());
        };
        let text = self.text.trim();
        if text.is_empty() {
            return Ok(());
        }
        match within {
            "documentType" => {
                self.is_form_4 = matches!(text, "4" | "4/A");
                self.form.is_amendment = text == "4/A";
                if !self.is_form_4 {
                    return Err(self.drift(&format!("`{text}` is no Form 4")));
                }
            }
            "issuer/issuerCik" => {
                let cik = Cik::read(text).ok_or_else(|| self.drift(&format!("`{text}` is no CIK")))?;
                self.form.issuer = cik.0;
                self.has_issuer = true;
            }
            "issuer/issuerName" => text.clone_into(&mut self.form.issuer_name),
            "aff10b5One" => self.form.is_planned = flag(text),
            _ if self.form.is_cut => {}
            _ => {
                if let Some(part) = within.strip_prefix("reportingOwner/") {
                    take_owner(&mut self.form.owners, part, text);
                } else if let Some(part) = [OWN, DERIVED]
                    .iter()
                    .find_map(|table| self.path.strip_prefix(table).and_then(|rest| rest.strip_prefix('/')))
                {
                    take_line(&mut self.form.lines, part, text);
                }
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Form, Outcome> {
        let missing = |what: &str| Err(Outcome::Drift(format!("at `{ROOT}/{what}`: it is missing")));
        if self.depth != 0 {
            return Err(self.drift("the form breaks off"));
        }
        match () {
            () if !self.is_form_4 => missing("documentType"),
            () if !self.has_issuer => missing("issuer/issuerCik"),
            () if self.form.owners.first().is_none_or(|owner| owner.cik == 0) => {
                missing("reportingOwner/reportingOwnerId/rptOwnerCik")
            }
            () => Ok(self.form),
        }
    }
}

fn take_owner(owners: &mut [Owner], part: &str, text: &str) {
    let Some(owner) = owners.last_mut() else { return };
    let ticked = || flag(text) == Some(true);
    match part {
        "reportingOwnerId/rptOwnerCik" => owner.cik = Cik::read(text).map_or(0, |cik| cik.0),
        "reportingOwnerId/rptOwnerName" => text.clone_into(&mut owner.name),
        "reportingOwnerRelationship/isDirector" => owner.role.is_director = ticked(),
        "reportingOwnerRelationship/isOfficer" => owner.role.is_officer = ticked(),
        "reportingOwnerRelationship/isTenPercentOwner" => owner.role.is_ten_percent_owner = ticked(),
        "reportingOwnerRelationship/isOther" => owner.role.is_other = ticked(),
        "reportingOwnerRelationship/officerTitle" => text.clone_into(&mut owner.title),
        _ => {}
    }
}

fn take_line(lines: &mut [Line], part: &str, text: &str) {
    let Some(line) = lines.last_mut() else { return };
    let place = match part {
        "transactionDate/value" => &mut line.date,
        "transactionCoding/transactionCode" => &mut line.code,
        "transactionAmounts/transactionShares/value" => &mut line.shares,
        "transactionAmounts/transactionPricePerShare/value" => &mut line.price,
        "transactionAmounts/transactionAcquiredDisposedCode/value" => &mut line.acquired,
        "postTransactionAmounts/sharesOwnedFollowingTransaction/value" => &mut line.held_after,
        "ownershipNature/directOrIndirectOwnership/value" => &mut line.nature,
        _ => return,
    };
    *place = Some(text.to_owned());
}

fn flag(text: &str) -> Option<bool> {
    match text {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}
