//! The suites pass what is right, and see what is wrong.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex},
    time::Duration,
};

use assize_ambient::{Chance, Seed};
use async_trait::async_trait;
use futures_util::{FutureExt, StreamExt, future::ready, stream};
use tokio::sync::Semaphore;

use super::*;
use crate::{
    ChatReply, Error, Latency, ModelId, ReplyStream, ScriptedModel, SimulatedModel, TimeLimited, TimeLimits,
};

#[tokio::test]
async fn scripted() {
    run(|| ScriptedModel::saying("parrot", ["Paris, "])).await;
}

#[tokio::test(start_paused = true)]
async fn simulated() {
    run(|| {
        let say =
            |_: &ChatRequest, chance: &mut Chance| format!("Paris — {}", chance.below(1_000_000)).repeat(30);
        SimulatedModel::new("sim", Seed::new(4), say).with_latency(Latency::HOSTED)
    })
    .await;
}

/// What a bad wrapper does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    ChangesTheText,
    LosesReasoning,
    LosesADelta,
    HidesThatItIsSimulated,
    HasAnotherName,
    TellsErrorsInOtherWords,
    ForgetsTheWait,
    GoesOnAfterAnError,
    AsksTwice,
    KeepsCallsGoing,
    LosesAPlaceOnDrop,
    ShowsPrompts,
}

#[derive(Debug)]
struct Faulty {
    model: Arc<dyn ChatModel>,
    fault: Fault,
    id: ModelId,
    places: Semaphore,
    shown: Mutex<String>,
}

impl Faulty {
    fn new(model: Arc<dyn ChatModel>, fault: Fault) -> Self {
        let id = if fault == Fault::HasAnotherName { "faulty".into() } else { model.id().clone() };
        Self { model, fault, id, places: Semaphore::new(2), shown: Mutex::default() }
    }

    fn error(&self, error: Error) -> Error {
        match self.fault {
            Fault::TellsErrorsInOtherWords => Error::new(error.kind(), "sorry"),
            Fault::ForgetsTheWait => Error::new(error.kind(), error.to_string()),
            _ => error,
        }
    }
}

#[async_trait]
impl ChatModel for Faulty {
    fn id(&self) -> &ModelId {
        &self.id
    }

    fn is_simulated(&self) -> bool {
        self.fault != Fault::HidesThatItIsSimulated && self.model.is_simulated()
    }

    async fn complete(&self, request: ChatRequest) -> Result<ChatReply, Error> {
        let place = self.places.acquire().await.unwrap();
        if self.fault == Fault::LosesAPlaceOnDrop {
            place.forget();
        }
        if self.fault == Fault::ShowsPrompts {
            self.shown.lock().unwrap().push_str(&request.messages[0].text);
        }
        if self.fault == Fault::AsksTwice {
            let _ = self.model.complete(request.clone()).await;
        }
        let end = if self.fault == Fault::KeepsCallsGoing {
            let model = Arc::clone(&self.model);
            tokio::spawn(async move { model.complete(request).await }).await.unwrap()
        } else {
            self.model.complete(request).await
        };
        if self.fault == Fault::LosesAPlaceOnDrop {
            self.places.add_permits(1);
        }
        let mut reply = end.map_err(|error| self.error(error))?;
        if self.fault == Fault::ChangesTheText {
            reply.text.push('!');
        }
        if self.fault == Fault::LosesReasoning {
            reply.reasoning = None;
        }
        Ok(reply)
    }

    async fn stream(&self, request: ChatRequest) -> Result<ReplyStream, Error> {
        let deltas = self.model.stream(request).await.map_err(|error| self.error(error))?;
        let skipped = usize::from(self.fault == Fault::LosesADelta);
        let deltas = deltas.skip(skipped);
        if self.fault == Fault::GoesOnAfterAnError {
            let more = stream::once(ready(Ok(ReplyDelta::Text("more".to_owned()))));
            return Ok(deltas.chain(more).boxed());
        }
        Ok(deltas.boxed())
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrapper_that_changes_nothing_passes() {
    wrapper(Allowances::NONE, |model| Faulty::new(model, Fault::None)).await;
}

#[tokio::test(start_paused = true)]
async fn every_fault_is_seen() {
    for (fault, seen_as) in [
        (Fault::ChangesTheText, "a whole reply passes unchanged"),
        (Fault::LosesReasoning, "a whole reply passes unchanged"),
        (Fault::LosesADelta, "the deltas are the reasoning"),
        (Fault::HidesThatItIsSimulated, "as simulated as its model"),
        (Fault::HasAnotherName, "has the name of its model"),
        (Fault::TellsErrorsInOtherWords, "an error's message passes unchanged"),
        (Fault::ForgetsTheWait, "passes unchanged"),
        (Fault::GoesOnAfterAnError, "nothing follows the end of a stream"),
        (Fault::AsksTwice, "was asked"),
        (Fault::KeepsCallsGoing, "begins all the same"),
        (Fault::LosesAPlaceOnDrop, "waits for ever"),
        (Fault::ShowsPrompts, "holds texts of a call"),
    ] {
        let suite = wrapper(Allowances::NONE, |model| Faulty::new(model, fault));
        let panic = AssertUnwindSafe(suite).catch_unwind().await.expect_err("it must be seen");
        let told = panic.downcast_ref::<String>().cloned();
        let told = told.or_else(|| panic.downcast_ref::<&str>().map(|told| (*told).to_owned())).unwrap();
        assert!(told.contains(seen_as), "{fault:?} is seen as: {told}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_allowed_is_allowed() {
    wrapper(Allowances::NONE.asking_again(), |model| Faulty::new(model, Fault::AsksTwice)).await;
    let limits = TimeLimits::NONE.with_total(Duration::from_secs(1));
    wrapper(Allowances::NONE.saying_more(), |model| TimeLimited::new(model, limits)).await;
}
