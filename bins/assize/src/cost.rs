//! `assize cost`.

mod counted;
mod recorded;
mod records;
mod shown;

use std::process::ExitCode;

use assize_ambient::{Clock, SystemClock};
use assize_metering::{PriceBook, PricedAt};

use crate::{
    arguments::{CostArguments, PriceFiles},
    exit::Failure,
    screen::Screen,
};

pub(crate) fn run(arguments: &CostArguments, screen: &Screen) -> Result<ExitCode, Failure> {
    let book = price_book(&arguments.prices, screen)?;
    let now = PricedAt::from(SystemClock.now());
    if arguments.usage.is_empty() {
        counted::run(arguments, &book, now, screen)
    } else {
        recorded::run(arguments, &book, now, screen)
    }
}

/// The prices to go by, and on standard error what was noticed while they were read.
pub(crate) fn price_book(files: &PriceFiles, screen: &Screen) -> Result<PriceBook, Failure> {
    let loaded = assize_wiring::price_book(&files.books, files.litellm_map.as_deref())?;
    for note in &loaded.notes {
        screen.note(&format!("note: {note}"));
    }
    Ok(loaded.book)
}

/// A price that is not known, as a request that was wrong.
pub(crate) fn unpriced(error: &assize_metering::Error) -> Failure {
    Failure::bad_request(error.to_string())
        .with_hint("`assize models` lists the models whose prices are known; --price-book adds your own")
}
