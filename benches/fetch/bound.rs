//! How fast it could have been, by the servers' own limits.

use std::collections::BTreeMap;

use crate::servers::Seen;
use crate::sources::Site;

/// The requests that the servers saw, each host's in the order in which it saw them, each as early as may be: when the limit
/// of its host allows it, when what the host said of being left alone is over, when its attempt before has failed, and when
/// there is what it follows from. The time at which the last one ends, in seconds: nobody who asks the same in this order can
/// be faster without overstepping a limit or coming sooner than a host has asked for. "Too often" without a time asks for
/// nothing here: for how long we wait then is our choice, and costs what it costs.
pub(crate) fn by_log(sites: &[Site], log: &[Seen]) -> f64 {
    let mut hosts: BTreeMap<&str, Host> = sites.iter().map(|site| (site.host, Host::of(site))).collect();
    // When each address was had at last, and when its last attempt ended.
    let mut had: BTreeMap<&str, f64> = BTreeMap::new();
    let mut tried: BTreeMap<&str, f64> = BTreeMap::new();
    let mut last = 0.0_f64;
    for seen in log {
        let Some(host) = hosts.get_mut(seen.host) else { continue };
        let released = follows(&seen.url).map_or(0.0, |from| had.get(from).copied().unwrap_or(0.0));
        let again = tried.get(&*seen.url).copied().unwrap_or(0.0);
        let start = host.start(seen, released.max(again));
        let end = start + seen.took;
        if let Some(wait) = seen.alone {
            host.alone.push((seen.arrived + seen.took, end + wait));
        }
        tried.insert(&seen.url, end);
        if seen.is_answered {
            had.insert(&seen.url, end);
        }
        last = last.max(end);
    }
    last
}

/// The same by the limits and the slowest request alone: the host that needs the longest for as many requests as it saw,
/// or the request that took the longest.
pub(crate) fn by_limits(sites: &[Site], log: &[Seen]) -> f64 {
    let of_host = |site: &Site| {
        let seen = log.iter().filter(|seen| seen.host == site.host);
        let quickest = seen.clone().map(|seen| seen.took).fold(f64::INFINITY, f64::min);
        let waits = (crate::real(seen.count()) - f64::from(site.burst)).max(0.0) / site.rate;
        if quickest.is_finite() { waits + quickest } else { 0.0 }
    };
    let slowest = log.iter().map(|seen| seen.took).fold(0.0, f64::max);
    sites.iter().map(of_host).fold(slowest, f64::max)
}

/// The address without whose answer nobody could have known of this one.
fn follows(url: &str) -> Option<&str> {
    if let Some((index, _)) = url.rsplit_once("/doc-") {
        return Some(index);
    }
    url.starts_with("x://sec/insiders/").then_some("x://sec/names/all/0")
}

#[derive(Debug)]
struct Host {
    rate: f64,
    burst: f64,
    tokens: f64,
    now: f64,
    /// When it said that it is to be left alone, as it was; and until when, as it would have been.
    alone: Vec<(f64, f64)>,
}

impl Host {
    fn of(site: &Site) -> Self {
        let burst = f64::from(site.burst);
        Self { rate: site.rate, burst, tokens: burst, now: 0.0, alone: Vec::new() }
    }

    fn start(&mut self, seen: &Seen, from: f64) -> f64 {
        let told = self.alone.iter().filter(|(said, _)| *said <= seen.arrived).map(|(_, until)| *until);
        let free = told.fold(self.now, f64::max);
        self.fill(from.max(free));
        let wait = ((1.0 - self.tokens) / self.rate).max(0.0);
        self.fill(self.now + wait);
        self.tokens -= 1.0;
        self.now
    }

    fn fill(&mut self, now: f64) {
        self.tokens = (self.tokens + (now - self.now) * self.rate).min(self.burst);
        self.now = now;
    }
}
