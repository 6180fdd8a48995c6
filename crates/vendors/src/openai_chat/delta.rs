//! An event of a streamed reply.

use assize_llm::{Error, ModelId};
use serde_json::Value;

use super::{
    first_choice,
    message::{read_call, read_function, read_texts},
    read_finish,
};
use crate::draft::Draft;

/// Reads an event. One without a choice states usage, or nothing: the list of choices may be empty, null or missing.
pub(crate) fn read_event(model: &ModelId, event: &Value, draft: &mut Draft) -> Result<(), Error> {
    draft.identify(event.get("model").and_then(Value::as_str), event.get("id").and_then(Value::as_str));
    let Some(choice) = first_choice(event) else { return Ok(()) };
    // A server that does not stream may send its one event with a message in it.
    let delta = choice.get("delta").filter(|delta| delta.is_object()).or_else(|| choice.get("message"));
    if let Some(delta) = delta {
        read_texts(delta, draft)?;
        for call in delta.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
            let index = call.get("index").and_then(Value::as_u64);
            read_call(call, |id, name, arguments| draft.call_piece(index, id, name, arguments))?;
        }
        if let Some(call) = delta.get("function_call").filter(|call| call.is_object()) {
            // The older form: one call at most, so that it needs no number.
            read_function(call, "", |id, name, arguments| draft.call_piece(Some(0), id, name, arguments))?;
        }
    }
    read_finish(model, choice, draft)
}
