//! Where answers come from.

use std::{collections::BTreeSet, fmt, path::PathBuf, str::FromStr, sync::Arc};

use assize_altdata::AsOf;
use assize_ambient::{Clock, FixedClock, Seed};
use assize_loopback::Exchange;
use assize_transport::{HttpTransport, RecordingTransport, ReplayTransport, ServiceTransport, Transport};

use super::{introduced::Introduced, named::FeedAddress};
use crate::{Error, ErrorKind, Keys};

/// Where the answers of sources come from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DataPlace {
    /// The network: the hosts of the sources that are asked, and no other.
    Live,
    /// The network, and all that is answered is written into this folder.
    Record(PathBuf),
    /// What was recorded in this folder, and nothing else.
    Replay(PathBuf),
    /// Sites that are played in this process, of a market that is made of this seed. Its companies are invented, whatever
    /// their symbols.
    World(u64),
}

impl DataPlace {
    /// Whether the network is asked.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        matches!(self, Self::Live | Self::Record(_))
    }

    /// Whether its answers can be kept in a cache: a recording must hold all that was read, and a replay is one already.
    #[must_use]
    pub const fn is_kept(&self) -> bool {
        matches!(self, Self::Live | Self::World(_))
    }

    /// Under which name its answers are kept: none for the network's. What a world says depends on its seed, and on when it is
    /// looked back from.
    pub(super) fn realm(&self, as_of: Option<AsOf>) -> String {
        match (self, as_of) {
            (Self::Live | Self::Record(_) | Self::Replay(_), _) => String::new(),
            (Self::World(_), None) => self.to_string(),
            (Self::World(_), Some(as_of)) => format!("{self} as of {}", as_of.moment()),
        }
    }

    /// Whether nobody is asked, so that no key is needed.
    pub(super) const fn is_played(&self) -> bool {
        !self.is_live()
    }
}

impl FromStr for DataPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "live" => Ok(Self::Live),
            Some(("record", folder)) if !folder.is_empty() => Ok(Self::Record(folder.into())),
            Some(("replay", folder)) if !folder.is_empty() => Ok(Self::Replay(folder.into())),
            Some(("world", seed)) => seed
                .parse()
                .map(Self::World)
                .map_err(|_| "write world: and a whole number, its seed".to_owned()),
            _ => Err("write live, record:FOLDER, replay:FOLDER or world:SEED".to_owned()),
        }
    }
}

impl fmt::Display for DataPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Live => f.write_str("live"),
            Self::Record(folder) => write!(f, "record:{}", folder.display()),
            Self::Replay(folder) => write!(f, "replay:{}", folder.display()),
            Self::World(seed) => write!(f, "world:{seed}"),
        }
    }
}

/// What must be open before it is known which sources are asked.
#[derive(Debug)]
pub(super) enum Opened {
    Network,
    Recording(ReplayTransport, BTreeSet<String>),
    World(Exchange),
}

impl Opened {
    /// The hosts whose answers are played back; `None` where all can be asked.
    pub(super) fn hosts(&self) -> Option<&BTreeSet<String>> {
        match self {
            // Of a world the usual sources are asked, as they would be of the real one.
            Self::Network | Self::World(_) => None,
            Self::Recording(_, hosts) => Some(hosts),
        }
    }
}

/// Opens what is there already. A world is played as of the moment that is looked back from, where that is said: what came
/// later is not there, and the same is there on every day.
pub(super) fn open(place: &DataPlace, as_of: Option<AsOf>, clock: &Arc<dyn Clock>) -> Result<Opened, Error> {
    match place {
        DataPlace::Live | DataPlace::Record(_) => Ok(Opened::Network),
        DataPlace::World(seed) => {
            let clock = match as_of {
                Some(as_of) => Arc::new(FixedClock::new(as_of.moment())),
                None => Arc::clone(clock),
            };
            Ok(Opened::World(Exchange::new(Seed::new(*seed), clock)))
        }
        DataPlace::Replay(folder) => {
            let recording = ReplayTransport::open(folder).map_err(failed)?;
            let urls =
                recording.urls().into_iter().filter_map(|url| url.parse::<assize_transport::Url>().ok());
            let hosts = urls.filter_map(|url| url.host().map(str::to_owned)).collect();
            Ok(Opened::Recording(recording, hosts))
        }
    }
}

/// What carries requests to `hosts`, and to these feeds as they are named: a feed may be there without encryption only.
pub(super) fn transport(
    place: &DataPlace,
    opened: Opened,
    (hosts, feeds): (&[&str], &[FeedAddress]),
    keys: &Keys,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<dyn Transport>, Error> {
    let network = || -> Result<HttpTransport, Error> {
        let allowed: BTreeSet<&&str> = hosts.iter().collect();
        let builder = allowed
            .into_iter()
            .fold(HttpTransport::builder(Arc::clone(clock)), |builder, host| builder.allow_host(host));
        let builder = feeds.iter().fold(builder, |builder, feed| builder.allow(feed.url()));
        builder.build().map_err(failed)
    };
    Ok(match (place, opened) {
        (_, Opened::Recording(recording, _)) => Arc::new(recording),
        (_, Opened::World(exchange)) => Arc::new(ServiceTransport::new(exchange, Arc::clone(clock))),
        (DataPlace::Record(folder), _) => {
            // Who asks is told outside of the recording, which withholds it like a key if somebody repeats it.
            let recording =
                RecordingTransport::create(network()?, folder, Arc::clone(clock)).map_err(failed)?;
            Arc::new(Introduced::new(recording, keys.operator()))
        }
        _ => Arc::new(Introduced::new(network()?, keys.operator())),
    })
}

fn failed(error: assize_transport::Error) -> Error {
    use assize_transport::ErrorKind as Kind;
    let kind = if error.kind() == Kind::Io { ErrorKind::Outside } else { ErrorKind::BadRequest };
    Error::caused(kind, "", error)
}
