//! How stories begin, learn and leave.

use super::super::burst::Hours;
use super::super::index::Slot;
use super::super::terms::{Hash, fingerprint};
use super::matching::Vector;
use super::{ENTITIES, HOUR, PER_TERM, REMEMBERED, Stories, Story, StoryItem, TERMS, TITLE, as_f64};

impl Stories {
    pub(super) fn begin(&mut self, item: &StoryItem<'_>, at: i64) -> u32 {
        let place = self.free.pop().unwrap_or_else(|| {
            self.stories.push(Story::default());
            self.scratch.push((0, 0.0));
            u32::try_from(self.stories.len() - 1).unwrap_or(u32::MAX)
        });
        let mut hash = Hash(fingerprint("", item.text));
        hash.write(&at.to_le_bytes());
        let mut id = hash.0;
        // Two stories of the same words and second can only be told apart by who came first.
        while self.by_id.contains_key(&id) {
            id = id.wrapping_add(1);
        }
        self.by_id.insert(id, place);
        self.quiet.insert((at, id));
        while self.logs.len() < self.quiet.len() + 3 {
            self.logs.push(libm::log(as_f64(self.logs.len() as i64)));
        }
        let story = &mut self.stories[place as usize];
        *story = Story {
            id,
            tenancy: story.tenancy,
            is_alive: true,
            first_at: at,
            last_at: at,
            title: item.text[..item.text.floor_char_boundary(TITLE)].into(),
            ..Story::default()
        };
        place
    }

    /// Counts the item; false if its domain has said so before, or if the story remembers no more.
    pub(super) fn count(&mut self, place: u32, item: &StoryItem<'_>, at: i64) -> bool {
        let keep = self.options.window().max(self.options.gap()) * 2;
        let story = &mut self.stories[place as usize];
        if story.seen.len() >= REMEMBERED || !story.seen.insert(fingerprint(item.domain, item.text)) {
            return false;
        }
        story.domains.insert(fingerprint(item.domain, ""));
        story.n_items += 1;
        story.hours.add(at, keep);
        true
    }

    /// The story takes up what the item says, whom it names, and when.
    pub(super) fn learn(&mut self, place: u32, vector: &Vector, entities: &[String], at: i64) {
        let story = &mut self.stories[place as usize];
        self.quiet.remove(&(story.last_at, story.id));
        story.first_at = story.first_at.min(at);
        story.last_at = story.last_at.max(at);
        self.quiet.insert((story.last_at, story.id));
        for name in entities {
            let known = self.entities.get(name);
            let held = known.is_some_and(|number| story.entities.binary_search(&number).is_ok());
            if !held && story.entities.len() < ENTITIES {
                let number = self.entities.hold(name);
                let at = story.entities.partition_point(|&other| other < number);
                story.entities.insert(at, number);
            }
        }
        self.remember(entities, at);
        let slot = Slot { place, tenancy: self.stories[place as usize].tenancy };
        for (term, weight) in &vector.all {
            let weights = &mut self.stories[place as usize].weights;
            let known = self
                .terms
                .get(term)
                .and_then(|number| weights.binary_search_by_key(&number, |(term, _)| *term).ok());
            if let Some(at) = known {
                weights[at].1 += weight;
                continue;
            }
            let number = self.terms.hold(term);
            let at = weights.partition_point(|(term, _)| *term < number);
            weights.insert(at, (number, *weight));
            let stories = &self.stories;
            self.postings.add(number, slot, PER_TERM, |slot| {
                let story = &stories[slot.place as usize];
                story.is_alive && story.tenancy == slot.tenancy
            });
        }
        self.shorten(place);
    }

    /// Of too many terms the lightest leave.
    fn shorten(&mut self, place: u32) {
        let surplus = self.stories[place as usize].weights.len().saturating_sub(TERMS);
        if surplus == 0 {
            return;
        }
        let mut order: Vec<(u32, f64)> = self.stories[place as usize]
            .weights
            .iter()
            .map(|&(term, weight)| (term, weight * self.idf(self.terms.holders(term))))
            .collect();
        order
            .sort_by(|a, b| a.1.total_cmp(&b.1).then_with(|| self.terms.name(a.0).cmp(self.terms.name(b.0))));
        for (term, _) in order.into_iter().take(surplus) {
            self.stories[place as usize].weights.retain(|(other, _)| *other != term);
            self.release_term(term);
        }
    }

    fn release_term(&mut self, term: u32) {
        if self.terms.release(term) {
            self.postings.clear(term);
        }
    }

    /// Counts the item in the past of whom it names.
    fn remember(&mut self, entities: &[String], at: i64) {
        let keep = self.options.baseline() + self.options.window() + self.options.gap();
        for name in entities {
            let known = self.entities.get(name).filter(|&number| {
                let past = self.pasts.get(number as usize);
                past.is_some_and(|past| past.newest() > i64::MIN)
            });
            let number = if let Some(number) = known {
                self.idle.remove(&(self.pasts[number as usize].newest(), number));
                number
            } else {
                self.entities.hold(name)
            };
            if self.pasts.len() <= number as usize {
                self.pasts.resize_with(self.entities.capacity(), Hours::default);
            }
            let past = &mut self.pasts[number as usize];
            past.add(at, keep);
            self.idle.insert((past.newest(), number));
        }
        let horizon = (self.newest - keep).div_euclid(HOUR);
        while let Some(&(hour, number)) = self.idle.first() {
            if hour >= horizon && self.idle.len() <= self.options.max_stories {
                break;
            }
            self.idle.pop_first();
            self.pasts[number as usize] = Hours::default();
            self.entities.release(number);
        }
    }

    /// Stories that have been quiet for twice the gap leave, and those that are too many.
    pub(super) fn retire(&mut self) {
        let horizon = self.newest - 2 * self.options.gap();
        while let Some(&(last_at, id)) = self.quiet.first() {
            if last_at >= horizon && self.quiet.len() < self.options.max_stories {
                break;
            }
            self.quiet.pop_first();
            if let Some(place) = self.by_id.remove(&id) {
                self.leave(place);
            }
        }
    }

    fn leave(&mut self, place: u32) {
        let story = &mut self.stories[place as usize];
        let tenancy = story.tenancy.wrapping_add(1);
        let gone = std::mem::replace(story, Story { tenancy, ..Story::default() });
        for (term, _) in gone.weights {
            self.release_term(term);
        }
        for entity in gone.entities {
            self.entities.release(entity);
        }
        self.free.push(place);
    }
}
