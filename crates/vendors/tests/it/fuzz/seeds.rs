//! What is mutilated: replies, streams and refusals as vendors send them.

use std::{collections::BTreeMap, fs, path::Path, sync::LazyLock};

use assize_vendors::WireFormat;

/// What was read of the fixtures, and what stands here for formats that have none.
struct Seeds {
    replies: BTreeMap<WireFormat, Vec<Vec<u8>>>,
    streams: BTreeMap<WireFormat, Vec<Vec<u8>>>,
    all_replies: Vec<Vec<u8>>,
    all_streams: Vec<Vec<u8>>,
    failures: Vec<Vec<u8>>,
}

static SEEDS: LazyLock<Seeds> = LazyLock::new(|| {
    let (mut replies, mut streams) = (BTreeMap::new(), BTreeMap::new());
    for (format, reply, stream) in OWN {
        replies.insert(format, vec![reply.as_bytes().to_vec()]);
        streams.insert(format, vec![stream.as_bytes().to_vec()]);
    }
    for (format, folder) in [(WireFormat::Anthropic, "anthropic"), (WireFormat::Gemini, "gemini")] {
        replies.insert(format, files(folder, "json"));
        streams.insert(format, files(folder, "sse"));
    }
    let all = |of: &BTreeMap<WireFormat, Vec<Vec<u8>>>| of.values().flatten().cloned().collect();
    let (all_replies, all_streams) = (all(&replies), all(&streams));
    let failures = crate::reading::fixture("failures.jsonl");
    let failures = failures.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(|line| {
        let case: serde_json::Value = serde_json::from_slice(line).expect("a line is JSON");
        case["body"].as_str().map_or_else(|| case["body"].to_string(), str::to_owned).into_bytes()
    });
    Seeds { failures: failures.collect(), replies, streams, all_replies, all_streams }
});

pub(crate) fn replies(format: WireFormat) -> &'static [Vec<u8>] {
    &SEEDS.replies[&format]
}

pub(crate) fn streams(format: WireFormat) -> &'static [Vec<u8>] {
    &SEEDS.streams[&format]
}

pub(crate) fn all_replies() -> &'static [Vec<u8>] {
    &SEEDS.all_replies
}

pub(crate) fn all_streams() -> &'static [Vec<u8>] {
    &SEEDS.all_streams
}

pub(crate) fn failures() -> &'static [Vec<u8>] {
    &SEEDS.failures
}

fn files(folder: &str, extension: &str) -> Vec<Vec<u8>> {
    let folder = format!("{}/../../fixtures/vendors/{folder}", env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<_> = fs::read_dir(Path::new(&folder))
        .expect("the fixtures are there")
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.extension().is_some_and(|own| own == extension))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{folder} holds fixtures");
    paths.iter().map(|path| fs::read(path).expect("a fixture can be read")).collect()
}

/// A reply and a stream with something of everything that the format knows.
const OWN: [(WireFormat, &str, &str); 3] = [
    (
        WireFormat::OpenAiChat,
        r#"{"id":"chatcmpl-1","object":"chat.completion","model":"gpt-4o-2024-08-06","choices":[{"index":0,"message":{"role":"assistant","content":"It is high water.","reasoning_content":"Noon is past.","refusal":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"tide","arguments":"{\"port\":\"Leith\"}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":12,"completion_tokens":20,"total_tokens":32,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":6}}}"#,
        concat!(
            r#"data: {"id":"chatcmpl-1","object":"chat.completion.chunk","model":"gpt-4o","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"finish_reason":null}],"usage":null}"#,
            "\n\n",
            r#"data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"reasoning_content":"Noon "},"finish_reason":null}]}"#,
            "\n\n",
            r#"data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":"It is high"},"finish_reason":null}]}"#,
            "\n\n",
            ": keep alive\n\n",
            r#"data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":[{"type":"text","text":" water."}]},"finish_reason":null}]}"#,
            "\n\n",
            r#"data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"tide","arguments":""}}]},"finish_reason":null}]}"#,
            "\n\n",
            r#"data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"port\":"}},{"index":1,"id":"call_2","function":{"name":"now","arguments":"{}"}}]},"finish_reason":null}]}"#,
            "\n\n",
            r#"data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#,
            "\n\n",
            r#"data: {"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":12,"completion_tokens":20,"total_tokens":32}}"#,
            "\n\n",
            "data: [DONE]\n\n",
        ),
    ),
    (
        WireFormat::OpenAiResponses,
        r#"{"id":"resp_1","object":"response","status":"completed","error":null,"incomplete_details":null,"model":"gpt-5","output":[{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Noon is past."}]},{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"It is high water.","annotations":[]},{"type":"refusal","refusal":"No."}]},{"type":"function_call","id":"fc_1","call_id":"call_1","name":"tide","arguments":"{\"port\":\"Leith\"}","status":"completed"}],"usage":{"input_tokens":12,"input_tokens_details":{"cached_tokens":4},"output_tokens":20,"output_tokens_details":{"reasoning_tokens":6},"total_tokens":32}}"#,
        concat!(
            "event: response.created\n",
            r#"data: {"type":"response.created","response":{"id":"resp_1","status":"in_progress","error":null,"model":"gpt-5","output":[],"usage":null}}"#,
            "\n\n",
            "event: response.output_item.added\n",
            r#"data: {"type":"response.output_item.added","output_index":0,"item":{"type":"reasoning","id":"rs_1","summary":[]}}"#,
            "\n\n",
            r#"data: {"type":"response.reasoning_summary_text.delta","item_id":"rs_1","output_index":0,"summary_index":0,"delta":"Noon is past."}"#,
            "\n\n",
            r#"data: {"type":"response.output_item.added","output_index":1,"item":{"type":"message","id":"msg_1","status":"in_progress","content":[],"role":"assistant"}}"#,
            "\n\n",
            r#"data: {"type":"response.output_text.delta","item_id":"msg_1","output_index":1,"content_index":0,"delta":"It is high water."}"#,
            "\n\n",
            r#"data: {"type":"response.refusal.delta","item_id":"msg_1","output_index":1,"content_index":1,"delta":"No."}"#,
            "\n\n",
            r#"data: {"type":"response.output_item.added","output_index":2,"item":{"type":"function_call","id":"fc_1","call_id":"call_1","name":"tide","arguments":""}}"#,
            "\n\n",
            r#"data: {"type":"response.function_call_arguments.delta","item_id":"fc_1","output_index":2,"delta":"{\"port\":\"Leith\"}"}"#,
            "\n\n",
            r#"data: {"type":"response.output_item.done","output_index":2,"item":{"type":"function_call","id":"fc_1","call_id":"call_1","name":"tide","arguments":"{\"port\":\"Leith\"}"}}"#,
            "\n\n",
            "event: response.completed\n",
            r#"data: {"type":"response.completed","response":{"id":"resp_1","status":"completed","error":null,"model":"gpt-5","output":[{"type":"message","content":[{"type":"output_text","text":"It is high water."}]}],"usage":{"input_tokens":12,"output_tokens":20,"total_tokens":32}}}"#,
            "\n\n",
        ),
    ),
    (
        WireFormat::Ollama,
        r#"{"model":"qwen3","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":"It is high water.","thinking":"Noon is past.","tool_calls":[{"function":{"name":"tide","arguments":{"port":"Leith"}}}]},"done":true,"done_reason":"stop","total_duration":5,"prompt_eval_count":12,"eval_count":20}"#,
        concat!(
            r#"{"model":"qwen3","message":{"role":"assistant","content":"","thinking":"Noon is past."},"done":false}"#,
            "\n",
            r#"{"model":"qwen3","message":{"role":"assistant","content":"It is high"},"done":false}"#,
            "\n",
            r#"{"model":"qwen3","message":{"role":"assistant","content":" water.","tool_calls":[{"function":{"name":"tide","arguments":{"port":"Leith"}}}]},"done":false}"#,
            "\n",
            r#"{"model":"qwen3","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":12,"eval_count":20}"#,
            "\n",
        ),
    ),
];
