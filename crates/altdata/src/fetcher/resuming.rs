//! Going on with what an earlier fetch brought: only what is new is asked for.

use std::collections::BTreeSet;
use std::time::Duration;

use assize_ambient::Timestamp;
use assize_cache::{Namespace, Policy};
use assize_transport::{RawResponse, Request};
use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::ask::{Answers, Job, Round};
use super::kept::KeptAnswer;
use crate::{
    AsOf, Attention, EvidenceId, Finding, FindingKind, GapReason, Item, ItemKind, MacroValue, Outcome, Query,
    Resume, ShortVolume,
};

/// Its version is raised whenever the stored form changes.
const SPACE: Namespace = Namespace::known("source-histories", 1);
/// For how long a whole answer is gone on with. A level of the cache that is to keep them so long must be
/// [told so](assize_cache::Level::with_fresh_at_most).
pub const ANSWERS_KEPT: Duration = Duration::from_secs(30 * 86_400);
/// Sources go by days, whose ends differ; what became available on the first day that is asked for again is not taken to be
/// all there.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The whole answer to a query, as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Whole {
    /// As of which moment it was asked.
    as_of: Timestamp,
    /// The keys of what was planned, and the answers.
    answers: Vec<(String, KeptAnswer)>,
}

impl Round {
    /// By what the whole answer of a source about a ticker is found again.
    fn key_of(&self, job: &Job) -> assize_cache::Key {
        self.fetcher.key(&SPACE, [job.source.meta().id.as_str(), job.query.ticker().as_str()])
    }

    /// Asks for everything, and keeps it where it can be gone on with.
    pub(super) async fn ask_whole(self: &std::sync::Arc<Self>, job: &Job, planned: Vec<Request>) -> Answers {
        let wanted = planned.len();
        let resumable = self.fetcher.answers.as_ref().filter(|_| job.source.resumes(&job.query).is_some());
        let Some(cache) = resumable else { return self.ask_planned(job, planned).await.0 };
        let keys: Vec<Request> = planned.clone();
        let (answers, read) = self.ask_planned(job, planned).await;
        let is_safe =
            || !keys.iter().zip(&read).any(|(request, answer)| KeptAnswer::reveals(request, answer));
        if answers.gaps.is_empty() && read.len() == wanted && is_safe() {
            let kept = keys.iter().zip(&read);
            let kept =
                kept.map(|(request, answer)| (request.key().as_str().to_owned(), KeptAnswer::of(answer)));
            let whole = Whole { as_of: self.as_of().moment(), answers: kept.collect() };
            let policy = Policy::new(ANSWERS_KEPT).with_early(0.0).with_jitter(0.0);
            // What can't be kept is asked for again.
            let _ = cache.insert(&self.key_of(job), &policy, &whole).await;
        }
        answers
    }

    /// Goes on with what an earlier fetch brought; `None` if there is nothing or that can't be done.
    pub(super) async fn resume(
        self: &std::sync::Arc<Self>,
        job: &Job,
        planned: &[Request],
    ) -> Option<Answers> {
        let (cache, resume) = (self.fetcher.answers.as_ref()?, job.source.resumes(&job.query)?);
        if self.limit.is_over() {
            return None;
        }
        let policy = Policy::new(ANSWERS_KEPT).with_early(0.0).with_jitter(0.0);
        let whole = match self.limit.end {
            Some(end) => {
                tokio::time::timeout_at(end, cache.get::<Whole>(&self.key_of(job), &policy)).await.ok()?
            }
            None => cache.get::<Whole>(&self.key_of(job), &policy).await,
        }?;
        let kept = read(job, &whole.value)?;
        let fetched_at = kept.iter().map(|one| one.response.fetched_at()).min()?;
        let until = fetched_at.min(whole.value.as_of);
        let is_planned = kept.iter().map(|one| one.response.url()).eq(planned.iter().map(Request::url));
        let age = self.fetcher.clock.now().duration_since(fetched_at);
        // The answers themselves are kept too, for a shorter time: then nothing has to be asked for.
        let is_fresh = planned.iter().all(|request| {
            SignedDuration::try_from(job.source.fresh_for(request)).is_ok_and(|fresh| age < fresh)
        });
        let since = since(until, &resume)?;
        let is_too_old = age > SignedDuration::try_from(ANSWERS_KEPT).ok()?;
        if (is_planned && is_fresh)
            || is_too_old
            || self.as_of().moment() < whole.value.as_of
            || since <= resume.from
        {
            return None;
        }
        let new = Job { query: job.query.clone().since(since), ..job.clone() };
        let plan = new.source.plan(&new.query).ok()?;
        if plan.is_empty() || plan == planned {
            return None;
        }
        let (news, _) = self.ask_planned(&new, plan).await;
        let is_unusable = |reason: &GapReason| {
            use GapReason::{DoubtfulEmpty, Drift, Empty, NotFound, OtherCompany};
            matches!(reason, DoubtfulEmpty | Drift | Empty | NotFound | OtherCompany)
        };
        if news.gaps.iter().any(|gap| is_unusable(&gap.reason)) {
            return None;
        }
        let kept = kept.into_iter().fold(Answers::default(), |mut all, one| {
            all.items.add(one.items);
            all.findings.extend(one.findings);
            all
        });
        Some(joined(kept, news, resume.from, since))
    }
}

/// An answer that was kept, and what it says.
struct Read {
    response: RawResponse,
    items: Vec<Item>,
    findings: Vec<Finding>,
}

/// Reads what was kept; `None` if the source would ask otherwise today, or can't read it any more.
fn read(job: &Job, whole: &Whole) -> Option<Vec<Read>> {
    let then = Query::new(job.query.ticker(), AsOf::at(whole.as_of));
    let then = match job.query.shared_identity() {
        Some(identity) => then.with_identity(identity),
        None => then,
    };
    let planned = job.source.plan(&then).ok()?;
    let is_same = planned.iter().map(|request| request.key().as_str().to_owned());
    if !is_same.eq(whole.answers.iter().map(|(key, _)| key.clone())) {
        return None;
    }
    let answers = planned.iter().zip(&whole.answers);
    let read = answers.map(|(request, (_, answer))| {
        let response = answer.clone().response(request);
        if !job.source.follow(&then, &response).is_empty() {
            return None;
        }
        match job.source.decode(&then, &response) {
            Outcome::Items { items, findings } => Some(Read { response, items, findings }),
            _ => None,
        }
    });
    read.collect()
}

/// From when on is asked for again: the beginning of a day.
fn since(until: Timestamp, resume: &Resume) -> Option<Timestamp> {
    let since = until.checked_sub(SignedDuration::try_from(resume.overlap).ok()?).ok()?;
    let day = since.to_zoned(TimeZone::UTC).date();
    Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// What was kept and what is new as one. What is new wins: of the days that it covers nothing kept stays, and before those
/// what it says anew of the same thing.
fn joined(kept: Answers, news: Answers, from: Timestamp, since: Timestamp) -> Answers {
    let covered = since.checked_add(DAY).unwrap_or(Timestamp::MAX);
    // Without the day's beginning, which may be the source's to round.
    let is_asked_again = news.gaps.is_empty();
    let new_items = news.items.into_items();
    let ids: BTreeSet<EvidenceId> = new_items.iter().map(|item| item.id).collect();
    let things: BTreeSet<Thing> = new_items.iter().filter_map(Thing::of).collect();
    let stays = |earliest: Timestamp| earliest >= from && !(is_asked_again && earliest >= covered);
    let mut items: Vec<Item> = kept.items.into_items();
    items.retain(|item| {
        let is_said_anew =
            ids.contains(&item.id) || Thing::of(item).is_some_and(|thing| things.contains(&thing));
        stays(item.available_at.earliest) && !is_said_anew
    });
    items.extend(new_items);
    items.sort_by_key(|item| item.available_at.latest);
    let said: BTreeSet<(Option<Date>, FindingKind, &str)> =
        news.findings.iter().map(|finding| (finding.date, finding.kind, &*finding.text)).collect();
    let mut findings = kept.findings;
    findings.retain(|finding| {
        let stays = finding.known_from.as_ref().is_none_or(|known| stays(known.earliest));
        stays && !said.contains(&(finding.date, finding.kind, &*finding.text))
    });
    findings.extend(news.findings);
    Answers { items: items.into(), findings, ..news }
}

/// What an observation is of, where a later answer may say something else about the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Thing(&'static str, String, Option<Date>, Option<Date>);

impl Thing {
    fn of(item: &Item) -> Option<Self> {
        let kind = item.kind.as_str();
        Some(match &item.kind {
            ItemKind::Bar(bar) => Self(kind, String::new(), Some(bar.date), None),
            ItemKind::Attention(Attention { subject, date, .. }) => {
                Self(kind, subject.clone(), Some(*date), None)
            }
            ItemKind::Macro(MacroValue { series, date, vintage, .. }) => {
                Self(kind, series.clone(), Some(*date), *vintage)
            }
            ItemKind::ShortVolume(ShortVolume { date, .. }) => Self(kind, String::new(), Some(*date), None),
            _ => return None,
        })
    }
}
