//! Following a debate: on a terminal the progress and a line for each who is speaking, with `--stream` what was said.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use assize_debate::{Event, Notice, Spec};
use assize_metering::{CharacterEstimator, TokenCounter};
use futures_util::{StreamExt, stream::BoxStream};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{line, one_line};
use crate::screen::{Screen, terminal_width};

/// Who speaks is shown to be alive this often.
const TICK: Duration = Duration::from_millis(120);
/// Of a text that is still coming so many of the last characters are kept: no line is wider.
const KEPT_CHARACTERS: usize = 400;
/// What a line holds beside the text.
const AROUND_THE_TEXT: usize = 24;

/// Who watches.
pub(super) struct Live<'a> {
    spec: Arc<Spec>,
    screen: &'a Screen,
    stream: bool,
    bars: MultiProgress,
    progress: ProgressBar,
    /// By seat; the judge sits behind the last one.
    speaking: BTreeMap<usize, Speaker>,
}

/// Somebody who is speaking.
struct Speaker {
    bar: ProgressBar,
    tail: Tail,
}

impl<'a> Live<'a> {
    pub(super) fn new(spec: Arc<Spec>, screen: &'a Screen, stream: bool) -> Self {
        // Where a person types, nothing may be drawn over.
        let has_people = spec.seats.iter().any(|seat| seat.debater.split(':').next() == Some("human"));
        let target = if has_people { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bars = MultiProgress::with_draw_target(target);
        let progress = bars.add(screen.progress(u64::from(spec.rounds) * spec.seats.len() as u64));
        Self { spec, screen, stream, bars, progress, speaking: BTreeMap::new() }
    }

    /// Shows what happens, to the end of the debate.
    pub(super) async fn watch(mut self, mut notices: BoxStream<'static, Notice>) {
        self.progress.tick();
        while let Some(notice) = notices.next().await {
            match notice {
                Notice::Text { seat, text, .. } => {
                    let room = self.room(seat.get());
                    if let Some(speaker) = self.speaking.get_mut(&seat.get()) {
                        speaker.tail.push(&text);
                        speaker.bar.set_message(speaker.tail.shown(room));
                    }
                }
                Notice::Record { record, .. } => {
                    self.follow(&record.event);
                    if let Some(line) = line(&record, &self.spec).filter(|_| self.stream) {
                        self.bars.suspend(|| self.screen.note(&line));
                    }
                }
                _ => {}
            }
        }
        for (_, speaker) in std::mem::take(&mut self.speaking) {
            speaker.bar.finish_and_clear();
        }
        self.progress.finish_and_clear();
    }

    fn follow(&mut self, event: &Event) {
        let judge = self.spec.seats.len();
        let summariser = judge + 1;
        match event {
            Event::Asked { seat, .. } => self.begin(seat.get()),
            Event::JudgeAsked { .. } => self.begin(judge),
            Event::SummaryAsked { .. } => self.begin(summariser),
            Event::Spoke { seat, .. } | Event::Abstained { seat, .. } => {
                self.end(seat.get());
                self.progress.inc(1);
            }
            Event::Assessed { .. } | Event::JudgeAbstained { .. } => self.end(judge),
            Event::Summarised { .. } | Event::SummaryDeclined { .. } => self.end(summariser),
            _ => {}
        }
    }

    fn begin(&mut self, at: usize) {
        if self.bars.is_hidden() {
            return;
        }
        let bar = self.bars.add(ProgressBar::new_spinner());
        let template = if assize_wiring::colour_is_welcome() {
            "{spinner:.dim} {prefix:.bold} {msg}"
        } else {
            "{spinner} {prefix} {msg}"
        };
        bar.set_style(
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner()),
        );
        bar.set_prefix(self.name(at));
        bar.enable_steady_tick(TICK);
        self.speaking.insert(at, Speaker { bar, tail: Tail::default() });
    }

    fn end(&mut self, at: usize) {
        if let Some(speaker) = self.speaking.remove(&at) {
            speaker.bar.finish_and_clear();
            self.bars.remove(&speaker.bar);
        }
    }

    fn name(&self, at: usize) -> String {
        let judge = self.spec.judge.as_ref().map(|judge| &judge.name).filter(|_| at == self.spec.seats.len());
        let summariser = self.spec.summariser.as_ref().map(|seat| &seat.model);
        let name = self.spec.seats.get(at).map(|seat| &seat.name).or(judge).or(summariser);
        name.map(|name| one_line(name)).unwrap_or_default()
    }

    /// The characters that a speaker's line has for the text.
    fn room(&self, at: usize) -> usize {
        terminal_width().saturating_sub(self.name(at).chars().count() + AROUND_THE_TEXT)
    }
}

/// The end of a text that is still coming, and how long it is by now.
#[derive(Debug, Default)]
struct Tail {
    text: String,
    tokens: u64,
}

impl Tail {
    fn push(&mut self, text: &str) {
        self.tokens += CharacterEstimator.count(text);
        self.text.push_str(&one_line(text));
        let surplus = self.text.chars().count().saturating_sub(KEPT_CHARACTERS);
        if let Some((at, _)) = self.text.char_indices().nth(surplus) {
            self.text.drain(..at);
        }
    }

    /// At most so many characters of it, the last ones.
    fn shown(&self, room: usize) -> String {
        let surplus = self.text.chars().count().saturating_sub(room);
        let tail: String = self.text.chars().skip(surplus).collect();
        format!("about {} tokens: {}{tail}", self.tokens, if surplus > 0 { "…" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_text_is_shown_in_one_line() {
        let mut tail = Tail::default();
        tail.push("one\ntwo\u{1b}[2J ");
        tail.push("three");
        assert_eq!(tail.shown(100), format!("about {} tokens: one two [2J three", tail.tokens));
        assert!(tail.shown(5).ends_with(": …three"), "{}", tail.shown(5));
        assert!(tail.tokens >= 4, "{}", tail.tokens);
        for _ in 0..1_000 {
            tail.push("é and more");
        }
        assert_eq!(tail.text.chars().count(), KEPT_CHARACTERS);
    }
}
