//! How a reply is sent, and what goes wrong on the way.

use std::time::Duration;

use assize_ambient::Chance;
use bytes::Bytes;

use crate::{
    Ask, Body, Fault, Faults, Vendor, anthropic,
    ask::Delivery,
    body::Part,
    gemini,
    latency::Pace,
    openai,
    problem::{Event, Problem},
    reply::Reply,
    truth::Billing,
};

/// Padding comes in parts of so many bytes.
const PADDING: usize = 64 << 10;

const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>\n<body><h1>502 Bad Gateway</h1></body></html>\n";

/// A reply, and how it goes out.
#[derive(Debug)]
pub(crate) struct Play<'a> {
    pub(crate) ask: &'a Ask,
    pub(crate) reply: &'a Reply,
    pub(crate) fault: Option<Fault>,
    pub(crate) faults: &'a Faults,
    pub(crate) pace: Pace,
    pub(crate) request_id: &'a str,
}

impl Play<'_> {
    /// What the call bills: see [`Fault`].
    pub(crate) fn billing(&self) -> Billing {
        match self.fault {
            Some(Fault::WrongType) => Billing::Nothing,
            Some(Fault::ErrorInside) if !self.ask.is_streamed() => Billing::Nothing,
            Some(Fault::Cut) if !self.ask.is_streamed() => Billing::InFullUnserved,
            Some(Fault::Cut | Fault::ErrorInside) => Billing::AsSentUnserved,
            Some(Fault::Malformed) => Billing::InFullUnserved,
            Some(Fault::Huge) => Billing::InFull,
            _ if self.ask.is_streamed() => Billing::AsSent,
            _ => Billing::InFull,
        }
    }

    /// The time until the headers come: of a stream, to its first token; of a whole reply, to its last.
    pub(crate) fn before_the_first_byte(&self) -> Duration {
        let tokens = &self.reply.tokens;
        let before = if self.ask.is_streamed() { tokens.reasoning } else { tokens.reply() };
        self.pace.first_token.saturating_add(self.pace.tokens(before))
    }

    pub(crate) fn content_type(&self) -> &'static str {
        let json = "application/json";
        match (self.fault, self.ask.delivery) {
            (Some(Fault::WrongType), _) => "text/html; charset=utf-8",
            (_, Delivery::Events { .. }) if self.ask.vendor == Vendor::Gemini => "text/event-stream",
            (_, Delivery::Events { .. }) => "text/event-stream; charset=utf-8",
            _ => json,
        }
    }

    pub(crate) fn body(&self, chance: &mut Chance) -> Body {
        match self.fault {
            Some(Fault::WrongType) => Body::at_once(PAGE.to_owned()),
            _ if self.ask.is_streamed() => self.streamed(chance),
            _ => self.whole(),
        }
    }

    fn whole(&self) -> Body {
        let text = match self.ask.vendor {
            Vendor::OpenAi => self.reply.body.clone().unwrap_or_else(|| openai::whole(self.reply)),
            Vendor::Anthropic => anthropic::whole(self.reply),
            Vendor::Gemini => gemini::whole(self.reply),
        };
        match self.fault {
            Some(Fault::Cut) => {
                let length = text.len() as u64;
                let event = Event { text: first_half(&text).to_owned(), generated: 0, whole: false };
                self.timed(vec![event]).with_length(length).broken_off()
            }
            Some(Fault::Malformed) => Body::at_once(format!("{}\u{fffd}", first_half(&text))),
            Some(Fault::ErrorInside) => Body::at_once(match self.ask.vendor {
                Vendor::OpenAi => openai::refuse(&Problem::Server).text,
                Vendor::Anthropic => anthropic::refuse(&Problem::Overloaded, self.request_id).text,
                Vendor::Gemini => gemini::refuse(&Problem::Overloaded).text,
            }),
            Some(Fault::Huge) => {
                // White space before JSON means nothing.
                let event = Event { text, generated: self.reply.tokens.output, whole: true };
                self.padded(b' ', "", "", vec![event])
            }
            _ => Body::at_once(text),
        }
    }

    fn streamed(&self, chance: &mut Chance) -> Body {
        let delivery = self.ask.delivery;
        let mut events = match (self.ask.vendor, delivery) {
            (Vendor::OpenAi, Delivery::Events { include_usage }) => openai::events(self.reply, include_usage),
            (Vendor::OpenAi, _) => openai::events(self.reply, true),
            (Vendor::Anthropic, _) => anthropic::events(self.reply),
            (Vendor::Gemini, delivery) => gemini::events(self.reply, delivery),
        };
        // Somewhere behind the first event, and before the one with which the client knows all.
        let known = events.iter().position(|event| event.whole).unwrap_or(events.len());
        let somewhere = 1 + chance.below(known.max(1));
        match self.fault {
            Some(Fault::Cut) => {
                if known == 0 {
                    // There is but one event: it is cut in itself.
                    let text = first_half(&events[0].text).to_owned();
                    return self.timed(vec![Event { text, generated: 0, whole: false }]).broken_off();
                }
                events.truncate(somewhere);
                self.timed(events).broken_off()
            }
            Some(Fault::ErrorInside) => {
                let text = match self.ask.vendor {
                    Vendor::OpenAi => openai::error_event(),
                    Vendor::Anthropic => anthropic::error_event(self.request_id),
                    Vendor::Gemini => gemini::error_event(delivery),
                };
                events.truncate(somewhere.min(known).max(1));
                let generated = events.last().map_or(0, |event| event.generated);
                events.push(Event { text, generated, whole: false });
                self.timed(events)
            }
            Some(Fault::Malformed) => {
                let at = somewhere.min(known);
                let end = if self.ask.vendor == Vendor::Gemini { "\r\n\r\n" } else { "\n\n" };
                let text = &mut events[at].text;
                *text = format!("{}{end}", garbled(text));
                self.timed(events)
            }
            // A comment means nothing in a stream of events, and white space nothing in an array.
            Some(Fault::Huge) if delivery == Delivery::Array => self.padded(b' ', "", "", events),
            Some(Fault::Huge) => self.padded(b'.', ": ", "\n\n", events),
            _ => self.timed(events),
        }
    }

    fn at(&self, event: &Event) -> Duration {
        if self.ask.is_streamed() {
            self.pace.tokens(event.generated.saturating_sub(1))
        } else {
            Duration::ZERO
        }
    }

    fn part(&self, event: Event) -> Part {
        Part { at: self.at(&event), bytes: event.text.into(), generated: event.generated, whole: event.whole }
    }

    fn timed(&self, events: Vec<Event>) -> Body {
        let parts: Vec<Part> = events.into_iter().map(|event| self.part(event)).collect();
        Body::of(Box::new(parts.into_iter()))
    }

    fn padded(&self, with: u8, before: &'static str, behind: &'static str, events: Vec<Event>) -> Body {
        let filler = |bytes| Part { at: Duration::ZERO, bytes, generated: 0, whole: false };
        let block = Bytes::from(vec![with; PADDING]);
        let blocks = self.faults.huge_bytes().div_ceil(PADDING as u64);
        let padding = (0..blocks).map(move |_| filler(block.clone()));
        let edge = move |text: &'static str| std::iter::once(filler(Bytes::from_static(text.as_bytes())));
        let parts: Vec<Part> = events.into_iter().map(|event| self.part(event)).collect();
        Body::of(Box::new(edge(before).chain(padding).chain(edge(behind)).chain(parts)))
    }
}

/// The first half of an event, and at least the beginning of its data: without any it would be no event.
fn garbled(event: &str) -> &str {
    const DATA: &str = "data: {";
    let least = event.find("data: ").map_or(0, |at| at + DATA.len());
    event.get(..least.max(first_half(event).len())).unwrap_or(event)
}

/// The first half of a text, and so never JSON.
fn first_half(text: &str) -> &str {
    let mut end = text.len() / 2;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
