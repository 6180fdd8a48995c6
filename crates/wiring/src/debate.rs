//! A debate from what a user asks for.

use std::{path::PathBuf, sync::Arc, time::Duration};

use assize_altdata::AsOf;
use assize_ambient::{Clock, Seed};
use assize_analysts::{DAILY_BAR, DIRECTION_OPTIONS, panel};
use assize_debate::{Debater, Driver, Event, Evidence, Judge, Limits, Record, Seat, Spec, Summariser};
use assize_journal::{Journal, Key};
use assize_llm::CallStatistics;
use assize_metering::Usd;

use crate::{
    Error, Human, JournalOptions, Procedure, VendorOptions, evidence_file,
    journal::{OpenJournal, refused},
    learnt::Until,
    panel::Seated,
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
    /// The answers that can be given; empty: those of the panel's file, or else `up` and `down` where there are bars to read,
    /// `yes` and `no` where there are none.
    pub options: Vec<String>,
    /// A file that says who sits on the panel and how the debate is held.
    pub panel: Option<PathBuf>,
    /// Models on the panel, such as `openai:gpt-4o`, `http://127.0.0.1:8000/v1#llama`, `simulated:gpt-4o` or
    /// `scripted:answers.txt`; or `human`, or an analyst. One model alone gets three seats. With a panel's file: the models that
    /// sit there instead of those that it names, one for all or one for each.
    pub models: Vec<String>,
    /// Files of evidence.
    pub evidence: Vec<PathBuf>,
    /// By when evidence must have been known.
    pub as_of: AsOf,
    /// How far analysts look ahead, in sessions.
    pub horizon_sessions: u32,
    /// How it is held.
    pub procedure: Procedure,
    /// How long the debate may take.
    pub deadline: Option<Duration>,
    /// The most that it may cost.
    pub budget: Option<Usd>,
    /// Where chance starts.
    pub seed: Seed,
    /// Who answers for seats of people; nobody where there are none.
    pub human: Option<Human>,
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
    /// Who judges, where somebody does.
    pub judge: Option<Arc<dyn Judge>>,
    /// Who sums up what falls out of the window, where a model does.
    pub summariser: Option<Arc<dyn Summariser>>,
    /// Where it is written down, if it is.
    pub journal: Option<Arc<dyn Journal>>,
    /// The file that holds its log then.
    pub log: Option<PathBuf>,
    /// What is to be said about the evidence, and about the records of the panel.
    pub notes: Vec<String>,
    /// How the calls of vendors' models go; empty without any.
    pub calls: CallStatistics,
}

/// Puts a debate together.
///
/// # Errors
/// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) for what cannot be debated: a file that cannot be read, an unknown model, or neither a model
/// nor evidence that an analyst reads; a journal's path that is something else; [`ErrorKind::Outside`](crate::ErrorKind::Outside) when the journal can't
/// be opened.
pub async fn set_up_debate(
    options: DebateOptions,
    journal: Option<JournalOptions>,
    clock: Arc<dyn Clock>,
) -> Result<Hearing, Error> {
    let mut brought = evidence_file::Brought::default();
    let known_by = options.as_of.not_after(clock.now());
    for path in &options.evidence {
        let more = evidence_file::read(path, known_by, Arc::clone(&clock)).await?;
        brought.evidence.extend(more.evidence);
        brought.notes.extend(more.notes);
    }
    let until = Until::of(&options.as_of, clock.now());
    let mut seated = options.panel.as_deref().map(Seated::read).transpose()?;
    if let Some(seated) = &mut seated {
        seated.recast(&options.models)?;
        brought.notes.extend(seated.learnt.notes(until)?);
    }
    let spec = spec(&options, seated.as_ref(), brought.evidence, until)?;
    let bench = spec
        .check()
        .map_err(Error::from)
        .and_then(|()| Bench::seat(&spec, &options.vendors, options.human.as_ref(), &clock));
    let bench = bench.map_err(|error| match &seated {
        Some(seated) => seated.blame(error, &spec),
        None => error,
    })?;
    let journal = match journal {
        Some(journal) => Some(OpenJournal::open(journal).await?),
        None => None,
    };
    Ok(bench.hearing(Arc::new(spec), journal, brought.notes))
}

/// Takes up a debate from its journal: everything that defines it is written there.
///
/// # Errors
/// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) when there is no such debate, or its log cannot be read; [`ErrorKind::Outside`](crate::ErrorKind::Outside) when the
/// journal cannot be.
pub async fn resume_debate(
    id: &str,
    journal: JournalOptions,
    vendors: &VendorOptions,
    human: Option<&Human>,
    clock: Arc<dyn Clock>,
) -> Result<Hearing, Error> {
    let key: Key = id.parse().map_err(refused)?;
    let shown = journal.path.display().to_string();
    let journal = OpenJournal::open(journal).await?;
    let log = journal.journal.read(&key).await.map_err(refused)?;
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
    let bench = Bench::seat(&spec, vendors, human, &clock)?;
    Ok(bench.hearing(spec, Some(journal), Vec::new()))
}

/// What defines the debate.
pub(crate) fn spec(
    options: &DebateOptions,
    seated: Option<&Seated>,
    evidence: Vec<Evidence>,
    until: Until,
) -> Result<Spec, Error> {
    let has_bars = evidence.iter().any(|evidence| evidence.kind == DAILY_BAR);
    let answers = match (seated, has_bars) {
        _ if !options.options.is_empty() => options.options.clone(),
        (Some(seated), _) if !seated.panel.options.is_empty() => seated.panel.options.clone(),
        (_, true) => DIRECTION_OPTIONS.map(str::to_owned).to_vec(),
        (_, false) => vec!["yes".to_owned(), "no".to_owned()],
    };
    let mut spec = Spec::new(options.question.clone(), answers.clone())
        .with_evidence(evidence)
        .with_seed(options.seed)
        .with_limits(Limits { debate: options.deadline.map(whole_milliseconds), ..Limits::default() });
    spec.budget = options.budget;
    spec = match seated {
        Some(seated) => {
            let mut spec = seated.panel.seated_in(spec);
            // A flag goes before the file.
            spec.options = answers;
            seated.learnt.lay_into(&mut spec, until)?;
            spec
        }
        None => {
            spec.seats = seats(options, &spec.evidence, &spec.options);
            spec
        }
    };
    for seat in &mut spec.seats {
        seat.debater = voices::looking_ahead(&seat.debater, options.horizon_sessions);
    }
    if spec.seats.is_empty() {
        return Err(Error::bad_request("hold the debate: there is nobody to argue").with_hint(
            "give a model (`--model openai:gpt-4o`, `--model simulated:gpt-4o`, `--model scripted:answers.txt`), a panel \
             (`--panel council.toml`), or prices that the analysts read (`--evidence KO.csv`)",
        ));
    }
    options.procedure.laid_over(spec)
}

/// The models that are given, and the analysts where there is something for them to read.
fn seats(options: &DebateOptions, evidence: &[Evidence], answers: &[String]) -> Vec<Seat> {
    let mut seats: Vec<Seat> = Vec::new();
    let voices = match &options.models[..] {
        [one] if !voices::is_human(one) => VOICES,
        _ => 1,
    };
    for model in options.models.iter().flat_map(|model| std::iter::repeat_n(model, voices)) {
        let name = match model.split_once(':') {
            Some(("human", name)) if !name.trim().is_empty() => name.trim().to_owned(),
            _ => format!("voice {}", seats.len() + 1),
        };
        seats.push(Seat::new(name, model.clone()));
    }
    let directional = DIRECTION_OPTIONS.iter().all(|option| answers.iter().any(|answer| answer == option));
    if directional {
        seats.extend(panel(options.horizon_sessions as usize, evidence).into_iter().map(|(seat, _)| seat));
    }
    seats
}

/// Rounded up to what a log can say: a debate must read back from its log as it was opened.
fn whole_milliseconds(time: Duration) -> Duration {
    Duration::from_millis(u64::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX))
}

/// Whether a vendor is asked by anybody who speaks, judges or sums up.
pub(crate) fn is_hired(spec: &Spec) -> bool {
    let speakers = spec.seats.iter().flat_map(|seat| [Some(&seat.debater), seat.cheaper.as_ref()]);
    let mut names = speakers
        .flatten()
        .chain(spec.judge.iter().map(|seat| &seat.judge))
        .chain(spec.summariser.iter().map(|seat| &seat.model));
    names.any(|name| voices::is_hired(name))
}

/// Who sits there.
#[derive(Debug)]
pub(crate) struct Bench {
    panel: Vec<Arc<dyn Debater>>,
    judge: Option<Arc<dyn Judge>>,
    summariser: Option<Arc<dyn Summariser>>,
    calls: CallStatistics,
}

impl Bench {
    fn seat(
        spec: &Spec,
        options: &VendorOptions,
        human: Option<&Human>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        let vendors =
            if is_hired(spec) { Some(Vendors::new(options, Arc::clone(clock), spec.seed)?) } else { None };
        Self::seat_with(spec, vendors.as_ref(), human, clock)
    }

    /// The same, where vendors are shared with other debates.
    pub(crate) fn seat_with(
        spec: &Spec,
        vendors: Option<&Vendors>,
        human: Option<&Human>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        let setting = Setting {
            options: spec.options.clone(),
            seed: spec.seed,
            at: clock.now(),
            vendors,
            human: human.cloned(),
        };
        let seats = spec.seats.iter().enumerate();
        Ok(Self {
            panel: seats
                .map(|(index, seat)| voices::debater(seat, index, &setting))
                .collect::<Result<_, _>>()?,
            judge: spec.judge.as_ref().map(|seat| voices::judge(seat, &setting)).transpose()?,
            summariser: spec
                .summariser
                .as_ref()
                .map(|seat| voices::summariser(seat, &setting))
                .transpose()?,
            calls: vendors.map(|vendors| vendors.statistics().clone()).unwrap_or_default(),
        })
    }

    /// What runs the debate.
    pub(crate) fn driver(self, spec: Arc<Spec>) -> Result<Driver, Error> {
        let mut driver = Driver::new(spec, self.panel)?;
        if let Some(judge) = self.judge {
            driver = driver.with_judge(judge)?;
        }
        if let Some(summariser) = self.summariser {
            driver = driver.with_summariser(summariser)?;
        }
        Ok(driver)
    }

    fn hearing(self, spec: Arc<Spec>, journal: Option<OpenJournal>, notes: Vec<String>) -> Hearing {
        let Self { panel, judge, summariser, calls } = self;
        let log = journal.as_ref().map(|journal| journal.log(spec.id().as_str()));
        let journal = journal.map(|journal| journal.journal);
        Hearing { spec, panel, judge, summariser, journal, log, notes, calls }
    }
}
