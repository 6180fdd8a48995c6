//! Sources by name, and a fetcher of them: from the network, a recording, or a folder.

mod catalogue;
mod choice;
mod data;
mod introduced;
mod named;
mod split;

use std::{path::PathBuf, sync::Arc};

use assize_altdata::{AsOf, Fetcher, Identity, NotAsked, Source, SourceMeta};
use assize_ambient::{Clock, Seed};
use assize_transport::RetryPolicy;

use crate::{Cache, Error, Keys, PriceFolder};

pub(crate) use self::catalogue::{Entry, entries, entries_with_stand_ins};
pub use self::choice::SourceChoice;
pub use self::data::DataPlace;
pub use self::named::{FeedAddress, FilmChannel};

/// What is asked in a world beside what needs no consent.
const IN_A_WORLD: &str = "+yahoo-chart,+cboe-options,+stocktwits,+finra-short-volume";

/// What is fetched, and where from.
#[derive(Debug, Clone, Default)]
pub struct SourceOptions {
    /// Which sources are asked; unless told otherwise those that need neither key nor consent.
    pub choice: Option<SourceChoice>,
    /// Where their answers come from; the network, unless there is a folder of prices alone.
    pub data: Option<DataPlace>,
    /// As of when a world is played; now, unless told otherwise.
    pub as_of: Option<AsOf>,
    /// A folder of daily price tables beside them.
    pub prices: Option<PathBuf>,
    /// A file of keys; what it does not hold comes from the environment.
    pub keys: Option<PathBuf>,
    /// Which companies tickers mean, where the user knows.
    pub identities: Vec<Identity>,
    /// Feeds of news that are read beside them, or beside the folder alone.
    pub feeds: Vec<FeedAddress>,
    /// Channels of films, the same.
    pub channels: Vec<FilmChannel>,
}

impl SourceOptions {
    /// Whether nothing is read but a folder of prices, and what the user has named.
    #[must_use]
    pub fn is_folder_alone(&self) -> bool {
        self.prices.is_some() && self.data.is_none() && self.choice.is_none()
    }

    /// The same, with enough for all parts of a brief and of an analysis in a world: nobody is reached there whose terms a user
    /// would have to check.
    pub(crate) fn enough_in_a_world(mut self) -> Self {
        if matches!(self.data, Some(DataPlace::World(_))) && self.choice.is_none() {
            self.choice = IN_A_WORLD.parse().ok();
        }
        self
    }
}

/// A fetcher that is ready, and what should be known of it.
#[derive(Debug)]
pub struct Desk {
    /// The fetcher.
    pub fetcher: Fetcher,
    /// Whether anything is asked over the network: elsewhere times mean nothing.
    pub is_live: bool,
}

/// A source of the catalogue.
#[derive(Debug, Clone)]
pub struct ListedSource {
    /// What is known of it beforehand.
    pub meta: SourceMeta,
    /// The hosts that its requests go to.
    pub hosts: Vec<String>,
    /// What it must be given, if anything.
    pub needs: Option<KeyNeed>,
}

/// What a source must be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyNeed {
    /// Its name in a file of keys.
    pub name: &'static str,
    /// The variable of the environment that may hold it.
    pub variable: &'static str,
    /// Whether it is there.
    pub is_there: bool,
}

/// All sources that there are, in the order in which a fetch lists them.
///
/// # Errors
/// As [`Keys::load`].
pub fn source_catalogue(keys: Option<&std::path::Path>) -> Result<Vec<ListedSource>, Error> {
    let keys = Keys::load(keys)?;
    Ok(entries(&keys)?.into_iter().map(Entry::listed).collect())
}

/// Gets the sources ready that are meant, with what carries their requests. Answers of the network, and of a market that is
/// played, are kept in `cache`, each apart.
///
/// # Errors
/// [`BadRequest`](crate::ErrorKind::BadRequest) for a source that is not known or lacks its key, a folder or a recording that
/// is none; [`Outside`](crate::ErrorKind::Outside) where the disk or the platform fails.
pub fn set_up_fetcher(
    options: &SourceOptions,
    cache: Option<&Cache>,
    clock: &Arc<dyn Clock>,
) -> Result<Desk, Error> {
    let keys = Keys::load(options.keys.as_deref())?;
    let folder = match &options.prices {
        Some(path) => Some(PriceFolder::open(path, Arc::clone(clock))?),
        None => None,
    };
    let place = options.data.clone().unwrap_or(DataPlace::Live);
    let data = data::open(&place, options.as_of, clock)?;
    // What is played back reaches nobody: a key that is not there is not missed.
    let mut all = if place.is_played() { entries_with_stand_ins(&keys)? } else { entries(&keys)? };
    let named = named::entries(&options.feeds, &options.channels);
    let picked = if options.is_folder_alone() {
        let why = "only the folder of prices is read: --sources or --data asks others beside it";
        choice::Picked { sources: named, ..choice::none(&all, why) }
    } else {
        all.extend(named);
        choice::pick(options.choice.as_ref(), &all, data.hosts(), folder.is_some())?
    };
    let with_folder =
        folder.filter(|_| options.choice.as_ref().is_none_or(|choice| !choice.drops(catalogue::FOLDER)));
    if picked.sources.is_empty() && with_folder.is_none() {
        return Err(Error::bad_request("choose sources: none is left")
            .with_hint("`assize fetch --list` shows them; --sources all asks all that have their keys"));
    }
    let hosts: Vec<&str> = picked.sources.iter().flat_map(|entry| &entry.hosts).map(String::as_str).collect();
    let transport = data::transport(&place, data, (&hosts, &options.feeds), &keys, clock)?;
    let is_live = place.is_live() && !hosts.is_empty();
    let mut sources: Vec<Arc<dyn Source>> = Vec::new();
    let transport = match with_folder {
        Some(folder) => {
            let (files, source) = folder.into_parts();
            sources.push(Arc::new(source));
            split::files_and_others(files, transport)
        }
        None => transport,
    };
    sources.extend(picked.sources.iter().map(|entry| Arc::clone(&entry.source)));
    let not_asked: Vec<NotAsked> = picked.not_asked;
    let mut fetcher = Fetcher::new(transport, sources, Arc::clone(clock))
        .with_not_asked(not_asked)
        .with_identities(options.identities.iter().cloned())
        .with_retries(RetryPolicy::default(), Seed::new(0).child("sources"));
    // A recording must hold all that was read, and a replay is one already.
    if let Some(cache) = cache.filter(|_| place.is_kept()) {
        fetcher = fetcher.with_cache(cache.tiers().clone()).in_realm(place.realm(options.as_of));
    }
    Ok(Desk { fetcher, is_live })
}

#[cfg(test)]
mod tests;
