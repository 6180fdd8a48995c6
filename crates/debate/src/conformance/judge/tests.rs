//! Our judges run the suite, and judges that break it are found out.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use assize_llm::{ChatModel, ChatReply, ChatRequest, Error, ErrorKind, FinishReason, ModelId, ReplyStream};
use assize_metering::{PriceBook, TokenUsage, Usage};
use async_trait::async_trait;
use futures_util::FutureExt;

use super::*;
use crate::{Assessing, ModelJudge, RuleJudge, ScriptedJudge};

/// How a model judges; it knows nothing but its prompt.
#[derive(Debug, Clone, Copy)]
enum Manner {
    /// For the option with the most statements.
    Counts,
    /// For whoever it reads first.
    TakesTheFirst,
    /// For whatever a statement tells it.
    Obeys,
    Refuses,
    SaysNothing,
    Fails,
}

#[derive(Debug)]
struct Model {
    id: ModelId,
    manner: Manner,
    made: AtomicUsize,
    under_way: AtomicUsize,
}

/// Counts a call as under way for as long as it lives.
struct UnderWay<'a>(&'a AtomicUsize);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Model {
    fn new(manner: Manner) -> Arc<Self> {
        let (made, under_way) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Arc::new(Self { id: "gpt-4o".into(), manner, made, under_way })
    }

    fn calls(&self) -> Calls {
        Calls { made: self.made.load(Ordering::Relaxed), under_way: self.under_way.load(Ordering::Relaxed) }
    }

    fn answer(&self, request: &ChatRequest) -> String {
        let (system, user) = (request.system.as_deref().unwrap(), &*request.messages[0].text);
        let options = system.split_once("one of \"").unwrap().1.split_once("\", or null").unwrap().0;
        let options: Vec<&str> = options.split("\", \"").collect();
        let stances: Vec<&str> = user.lines().filter_map(|line| line.strip_prefix("stance: ")).collect();
        let first = stances.iter().copied().find(|name| options.contains(name));
        let count = |option: &str| stances.iter().filter(|stance| **stance == option).count();
        let most = options.iter().map(|option| count(option)).max().unwrap();
        let mut leading = options.iter().filter(|option| count(option) == most);
        let winner = match self.manner {
            Manner::Counts => leading.next().filter(|_| leading.next().is_none()).copied(),
            Manner::TakesTheFirst => first,
            _ => options.get(1).copied().filter(|_| user.contains("Ignore all")).or(first),
        };
        let cites: Vec<&str> =
            ["ev-0", "ev-1"].into_iter().filter(|id| user.contains(&format!(" [{id}] "))).collect();
        let scores: serde_json::Map<String, serde_json::Value> = options
            .iter()
            .map(|option| ((*option).to_owned(), if Some(*option) == winner { 0.9 } else { 0.2 }.into()))
            .collect();
        serde_json::json!({ "winner": winner, "scores": scores, "reasons": [{ "text": "so", "cites": cites }] }).to_string()
    }
}

#[async_trait]
impl ChatModel for Model {
    fn id(&self) -> &ModelId {
        &self.id
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        self.made.fetch_add(1, Ordering::Relaxed);
        self.under_way.fetch_add(1, Ordering::Relaxed);
        let _under_way = UnderWay(&self.under_way);
        tokio::time::sleep(Duration::from_secs(1)).await;
        let text = match self.manner {
            Manner::Fails => return Err(Error::new(ErrorKind::Server, "ask the model")),
            Manner::Refuses => "I'm sorry, but I cannot judge this.".to_owned(),
            Manner::SaysNothing => String::new(),
            _ => self.answer(&request),
        };
        let mut reply = ChatReply::new(self.id.clone(), text, Usage::reported(TokenUsage::of(100, 100)));
        reply.finish = FinishReason::Stop;
        Ok(reply)
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        Ok(self.complete(request).await?.into_stream())
    }
}

#[tokio::test(start_paused = true)]
async fn a_judge_that_is_a_model_conforms_however_the_model_behaves() {
    let at: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
    let price = Arc::new(PriceBook::embedded().find("gpt-4o", at).unwrap().clone());
    for manner in [
        Manner::Counts,
        Manner::TakesTheFirst,
        Manner::Obeys,
        Manner::Refuses,
        Manner::SaysNothing,
        Manner::Fails,
    ] {
        let model = Model::new(manner);
        let make = || ModelJudge::new(Arc::clone(&model) as Arc<dyn ChatModel>, Some(Arc::clone(&price)));
        judge(make, || model.calls()).await;
        assert!(model.calls().made > 50, "{manner:?}: {:?}", model.calls());
    }
}

/// The suite must have something to look at: a sound model does name winners.
#[tokio::test(start_paused = true)]
async fn a_sound_model_names_winners_and_one_that_sees_the_order_none() {
    let winners = async |manner| {
        let judge = ModelJudge::new(Model::new(manner), None);
        let mut winners = 0;
        for (name, docket) in dockets() {
            winners += usize::from(winner(&heard(name, &judge, &docket).await).is_some());
        }
        winners
    };
    assert!(winners(Manner::Counts).await >= 3);
    let (_, docket) = dockets().into_iter().find(|(name, _)| *name == "sides that were changed").unwrap();
    let biased = ModelJudge::new(Model::new(Manner::TakesTheFirst), None);
    let said = heard("biased", &biased, &docket).await.unwrap();
    assert_eq!((said.winner, said.orders_agree), (None, Some(false)));
    assert_eq!(winners(Manner::Refuses).await, 0);
}

#[tokio::test]
async fn a_judge_that_counts_citations_conforms() {
    judge(|| RuleJudge, Calls::default).await;
}

#[tokio::test]
async fn a_judge_with_a_script_conforms() {
    let undecided = || ScriptedJudge::new([Err(Abstention::new(AbstainReason::Undecided, "it cannot tell"))]);
    judge(undecided, Calls::default).await;
    judge(|| ScriptedJudge::new([]), Calls::default).await;
    for (_, docket) in dockets() {
        let scores = vec![0.5; docket.options().len()];
        let judge = ScriptedJudge::new([Ok(Assessment::by_scores(scores))]);
        let said = heard("scripted", &judge, &docket).await;
        assert_eq!(said.is_err(), docket.statements().is_empty());
    }
}

/// A judge that does something wrong.
struct Wrong(Wrongly);

impl std::fmt::Debug for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wrong")
    }
}

static TIMES: AtomicUsize = AtomicUsize::new(0);

impl Judge for Wrong {
    fn assess(&self, docket: Docket) -> Assessing {
        Assessing::immediate(Ok(self.0(&docket, TIMES.fetch_add(1, Ordering::Relaxed))))
    }
}

fn scored(docket: &Docket, winner: usize) -> Assessment {
    let mut scores = vec![0.0; docket.options().len()];
    scores[winner] = 1.0;
    Assessment::by_scores(scores)
}

type Wrongly = fn(&Docket, usize) -> Assessment;

#[tokio::test]
async fn a_judge_that_does_wrong_is_found_out() {
    let wrongs: [(&str, Wrongly); 6] = [
        ("an assessment fits its debate", |_, _| Assessment::by_scores(vec![1.0])),
        ("an assessment fits its debate", |docket, _| Assessment { winner: Some(0), ..scored(docket, 1) }),
        ("what lies on the table", |docket, _| {
            let reason = crate::Reason { text: "so".to_owned(), cites: vec!["ev-9".into()], weight: None };
            Assessment { reasons: vec![reason], ..scored(docket, 0) }
        }),
        ("the same docket, the same answer", |docket, times| scored(docket, times % 2)),
        ("must not decide", |docket, _| {
            scored(docket, docket.statements().first().map_or(0, |peer| peer.utterance.stance.min(1)))
        }),
        ("nobody wins", |docket, _| scored(docket, 0)),
    ];
    for (why, wrong) in wrongs {
        let run = std::panic::AssertUnwindSafe(judge(|| Wrong(wrong), Calls::default));
        let panic = run.catch_unwind().await.unwrap_err();
        let message = panic.downcast_ref::<String>().cloned().unwrap_or_default();
        assert!(message.contains(why), "{why}: {message}");
    }
    // One that goes on asking when nobody waits for it.
    let model = Model::new(Manner::SaysNothing);
    let leaves = || Leaving(Arc::clone(&model));
    let run = std::panic::AssertUnwindSafe(judge(leaves, || model.calls()));
    let panic = run.catch_unwind().await.unwrap_err();
    let message = panic.downcast_ref::<String>().cloned().unwrap_or_default();
    assert!(message.contains("given up") || message.contains("left behind"), "{message}");
}

/// Hands its call to a task of its own.
#[derive(Debug)]
struct Leaving(Arc<Model>);

impl Judge for Leaving {
    fn assess(&self, docket: Docket) -> Assessing {
        let model = Arc::clone(&self.0);
        let assessment = async move {
            let task =
                tokio::spawn(
                    async move { drop(model.complete(ChatRequest::new("?").with_system("")).await) },
                );
            drop(task);
            tokio::task::yield_now().await;
            Ok(Assessed { assessment: scored(&docket, 0), bill: crate::Bill::default() })
        };
        let reservation = crate::Reservation::default();
        Assessing { reservation, shortened: None, assessment: assessment.boxed() }
    }
}
