//! Many calls, a few at once.

use std::{future::Future, num::NonZeroUsize, sync::Arc};

use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};

use crate::{ChatModel, ChatReply, ChatRequest, Error};

/// Sends requests that do not depend on each other, so many at once. A failure is one request's, not the batch's; dropping
/// the batch cancels what is under way and asks nothing more.
///
/// As soon as one call ends the next begins (list scheduling). No order of `N` calls on `n` places takes less than the
/// larger of the longest call and the `n`-th part of their sum; this one takes at most `2 - 1/n` times as long as the best,
/// and `4/3 - 1/(3n)` times where the [longest come first](Self::longest_first) (Graham, *Bounds on Multiprocessing Timing
/// Anomalies*, 1969). With many calls of like length both are close to the bound.
///
/// ```
/// use std::{num::NonZeroUsize, sync::Arc};
///
/// use assize_llm::{Batch, ChatRequest, ScriptedModel};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let model = Arc::new(ScriptedModel::saying("parrot", ["one", "two"]));
/// let requests = ["first", "second", "third"].map(ChatRequest::new);
/// let replies = Batch::of(NonZeroUsize::MIN).complete_all(model, requests).await;
/// let texts: Vec<_> = replies.iter().map(|reply| reply.as_ref().ok().map(|reply| &*reply.text)).collect();
/// assert_eq!(texts, [Some("one"), Some("two"), None]); // the script has no third line
/// # });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch {
    at_once: NonZeroUsize,
    longest_first: bool,
}

impl Batch {
    /// So many calls at once: 3 to 5 where nothing is known of the vendor's limits.
    #[must_use]
    pub const fn of(at_once: NonZeroUsize) -> Self {
        Self { at_once, longest_first: false }
    }

    /// The same, where those come first that are expected to take longest: by the tokens that their replies may have,
    /// where that is limited, and then by the length of their prompts.
    #[must_use]
    pub const fn longest_first(mut self) -> Self {
        self.longest_first = true;
        self
    }

    /// Asks all, and gives their replies in the order of the requests.
    pub async fn complete_all(
        self,
        model: Arc<dyn ChatModel>,
        requests: impl IntoIterator<Item = ChatRequest>,
    ) -> Vec<Result<ChatReply, Error>> {
        let mut replies: Vec<_> = self.stream(model, requests).collect().await;
        replies.sort_unstable_by_key(|(index, _)| *index);
        replies.into_iter().map(|(_, reply)| reply).collect()
    }

    /// Asks all, and gives each reply as it comes, with the index of its request.
    pub fn stream(
        self,
        model: Arc<dyn ChatModel>,
        requests: impl IntoIterator<Item = ChatRequest>,
    ) -> BoxStream<'static, (usize, Result<ChatReply, Error>)> {
        self.each(requests, move |request| {
            let model = Arc::clone(&model);
            async move { model.complete(request).await }
        })
    }

    /// The same for whatever is done with a request: a stream that is read, a reply that is checked.
    pub fn each<T, F>(
        self,
        requests: impl IntoIterator<Item = ChatRequest>,
        ask: impl Fn(ChatRequest) -> F + Send + 'static,
    ) -> BoxStream<'static, (usize, T)>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let mut requests: Vec<_> = requests.into_iter().enumerate().collect();
        if self.longest_first {
            // The sort is stable: equals keep their order.
            requests.sort_by_cached_key(|(_, request)| std::cmp::Reverse(expected(request)));
        }
        let calls = requests.into_iter().map(move |(index, request)| {
            let call = ask(request);
            async move { (index, call.await) }
        });
        stream::iter(calls).buffer_unordered(self.at_once.get()).boxed()
    }
}

/// What tells long calls from short ones; only the order means something.
fn expected(request: &ChatRequest) -> (u32, usize) {
    (request.max_tokens.unwrap_or(u32::MAX), request.texts().map(str::len).sum())
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };

    use assize_ambient::{Chance, Seed};
    use tokio::time::Instant;

    use super::*;
    use crate::{ErrorKind, Failures, Latency, SimulatedModel};

    fn echo(request: &ChatRequest, _: &mut Chance) -> String {
        request.texts().collect()
    }

    fn at_once(n: usize) -> Batch {
        Batch::of(NonZeroUsize::new(n).unwrap())
    }

    fn requests(n: usize) -> impl Iterator<Item = ChatRequest> {
        (0..n).map(|n| ChatRequest::new(format!("request {n}")))
    }

    fn model() -> SimulatedModel {
        SimulatedModel::new("sim", Seed::new(3), echo).with_latency(Latency::HOSTED)
    }

    #[tokio::test(start_paused = true)]
    async fn order_is_kept_and_a_failure_is_one_requests() {
        let failures = Failures { server: 0.3, ..Failures::default() };
        let replies = at_once(5).complete_all(Arc::new(model().with_failures(failures)), requests(100)).await;
        let mut n_failed = 0;
        for (n, reply) in replies.iter().enumerate() {
            match reply {
                Ok(reply) => assert_eq!(reply.text, format!("request {n}")),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Server);
                    n_failed += 1;
                }
            }
        }
        assert!(replies.len() == 100 && (15..45).contains(&n_failed), "{n_failed}");
    }

    #[tokio::test(start_paused = true)]
    async fn never_more_at_once_and_nothing_after_it_is_dropped() {
        static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);
        static MOST: AtomicUsize = AtomicUsize::new(0);
        static BEGUN: AtomicUsize = AtomicUsize::new(0);
        struct Under;
        impl Drop for Under {
            fn drop(&mut self) {
                UNDER_WAY.fetch_sub(1, Ordering::SeqCst);
            }
        }
        let mut batch = at_once(4).each(requests(50), |_| async {
            BEGUN.fetch_add(1, Ordering::SeqCst);
            MOST.fetch_max(UNDER_WAY.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let _under = Under;
            tokio::time::sleep(Duration::from_secs(1)).await;
        });
        for _ in 0..10 {
            batch.next().await.unwrap();
        }
        drop(batch);
        let begun = BEGUN.load(Ordering::SeqCst);
        assert_eq!((MOST.load(Ordering::SeqCst), UNDER_WAY.load(Ordering::SeqCst)), (4, 0));
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert!(begun <= 14 && BEGUN.load(Ordering::SeqCst) == begun, "{begun}");
    }

    #[tokio::test(start_paused = true)]
    async fn it_takes_no_longer_than_the_bound_and_a_twentieth() {
        // Lengths are drawn per request, so each alone takes what it takes in the batch.
        let mut sum = Duration::ZERO;
        let mut longest = Duration::ZERO;
        let alone = model();
        for request in requests(200) {
            let start = Instant::now();
            alone.complete(request).await.unwrap();
            sum += start.elapsed();
            longest = longest.max(start.elapsed());
        }
        for n in 3..=5_u32 {
            let start = Instant::now();
            let replies = at_once(n as usize).complete_all(Arc::new(model()), requests(200)).await;
            assert!(replies.iter().all(Result::is_ok));
            let bound = longest.max(sum / n);
            assert!(start.elapsed() <= bound.mul_f64(1.05), "{:?} against {bound:?}", start.elapsed());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn long_ones_first_save_the_wait_at_the_end() {
        let latency = Latency {
            first_token_median: Duration::ZERO,
            first_token_sigma: 0.0,
            straggler_rate: 0.0,
            ..Latency::HOSTED
        };
        let say =
            |request: &ChatRequest, _: &mut Chance| "word".repeat(request.max_tokens.unwrap_or(0) as usize);
        let took = async |batch: Batch| {
            let model = SimulatedModel::new("sim", Seed::new(3), say).with_latency(latency);
            let requests = [80, 80, 80, 80, 240].map(|most| ChatRequest::new("go").with_max_tokens(most));
            let start = Instant::now();
            let mut ended: Vec<_> =
                batch.stream(Arc::new(model), requests).map(|(index, _)| index).collect().await;
            ended.sort_unstable();
            assert_eq!(ended, [0, 1, 2, 3, 4]);
            start.elapsed().as_millis()
        };
        // One second each, and three for the last: by list 2 + 3; long ones first 1 + 3 beside 4 × 1.
        let (listed, sorted) = (took(at_once(2)).await, took(at_once(2).longest_first()).await);
        assert!((5_000..5_100).contains(&listed), "{listed}");
        assert!((4_000..4_100).contains(&sorted), "{sorted}");
    }
}
