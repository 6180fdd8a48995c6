//! Debaters by name: what a seat's `debater` says becomes an object.

use std::{path::Path, sync::Arc};

use assize_ambient::{Chance, Seed, Timestamp};
use assize_analysts::analyst_named;
use assize_debate::{Debater, Judge, JudgeSeat, ModelDebater, ModelJudge, Seat};
use assize_llm::{ChatModel, ChatRequest, Latency, ScriptedModel, SimulatedModel};
use assize_metering::{ModelPrice, PriceBook};

use crate::{Error, ErrorKind, text_file, vendors::Vendors};

/// Analysts look at most so many sessions ahead.
const FARTHEST_HORIZON: usize = 252;
/// And so many where the seat does not say.
const USUAL_HORIZON: usize = 20;

/// The debater of a seat: `analyst:NAME@SESSIONS`, `simulated:MODEL`, `scripted:FILE` (one answer a line), or a vendor's
/// model.
///
/// A simulated model's calls are priced by the book as of `at`: what they would cost. Its answers are random.
pub(crate) fn debater(seat: &Seat, index: usize, spec: &Setting<'_>) -> Result<Arc<dyn Debater>, Error> {
    let unknown = || {
        Error::bad_request(format!("seat {:?}: there is no debater {:?}", seat.name, seat.debater)).with_hint(
            "a debater is a vendor's model (openai:NAME, anthropic:NAME, gemini:NAME, ollama:NAME …, \
             http://127.0.0.1:8000/v1#NAME), analyst:NAME, simulated:MODEL (random answers) or scripted:FILE (one answer a line)",
        )
    };
    let (kind, name) = seat.debater.split_once(':').ok_or_else(unknown)?;
    match kind {
        "analyst" => analyst(name).ok_or_else(unknown),
        "simulated" => {
            let model = simulated(name, spec.options.clone(), spec.seed.child(&format!("voice/{index}")));
            Ok(Arc::new(ModelDebater::new(model, Some(price_of(name, spec.at)?))))
        }
        "scripted" => Ok(Arc::new(ModelDebater::new(scripted(Path::new(name))?, None))),
        _ => {
            let hired = spec.vendors.ok_or_else(unknown)?.hire(&seat.debater, &seat.name)?;
            Ok(Arc::new(ModelDebater::new(hired.model, hired.price)))
        }
    }
}

/// The judge of a judge's seat: a vendor's model.
pub(crate) fn judge(seat: &JudgeSeat, spec: &Setting<'_>) -> Result<Arc<dyn Judge>, Error> {
    let unknown = || {
        Error::bad_request(format!("the judge {:?}: there is no judge {:?}", seat.name, seat.judge))
            .with_hint(
                "a judge is a vendor's model (openai:NAME, anthropic:NAME, http://127.0.0.1:8000/v1#NAME …)",
            )
    };
    let hired = spec.vendors.filter(|_| is_hired(&seat.judge)).ok_or_else(unknown)?;
    let hired = hired.hire(&seat.judge, &seat.name)?;
    Ok(Arc::new(ModelJudge::new(hired.model, hired.price)))
}

/// Whether a seat's debater is a vendor's model.
pub(crate) fn is_hired(debater: &str) -> bool {
    debater.split_once(':').is_some_and(|(kind, _)| !matches!(kind, "analyst" | "simulated" | "scripted"))
}

/// What all debaters of a debate share.
#[derive(Debug)]
pub(crate) struct Setting<'a> {
    pub(crate) options: Vec<String>,
    pub(crate) seed: Seed,
    pub(crate) at: Timestamp,
    /// None where no seat needs one.
    pub(crate) vendors: Option<&'a Vendors>,
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
fn simulated(name: &str, options: Vec<String>, seed: Seed) -> Arc<dyn ChatModel> {
    let answer = move |_: &ChatRequest, chance: &mut Chance| {
        let weights: Vec<f64> = options.iter().map(|_| chance.exponential(1.0) + 1e-9).collect();
        let sum: f64 = weights.iter().sum();
        let best = (0..weights.len()).fold(0, |best, at| if weights[at] > weights[best] { at } else { best });
        let probabilities: serde_json::Map<_, _> = options
            .iter()
            .zip(&weights)
            .map(|(option, weight)| (option.clone(), (weight / sum).into()))
            .collect();
        let reason = serde_json::json!({ "text": "a simulated voice: it chose at random", "cites": [] });
        serde_json::json!({ "stance": options.get(best), "probabilities": probabilities, "reasons": [reason] }).to_string()
    };
    Arc::new(SimulatedModel::new(name, seed, answer).with_latency(Latency::HOSTED))
}
