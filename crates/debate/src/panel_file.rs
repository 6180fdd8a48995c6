//! The panel file: who sits in a debate and by which rules, as TOML.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeOwned, Error as _, MapAccess, Unexpected, Visitor,
        value::{MapAccessDeserializer, MapDeserializer},
    },
};

use crate::{
    Error, ErrorKind, JudgeSeat, Order, Persona, Rule, Seat, Selector, Spec, StopRule, SummariserSeat,
    TieBreak, Topology, Window,
};

/// The version of the file's form.
pub const PANEL_FORMAT_VERSION: u32 = 1;
/// The summary for which nobody is asked.
pub(crate) const EXTRACTIVE: &str = "extractive";

/// Who sits in a debate, and by which rules it is held: what a panel file says. What it does not say stays as it is in the
/// specification that it is [applied to](Self::seated_in).
///
/// ```
/// use assize_debate::{Order, Panel, Spec};
///
/// let panel = Panel::from_toml("council.toml", r#"
///     format_version = 1
///     rule = "plurality"
///     order = "round-robin"
///     stops = ["unanimous", { type = "stable", rounds = 2 }]
///
///     [[seat]]
///     name = "Bull"
///     model = "openai:gpt-4o"
///     role = "an analyst who looks for what could go right"
///
///     [[seat]]
///     name = "Bear"
///     model = "anthropic:claude-sonnet-4-5"
///     role = "a short seller"
///     weight = 1.5
/// "#)?;
/// let spec = panel.seated_in(Spec::new("Buy KO?", ["yes", "no"]));
/// assert_eq!((spec.seats.len(), spec.order), (2, Order::RoundRobin));
/// # Ok::<(), assize_debate::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Panel {
    /// Who sits in it.
    pub seats: Vec<Seat>,
    /// Who judges.
    pub judge: Option<JudgeSeat>,
    /// The answers that can be given.
    pub options: Vec<String>,
    /// The most rounds.
    pub rounds: Option<u32>,
    /// How the ballots become a decision.
    pub rule: Option<Rule>,
    /// What decides a tie.
    pub tie_break: Option<TieBreak>,
    /// Who speaks when.
    pub order: Option<Order>,
    /// Whether nobody hears anybody in the first round.
    pub blind_first: Option<bool>,
    /// Who hears whom.
    pub topology: Option<Topology>,
    /// When it ends early.
    pub stops: Option<Vec<StopRule>>,
    /// Whether it is debated at all.
    pub selector: Option<Selector>,
    /// How much of the earlier rounds is shown.
    pub window: Option<Window>,
    /// Who sums up what falls out of the window.
    pub summariser: Option<SummariserSeat>,
    /// The file of [`Outcomes`](crate::Outcomes) that says how often each seat was right, as the panel's file names it.
    /// Whoever reads files gives what it holds to the specification.
    pub track_record: Option<String>,
    /// The same that says what stated confidence was worth.
    pub recalibration: Option<String>,
}

impl Panel {
    /// Reads a panel from the text of a file of this name.
    ///
    /// # Errors
    /// [`ErrorKind::BadSpec`] with the line and what is wrong there.
    pub fn from_toml(name: &str, text: &str) -> Result<Self, Error> {
        let bad = |message: String| {
            Error::new(ErrorKind::BadSpec, format!("read the panel {name}: {}", message.trim_end()))
        };
        let File {
            format_version,
            seat,
            judge,
            options,
            rounds,
            rule,
            tie_break,
            order,
            blind_first,
            topology,
            stops,
            selector,
            window,
            track_record,
            recalibration,
        } = toml::from_str(text).map_err(|e| bad(e.to_string()))?;
        if format_version != PANEL_FORMAT_VERSION {
            return Err(bad(format!(
                "its format_version is {format_version}, and this program reads {PANEL_FORMAT_VERSION}"
            )));
        }
        if seat.is_empty() {
            return Err(bad("it has no [[seat]]".to_owned()));
        }
        let rule = rule.map(|rule| rule.parse::<Rule>()).transpose().map_err(|e| bad(e.to_string()))?;
        Ok(Self {
            seats: seat.into_iter().map(FileSeat::into_seat).collect(),
            judge: judge.map(FileJudge::into_seat),
            options,
            rounds,
            rule,
            tie_break,
            order,
            blind_first,
            topology: topology.map(|Named(topology)| topology),
            stops: stops.map(|stops| stops.into_iter().map(|Named(stop)| stop).collect()),
            selector,
            window: window.as_ref().map(|window| Window { rounds: window.rounds, tokens: window.tokens }),
            summariser: window.and_then(|window| window.summary).and_then(|Summary(seat)| seat),
            track_record: track_record.map(|learnt| learnt.outcomes),
            recalibration: recalibration.map(|learnt| learnt.outcomes),
        })
    }

    /// The debate of `spec`, with this panel in the place of whoever sat there.
    #[must_use]
    pub fn seated_in(&self, mut spec: Spec) -> Spec {
        spec.seats.clone_from(&self.seats);
        spec.judge.clone_from(&self.judge);
        if !self.options.is_empty() {
            spec.options.clone_from(&self.options);
        }
        spec.rounds = self.rounds.unwrap_or(spec.rounds);
        spec.rule = self.rule.unwrap_or(spec.rule);
        spec.tie_break = self.tie_break.unwrap_or(spec.tie_break);
        spec.order = self.order.unwrap_or(spec.order);
        spec.blind_first = self.blind_first.unwrap_or(spec.blind_first);
        spec.topology = self.topology.unwrap_or(spec.topology);
        if let Some(stops) = &self.stops {
            spec.stops.clone_from(stops);
        }
        spec.selector = self.selector.unwrap_or(spec.selector);
        if self.window.is_some() {
            spec.window = self.window;
            spec.summariser.clone_from(&self.summariser);
        }
        spec
    }
}

/// A panel: who sits in a debate, and by which rules it is held.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    /// The version of the file's form: 1.
    format_version: u32,
    /// Who sits in the debate; at least one.
    #[serde(default)]
    seat: Vec<FileSeat>,
    /// Who judges, if anybody does.
    judge: Option<FileJudge>,
    /// The answers that can be given; what the question brings along, where none are named.
    #[serde(default)]
    options: Vec<String>,
    /// The most rounds, the blind first one included.
    rounds: Option<u32>,
    /// The rule of decision, such as `linear-pool` or `supermajority:2/3`.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Rule>"))]
    rule: Option<String>,
    /// What decides a tie; nothing, where nothing is said.
    tie_break: Option<TieBreak>,
    /// Who speaks when.
    order: Option<Order>,
    /// Whether nobody hears anybody in the first round, whatever the order.
    blind_first: Option<bool>,
    /// Who hears whom.
    topology: Option<Named<Topology>>,
    /// When it ends before its last round; an empty list: never.
    stops: Option<Vec<Named<StopRule>>>,
    /// Whether it is debated at all.
    selector: Option<Selector>,
    /// How much of the earlier rounds is shown besides what everybody said last.
    window: Option<FileWindow>,
    /// How often each seat has been right, for the rule `track-record`.
    track_record: Option<Learnt>,
    /// What stated confidence has been worth, for the rule `recalibrated-confidence`.
    recalibration: Option<Learnt>,
}

/// What is learnt from resolved questions.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Learnt {
    /// The file of outcomes, a resolved question a line; its path starts in the folder of the panel's file.
    outcomes: String,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct FileSeat {
    /// The debater's name, for people. Never shown to the other debaters.
    name: String,
    /// What speaks here, such as `openai:gpt-4o` or `analyst:momentum`.
    model: String,
    /// What speaks here instead when the other does not fit into what is left of the budget.
    cheaper: Option<String>,
    /// How much the voice counts in weighted rules, 0 to a million; 1 where nothing is said.
    weight: Option<f64>,
    /// What it is, to complete "You are …".
    role: Option<String>,
    /// What it is to do and to mind.
    instructions: Option<String>,
    /// The option that it is to make the best case for. Its vote stays its own.
    argues_for: Option<String>,
    /// The sampling temperature, 0.0 to 2.0; the vendor's own where none is given.
    temperature: Option<f32>,
    /// The most tokens of an answer.
    max_tokens: Option<u32>,
}

impl FileSeat {
    fn into_seat(self) -> Seat {
        let Self { name, model, cheaper, weight, role, instructions, argues_for, temperature, max_tokens } =
            self;
        let seat = Seat { cheaper, ..Seat::new(name, model) }.with_weight(weight.unwrap_or(1.0));
        seat.with_persona(Persona { role, instructions, argues_for, temperature, max_tokens })
    }
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct FileJudge {
    /// The judge's name, for people.
    name: String,
    /// What judges here, such as `openai:gpt-4o`.
    model: String,
    /// Whether it assesses every round; otherwise the last one only.
    #[serde(default)]
    each_round: bool,
    /// What it is, to complete "You are …".
    role: Option<String>,
    /// What it is to do and to mind.
    instructions: Option<String>,
    /// The sampling temperature, 0.0 to 2.0; the vendor's own where none is given.
    temperature: Option<f32>,
    /// The most tokens of an answer.
    max_tokens: Option<u32>,
}

impl FileJudge {
    fn into_seat(self) -> JudgeSeat {
        let Self { name, model, each_round, role, instructions, temperature, max_tokens } = self;
        let mut seat = JudgeSeat::new(name, model);
        seat.each_round = each_round;
        seat.with_persona(Persona { role, instructions, argues_for: None, temperature, max_tokens })
    }
}

/// How much of the earlier rounds a debater is shown, besides what everybody said last, which it is always shown, as it is the
/// question and the evidence.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct FileWindow {
    /// How many rounds before the last one are shown at most.
    rounds: u32,
    /// How many tokens of them at most, estimated from their characters; whole statements only, the latest first.
    tokens: u32,
    /// Who sums up what falls out of it: `extractive`, which is usual, or a model.
    summary: Option<Summary>,
}

/// How what falls out of the window is summed up: `extractive`, or a table with a `model`.
pub(crate) struct Summary(Option<SummariserSeat>);

impl<'de> Deserialize<'de> for Summary {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct InWords;
        impl<'de> Visitor<'de> for InWords {
            type Value = Option<SummariserSeat>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"extractive\", or a table with a `model`")
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Self::Value, E> {
                match name {
                    EXTRACTIVE => Ok(None),
                    _ => Err(E::invalid_value(Unexpected::Str(name), &self)),
                }
            }

            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Self::Value, M::Error> {
                SummariserSeat::deserialize(MapAccessDeserializer::new(map)).map(Some)
            }
        }
        from.deserialize_any(InWords).map(Self)
    }
}

/// A value that is told apart by its `type`: as a table, or as that word alone.
pub(crate) struct Named<T>(T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct ByName<T>(PhantomData<T>);
        impl<'de, T: DeserializeOwned> Visitor<'de> for ByName<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name, or a table with a `type`")
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<T, E> {
                T::deserialize(MapDeserializer::<_, E>::new([("type", name)].into_iter()))
                    .map_err(|e| E::custom(format!("`{name}`: {e}")))
            }

            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<T, M::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map_err(M::Error::custom)
            }
        }
        from.deserialize_any(ByName(PhantomData)).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeatIndex;

    const WHOLE: &str = r#"
        format_version = 1
        options = ["up", "down"]
        rounds = 4
        rule = "plurality"
        tie_break = "first-round"
        order = "sequential"
        blind_first = false
        topology = { type = "star", moderator = 1 }
        stops = ["unanimous", "unassailable-lead", { type = "stable", rounds = 2 }, "judge-satisfied"]
        selector = "always"
        window = { rounds = 3, tokens = 1000 }

        [[seat]]
        name = "Bull"
        model = "openai:gpt-4o"
        role = "an optimist."
        instructions = "Look for what could go right."
        argues_for = "up"
        temperature = 0.7
        max_tokens = 300

        [[seat]]
        name = "Bear"
        model = "simulated:gpt-4o"
        cheaper = "simulated:gpt-4o-mini"
        weight = 2.5

        [judge]
        name = "Judge"
        model = "anthropic:claude-sonnet-4-5"
        each_round = true
        instructions = "Be brief."

        [track_record]
        outcomes = "past.jsonl"

        [recalibration]
        outcomes = "older.jsonl"
    "#;

    #[test]
    fn all_that_a_file_can_say_is_read() {
        let panel = Panel::from_toml("x.toml", WHOLE).unwrap();
        let learnt = (panel.track_record.as_deref(), panel.recalibration.as_deref());
        assert_eq!(learnt, (Some("past.jsonl"), Some("older.jsonl")));
        let spec = panel.seated_in(Spec::new("Where to?", ["a", "b"]));
        spec.check().unwrap();
        assert_eq!(
            (spec.rounds, spec.rule, spec.order, spec.blind_first),
            (4, Rule::Plurality, Order::Sequential, false)
        );
        assert_eq!(spec.topology, Topology::Star { moderator: SeatIndex(1) });
        let stops = [
            StopRule::Unanimous,
            StopRule::UnassailableLead,
            StopRule::Stable { rounds: 2 },
            StopRule::JudgeSatisfied,
        ];
        assert_eq!((&spec.stops[..], spec.selector), (&stops[..], Selector::Always));
        assert_eq!(spec.tie_break, TieBreak::FirstRound);
        assert_eq!(spec.window, Some(Window { rounds: 3, tokens: 1_000 }));
        let bull = spec.seats[0].persona.as_ref().unwrap();
        assert_eq!(
            bull.instructions(),
            "You are an optimist.\nLook for what could go right.\nMake the best honest case for \"up\", so that the others have it \
             before them; state as your stance what you believe after that."
        );
        assert_eq!((bull.temperature, bull.max_tokens), (Some(0.7), Some(300)));
        assert_eq!((&spec.seats[1].persona, spec.seats[1].weight.to_string()), (&None, "2.5".to_owned()));
        assert_eq!(spec.seats[1].cheaper.as_deref(), Some("simulated:gpt-4o-mini"));
        let judge = spec.judge.unwrap();
        assert!(judge.each_round && judge.persona.unwrap().instructions() == "Be brief.");
    }

    #[test]
    fn who_sums_up_is_said_with_the_window() {
        const WINDOW: &str = "window = { rounds = 3, tokens = 1000 }";
        let complete = WHOLE.replace("{ type = \"star\", moderator = 1 }", "\"complete\"");
        let read = |window: &str| Panel::from_toml("x.toml", &complete.replace(WINDOW, window));
        let before = Spec::new("Where to?", ["a", "b"]).with_summariser(SummariserSeat::new("x"));
        for (summary, expected) in [
            ("", None),
            (", summary = \"extractive\"", None),
            (
                ", summary = { model = \"openai:gpt-4o-mini\" }",
                Some(SummariserSeat::new("openai:gpt-4o-mini")),
            ),
            (
                ", summary = { model = \"a:b\", max_tokens = 300 }",
                Some(SummariserSeat { max_tokens: Some(300), ..SummariserSeat::new("a:b") }),
            ),
        ] {
            let panel = read(&format!("window = {{ rounds = 3, tokens = 1000{summary} }}")).unwrap();
            let spec = panel.seated_in(before.clone());
            spec.check().unwrap();
            assert_eq!((spec.summariser, spec.window), (expected, Some(Window { rounds: 3, tokens: 1_000 })));
        }
        assert_eq!(read("").unwrap().seated_in(before.clone()).summariser, before.summariser);
        for (summary, expected) in [
            ("\"abstractive\"", "expected \"extractive\", or a table with a `model`"),
            ("{ modell = \"a:b\" }", "unknown field `modell`"),
            ("{ max_tokens = 3 }", "missing field `model`"),
            ("3", "line 12"),
        ] {
            let error =
                read(&format!("window = {{ rounds = 3, tokens = 1000, summary = {summary} }}")).unwrap_err();
            assert!(error.to_string().contains(expected), "{summary}: {error}");
        }
    }

    #[test]
    fn what_a_file_does_not_say_stays_as_it_was() {
        let text = "format_version = 1\n[[seat]]\nname = \"A\"\nmodel = \"x:y\"\n";
        let before = Spec::new("?", ["a", "b"]).with_rounds(7).with_order(Order::RoundRobin).with_stops([]);
        let spec = Panel::from_toml("x.toml", text).unwrap().seated_in(before.clone());
        assert_eq!(spec, Spec { seats: vec![Seat::new("A", "x:y")], ..before });
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (from, to, expected) in [
            ("format_version = 1", "format_version = 2", "its format_version is 2"),
            ("rounds = 4", "round = 4", "unknown field `round`"),
            ("rounds = 4", "rounds = \"four\"", "line 4"),
            ("\"plurality\"", "\"bingo\"", "there are plurality"),
            ("order = \"sequential\"", "order = \"random\"", "line 7"),
            ("\"unanimous\",", "\"unanimity\",", "unknown variant `unanimity`"),
            ("rounds = 2 }", "turns = 2 }", "line 10"),
            ("type = \"star\"", "type = \"moon\"", "unknown variant `moon`"),
            ("weight = 2.5", "wait = 2.5", "unknown field `wait`"),
            ("each_round = true", "each_round = 1", "line 32"),
            ("[[seat]]", "[[seats]]", "unknown field `seats`"),
            ("outcomes = \"past", "outcome = \"past", "unknown field `outcome`"),
        ] {
            assert!(WHOLE.contains(from), "{from}");
            let error = Panel::from_toml("x.toml", &WHOLE.replace(from, to)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BadSpec);
            let message = error.to_string();
            assert!(
                message.starts_with("read the panel x.toml: ") && message.contains(expected),
                "{to}: {message}"
            );
        }
        assert!(
            Panel::from_toml("x.toml", "format_version = 1").unwrap_err().to_string().contains("no [[seat]]")
        );
    }

    #[test]
    fn what_fits_a_file_need_not_fit_a_debate() {
        for (from, to, expected) in [
            (
                "argues_for = \"up\"",
                "argues_for = \"sideways\"",
                "\"sideways\", which is none of the options",
            ),
            ("temperature = 0.7", "temperature = 7.0", "0 to 2, not 7"),
            ("max_tokens = 300", "max_tokens = 0", "1 to 128000 tokens"),
            ("role = \"an optimist.\"", "role = \" \"", "seat \"Bull\": a role has"),
            ("moderator = 1", "moderator = 2", "the moderator is seat 2"),
            ("each_round = true", "each_round = false", "a judge can only be satisfied"),
        ] {
            let spec = Panel::from_toml("x.toml", &WHOLE.replace(from, to)).unwrap();
            let error = spec.seated_in(Spec::new("?", ["a", "b"])).check().unwrap_err();
            assert!(error.to_string().contains(expected), "{to}: {error}");
        }
    }
}
