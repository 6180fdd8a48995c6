//! Known endpoints, and models as they are written.

use assize_llm::{ChatRequest, ErrorKind};
use assize_vendors::{Endpoint, Endpoints, ModelSpec, Parameter, SchemaForm, WireFormat};

#[test]
fn the_embedded_list_is_valid() {
    let names: Vec<&str> = Endpoints::embedded().names().collect();
    let expected = [
        "anthropic",
        "deepseek",
        "gemini",
        "groq",
        "llama.cpp",
        "mistral",
        "ollama",
        "ollama-native",
        "openai",
        "openai-responses",
        "openrouter",
        "vllm",
        "xai",
    ];
    assert_eq!(names, expected);
    for name in names {
        let endpoint = Endpoint::known(name).unwrap();
        assert_eq!((endpoint.name(), endpoint.has_key()), (name, false));
        let is_local = endpoint.base().host().unwrap().starts_with("127.0.0.1:");
        assert_eq!(endpoint.base().scheme(), if is_local { "http" } else { "https" }, "{name}");
        assert_eq!(endpoint.key_needed(), !is_local, "{name}");
        let variable = endpoint.key_variable().unwrap();
        assert!(variable.ends_with("_API_KEY"), "{variable}");
    }
}

#[test]
fn quirks_of_models() {
    let refuses = |endpoint: &str, model: &str| {
        let request = ChatRequest::new("Hello").with_seed(1).with_temperature(0.0).with_stop(["x"]);
        Endpoint::known(endpoint).unwrap().unsupported(&model.into(), &request).join(" ")
    };
    for (endpoint, model, fields) in [
        ("openai", "gpt-4o", ""),
        ("openai", "gpt-4.1-mini", ""),
        ("openai", "o1", "stop temperature"),
        ("openai", "O3-mini", "stop temperature"),
        ("openai", "gpt-5", "stop temperature"),
        ("openai", "gpt-5.1-2025-11-13", "stop"),
        ("openai", "gpt-5.5", "stop temperature"),
        ("openai", "gpt-6-sol", "stop temperature"),
        ("openai", "gpt-5-chat-latest", ""),
        ("openai", "gpt-5-search-api", "seed stop temperature"),
        ("openai-responses", "gpt-4o", "seed stop"),
        ("openai-responses", "gpt-5", "seed stop temperature"),
        ("openai-responses", "gpt-5.2", "seed stop"),
        ("anthropic", "claude-haiku-4-5", "seed"),
        ("anthropic", "claude-opus-4-7-20260416", "seed temperature"),
        ("gemini", "gemini-2.5-flash", ""),
        ("gemini", "gemini-3.6-flash", "temperature"),
        ("deepseek", "deepseek-v4-flash", "seed"),
        ("deepseek", "deepseek-reasoner", "seed temperature"),
        ("xai", "grok-3", ""),
        ("xai", "grok-4.20-0309-non-reasoning", ""),
        ("xai", "grok-code-fast-1", "stop"),
        ("mistral", "mistral-small-latest", ""),
        ("ollama-native", "llama3.2", ""),
    ] {
        assert_eq!(refuses(endpoint, model), fields, "{endpoint} {model}");
    }
    let quirks = Endpoint::known("groq").unwrap().quirks(&"llama-3.3-70b-versatile".into());
    assert_eq!((quirks.schema, quirks.schema_streams), (SchemaForm::JsonObject, false));
    let none = ChatRequest::new("Hello");
    assert!(
        Endpoint::known("openai").unwrap().unsupported(&"o1".into(), &none).is_empty(),
        "nothing is asked"
    );
    assert_eq!(Parameter::Stop.key(), "stop");
}

#[test]
fn models_as_written() {
    for (text, name, format, base, model) in [
        ("openai:gpt-4o", "openai", WireFormat::OpenAiChat, "https://api.openai.com/v1", "gpt-4o"),
        (
            "anthropic:claude-haiku-4-5",
            "anthropic",
            WireFormat::Anthropic,
            "https://api.anthropic.com/v1",
            "claude-haiku-4-5",
        ),
        (
            "gemini:gemini-2.5-flash",
            "gemini",
            WireFormat::Gemini,
            "https://generativelanguage.googleapis.com/v1beta",
            "gemini-2.5-flash",
        ),
        ("ollama:llama3.2:3b", "ollama", WireFormat::OpenAiChat, "http://127.0.0.1:11434/v1", "llama3.2:3b"),
        (
            "groq:openai/gpt-oss-20b",
            "groq",
            WireFormat::OpenAiChat,
            "https://api.groq.com/openai/v1",
            "openai/gpt-oss-20b",
        ),
        (
            "http://127.0.0.1:8000/v1#qwen",
            "127.0.0.1:8000",
            WireFormat::OpenAiChat,
            "http://127.0.0.1:8000/v1",
            "qwen",
        ),
        (
            "https://models.example.org#a/b:c",
            "models.example.org",
            WireFormat::OpenAiChat,
            "https://models.example.org",
            "a/b:c",
        ),
        (
            "anthropic+http://127.0.0.1:8080#claude-x",
            "127.0.0.1:8080",
            WireFormat::Anthropic,
            "http://127.0.0.1:8080",
            "claude-x",
        ),
        (
            "gemini+http://127.0.0.1:8080/v1beta#gemini-x",
            "127.0.0.1:8080",
            WireFormat::Gemini,
            "http://127.0.0.1:8080/v1beta",
            "gemini-x",
        ),
        ("openai_responses+http://h/v1#m", "h", WireFormat::OpenAiResponses, "http://h/v1", "m"),
        ("ollama-native+http://h:11434/api#m", "h:11434", WireFormat::Ollama, "http://h:11434/api", "m"),
    ] {
        let spec: ModelSpec = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
        let endpoint = &spec.endpoint;
        assert_eq!(
            (endpoint.name(), endpoint.format(), endpoint.base().as_str()),
            (name, format, base),
            "{text}"
        );
        assert_eq!(spec.model.as_str(), model);
    }
}

/// The ways of a vendor go along to another address, its key does not.
#[test]
fn a_key_stays_with_its_vendor() {
    let spec: ModelSpec = "mistral+http://127.0.0.1:9/v1#mistral-small".parse().unwrap();
    assert_eq!(spec.endpoint.quirks(&spec.model).seed, "random_seed");
    assert_eq!((spec.endpoint.key_variable(), spec.endpoint.key_needed()), (None, false));
    let moved =
        Endpoint::known("openai").unwrap().with_key("sk-test").at("http://127.0.0.1:9/v1".parse().unwrap());
    assert!(!moved.has_key());
}

#[test]
fn models_that_are_refused() {
    for (text, says) in [
        ("", "openai:gpt-4o"),
        ("gpt-4o", "openai:gpt-4o"),
        ("opneai:gpt-4o", "did you mean `openai`?"),
        ("nonesuch:m", "known: anthropic, deepseek, gemini"),
        ("openai:", "the model's name is missing"),
        ("openai:gpt 4o", "white space"),
        ("http://127.0.0.1:8000/v1", "add the model's name"),
        ("http://127.0.0.1:8000/v1#", "the model's name is missing"),
        ("grpc+http://h#m", "the vendor `grpc`: it is unknown"),
        ("http://h/v1?key=hunter2#m", "no query"),
        ("http://user:hunter2@h/v1#m", "user name or password"),
        ("http:/user:hunter2@h/v1#m", "two slashes"),
        ("hunter2!hunter2:m", "find the vendor: it is unknown"),
    ] {
        let error = text.parse::<ModelSpec>().expect_err(text);
        assert_eq!(error.kind(), ErrorKind::BadRequest, "{text}");
        assert!(error.to_string().contains(says), "{text}: {error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{text}: {error}");
    }
    assert!(format!("openai:{}", "x".repeat(257)).parse::<ModelSpec>().is_err());
}

#[test]
fn a_base_that_no_path_can_follow() {
    for base in ["https://h/v1?key=hunter2", "https://h/v1#hunter2", "https://h?hunter2"] {
        let endpoint = Endpoint::new("own", WireFormat::OpenAiChat, base.parse().unwrap());
        let error = WireFormat::OpenAiChat
            .request(&endpoint, &"m".into(), &ChatRequest::new("Hello"), false)
            .expect_err(base);
        assert_eq!(error.kind(), ErrorKind::BadRequest);
        assert!(error.to_string().contains("a query or a fragment"), "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

#[test]
fn lists_that_are_refused() {
    let row = "[[endpoint]]\nname = \"a\"\nformat = \"openai_chat\"\nbase = \"http://h\"\n";
    for (text, says) in [
        ("x".to_owned(), "read `own.toml`"),
        ("format_version = 2".to_owned(), "format_version 2; this program reads 1"),
        (format!("format_version = 1\n{row}colour = 1"), "unknown field `colour`"),
        (format!("format_version = 1\n{row}ask = {{ colour = 1 }}"), "unknown field `colour`"),
        (format!("format_version = 1\n{row}ask = {{ refuses = [\"colour\"] }}"), "unknown variant `colour`"),
        (format!("format_version = 1\n{row}{row}"), "endpoint `a` stands there twice"),
        (
            format!("format_version = 1\n{}", row.replace("openai_chat", "morse")),
            "its format `morse` is unknown (known: anthropic",
        ),
        (format!("format_version = 1\n{}", row.replace("http://h", "h")), "endpoint `a`: its base"),
        (format!("format_version = 1\n{}", row.replace("\"a\"", "\"a b\"")), "its name may hold"),
        (format!("format_version = 1\n{row}headers = {{ \"a b\" = \"c\" }}"), "endpoint `a`: failed to"),
    ] {
        let error = Endpoints::from_toml("own.toml", &text).expect_err(&text);
        assert_eq!(error.kind(), ErrorKind::BadRequest);
        assert!(error.to_string().contains(says), "{text}: {error}");
    }
}

#[test]
fn a_list_of_ones_own_goes_first() {
    let own = "format_version = 1\n[[endpoint]]\nname = \"openai\"\nformat = \"openai_chat\"\nbase = \"https://proxy.example.org/v1\"\nheaders = { x-team = \"a\" }\nask = { schema = \"prompt\" }";
    let own = Endpoints::from_toml("own.toml", own).unwrap();
    let spec = ModelSpec::parse("openai:gpt-4o", &Endpoints::embedded().overlaid(&own)).unwrap();
    assert_eq!(spec.endpoint.base().as_str(), "https://proxy.example.org/v1");
    assert!(!spec.endpoint.key_needed());
    assert_eq!(spec.endpoint.quirks(&spec.model).schema, SchemaForm::Prompt);
    let request = WireFormat::OpenAiChat
        .request(&spec.endpoint, &spec.model, &ChatRequest::new("Hello"), false)
        .unwrap();
    assert!(request.headers().contains(&("x-team".to_owned(), "a".to_owned())));
}
