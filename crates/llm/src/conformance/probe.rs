//! A model that does as the suite says, and that counts who is still waiting for it.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use assize_metering::{TokenUsage, Usage};
use async_trait::async_trait;
use futures_util::{StreamExt, stream};

use crate::{
    ChatModel, ChatReply, ChatRequest, Error, FinishReason, ModelId, ReplyDelta, ReplyStream, ToolCall,
};

/// Stands in prompts, and must not show in any wrapper's `Debug`.
pub(super) const PROMPT_MARK: &str = "capital-of-France";
/// Stands in replies, and must not show either.
pub(super) const REPLY_MARK: &str = "city-of-light";

/// What a probe does with every call.
#[derive(Clone)]
pub(super) enum Plan {
    /// It replies.
    Reply,
    /// It refuses.
    Refuse(Error),
    /// It streams two deltas, then fails. A whole reply fails at once.
    BreakOff(Error),
}

/// Every step of a probe takes one more poll, so that a call can be dropped between any two.
pub(super) struct Probe {
    id: ModelId,
    is_simulated: bool,
    plan: Plan,
    calls: Arc<Calls>,
}

/// How many calls a probe has had, and how many of them are still there.
#[derive(Default)]
pub(super) struct Calls {
    asked: AtomicUsize,
    live: AtomicUsize,
}

impl Calls {
    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    pub(super) fn live(&self) -> usize {
        self.live.load(Ordering::SeqCst)
    }
}

/// A call that is still there.
struct Live(Arc<Calls>);

impl Live {
    fn new(calls: &Arc<Calls>) -> Self {
        calls.asked.fetch_add(1, Ordering::SeqCst);
        calls.live.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(calls))
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.0.live.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Probe {
    pub(super) fn new(plan: Plan) -> Self {
        Self { id: "probe".into(), is_simulated: false, plan, calls: Arc::default() }
    }

    pub(super) fn simulated(mut self) -> Self {
        self.is_simulated = true;
        self
    }

    pub(super) fn calls(&self) -> Arc<Calls> {
        Arc::clone(&self.calls)
    }

    pub(super) fn reply(&self) -> ChatReply {
        let text = format!("Paris, {REPLY_MARK}.");
        let mut reply = ChatReply::new(self.id.clone(), text, Usage::reported(TokenUsage::of(12, 9)));
        reply.reasoning = Some("France has one.".to_owned());
        reply.tool_calls = vec![ToolCall {
            id: "call_1".to_owned(),
            name: "look_up".to_owned(),
            arguments: "{\"city\":\"Paris\"}".to_owned(),
        }];
        reply.finish = FinishReason::ToolCalls;
        reply.served_by = Some("probe-2026-11-21".into());
        reply.vendor_id = Some("reply_1".to_owned());
        reply
    }

    /// The reply in pieces; a piece may be empty, as with vendors.
    fn deltas(&self) -> Vec<Result<ReplyDelta, Error>> {
        let reply = self.reply();
        let mut deltas: Vec<_> = ["France ", "has one."].map(|t| ReplyDelta::Reasoning(t.to_owned())).into();
        deltas.extend(["Paris, ", "", REPLY_MARK, "."].map(str::to_owned).map(ReplyDelta::Text));
        deltas.push(ReplyDelta::Done(Box::new(reply)));
        deltas.into_iter().map(Ok).collect()
    }
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probe").field("id", &self.id).finish_non_exhaustive()
    }
}

#[async_trait]
impl ChatModel for Probe {
    fn id(&self) -> &ModelId {
        &self.id
    }

    fn is_simulated(&self) -> bool {
        self.is_simulated
    }

    async fn complete(&self, _: ChatRequest) -> Result<ChatReply, Error> {
        let _live = Live::new(&self.calls);
        Pause(false).await;
        Pause(false).await;
        match &self.plan {
            Plan::Reply => Ok(self.reply()),
            Plan::Refuse(error) | Plan::BreakOff(error) => Err(error.clone()),
        }
    }

    async fn stream(&self, _: ChatRequest) -> Result<ReplyStream, Error> {
        let live = Live::new(&self.calls);
        Pause(false).await;
        let mut deltas = self.deltas();
        match &self.plan {
            Plan::Reply => {}
            Plan::Refuse(error) => return Err(error.clone()),
            Plan::BreakOff(error) => {
                deltas.truncate(2);
                deltas.push(Err(error.clone()));
            }
        }
        let deltas = deltas.into_iter();
        Ok(stream::unfold((deltas, live), |(mut deltas, live)| async move {
            Pause(false).await;
            Some((deltas.next()?, (deltas, live)))
        })
        .boxed())
    }
}

/// Is ready when it is polled for the second time.
struct Pause(bool);

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
