//! Servers on one's own machine: Ollama's native counts and llama.cpp's timings.

use serde_json::{Map, Value};

use super::fields::Fields;
use super::reading::Reading;
use crate::bucket::Bucket;

/// Ollama leaves `prompt_eval_count` away where the whole prompt was still in its cache: absent, not zero.
pub(super) fn read_ollama(usage: &Map<String, Value>, out: &mut Reading) {
    let mut fields = Fields::new(usage);
    out.main_count(Bucket::Input, &mut fields, "prompt_eval_count");
    out.main_count(Bucket::Output, &mut fields, "eval_count");
    fields.rest(&mut out.findings);
}

/// The timings of llama.cpp: `prompt_n` excludes the `cache_n` that were reused.
pub(super) fn read_llama_cpp(usage: &Map<String, Value>, out: &mut Reading) {
    let mut fields = Fields::new(usage);
    out.main_count(Bucket::Input, &mut fields, "prompt_n");
    out.count(Bucket::CacheRead, &mut fields, "cache_n");
    out.main_count(Bucket::Output, &mut fields, "predicted_n");
    fields.rest(&mut out.findings);
}
