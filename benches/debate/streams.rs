//! D2: opening the streams of a panel: from the call to the moment at which all debaters speak at once.
//!
//! The streams never bring anything, so that polling the debate once opens it, asks everybody, and opens every stream.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use assize_benches::{
    handover::Handover,
    panels::{price_of, restless_spec},
};
use assize_debate::{Debater, Driver, Limits, ModelDebater, Reservation, Spec, Speech, Turn};
use assize_llm::{ChatModel, ChatReply, ChatRequest, Error, ModelId, ReplyStream};
use assize_perf::Run;
use async_trait::async_trait;
use futures_util::{StreamExt, future::join_all, stream};

use crate::{
    figures::{beside, interleaved, timed, words},
    machine,
    turns::runtime,
};

const PANELS: [usize; 3] = [2, 4, 16];

/// Opens its mouth and says nothing.
#[derive(Debug, Clone, Default)]
struct Silent {
    opened: Arc<AtomicUsize>,
}

impl Silent {
    fn open(&self) -> stream::Pending<()> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        stream::pending()
    }
}

impl Debater for Silent {
    fn speak(&self, _: Turn) -> Speech {
        let silent = self.clone();
        let deltas = stream::once(async move { silent.open() }).flatten().map(|()| Err(never()));
        Speech { reservation: Reservation::default(), deltas: deltas.boxed() }
    }
}

fn never() -> assize_debate::Abstention {
    assize_debate::Abstention::new(assize_debate::AbstainReason::Failed, "a silent stream spoke")
}

/// The same as a model.
#[derive(Debug)]
struct SilentModel {
    id: ModelId,
    silent: Silent,
}

#[async_trait]
impl ChatModel for SilentModel {
    fn id(&self) -> &ModelId {
        &self.id
    }

    async fn complete(&self, _: ChatRequest) -> Result<ChatReply, Error> {
        std::future::pending().await
    }

    async fn stream(&self, _: ChatRequest) -> Result<ReplyStream, Error> {
        Ok(self.silent.open().filter_map(|()| std::future::ready(None)).boxed())
    }
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let runtime = runtime()?;
    let _inside = runtime.enter();
    for case in ["instant-debater", "instant-model"] {
        for seats in PANELS {
            let id = format!("debate/streams/{case}/{seats}");
            if handover.wants(&id) {
                run.measurements.extend(openings(handover, &id, case, seats)?);
            }
        }
    }
    Ok(())
}

fn openings(
    handover: &Handover,
    id: &str,
    case: &str,
    seats: usize,
) -> Result<[assize_perf::Measurement; 2], String> {
    let silent = Silent::default();
    let panel: Vec<Arc<dyn Debater>> = match case {
        "instant-debater" => (0..seats).map(|_| Arc::new(silent.clone()) as Arc<dyn Debater>).collect(),
        _ => {
            let price = Arc::new(price_of("gpt-4o-mini"));
            let model = Arc::new(SilentModel { id: "silent".into(), silent: silent.clone() });
            let debater = || ModelDebater::new(Arc::<SilentModel>::clone(&model), Some(Arc::clone(&price)));
            (0..seats).map(|_| Arc::new(debater()) as Arc<dyn Debater>).collect()
        }
    };
    // Limits bind as they do in earnest: a timer is set.
    let limits = Limits { turn: Some(Duration::from_secs(30)), ..Limits::default() };
    let spec = Arc::new(restless_spec(seats, 3).with_limits(limits));
    let turns = first_turns(&spec)?;
    let opened = |before: usize| match silent.opened.load(Ordering::Relaxed) - before == seats {
        true => Ok(()),
        false => Err(format!("{} streams are open, not {seats}", silent.opened.load(Ordering::Relaxed))),
    };
    let mut ours = |n: u32| {
        let mut total = Duration::ZERO;
        for _ in 0..n {
            let before = silent.opened.load(Ordering::Relaxed);
            let driver = Driver::new(Arc::clone(&spec), panel.clone()).map_err(words)?;
            let mut debate = Box::pin(driver.run());
            total += poll_once(&mut debate)?;
            opened(before)?;
        }
        Ok(total)
    };
    let mut bare = |n: u32| {
        let mut total = Duration::ZERO;
        for _ in 0..n {
            let before = silent.opened.load(Ordering::Relaxed);
            let told = turns.clone();
            let (time, ()) = timed(|| {
                let joined = join_all(panel.iter().zip(told).map(|(who, turn)| who.speak(turn).hear(|_| ())));
                let mut context = Context::from_waker(Waker::noop());
                let is_ready = pin!(joined).poll(&mut context).is_ready();
                debug_assert!(!is_ready, "silent streams end nothing");
            });
            opened(before)?;
            total += time;
        }
        Ok(total)
    };
    let times = interleaved(handover.profile, &mut [&mut ours, &mut bare])?;
    let note = "from running the driver to the last stream that is open, opening the debate included";
    beside(id, [&times[0], &times[1]], 1, note)
}

fn first_turns(spec: &Arc<Spec>) -> Result<Vec<Turn>, String> {
    let (debate, _) = machine::hold(spec, &[], None, |_| true)?;
    match debate.next() {
        assize_debate::Step::Ask(asks) => Ok(asks.into_iter().map(|ask| debate.turn(ask)).collect()),
        step => Err(format!("nobody expected {step:?}")),
    }
}

fn poll_once<T>(future: &mut (impl Future<Output = T> + Unpin)) -> Result<Duration, String> {
    let mut context = Context::from_waker(Waker::noop());
    let (time, polled) = timed(|| pin!(future).poll(&mut context));
    match polled {
        Poll::Pending => Ok(time),
        Poll::Ready(_) => Err("a debate of silent voices ended".to_owned()),
    }
}
