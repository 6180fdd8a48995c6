//! D13: a thousand watchers of one debate. Each sees every event, in the order of the journal, and every piece of text,
//! whenever it comes and however slowly it reads.

use std::{sync::Arc, time::Duration};

use assize_benches::handover::{Handover, Profile};
use assize_debate::{Driver, Gallery, Notice, Record};
use assize_journal::{Journal, Key, MemoryJournal};
use assize_llm::Latency;
use assize_perf::{Kind, Run, Unit};
use futures_util::{StreamExt, future::join_all};

use crate::{
    crowd::Crowd,
    figures::{figure, nanoseconds, real, timed, words},
    turns::paused_runtime,
};

/// One debate among so many takes all its rounds.
const CANDIDATES: u64 = 50;

const fn watchers(profile: Profile) -> u64 {
    match profile {
        Profile::Smoke => 200,
        Profile::Default | Profile::Full => 1_000,
    }
}

pub(crate) fn measure(handover: &Handover, run: &mut Run) -> Result<(), String> {
    let n = watchers(handover.profile);
    let id = format!("debate/watchers/{n}");
    if !handover.wants(&id) {
        return Ok(());
    }
    let (time, watched) = timed(|| paused_runtime()?.block_on(watch(n)));
    let Watched { wrong, events, pieces } = watched?;
    let deliveries = real((events + pieces) * usize::try_from(n).map_err(words)?);
    let note = format!(
        "{events} events and {pieces} pieces of text; they come at other times and read at other speeds"
    );
    run.measurements.extend([
        figure(&id, "wrong", Unit::Count, Kind::Counted, real(wrong))
            .with_note("watchers who did not see every event of the journal in its order, and every text")
            .with_note(&note),
        figure(&id, "time", Unit::Nanoseconds, Kind::Timed, nanoseconds(time) / deliveries)
            .with_note("of the processor, for each notice that a watcher sees; the debate is in it")
            .with_note(note),
    ]);
    Ok(())
}

struct Watched {
    wrong: usize,
    events: usize,
    pieces: usize,
}

async fn watch(n: u64) -> Result<Watched, String> {
    let (gallery, journal) = (Gallery::new(), MemoryJournal::default());
    let driver = long_debate().await?;
    let watchers: Vec<_> = (0..n)
        .map(|n| {
            let gallery = gallery.clone();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(n * 7 % 4_000)).await;
                let mut notices = gallery.watch(0);
                drop(gallery);
                let mut seen = Vec::new();
                while let Some(notice) = notices.next().await {
                    seen.push(notice);
                    if n % 3 == 0 {
                        tokio::time::sleep(Duration::from_millis(n % 50)).await;
                    }
                }
                seen
            })
        })
        .collect();
    let driver = driver.with_gallery(gallery.clone()).with_journal(Arc::new(journal.clone()));
    let verdict = driver.run().await.map_err(words)?.verdict;
    let log =
        journal.read(&verdict.debate.as_str().parse::<Key>().map_err(words)?).await.map_err(words)?.records;
    // What was said in pieces, in the order in which it was told first.
    let told: Vec<String> =
        gallery.watch(0).filter_map(|notice| async move { text_of(&notice) }).collect().await;
    let (mut wrong, events) = (0, log.len());
    for seen in join_all(watchers).await {
        wrong += usize::from(!saw_all(&seen.map_err(words)?, &log, &told)?);
    }
    if events < 20 || told.len() < 12 {
        return Err(format!("{events} events and {} pieces are too few to be watched", told.len()));
    }
    Ok(Watched { wrong, events, pieces: told.len() })
}

/// The first debate that takes three rounds.
async fn long_debate() -> Result<Driver, String> {
    let crowd = Crowd::new(Latency::HOSTED);
    for number in 0..CANDIDATES {
        let conclusion = crowd.driver(number)?.run().await.map_err(words)?;
        if conclusion.verdict.rounds == 3 {
            return crowd.driver(number);
        }
    }
    Err("no debate takes three rounds".to_owned())
}

fn text_of(notice: &Notice) -> Option<String> {
    match notice {
        Notice::Text { round, seat, text } => Some(format!("{round}/{}/{text}", seat.0)),
        _ => None,
    }
}

fn saw_all(seen: &[Notice], log: &[Vec<u8>], told: &[String]) -> Result<bool, String> {
    let mut events = Vec::new();
    for notice in seen {
        if let Notice::Record { sequence, record } = notice {
            events.push((*sequence, Record::to_line(record).map_err(words)?));
        }
    }
    let is_whole = events.iter().map(|(_, line)| line).eq(log);
    let is_numbered = (0..).zip(&events).all(|(n, (sequence, _))| n == *sequence);
    Ok(is_whole && is_numbered && seen.iter().filter_map(text_of).eq(told.iter().cloned()))
}
