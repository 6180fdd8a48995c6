//! A debate from what a user asks for.

use std::{path::PathBuf, sync::Arc, time::Duration};

use assize_altdata::AsOf;
use assize_ambient::{Clock, Seed};
use assize_analysts::{DAILY_BAR, DIRECTION_OPTIONS, offline_panel};
use assize_debate::{Debater, Event, Evidence, Judge, Limits, Record, Rule, Seat, Spec};
use assize_journal::{Durability, FileJournal, Journal, Key};
use assize_llm::CallStatistics;
use assize_metering::Usd;

use crate::{
    Error, ErrorKind, VendorOptions, evidence_file,
    vendors::Vendors,
    voices::{self, Setting},
};

/// One model on the panel speaks with this many voices.
const VOICES: usize = 3;

/// What a debate is asked for.
#[derive(Debug, Clone)]
pub struct DebateOptions {
    /// The question.
    pub question: String,
    /// The answers that can be given; empty: `up` and `down` where there are bars to read, else `yes` and `no`.
    pub options: Vec<String>,
    /// Models on the panel, such as `openai:gpt-4o`, `http://127.0.0.1:8000/v1#llama`, `simulated:gpt-4o` or
    /// `scripted:answers.txt`. One alone gets three seats.
    pub models: Vec<String>,
    /// Files of evidence.
    pub evidence: Vec<PathBuf>,
    /// By when evidence must have been known.
    pub as_of: AsOf,
    /// How far analysts look ahead, in sessions.
    pub horizon_sessions: u32,
    /// The most rounds.
    pub rounds: u32,
    /// The rule of decision.
    pub rule: Rule,
    /// How long the debate may take.
    pub deadline: Option<Duration>,
    /// The most that it may cost.
    pub budget: Option<Usd>,
    /// Where chance starts.
    pub seed: Seed,
    /// Where keys and prices of vendors' models come from.
    pub vendors: VendorOptions,
}

/// A debate that is ready to be held.
#[derive(Debug)]
pub struct Hearing {
    /// What it is about.
    pub spec: Arc<Spec>,
    /// Who argues.
    pub panel: Vec<Arc<dyn Debater>>,
    /// Who judges, if anybody does.
    pub judge: Option<Arc<dyn Judge>>,
    /// Where it is written down, if it is.
    pub journal: Option<Arc<dyn Journal>>,
    /// What is to be said about the evidence.
    pub notes: Vec<String>,
    /// How the calls of vendors' models go; empty without any.
    pub calls: CallStatistics,
}

/// Puts a debate together.
///
/// # Errors
/// [`ErrorKind::BadRequest`] for what cannot be debated: a file that cannot be read, an unknown model, or neither a model
/// nor evidence that an analyst reads.
pub async fn set_up_debate(
    options: DebateOptions,
    journal: Option<PathBuf>,
    clock: Arc<dyn Clock>,
) -> Result<Hearing, Error> {
    let mut brought = evidence_file::Brought::default();
    let known_by = options.as_of.not_after(clock.now());
    for path in &options.evidence {
        let more = evidence_file::read(path, known_by, Arc::clone(&clock)).await?;
        brought.evidence.extend(more.evidence);
        brought.notes.extend(more.notes);
    }
    let spec = spec(&options, brought.evidence)?;
    spec.check()?;
    let (panel, judge, calls) = panel(&spec, &options.vendors, &clock)?;
    let journal = journal.map(open_journal).transpose()?;
    Ok(Hearing { spec: Arc::new(spec), panel, judge, journal, notes: brought.notes, calls })
}

/// Takes up a debate from its journal: everything that defines it is written there.
///
/// # Errors
/// [`ErrorKind::BadRequest`] when there is no such debate, or its log cannot be read; [`ErrorKind::Outside`] when the
/// journal cannot be.
pub async fn resume_debate(
    id: &str,
    folder: PathBuf,
    vendors: &VendorOptions,
    clock: Arc<dyn Clock>,
) -> Result<Hearing, Error> {
    let key: Key = id.parse().map_err(|e| Error::caused(ErrorKind::BadRequest, "", e))?;
    let shown = folder.display().to_string();
    let journal = open_journal(folder)?;
    let log = journal.read(&key).await.map_err(|e| Error::caused(ErrorKind::Outside, "", e))?;
    let Some(first) = log.records.first() else {
        return Err(Error::bad_request(format!("resume {id}: there is no such debate in {shown}")));
    };
    let Event::Opened { spec } = Record::from_line(first)?.event else {
        return Err(Error::bad_request(format!(
            "resume {id}: its log in {shown} does not begin with its opening"
        )));
    };
    if spec.id().as_str() != id {
        let message = format!(
            "resume {id}: its log in {shown} was changed: the opening that stands there is that of {}",
            spec.id()
        );
        return Err(Error::bad_request(message).with_hint(
            "put the log back as it was written, or ask the question again for a debate of its own",
        ));
    }
    let (panel, judge, calls) = panel(&spec, vendors, &clock)?;
    Ok(Hearing { spec, panel, judge, journal: Some(journal), notes: Vec::new(), calls })
}

fn open_journal(folder: PathBuf) -> Result<Arc<dyn Journal>, Error> {
    if folder.exists() && !folder.is_dir() {
        let message = format!("open the journal {}: it is not a folder", folder.display());
        return Err(Error::bad_request(message)
            .with_hint("give a folder, such as `--journal ./debates`; it is made when there is none"));
    }
    Ok(Arc::new(FileJournal::new(folder, Durability::Process)))
}

fn spec(options: &DebateOptions, evidence: Vec<Evidence>) -> Result<Spec, Error> {
    let has_bars = evidence.iter().any(|evidence| evidence.kind == DAILY_BAR);
    let answers = match (options.options.is_empty(), has_bars) {
        (false, _) => options.options.clone(),
        (true, true) => DIRECTION_OPTIONS.map(str::to_owned).to_vec(),
        (true, false) => vec!["yes".to_owned(), "no".to_owned()],
    };
    let mut seats: Vec<Seat> = Vec::new();
    let voices = if options.models.len() == 1 { VOICES } else { 1 };
    for model in options.models.iter().flat_map(|model| std::iter::repeat_n(model, voices)) {
        seats.push(Seat::new(format!("voice {}", seats.len() + 1), model.clone()));
    }
    let directional = DIRECTION_OPTIONS.iter().all(|option| answers.iter().any(|answer| answer == option));
    if has_bars && directional {
        seats.extend(offline_panel(options.horizon_sessions as usize).into_iter().map(|(seat, _)| seat));
    }
    for seat in &mut seats {
        seat.debater = voices::looking_ahead(&seat.debater, options.horizon_sessions);
    }
    if seats.is_empty() {
        return Err(Error::bad_request("hold the debate: there is nobody to argue").with_hint(
            "give a model (`--model openai:gpt-4o`, `--model simulated:gpt-4o`, `--model scripted:answers.txt`), or prices that the analysts read \
             (`--evidence KO.csv`)",
        ));
    }
    let mut spec = Spec::new(options.question.clone(), answers)
        .with_evidence(evidence)
        .with_rounds(options.rounds)
        .with_rule(options.rule)
        .with_seed(options.seed)
        .with_limits(Limits { debate: options.deadline.map(whole_milliseconds), ..Limits::default() });
    spec.seats = seats;
    spec.budget = options.budget;
    Ok(spec)
}

/// Rounded up to what a log can say: a debate must read back from its log as it was opened.
fn whole_milliseconds(time: Duration) -> Duration {
    Duration::from_millis(u64::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX))
}

type Panel = (Vec<Arc<dyn Debater>>, Option<Arc<dyn Judge>>, CallStatistics);

fn panel(spec: &Spec, options: &VendorOptions, clock: &Arc<dyn Clock>) -> Result<Panel, Error> {
    let judge = spec.judge.as_ref().map(|seat| seat.judge.as_str());
    let mut names = spec.seats.iter().map(|seat| seat.debater.as_str()).chain(judge);
    let vendors = if names.any(voices::is_hired) {
        Some(Vendors::new(options, Arc::clone(clock), spec.seed)?)
    } else {
        None
    };
    let vendors = vendors.as_ref();
    let setting = Setting { options: spec.options.clone(), seed: spec.seed, at: clock.now(), vendors };
    let seats = spec.seats.iter().enumerate();
    let panel =
        seats.map(|(index, seat)| voices::debater(seat, index, &setting)).collect::<Result<_, _>>()?;
    let judge = spec.judge.as_ref().map(|seat| voices::judge(seat, &setting)).transpose()?;
    Ok((panel, judge, vendors.map(|vendors| vendors.statistics().clone()).unwrap_or_default()))
}
