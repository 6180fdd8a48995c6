//! What rules can say of a company without a model, and why the rest needs one.

mod pestel;
mod summary;
mod swot;

pub(super) use self::summary::summary;
use super::{
    Known,
    framework::{Cell, CellKind, Framework, FrameworkKind, Point, Writer, shortfall},
};
use crate::{Part, ShortfallKind};

/// The framework as far as rules can fill it in.
pub(super) fn framework(kind: FrameworkKind, known: &Known) -> Framework {
    let naming = (kind.name(), kind.title());
    let cells = match kind {
        FrameworkKind::Swot => swot::filled(known),
        FrameworkKind::Pestel => pestel::filled(known),
        FrameworkKind::Porter | FrameworkKind::BlueOcean | FrameworkKind::Bcg | FrameworkKind::Ansoff => {
            let lack = shortfall(Part::Framework, kind.name(), ShortfallKind::NeedsModel, why(kind));
            return Framework::missing(naming, vec![lack]);
        }
    };
    Framework::written(naming, Writer::Rules, None, cells, Vec::new())
}

/// Why rules cannot fill it in.
const fn why(kind: FrameworkKind) -> &'static str {
    match kind {
        FrameworkKind::Porter => {
            "rivals, customers and suppliers stand in no figure that is fetched; a model can read them out of news and filings"
        }
        FrameworkKind::BlueOcean => {
            "what customers value and what rivals offer stands in no figure that is fetched"
        }
        FrameworkKind::Bcg => {
            "it wants the market share and the growth of each business; the SEC's company facts come without dimensions, and \
             so without segments"
        }
        FrameworkKind::Ansoff => {
            "it wants products and markets apart; the SEC's company facts come without dimensions, and so without segments"
        }
        FrameworkKind::Swot | FrameworkKind::Pestel => "too little is known",
    }
}

/// The cells of these kinds: those of which something can be said, and the others with why not.
fn cells(
    kind: FrameworkKind,
    fill: impl Fn(&CellKind) -> Result<Vec<Point>, (ShortfallKind, String)>,
) -> Vec<Cell> {
    let cell = |of: &CellKind| {
        let (points, missing) = match fill(of) {
            Ok(points) => (points, None),
            Err((why, detail)) => {
                let detail = format!("{}: {detail}", of.key);
                (Vec::new(), Some(shortfall(Part::Framework, kind.name(), why, &detail)))
            }
        };
        Cell { key: of.key, title: of.title, points, missing }
    };
    kind.cells().iter().map(cell).collect()
}
