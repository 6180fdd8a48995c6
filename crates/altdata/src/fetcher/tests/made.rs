//! Sources and answers that are made for one test each.

use std::sync::Mutex;

use assize_cache::{Level, MemoryTier};

use super::*;

type Plan = Box<dyn Fn(&Query) -> Vec<Request> + Send + Sync>;
type Decode = Box<dyn Fn(&Query, &RawResponse) -> Outcome + Send + Sync>;
type Resumes = Box<dyn Fn(&Query) -> Option<Resume> + Send + Sync>;
type Answer = Box<dyn Fn(&str) -> (Duration, Result<String, ErrorKind>) + Send + Sync>;

/// A source of three functions.
pub(super) struct Made {
    pub(super) meta: SourceMeta,
    pub(super) plan: Plan,
    pub(super) decode: Decode,
    pub(super) resumes: Resumes,
}

impl Made {
    /// It asks for `x://<name>/<ticker>` and keeps answers for an hour.
    pub(super) fn named(
        name: &'static str,
        decode: impl Fn(&Query, &RawResponse) -> Outcome + Send + Sync + 'static,
    ) -> Self {
        let mut meta = SourceMeta::new(SourceId::new(name), SourceKind::Attention, name);
        meta.ttl = Duration::from_secs(3_600);
        let plan = move |query: &Query| {
            vec![Request::get(format!("x://{name}/{}", query.ticker()).parse().unwrap())]
        };
        Self { meta, plan: Box::new(plan), decode: Box::new(decode), resumes: Box::new(|_| None) }
    }
}

impl std::fmt::Debug for Made {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.meta.id)
    }
}

impl Source for Made {
    fn meta(&self) -> &SourceMeta {
        &self.meta
    }

    fn plan(&self, query: &Query) -> Result<Vec<Request>, Gap> {
        Ok((self.plan)(query))
    }

    fn decode(&self, query: &Query, response: &RawResponse) -> Outcome {
        (self.decode)(query, response)
    }

    fn resumes(&self, query: &Query) -> Option<Resume> {
        (self.resumes)(query)
    }
}

/// Answers by a function of the address, and notes what it was asked.
pub(super) struct Answering {
    answer: Answer,
    clock: Arc<dyn Clock>,
    pub(super) asked: Mutex<Vec<String>>,
}

impl std::fmt::Debug for Answering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answering")
    }
}

impl Answering {
    pub(super) fn new(
        clock: &Arc<dyn Clock>,
        answer: impl Fn(&str) -> (Duration, Result<String, ErrorKind>) + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self { answer: Box::new(answer), clock: Arc::clone(clock), asked: Mutex::default() })
    }

    /// What it was asked since this was last called.
    pub(super) fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

#[async_trait]
impl Transport for Answering {
    async fn send(&self, request: Request) -> Result<RawResponse, transport::Error> {
        let url = request.url().as_str().to_owned();
        let (took, body) = (self.answer)(&url);
        self.asked.lock().unwrap().push(url);
        tokio::time::sleep(took).await;
        let body = body.map_err(|kind| kind.error("read it: it is broken"))?;
        Ok(RawResponse::new(&request, 200, Headers::default(), body, self.clock.now()))
    }
}

pub(super) fn clock(now: &str) -> Arc<dyn Clock> {
    Arc::new(VirtualClock::starting_at(now.parse().unwrap()))
}

pub(super) fn memory(clock: &Arc<dyn Clock>) -> Tiered {
    let memory = Arc::new(MemoryTier::new(1 << 24, Arc::clone(clock)));
    let level = Level::memory(memory).with_fresh_at_most(ANSWERS_KEPT);
    Tiered::new(vec![level], Arc::clone(clock), Seed::new(1))
}
