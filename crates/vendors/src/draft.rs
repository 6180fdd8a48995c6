//! A reply while it is being read: what every format fills, whole or piece by piece.

use std::collections::BTreeMap;

use assize_llm::{
    ChatReply, ChatRequest, Error, ErrorKind, FinishReason, ModelId, PartialReply, ReplyDelta, ToolCall,
};
use assize_metering::{
    Bucket, CharacterEstimator, TokenCounter, TokenUsage, Usage, UsageBasis, UsageFormat, UsageStream,
};
use serde_json::Value;

use crate::call_places::CallPlaces;

/// A reply with more text than this is refused.
const MOST_BYTES: usize = 32 << 20;
/// So is one with more tool calls.
const MOST_CALLS: usize = 1_024;

/// What is known of a reply so far.
#[derive(Debug)]
pub(crate) struct Draft {
    text: String,
    reasoning: String,
    calls: Vec<ToolCall>,
    places: CallPlaces,
    /// The tool calls of formats that number all blocks of a reply, not the calls alone.
    blocks: BTreeMap<u64, usize>,
    /// What a call was begun with: its arguments unless others follow.
    inputs: Vec<(usize, String)>,
    bytes: usize,
    pub(crate) finish: Option<FinishReason>,
    pub(crate) served_by: Option<ModelId>,
    pub(crate) vendor_id: Option<String>,
    /// Whether the vendor said that nothing follows.
    pub(crate) is_ended: bool,
    /// Whether the text is the model's refusal, however the vendor calls the end.
    pub(crate) is_refused: bool,
    usage: UsageStream,
    news: Vec<ReplyDelta>,
}

impl Draft {
    pub(crate) fn new(format: UsageFormat) -> Self {
        Self {
            text: String::new(),
            reasoning: String::new(),
            calls: Vec::new(),
            places: CallPlaces::default(),
            blocks: BTreeMap::new(),
            inputs: Vec::new(),
            bytes: 0,
            finish: None,
            served_by: None,
            vendor_id: None,
            is_ended: false,
            is_refused: false,
            usage: UsageStream::new(format),
            news: Vec::new(),
        }
    }

    /// Adds to the text.
    pub(crate) fn say(&mut self, piece: &str) -> Result<(), Error> {
        if !piece.is_empty() {
            self.grow(piece.len())?;
            self.text.push_str(piece);
            self.news.push(ReplyDelta::Text(piece.to_owned()));
        }
        Ok(())
    }

    /// Adds to what the model thinks.
    pub(crate) fn think(&mut self, piece: &str) -> Result<(), Error> {
        if !piece.is_empty() {
            self.grow(piece.len())?;
            self.reasoning.push_str(piece);
            self.news.push(ReplyDelta::Reasoning(piece.to_owned()));
        }
        Ok(())
    }

    /// Adds to the tool call with this place in the reply.
    pub(crate) fn call(&mut self, place: usize, id: &str, name: &str, arguments: &str) -> Result<(), Error> {
        if place >= MOST_CALLS {
            let message = format!("read a reply: it has more than {MOST_CALLS} tool calls");
            return Err(Error::new(ErrorKind::Malformed, message));
        }
        self.grow(id.len() + name.len() + arguments.len())?;
        while self.calls.len() <= place {
            self.calls.push(ToolCall { id: String::new(), name: String::new(), arguments: String::new() });
        }
        let call = &mut self.calls[place];
        if call.id.is_empty() {
            id.clone_into(&mut call.id);
        }
        if call.name.is_empty() {
            name.clone_into(&mut call.name);
        }
        call.arguments.push_str(arguments);
        Ok(())
    }

    /// Adds to the tool call that a piece with this index and id belongs to.
    pub(crate) fn call_piece(
        &mut self,
        index: Option<u64>,
        id: &str,
        name: &str,
        arguments: &str,
    ) -> Result<(), Error> {
        let place = self.places.place(index, id, !name.is_empty());
        self.call(place, id, name, arguments)
    }

    /// Begins the tool call that is this block of the reply. `input` is its arguments, unless others follow.
    pub(crate) fn begin_call(
        &mut self,
        block: Option<u64>,
        id: &str,
        name: &str,
        input: String,
    ) -> Result<(), Error> {
        let place = self.calls.len();
        self.call(place, id, name, "")?;
        self.grow(input.len())?;
        self.inputs.push((place, input));
        if let Some(block) = block {
            self.blocks.insert(block, place);
        }
        Ok(())
    }

    /// Adds to the arguments of the tool call that is this block; a block that is none passes.
    pub(crate) fn add_arguments(&mut self, block: Option<u64>, arguments: &str) -> Result<(), Error> {
        match block.and_then(|block| self.blocks.get(&block)) {
            Some(&place) => self.call(place, "", "", arguments),
            None => Ok(()),
        }
    }

    /// The text so far.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// What the model thought so far.
    pub(crate) fn reasoning(&self) -> &str {
        &self.reasoning
    }

    /// The tool calls so far.
    pub(crate) fn calls(&self) -> &[ToolCall] {
        &self.calls
    }

    /// How many tool calls there are so far.
    pub(crate) fn n_calls(&self) -> usize {
        self.calls.len()
    }

    /// Takes note of the usage that a body or an event states.
    pub(crate) fn observe(&mut self, event: &Value) {
        self.usage.observe(event);
    }

    /// Who the vendor says answered, and its id of the reply; the first word counts.
    pub(crate) fn identify(&mut self, served_by: Option<&str>, vendor_id: Option<&str>) {
        // A name is shown; what could do more on a terminal than be read is none.
        let is_name = |text: &&str| !text.is_empty() && text.len() <= 256 && !text.contains(char::is_control);
        let stated = |text: Option<&str>| text.filter(is_name).map(str::to_owned);
        if self.served_by.is_none() {
            self.served_by = stated(served_by).map(|name| name.as_str().into());
        }
        if self.vendor_id.is_none() {
            self.vendor_id = stated(vendor_id);
        }
    }

    fn grow(&mut self, bytes: usize) -> Result<(), Error> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > MOST_BYTES {
            let message = format!("read a reply: it has more than {} MiB", MOST_BYTES >> 20);
            return Err(Error::new(ErrorKind::Malformed, message));
        }
        Ok(())
    }

    /// What came since this was last asked.
    pub(crate) fn take_news(&mut self) -> std::vec::Drain<'_, ReplyDelta> {
        self.news.drain(..)
    }

    /// The whole reply. What the vendor does not state of its usage is estimated.
    pub(crate) fn into_reply(mut self, model: &ModelId, request: &ChatRequest) -> ChatReply {
        for (place, input) in std::mem::take(&mut self.inputs) {
            if let Some(call) = self.calls.get_mut(place).filter(|call| call.arguments.is_empty()) {
                call.arguments = input;
            }
        }
        let usage = self.usage(request, true);
        let mut reply = ChatReply::new(model.clone(), self.text, usage);
        reply.reasoning = (!self.reasoning.is_empty()).then_some(self.reasoning);
        reply.finish = match self.finish {
            None | Some(FinishReason::Stop) if self.is_refused => FinishReason::ContentFilter,
            finish => finish.unwrap_or(FinishReason::Other),
        };
        reply.tool_calls = self.calls;
        reply.served_by = self.served_by;
        reply.vendor_id = self.vendor_id;
        reply
    }

    /// What came of a reply that broke off; `None` where nothing did.
    pub(crate) fn into_partial(self, request: &ChatRequest) -> Option<PartialReply> {
        if self.usage.clone().finish().is_none() && self.output_tokens() == 0 {
            return None;
        }
        let usage = self.usage(request, false);
        Some(PartialReply { text: self.text, usage })
    }

    /// The usage as it was stated, with our estimate where it was not: what nobody counted was not free.
    fn usage(&self, request: &ChatRequest, is_whole: bool) -> Usage {
        let output = self.output_tokens();
        let Some(mut usage) = self.usage.clone().finish() else {
            return Usage::estimated(TokenUsage::of(prompt_tokens(request), output));
        };
        let tokens = &mut usage.tokens;
        let is_stated = |is_input| tokens.iter().any(|(bucket, _)| bucket.is_input() == is_input);
        let (no_input, no_output) = if is_whole {
            // A count that is stated to be nothing stands.
            (!is_stated(true), !is_stated(false) && output > 0)
        } else if self.usage.is_complete() {
            // Some servers begin with a usage of nothing that looks like the last word.
            (!is_stated(true), tokens.total_output() == 0 && output > 0)
        } else {
            usage.basis = UsageBasis::Estimated;
            (tokens.total_input() == 0, tokens.total_output() < output)
        };
        if no_input {
            *tokens = tokens.with(Bucket::Input, prompt_tokens(request));
        }
        if no_output {
            *tokens = tokens.with(Bucket::Output, output);
        }
        if no_input || no_output {
            usage.basis = UsageBasis::Estimated;
        }
        usage
    }

    fn output_tokens(&self) -> u64 {
        let texts = [&self.text, &self.reasoning].into_iter();
        let calls = self.calls.iter().flat_map(|call| [&call.name, &call.arguments]);
        texts.chain(calls).map(|text| CharacterEstimator.count(text)).fold(0, u64::saturating_add)
    }
}

fn prompt_tokens(request: &ChatRequest) -> u64 {
    request.texts().map(|text| CharacterEstimator.count(text)).fold(0, u64::saturating_add)
}
