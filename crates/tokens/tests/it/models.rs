//! The table of models.

use assize_tokens::{Encoding, model_tokens};

#[test]
fn names_find_their_encoding() {
    for (encoding, names) in [
        (
            Some(Encoding::O200k),
            &[
                "gpt-4o",
                "gpt-4o-mini-2024-07-18",
                "openai/gpt-4o",
                "azure/gpt-4.1-nano",
                "OpenAI/GPT-4o",
                "chatgpt-4o-latest",
                "gpt-4.5-preview",
                "gpt-5",
                "gpt-5-nano",
                "gpt-5.6-sol",
                "o1",
                "o1-preview",
                "o3-mini",
                "o4-mini-2025-04-16",
                "ft:gpt-4o-mini-2024-07-18:acme::7p4lURel",
                "openrouter/openai/gpt-4o:free",
            ][..],
        ),
        (Some(Encoding::O200kHarmony), &["gpt-oss-20b", "groq/openai/gpt-oss-120b"]),
        (
            Some(Encoding::Cl100k),
            &[
                "gpt-4",
                "gpt-4-0613",
                "gpt-4-turbo-2024-04-09",
                "gpt-3.5-turbo",
                "gpt-35-turbo-16k",
                "text-embedding-3-small",
                "text-embedding-ada-002",
                "ft:gpt-3.5-turbo:acme::1",
                "babbage-002",
                "ft:davinci-002:acme::1",
            ],
        ),
        (Some(Encoding::P50k), &["text-davinci-003", "code-cushman-001"]),
        (Some(Encoding::P50kEdit), &["code-davinci-edit-001"]),
        (Some(Encoding::R50k), &["davinci", "gpt2", "text-ada-001"]),
        (Some(Encoding::DeepSeekV3), &["deepseek/deepseek-chat", "deepseek-v4-flash"]),
        (Some(Encoding::MistralV3), &["mistral/mistral-small-latest"]),
        (
            None,
            &[
                "",
                "gpt",
                "gpt-9-nonsense",
                "claude-opus-4-8",
                "gemini-2.5-pro",
                "gpt-4x",
                "ft:",
                "openai/",
                "o",
                "o13",
                "日本語",
            ],
        ),
    ] {
        for name in names {
            assert_eq!(model_tokens(name).map(|model| model.encoding), encoding, "{name}");
        }
    }
    assert_eq!(model_tokens(&"gpt-4o-".repeat(1_000)), None);
}

#[test]
fn reasoning_models_are_primed_with_two_tokens() {
    for (name, reply, message, named) in [
        ("gpt-4o", 3, 3, 1),
        ("gpt-3.5-turbo", 3, 3, 1),
        ("gpt-3.5-turbo-0301", 3, 4, -1),
        ("o3-mini", 2, 3, 1),
        ("gpt-5.2", 2, 3, 1),
        ("gpt-5-nano-2025-08-07", 2, 3, 1),
    ] {
        let overhead = model_tokens(name).and_then(|model| model.overhead).expect("a chat model");
        assert_eq!((overhead.reply, overhead.message, overhead.name), (reply, message, named), "{name}");
    }
    // Bare texts have none.
    assert_eq!(model_tokens("text-embedding-3-large").and_then(|model| model.overhead), None);
}

#[test]
fn encodings_are_found_by_name() {
    for encoding in Encoding::ALL {
        assert_eq!(Encoding::named(encoding.name()), Some(encoding));
        if let Some(counter) = encoding.counter() {
            assert_eq!(counter.name(), encoding.name());
            assert!(counter.count("hello world") >= 2);
        }
    }
    assert_eq!(Encoding::named("gpt2"), Some(Encoding::R50k));
    assert_eq!(Encoding::named("p51k"), None);
    assert!(Encoding::O200kHarmony.counter().is_some());
    assert_eq!(Encoding::R50k.counter().is_some(), cfg!(feature = "fast-tokens"));
}
