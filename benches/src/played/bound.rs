//! How fast a fetch could have been, by the limits and by what the servers wrote down.

use std::collections::BTreeMap;

/// How often a host may be asked: so many requests a second, and so many at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Host {
    /// Requests a second.
    pub rate: f64,
    /// Requests at once.
    pub burst: u32,
}

/// A request as its server saw it. Times are seconds since the first of all.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// Whose limit it counts against.
    pub host: &'a str,
    /// What was asked for: the same whenever it is tried again.
    pub what: &'a str,
    /// The request without whose answer nobody could have known of this one.
    pub follows: Option<&'a str>,
    /// When it came.
    pub arrived: f64,
    /// How long the one who asked waited.
    pub took: f64,
    /// For how long nobody was to ask this host then.
    pub alone: Option<f64>,
    /// Whether there was an answer.
    pub is_answered: bool,
}

/// The requests that the servers saw, in the order in which they saw them, each as early as may be: when the limit of its host
/// allows it, when what the host said of being left alone is over, when its attempt before has failed, and when there is what
/// it follows from. The time at which the last one ends, in seconds: nobody who asks the same in this order can be faster
/// without overstepping a limit or coming sooner than a host has asked for. "Too often" without a time asks for nothing here:
/// for how long we wait then is our choice, and costs what it costs.
#[must_use]
pub fn by_log(hosts: &BTreeMap<String, Host>, log: &[Asked<'_>]) -> f64 {
    let mut lines: BTreeMap<&str, Line> =
        hosts.iter().map(|(name, host)| (&**name, Line::of(*host))).collect();
    // When each was had at last, and when its last attempt ended.
    let mut had: BTreeMap<&str, f64> = BTreeMap::new();
    let mut tried: BTreeMap<&str, f64> = BTreeMap::new();
    let mut last = 0.0_f64;
    for asked in log {
        let Some(line) = lines.get_mut(asked.host) else { continue };
        let released = asked.follows.map_or(0.0, |from| had.get(from).copied().unwrap_or(0.0));
        let again = tried.get(asked.what).copied().unwrap_or(0.0);
        let start = line.start(asked, released.max(again));
        let end = start + asked.took;
        if let Some(wait) = asked.alone {
            line.alone.push((asked.arrived + asked.took, end + wait));
        }
        tried.insert(asked.what, end);
        if asked.is_answered {
            had.insert(asked.what, end);
        }
        last = last.max(end);
    }
    last
}

/// The same by the limits and the slowest request alone: the host that needs the longest for as many requests as it saw, or
/// the request that took the longest.
#[must_use]
pub fn by_limits(hosts: &BTreeMap<String, Host>, log: &[Asked<'_>]) -> f64 {
    let of_host = |(name, host): (&String, &Host)| {
        let (mut requests, mut quickest) = (0.0, f64::INFINITY);
        for asked in log.iter().filter(|asked| asked.host == *name) {
            requests += 1.0;
            quickest = asked.took.min(quickest);
        }
        let waits = (requests - f64::from(host.burst)).max(0.0) / host.rate;
        if quickest.is_finite() { waits + quickest } else { 0.0 }
    };
    let slowest = log.iter().map(|asked| asked.took).fold(0.0, f64::max);
    hosts.iter().map(of_host).fold(slowest, f64::max)
}

#[derive(Debug)]
struct Line {
    host: Host,
    tokens: f64,
    now: f64,
    /// When it said that it is to be left alone, as it was; and until when, as it would have been.
    alone: Vec<(f64, f64)>,
}

impl Line {
    fn of(host: Host) -> Self {
        Self { host, tokens: f64::from(host.burst), now: 0.0, alone: Vec::new() }
    }

    fn start(&mut self, asked: &Asked<'_>, from: f64) -> f64 {
        let told = self.alone.iter().filter(|(said, _)| *said <= asked.arrived).map(|(_, until)| *until);
        let free = told.fold(self.now, f64::max);
        self.fill(from.max(free));
        let wait = ((1.0 - self.tokens) / self.host.rate).max(0.0);
        self.fill(self.now + wait);
        self.tokens -= 1.0;
        self.now
    }

    fn fill(&mut self, now: f64) {
        self.tokens = (self.tokens + (now - self.now) * self.host.rate).min(f64::from(self.host.burst));
        self.now = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(what: &'static str, arrived: f64) -> Asked<'static> {
        Asked { host: "h", what, follows: None, arrived, took: 0.5, alone: None, is_answered: true }
    }

    fn hosts() -> BTreeMap<String, Host> {
        BTreeMap::from([("h".to_owned(), Host { rate: 1.0, burst: 2 })])
    }

    #[test]
    fn requests_wait_for_their_turn_and_for_what_they_follow() {
        let log = [asked("a", 0.0), asked("b", 0.0), asked("c", 4.0)];
        assert!((by_log(&hosts(), &log) - 1.5).abs() < 1e-9, "the third has its turn after a second");
        assert!((by_limits(&hosts(), &log) - 1.5).abs() < 1e-9);
        let mut chained = log.to_vec();
        (chained[1].follows, chained[2].follows) = (Some("a"), Some("b"));
        assert!((by_log(&hosts(), &chained) - 1.5).abs() < 1e-9);
        chained[0].took = 3.0;
        assert!((by_log(&hosts(), &chained) - 4.0).abs() < 1e-9, "one after the other");
    }

    #[test]
    fn a_host_that_wants_to_be_left_alone_is() {
        let mut log = [asked("a", 0.0), asked("a", 8.0), asked("b", 8.0)];
        (log[0].alone, log[0].is_answered) = (Some(5.0), false);
        assert!((by_log(&hosts(), &log) - 6.0).abs() < 1e-9);
    }
}
