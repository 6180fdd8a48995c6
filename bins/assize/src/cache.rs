//! `assize cache`.

mod clear;
pub(crate) mod questions;
mod stats;
mod warm;

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use assize_ambient::{Clock, Seed};
use assize_wiring::{AnswerOptions, Cache, CacheOptions, VendorOptions};
use jiff::Timestamp;

use crate::{
    arguments::{Asking, CacheCommand, CachePlace, CacheUse},
    exit::Failure,
    screen::Screen,
};

pub(crate) async fn run(command: CacheCommand, screen: &Screen) -> Result<ExitCode, Failure> {
    match command {
        CacheCommand::Stats(arguments) => stats::run(&arguments, screen).await,
        CacheCommand::Clear(arguments) => clear::run(&arguments, screen).await,
        CacheCommand::Warm(arguments) => warm::run(*arguments, screen).await,
    }
}

/// Opens the cache that is meant. A person waits, and a miss costs money: its tiers may take their time.
pub(crate) async fn open(place: &CachePlace, clock: &Arc<dyn Clock>) -> Result<Cache, Failure> {
    let options = options(place)?;
    Ok(options.open(Arc::clone(clock), Seed::new(0)).await?)
}

/// Opens the cache where `keeps` says that there is something to keep. One that was not asked for and cannot be opened is gone
/// without.
pub(crate) async fn open_to_keep(
    wanted: &CacheUse,
    keeps: bool,
    clock: &Arc<dyn Clock>,
    screen: &Screen,
) -> Result<Option<Cache>, Failure> {
    if wanted.no_cache || !keeps {
        return Ok(None);
    }
    match open(&wanted.place, clock).await {
        Ok(kept) => {
            note_damage(&kept, screen).await;
            Ok(Some(kept))
        }
        Err(failure) if wanted.place.place.is_none() => {
            screen.note(&format!("note: without a cache, since it failed to {}", failure.message));
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}

/// Waits until what was answered is kept, and says so where some of it could not be.
pub(crate) async fn settle(kept: Option<&Cache>, screen: &Screen) {
    if let Some(kept) = kept
        && kept.written().await > 0
    {
        screen.note("note: some answers could not be kept");
    }
}

/// The folder of the cache that is meant, if one is.
pub(crate) fn folder(wanted: &CacheUse) -> Option<PathBuf> {
    (!wanted.no_cache).then(|| options(&wanted.place).ok()).flatten().map(|options| options.folder)
}

/// Opens the cache that is meant, which must be there if it was named: who asks after what is kept does not mean an empty folder
/// of another name.
async fn open_existing(place: &CachePlace, clock: &Arc<dyn Clock>) -> Result<Cache, Failure> {
    let options = options(place)?;
    let folder = &options.folder;
    // What a server holds may be meant.
    if place.place.is_some() && options.redis.is_none() && !folder.exists() {
        return Err(Failure::bad_request(format!(
            "open the cache in {}: there is no such folder",
            folder.display()
        ))
        .with_hint("`assize ask` and `assize cache warm` make it"));
    }
    open(place, clock).await
}

fn options(place: &CachePlace) -> Result<CacheOptions, Failure> {
    let mut options = CacheOptions::load(place.place.as_deref())?;
    options.is_for_one_run = true;
    Ok(options)
}

/// Says what the disk had to be relieved of while it was opened or used.
pub(crate) async fn note_damage(cache: &Cache, screen: &Screen) {
    let damage = cache.damage().await;
    if damage.times == 0 {
        return;
    }
    let kept =
        damage.set_aside.map(|path| format!("; the damaged file is {}", path.display())).unwrap_or_default();
    screen.note(&format!("note: the cache on disk was damaged, and goes on without what was damaged{kept}"));
}

/// What a model is needed for.
pub(crate) fn answer_options(asking: &Asking) -> AnswerOptions {
    AnswerOptions {
        model: asking.model.clone(),
        budget: asking.budget,
        seed: Seed::new(0),
        vendors: VendorOptions { keys: asking.keys.clone(), price_books: asking.price_books.clone() },
    }
}

/// To the second, as a person reads it.
fn moment(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A number of bytes in decimal units, as the limits are written.
#[expect(clippy::cast_precision_loss, reason = "it is rounded to three digits")]
fn bytes(n: u64) -> String {
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match units.iter().find(|(unit, _)| n >= *unit) {
        Some((unit, name)) => format!("{:.1} {name}", n as f64 / *unit as f64),
        None => format!("{n} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_rounded() {
        for (n, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (1_250_000, "1.2 MB"),
            (10_000_000_000, "10.0 GB"),
        ] {
            assert_eq!(bytes(n), text);
        }
    }
}
