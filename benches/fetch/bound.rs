//! How fast it could have been, by the servers' own limits.

use std::collections::BTreeMap;

use assize_benches::played::{self, Asked, Host};

use crate::servers::Seen;
use crate::sources::Site;

/// See [`played::by_log`].
pub(crate) fn by_log(sites: &[Site], log: &[Seen]) -> f64 {
    played::by_log(&hosts(sites), &asked(log))
}

/// See [`played::by_limits`].
pub(crate) fn by_limits(sites: &[Site], log: &[Seen]) -> f64 {
    played::by_limits(&hosts(sites), &asked(log))
}

fn hosts(sites: &[Site]) -> BTreeMap<String, Host> {
    let host = |site: &Site| (site.host.to_owned(), Host { rate: site.rate, burst: site.burst });
    sites.iter().map(host).collect()
}

fn asked(log: &[Seen]) -> Vec<Asked<'_>> {
    log.iter().map(one).collect()
}

fn one(seen: &Seen) -> Asked<'_> {
    Asked {
        host: seen.host,
        what: &seen.url,
        follows: follows(&seen.url),
        arrived: seen.arrived,
        took: seen.took,
        alone: seen.alone,
        is_answered: seen.is_answered,
    }
}

/// The address without whose answer nobody could have known of this one.
fn follows(url: &str) -> Option<&str> {
    if let Some((index, _)) = url.rsplit_once("/doc-") {
        return Some(index);
    }
    url.starts_with("x://sec/insiders/").then_some("x://sec/names/all/0")
}
