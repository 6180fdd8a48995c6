//! heartbit-core's `DebateAgent`, whose debaters and judge ask a provider that answers at once.
//!
//! A debater is an `AgentRunner`, as heartbit builds one: it makes a request of the whole transcript, asks its provider
//! and takes the text of the response. The debaters of a round run at once, each in a task; the judge, which there must
//! be, speaks after the last round, and its call is counted as a turn.

#[path = "../replies.rs"]
mod replies;
#[expect(dead_code, reason = "there is no answer to hold against others")]
#[path = "../../timing.rs"]
mod timing;

use std::env;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use heartbit_core::llm::types::{
    CompletionRequest, CompletionResponse, ContentBlock, StopReason, TokenUsage,
};
use heartbit_core::{AgentRunner, DebateAgent, LlmProvider};
use replies::{REPLIES, ROUNDS};
use timing::{Failure, Work};

/// A provider that looks at nothing, and says yes and no by turns.
struct Instantly {
    calls: AtomicU64,
}

impl LlmProvider for Instantly {
    async fn complete(&self, _: CompletionRequest) -> Result<CompletionResponse, heartbit_core::Error> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let text = REPLIES[usize::from(call % 2 == 1)].to_owned();
        Ok(CompletionResponse {
            content: vec![ContentBlock::Text { text }],
            stop_reason: StopReason::EndTurn,
            usage: TokenUsage { input_tokens: 300, output_tokens: 30, ..TokenUsage::default() },
            model: None,
            reasoning: None,
        })
    }

    fn model_name(&self) -> Option<&str> {
        Some("instant")
    }
}

fn panel(debaters: u32, rounds: u32) -> Result<Work, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let mut providers = Vec::new();
    let mut runner = |name: String, first: u32| {
        let provider = Arc::new(Instantly { calls: AtomicU64::new(u64::from(first)) });
        providers.push(Arc::clone(&provider));
        AgentRunner::builder(provider)
            .name(name)
            .system_prompt("You are one of a panel.")
            .max_turns(1)
            .build()
    };
    let seats = (0..debaters).map(|n| runner(format!("seat {n}"), n)).collect::<Result<_, _>>()?;
    let judge = runner("judge".to_owned(), 0)?;
    let debate =
        DebateAgent::builder().debaters(seats).judge(judge).max_rounds(usize::try_from(rounds)?).build()?;
    let calls = move || providers.iter().map(|provider| provider.calls.load(Ordering::Relaxed)).sum::<u64>();
    Ok(Work::new(move |debates| {
        let before = calls();
        for _ in 0..debates {
            let output = runtime.block_on(debate.execute("Is it so?"))?;
            if !output.result.contains("stance") {
                return Err("the judge has not spoken".into());
            }
        }
        let turns = calls() - before;
        let expected = u64::from(debates) * u64::from(debaters * rounds + 1);
        if turns == expected { Ok(turns) } else { Err(format!("{turns} turns, not {expected}").into()) }
    }))
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    timing::measure(&arguments, |debaters| panel(debaters.parse()?, ROUNDS))
}
