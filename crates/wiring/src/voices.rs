//! Debaters by name: what a seat's `debater` says becomes an object.

use std::{path::Path, sync::Arc};

use assize_ambient::{Chance, Seed, Timestamp};
use assize_analysts::analyst_named;
use assize_debate::{
    Debater, Judge, JudgeSeat, ModelDebater, ModelJudge, ModelSummariser, RuleJudge, Seat, Summariser,
    SummariserSeat,
};
use assize_llm::{ChatModel, ChatRequest, Latency, ScriptedModel, SimulatedModel};
use assize_metering::{ModelPrice, PriceBook};

use crate::{Error, ErrorKind, Human, human::HumanDebater, text_file, thrifty::Thrifty, vendors::Vendors};

/// Analysts look at most so many sessions ahead.
const FARTHEST_HORIZON: usize = 252;
/// And so many where the seat does not say.
const USUAL_HORIZON: usize = 20;

/// The debater of a seat: `analyst:NAME@SESSIONS`, `human` or `human:NAME`, `simulated:MODEL`, `scripted:FILE` (one answer a
/// line), or a vendor's model.
///
/// A simulated model's calls are priced by the book as of `at`: what they would cost. Its answers are random.
pub(crate) fn debater(seat: &Seat, index: usize, setting: &Setting<'_>) -> Result<Arc<dyn Debater>, Error> {
    let unknown = || {
        Error::bad_request(format!("seat {:?}: there is no debater {:?}", seat.name, seat.debater)).with_hint(
            "a debater is a vendor's model (openai:NAME, anthropic:NAME, gemini:NAME, ollama:NAME …, \
             http://127.0.0.1:8000/v1#NAME), analyst:NAME, human, simulated:MODEL (random answers) or scripted:FILE (one answer a \
             line)",
        )
    };
    if !is_model(&seat.debater) && seat.cheaper.is_some() {
        return Err(Error::bad_request(format!("seat {:?}: only a model has a cheaper one", seat.name)));
    }
    if let Some(cheaper) = seat.cheaper.as_ref().filter(|name| !is_model(name)) {
        return Err(Error::bad_request(format!(
            "seat {:?}: its cheaper model {cheaper:?} is none",
            seat.name
        )));
    }
    if let Some(name) = analyst_in(&seat.debater) {
        if seat.persona.is_some() {
            return Err(Error::bad_request(format!("seat {:?}: an analyst speaks as itself", seat.name))
                .with_hint("leave role, instructions, argues_for, temperature and max_tokens away"));
        }
        return analyst(name).ok_or_else(unknown);
    }
    if is_human(&seat.debater) {
        let Some(human) = &setting.human else {
            return Err(Error::bad_request(format!("seat {:?}: nobody is there to answer", seat.name))
                .with_hint("a person needs a place to read and to write"));
        };
        return Ok(Arc::new(HumanDebater::new(human.clone(), seat)));
    }
    let speaking = |name: &str, chance: &str| -> Result<Arc<dyn Debater>, Error> {
        let (model, price) = model(name, &seat.name, chance, Form::Ballot, setting, unknown)?;
        let (input, context) = limits(price.as_deref());
        let debater = ModelDebater::new(model, price).with_limits(input, context);
        Ok(Arc::new(match &seat.persona {
            Some(persona) => debater.with_persona(persona),
            None => debater,
        }))
    };
    let usual = speaking(&seat.debater, &format!("voice/{index}"))?;
    Ok(match &seat.cheaper {
        None => usual,
        Some(name) => {
            Arc::new(Thrifty { usual, cheaper: speaking(name, &format!("voice/{index}/cheaper"))? })
        }
    })
}

/// The judge of a seat: a model by the same names, or `rule`. A script needs two lines for an assessment, one for each order in which it
/// reads the sides.
pub(crate) fn judge(seat: &JudgeSeat, setting: &Setting<'_>) -> Result<Arc<dyn Judge>, Error> {
    let unknown = || {
        Error::bad_request(format!("seat the judge {:?}: there is no judge {:?}", seat.name, seat.judge)).with_hint(
            "a judge is a vendor's model (openai:NAME, anthropic:NAME, gemini:NAME, ollama:NAME …, \
             http://127.0.0.1:8000/v1#NAME), simulated:MODEL (random answers), scripted:FILE (one answer a line), or rule, which \
             needs no model",
        )
    };
    if seat.judge == "rule" {
        return Ok(Arc::new(RuleJudge));
    }
    if !is_model(&seat.judge) {
        return Err(unknown());
    }
    let (model, price) = model(&seat.judge, &seat.name, "judge", Form::Assessment, setting, unknown)?;
    let (input, context) = limits(price.as_deref());
    let judge = ModelJudge::new(model, price).with_limits(input, context);
    Ok(Arc::new(match &seat.persona {
        Some(persona) => judge.with_persona(persona),
        None => judge,
    }))
}

/// Whoever sums up what falls out of the window: a model by the same names.
pub(crate) fn summariser(seat: &SummariserSeat, setting: &Setting<'_>) -> Result<Arc<dyn Summariser>, Error> {
    let unknown = || {
        Error::bad_request(format!("let {:?} sum up: there is no such model", seat.model)).with_hint(
            "what sums up is a vendor's model (openai:NAME, anthropic:NAME, gemini:NAME, ollama:NAME …, \
             http://127.0.0.1:8000/v1#NAME), simulated:MODEL (a summary of nothing), scripted:FILE (one answer a line), or, for \
             nothing, summary = \"extractive\"",
        )
    };
    if !is_model(&seat.model) {
        return Err(unknown());
    }
    let (model, price) = model(&seat.model, &seat.model, "summariser", Form::Summary, setting, unknown)?;
    let (input, context) = limits(price.as_deref());
    let summariser = ModelSummariser::new(model, price).with_limits(input, context);
    Ok(Arc::new(match seat.max_tokens {
        Some(max_tokens) => summariser.with_max_tokens(max_tokens),
        None => summariser,
    }))
}

/// The longest prompt, and the longest prompt and answer together, as far as the price book knows.
fn limits(price: Option<&ModelPrice>) -> (Option<u64>, Option<u64>) {
    (price.and_then(|price| price.max_input_tokens), price.and_then(|price| price.context_window))
}

type Priced = (Arc<dyn ChatModel>, Option<Arc<ModelPrice>>);

/// The model of this name, for a speaker of that name, and its price where it has one.
fn model(
    name: &str,
    speaker: &str,
    chance: &str,
    form: Form,
    setting: &Setting<'_>,
    unknown: impl Fn() -> Error,
) -> Result<Priced, Error> {
    let whose = |error: Error| error.about(&format!("seat {speaker:?}"));
    match name.split_once(':').ok_or_else(&unknown)? {
        ("simulated", real) => {
            let price = price_of(real, setting.at).map_err(whose)?;
            Ok((simulated(real, form, setting.options.clone(), setting.seed.child(chance)), Some(price)))
        }
        ("scripted", file) => Ok((scripted(Path::new(file)).map_err(whose)?, None)),
        _ => {
            let hired = setting.vendors.ok_or_else(unknown)?.hire(name, speaker).map_err(whose)?;
            Ok((hired.model, hired.price))
        }
    }
}

/// Whether a name is that of a model, be it a vendor's, simulated or scripted.
pub(crate) fn is_model(name: &str) -> bool {
    analyst_in(name).is_none() && !is_human(name) && name != "rule"
}

/// Whether a name is that of a vendor's model.
pub(crate) fn is_hired(name: &str) -> bool {
    let kind = name.split_once(':').map(|(kind, _)| kind);
    is_model(name) && kind.is_some_and(|kind| !matches!(kind, "simulated" | "scripted"))
}

/// Whether a person sits here.
pub(crate) fn is_human(name: &str) -> bool {
    name == "human" || name.starts_with("human:")
}

fn analyst_in(name: &str) -> Option<&str> {
    name.strip_prefix("analyst:")
}

/// What all debaters of a debate share.
#[derive(Debug)]
pub(crate) struct Setting<'a> {
    pub(crate) options: Vec<String>,
    pub(crate) seed: Seed,
    pub(crate) at: Timestamp,
    /// None where no seat needs one.
    pub(crate) vendors: Option<&'a Vendors>,
    /// None where nobody is there to answer.
    pub(crate) human: Option<Human>,
}

/// What a model is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A stance.
    Ballot,
    /// What a judge says.
    Assessment,
    /// What a summariser says.
    Summary,
}

/// An analyst's seat says how far it looks ahead: that is part of what defines the debate. Other seats stay as they are.
pub(crate) fn looking_ahead(debater: &str, sessions: u32) -> String {
    if debater.starts_with("analyst:") && !debater.contains('@') {
        format!("{debater}@{sessions}")
    } else {
        debater.to_owned()
    }
}

fn analyst(name: &str) -> Option<Arc<dyn Debater>> {
    let (name, horizon) = match name.split_once('@') {
        Some((name, sessions)) => (name, sessions.parse().ok()?),
        None => (name, USUAL_HORIZON),
    };
    (1..=FARTHEST_HORIZON).contains(&horizon).then(|| analyst_named(name, horizon)).flatten()
}

fn price_of(model: &str, at: Timestamp) -> Result<Arc<ModelPrice>, Error> {
    let price = PriceBook::embedded().find(model, at).map_err(|e| {
        Error::caused(ErrorKind::BadRequest, "", e)
            .with_hint("`assize models` lists the models whose prices are known")
    })?;
    Ok(Arc::new(price.clone()))
}

/// The model that answers with the lines of a file, in their order.
pub(crate) fn scripted(path: &Path) -> Result<Arc<dyn ChatModel>, Error> {
    let text = text_file::read("script", path)?;
    if text.trim().is_empty() {
        return Err(Error::bad_request(format!("read the script {}: it holds no answer", path.display()))
            .with_hint("a script has one answer a line, such as {\"stance\": \"yes\"}"));
    }
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let model = ScriptedModel::saying(&format!("scripted:{}", path.display()), lines).repeating_the_last();
    Ok(Arc::new(model))
}

/// A rehearsal: a model that waits like a hosted one and answers at random, in the form that a debate asks for.
fn simulated(name: &str, form: Form, options: Vec<String>, seed: Seed) -> Arc<dyn ChatModel> {
    let answer = move |_: &ChatRequest, chance: &mut Chance| {
        let weights: Vec<f64> = options.iter().map(|_| chance.exponential(1.0) + 1e-9).collect();
        let best = (0..weights.len()).fold(0, |best, at| if weights[at] > weights[best] { at } else { best });
        let whole = match form {
            Form::Ballot => weights.iter().sum(),
            Form::Assessment | Form::Summary => weights.get(best).copied().unwrap_or(1.0),
        };
        let shares: serde_json::Map<_, _> = options
            .iter()
            .zip(&weights)
            .map(|(option, weight)| (option.clone(), (weight / whole).into()))
            .collect();
        let best = options.get(best);
        match form {
            Form::Ballot => {
                let reason =
                    serde_json::json!({ "text": "a simulated voice: it chose at random", "cites": [] });
                serde_json::json!({ "stance": best, "probabilities": shares, "reasons": [reason] })
            }
            Form::Assessment => {
                let reason =
                    serde_json::json!({ "text": "a simulated judge: it chose at random", "cites": [] });
                serde_json::json!({ "winner": best, "scores": shares, "enough": false, "reasons": [reason] })
            }
            Form::Summary => {
                let point =
                    serde_json::json!({ "text": "a simulated summary: nothing was read", "cites": [] });
                serde_json::json!({ "summary": [point] })
            }
        }
        .to_string()
    };
    Arc::new(SimulatedModel::new(name, seed, answer).with_latency(Latency::HOSTED))
}
