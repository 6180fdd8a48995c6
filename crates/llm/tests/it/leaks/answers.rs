//! Wrong replies: to questions that an embedder finds alike.

use crate::alike::{self, model, request, served};

async fn never_served(pairs: &[(&str, &str)]) {
    for (a, b) in pairs {
        assert!(!served(a, b).await, "{a} / {b}");
        assert!(!served(b, a).await, "{b} / {a}");
    }
}

async fn always_served(pairs: &[(&str, &str)]) {
    for (a, b) in pairs {
        assert!(served(a, b).await, "{a} / {b}");
        assert!(served(b, a).await, "{b} / {a}");
    }
}

/// [zilliztech/GPTCache#694](https://github.com/zilliztech/GPTCache/issues/694): a question and its reversal scored 0.83
/// to 0.9997 with nine encoders, above the threshold of 0.8, and so got each other's replies.
#[tokio::test(start_paused = true)]
async fn gptcache_694_reversed_questions() {
    never_served(&[
        ("Is the new pump cheaper than the old one?", "Is the old pump cheaper than the new one?"),
        ("Why did the buyer sue the seller?", "Why did the seller sue the buyer?"),
        ("Is it safe to mix the two?", "Is it unsafe to mix the two?"),
        ("Should the valve be open?", "Should the valve be closed?"),
        ("Which patients may take aspirin?", "Which patients may not take aspirin?"),
        ("How do I move data from staging to production?", "How do I move data from production to staging?"),
        ("Does demand drive supply?", "Does supply drive demand?"),
        ("Is every invoice paid?", "Is no invoice paid?"),
    ])
    .await;
}

/// [vllm-project/semantic-router#2691](https://github.com/vllm-project/semantic-router/issues/2691), a release blocker: the
/// reply to how to enable a feature was served to how to disable it, while true paraphrases scored lower.
#[tokio::test(start_paused = true)]
async fn semantic_router_2691_on_off() {
    never_served(&[
        ("How to turn on dark mode?", "How to turn off dark mode?"),
        ("How do I enable two-factor authentication?", "How do I disable two-factor authentication?"),
        ("Can I delete my account?", "Can I not delete my account?"),
        ("Allow pop-ups from this site.", "Block pop-ups from this site."),
        ("How do I subscribe to the newsletter?", "How do I unsubscribe from the newsletter?"),
        ("Start the service.", "Stop the service."),
    ])
    .await;
    always_served(&[("How to turn on dark mode?", "How do I turn on dark mode?")]).await;
}

/// [BerriAI/litellm#12234](https://github.com/BerriAI/litellm/issues/12234): quite unlike questions all got the reply to
/// the first.
#[tokio::test(start_paused = true)]
async fn litellm_12234_unlike_questions() {
    let model = model();
    let questions = [
        "Hello world",
        "What is 1+1?",
        "How is the weather today?",
        "Write a poem.",
        "你好",
        "Explain entropy.",
    ];
    for question in questions {
        let (reply, of_earlier) = alike::ask(&model, request("acme", question)).await;
        assert!(!of_earlier && reply.ends_with(question), "{question} got {reply}");
    }
}

/// [langchain-ai/langchain-redis#22](https://github.com/langchain-ai/langchain-redis/issues/22): another sum, and a wish for
/// a joke, got the reply to the first sum.
#[tokio::test(start_paused = true)]
async fn langchain_redis_22_sums() {
    let model = model();
    for question in ["What is 1+1?", "Tell me one joke", "What is 21+1?", "What is 1-1?", "What is 1+11?"] {
        let (reply, of_earlier) = alike::ask(&model, request("acme", question)).await;
        assert!(!of_earlier && reply.ends_with(question), "{question} got {reply}");
    }
    let (reply, of_earlier) = alike::ask(&model, request("acme", "What is 1+1?")).await;
    assert!(of_earlier && reply == "reply 1 of oracle, to: What is 1+1?", "the same sum: {reply}");
}

/// [langchain-ai/langchain#25161](https://github.com/langchain-ai/langchain/issues/25161): what to do when bored was
/// answered with the joke that was kept.
#[tokio::test(start_paused = true)]
async fn langchain_25161_a_joke_for_the_bored() {
    never_served(&[("Tell me a joke", "What to do when bored?"), ("Tell me a joke", "Tell me a fact")]).await;
}

/// [vllm-project/semantic-router#1616](https://github.com/vllm-project/semantic-router/issues/1616): two sums, one digit
/// apart, score 0.96.
#[tokio::test(start_paused = true)]
async fn semantic_router_1616_one_digit_apart() {
    never_served(&[
        ("what is 2+2", "what is 2+3"),
        ("Who won in 2023?", "Who won in 2024?"),
        ("Is 3 days of notice enough?", "Is 30 days of notice enough?"),
    ])
    .await;
}

/// [lingyuins/octopus#32](https://github.com/lingyuins/octopus/issues/32): one instruction over two texts got the summary
/// of the first text twice.
#[tokio::test(start_paused = true)]
async fn octopus_32_one_instruction_over_two_texts() {
    let summary_of = |text: &str| format!("Please summarise this passage: {text}");
    let (first, second) = (
        summary_of(
            "The committee met on Monday and put off its decision on the new bridge until the spring.",
        ),
        summary_of(
            "The committee met on Monday and took its decision on the new bridge against the mayor's advice.",
        ),
    );
    never_served(&[(&first, &second)]).await;
}

/// [zilliztech/GPTCache#388](https://github.com/zilliztech/GPTCache/issues/388): a question that shared one word with
/// another got its reply, for both asked for a function of something.
#[tokio::test(start_paused = true)]
async fn gptcache_388_one_word_in_common() {
    never_served(&[
        ("What is the function of TV?", "What is the function of money?"),
        ("What is TV?", "What is the function of money?"),
    ])
    .await;
}
