//! How a rule is written: by its name, in files and on the command line.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Hybrid, Rule, Threshold};
use crate::{Error, ErrorKind};

/// A rule with parameters as a table.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Table {
    Supermajority(SupermajorityTable),
    Hybrid(Hybrid),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SupermajorityTable {
    #[serde(default)]
    threshold: Threshold,
}

impl Rule {
    /// The rule's name, without its parameters.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plurality => "plurality",
            Self::Majority => "majority",
            Self::Supermajority { .. } => "supermajority",
            Self::Unanimity => "unanimity",
            Self::Hybrid(_) => "hybrid",
            Self::Runoff => "runoff",
            Self::Approval => "approval",
            Self::Borda => "borda",
            Self::BordaOthers => "borda-others",
            Self::Copeland => "copeland",
            Self::Schulze => "schulze",
            Self::Kemeny => "kemeny",
            Self::Cumulative => "cumulative",
            Self::Score => "score",
            Self::ConfidenceWeighted => "confidence-weighted",
            Self::RecalibratedConfidence => "recalibrated-confidence",
            Self::TrackRecord => "track-record",
            Self::LinearPool => "linear-pool",
            Self::LogPool => "log-pool",
            Self::Trajectory => "trajectory",
            Self::Judge => "judge",
        }
    }
}

/// As it is written in files and on the command line, with all its parameters.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::Supermajority { threshold } => write!(f, ":{threshold}"),
            Self::Hybrid(Hybrid { unanimous_before, few, threshold }) => {
                write!(f, ":{unanimous_before}:{few}:{threshold}")
            }
            _ => Ok(()),
        }
    }
}

impl FromStr for Rule {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (name, parameters) = match text.split_once(':') {
            Some((name, parameters)) => (name, Some(parameters)),
            None => (text, None),
        };
        let Some(rule) = Self::ALL.into_iter().find(|rule| rule.name() == name) else {
            let known: Vec<_> = Self::ALL.iter().map(|rule| rule.name()).collect();
            let message = format!("find the rule {text:?}: there are {}", known.join(", "));
            return Err(Error::new(ErrorKind::BadSpec, message));
        };
        let Some(parameters) = parameters else { return Ok(rule) };
        match rule {
            Self::Supermajority { .. } => Ok(Self::Supermajority { threshold: parameters.parse()? }),
            Self::Hybrid(_) => hybrid(parameters).map(Self::Hybrid),
            _ => {
                let message = format!("read the rule {text:?}: {name} takes no parameters");
                Err(Error::new(ErrorKind::BadSpec, message))
            }
        }
    }
}

fn hybrid(parameters: &str) -> Result<Hybrid, Error> {
    let bad = || {
        let message = format!(
            "read the rule \"hybrid:{parameters}\": write hybrid:ROUND:FEW:SHARE, such as hybrid:5:3:0.75, for unanimity \
             before that round and among so few votes, and later that share"
        );
        Error::new(ErrorKind::BadSpec, message)
    };
    let [round, few, threshold] = parameters.split(':').collect::<Vec<_>>()[..] else { return Err(bad()) };
    let number = |digits: &str| {
        digits
            .parse::<u32>()
            .ok()
            .filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))
            .ok_or_else(bad)
    };
    Ok(Hybrid { unanimous_before: number(round)?, few: number(few)?, threshold: threshold.parse()? })
}

/// One form for each rule, so that equal debates have equal ids.
impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Rule;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a rule, or a table with its parameters")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Rule, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Rule, A::Error> {
                Ok(match Table::deserialize(de::value::MapAccessDeserializer::new(map))? {
                    Table::Supermajority(table) => Rule::Supermajority { threshold: table.threshold },
                    Table::Hybrid(hybrid) => Rule::Hybrid(hybrid),
                })
            }
        }

        from.deserialize_any(Visitor)
    }
}
