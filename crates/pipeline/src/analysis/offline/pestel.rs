//! The cells of PESTEL that figures of the economy and filings can fill honestly.

use super::{
    super::{
        Known,
        framework::{Cell, FrameworkKind, Point},
    },
    cells,
};
use crate::ShortfallKind;

pub(super) fn filled(known: &Known) -> Vec<Cell> {
    cells(FrameworkKind::Pestel, |cell| match cell.key {
        "economic" => economic(known),
        "technological" => technological(known),
        "legal" => legal(known),
        _ => Err((
            ShortfallKind::NeedsModel,
            "no figure that is fetched is about it; a model can read it out of news and filings".to_owned(),
        )),
    })
}

fn economic(known: &Known) -> Result<Vec<Point>, (ShortfallKind, String)> {
    let economy = known.market.found.as_ref().map(|market| market.economy.as_slice()).unwrap_or_default();
    if economy.is_empty() {
        return Err((ShortfallKind::TooLittle, "no figures of the economy are there".to_owned()));
    }
    let point =
        |measure: &super::super::Measure| Point::resting_on(measure.text.clone(), vec![measure.id.clone()]);
    Ok(economy.iter().map(point).collect())
}

fn technological(known: &Known) -> Result<Vec<Point>, (ShortfallKind, String)> {
    let Some(measure) = known.measure("fin.research-intensity") else {
        let why = "the company reports no spending on research; what changes its trade only a model can read"
            .to_owned();
        return Err((ShortfallKind::NeedsModel, why));
    };
    Ok(vec![Point::resting_on(measure.text.clone(), vec![measure.id.clone()])])
}

/// Legal news, and filings that warn.
fn legal(known: &Known) -> Result<Vec<Point>, (ShortfallKind, String)> {
    let Some(research) = &known.research.found else {
        return Err((ShortfallKind::TooLittle, "neither news nor filings are there".to_owned()));
    };
    if research.filings.is_empty() && research.stories.is_empty() {
        return Err((ShortfallKind::TooLittle, "neither news nor filings are there".to_owned()));
    }
    let stories = research
        .stories
        .iter()
        .filter(|story| story.category == "legal")
        .map(|story| Point::resting_on(format!("news, legal: {}", story.headline), story.cites.clone()));
    let warnings = research.filings.iter().filter(|filing| filing.is_warning).map(|filing| {
        let text = format!("a {} of {} warns: {}", filing.form, filing.filed_on, filing.about.join("; "));
        Point::resting_on(text, vec![filing.id.clone()])
    });
    Ok(stories.chain(warnings).collect())
}
