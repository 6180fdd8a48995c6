//! Price books: the embedded one, and what a user lays over it.

use std::path::{Path, PathBuf};

use assize_metering::PriceBook;

use crate::{Error, ErrorKind, text_file};

/// So many remarks on a map are told one by one.
const TOLD: usize = 5;

/// A price book, and what was noticed while it was put together.
#[derive(Debug, Clone)]
pub struct LoadedPrices {
    /// The book.
    pub book: PriceBook,
    /// What a person should know about it.
    pub notes: Vec<String>,
}

/// The embedded prices with these laid over them: price books in TOML, a later one over an earlier one, and over all
/// `LiteLLM`'s map.
///
/// # Errors
/// When a file cannot be read, or a book is invalid: the message names file, line and field. What makes no sense in a
/// single entry of the map is a note instead.
pub fn price_book(books: &[PathBuf], litellm_map: Option<&Path>) -> Result<LoadedPrices, Error> {
    let invalid = |e| Error::caused(ErrorKind::BadRequest, "", e);
    let mut book = PriceBook::embedded().clone();
    for path in books {
        let text = text_file::read("price book", path)?;
        let own = PriceBook::from_toml(&path.display().to_string(), &text).map_err(invalid)?;
        book = book.overlaid(&own);
    }
    let mut notes = Vec::new();
    if let Some(path) = litellm_map {
        let text = text_file::read("map of prices", path)?;
        let (map, findings) = PriceBook::from_litellm(&path.display().to_string(), &text).map_err(invalid)?;
        notes.push(format!("{} holds {} prices", path.display(), map.len()));
        notes.extend(findings.iter().take(TOLD).map(ToString::to_string));
        if let Some(more @ 1..) = findings.len().checked_sub(TOLD) {
            notes.push(format!("… and {more} more remarks on {}", path.display()));
        }
        book = book.overlaid(&map);
    }
    Ok(LoadedPrices { book, notes })
}
