//! D3: what a judge's assessment of a round costs: a debate with a judge in each round, less the same debate without one.

use std::{hint::black_box, sync::Arc};

use assize_benches::{
    handover::Handover,
    panels::{instant_debaters, price_of, restless_spec},
};
use assize_debate::{Assessment, Debater, Driver, Judge, JudgeSeat, ModelJudge, ScriptedJudge, Spec};
use assize_llm::{ChatModel, ChatReply, ChatRequest, Error, ModelId, ReplyStream};
use assize_metering::{TokenUsage, Usage};
use assize_perf::{Measurement, Run, statistics::Sorted};
use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use tokio::runtime::Runtime;

use crate::{
    figures::{interleaved, sampled, timed, words},
    machine,
    turns::runtime,
};

const SEATS: usize = 4;
const ROUNDS: u32 = 5;

/// A judge's model that looks at nothing.
#[derive(Debug)]
struct InstantJudge {
    id: ModelId,
}

#[async_trait]
impl ChatModel for InstantJudge {
    fn id(&self) -> &ModelId {
        &self.id
    }

    async fn complete(&self, _: ChatRequest) -> Result<ChatReply, Error> {
        const REPLY: &str = r#"{"winner":"yes","scores":{"yes":0.7,"no":0.4},"enough":false,"reasons":[{"text":"it was argued better","cites":[]}]}"#;
        Ok(ChatReply::new(self.id.clone(), REPLY, Usage::simulated(TokenUsage::of(400, 40))))
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        let reply = self.complete(request).await?;
        Ok(stream::iter([Ok(assize_llm::ReplyDelta::Done(Box::new(reply)))]).boxed())
    }
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let runtime = runtime()?;
    let scripted = || Arc::new(ScriptedJudge::new([Ok(Assessment::by_scores(vec![0.7, 0.4]))]));
    let model = || {
        let model = Arc::new(InstantJudge { id: "instant".into() });
        Arc::new(ModelJudge::new(model, Some(Arc::new(price_of("gpt-4o-mini")))))
    };
    for case in ["scripted", "instant-model"] {
        let id = format!("debate/judge/{case}");
        if handover.wants(&id) {
            let judge: Arc<dyn Judge> = if case == "scripted" { scripted() } else { model() };
            run.measurements.extend(assessments(handover, &runtime, &id, &judge)?);
        }
    }
    Ok(())
}

fn assessments(
    handover: &Handover,
    runtime: &Runtime,
    id: &str,
    judge: &Arc<dyn Judge>,
) -> Result<[Measurement; 2], String> {
    let panel = instant_debaters(SEATS, ROUNDS);
    let without = Arc::new(restless_spec(SEATS, ROUNDS));
    let seat = JudgeSeat::new("the chair", "instant").in_each_round();
    let with = Arc::new(restless_spec(SEATS, ROUNDS).with_judge(seat));
    let (_, asked) = machine::hold(&with, &panel, Some(&**judge), |_| false)?;
    if asked.dockets.len() != ROUNDS as usize {
        return Err(format!("the judge was heard {} times, not {ROUNDS}", asked.dockets.len()));
    }
    let mut judged = |n: u32| hold(runtime, &with, &panel, Some(judge), n);
    let mut unjudged = |n: u32| hold(runtime, &without, &panel, None, n);
    let mut alone = |n: u32| {
        let mut total = std::time::Duration::ZERO;
        for _ in 0..n {
            let dockets = asked.dockets.clone();
            let (time, ()) = timed(|| {
                for docket in dockets {
                    drop(black_box(runtime.block_on(judge.assess(docket).assessment)));
                }
            });
            total += time;
        }
        Ok(total)
    };
    let times = interleaved(handover.profile, &mut [&mut judged, &mut unjudged, &mut alone])?;
    let rounds = f64::from(ROUNDS);
    let of_all: Vec<f64> =
        times[0].iter().zip(&times[1]).map(|(with, without)| (with - without) / rounds).collect();
    let of_engine = of_all.iter().zip(&times[2]).map(|(all, alone)| all - alone / rounds).collect();
    let bare = Sorted::new(&times[2]).ok_or("no block")?.median() / rounds;
    let note = format!(
        "a debate of {SEATS} debaters and {ROUNDS} rounds with a judge in each, less the same without, by assessments"
    );
    Ok([
        sampled(id, "time", of_all)?.with_figure("bare", bare).with_note(&note),
        sampled(id, "overhead", of_engine)?
            .with_note("less what the judge takes when it is asked directly")
            .with_note(note),
    ])
}

fn hold(
    runtime: &Runtime,
    spec: &Arc<Spec>,
    panel: &[Arc<dyn Debater>],
    judge: Option<&Arc<dyn Judge>>,
    n: u32,
) -> Result<std::time::Duration, String> {
    let expected = judge.map_or(0, |_| ROUNDS as usize);
    let (time, held) = timed(|| {
        for _ in 0..n {
            let mut driver = Driver::new(Arc::clone(spec), panel.to_vec()).map_err(words)?;
            if let Some(judge) = judge {
                driver = driver.with_judge(Arc::clone(judge)).map_err(words)?;
            }
            let conclusion = runtime.block_on(driver.run()).map_err(words)?;
            let verdict = &conclusion.verdict;
            if verdict.rounds != ROUNDS || verdict.assessments.len() != expected {
                return Err(format!("{} rounds, {} assessments", verdict.rounds, verdict.assessments.len()));
            }
        }
        Ok(())
    });
    held.map(|()| time)
}
