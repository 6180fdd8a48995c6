//! A folder of files, a clock that stands still, and the plainest of debates.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use assize_ambient::{Clock, FixedClock, Seed};
use assize_debate::{Conclusion, Driver};
use assize_wiring::{
    DebateOptions, Durability, Error, Hearing, JournalOptions, Procedure, VendorOptions, set_up_debate,
};
use tempfile::TempDir;

pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(FixedClock::new("2024-11-05T12:00:00Z".parse().expect("a moment")))
}

/// A folder that holds these files.
pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, content).expect("a file");
    }
    folder
}

pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name)
}

/// A debate of these models.
pub(crate) fn options(models: &[&str]) -> DebateOptions {
    DebateOptions {
        question: "Ship on Friday?".to_owned(),
        options: Vec::new(),
        panel: None,
        models: models.iter().map(|model| (*model).to_owned()).collect(),
        evidence: Vec::new(),
        as_of: "2019-12-31".parse().expect("a date"),
        horizon_sessions: 20,
        procedure: Procedure::default(),
        deadline: None,
        budget: None,
        seed: Seed::new(0),
        human: None,
        vendors: VendorOptions::default(),
    }
}

pub(crate) fn with_evidence(mut options: DebateOptions, files: &[PathBuf]) -> DebateOptions {
    options.evidence.extend(files.iter().cloned());
    options
}

/// The model that answers with the lines of this file.
pub(crate) fn scripted(path: &Path) -> String {
    format!("scripted:{}", path.display())
}

pub(crate) fn now<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(future)
}

pub(crate) fn set_up(options: DebateOptions) -> Result<Hearing, Error> {
    now(set_up_debate(options, None, clock()))
}

pub(crate) fn hold(hearing: Hearing) -> Conclusion {
    now(driver(hearing).run()).expect("a conclusion")
}

/// Holds a debate of models that take their time, which passes at once.
pub(crate) fn hold_in_virtual_time(hearing: Hearing) -> Conclusion {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().expect("a runtime");
    runtime.block_on(driver(hearing).run()).expect("a conclusion")
}

fn driver(hearing: Hearing) -> Driver {
    let mut driver = Driver::new(hearing.spec, hearing.panel).expect("a debate");
    if let Some(judge) = hearing.judge {
        driver = driver.with_judge(judge).expect("a seat for the judge");
    }
    if let Some(summariser) = hearing.summariser {
        driver = driver.with_summariser(summariser).expect("a seat for the summariser");
    }
    if let Some(journal) = hearing.journal {
        driver = driver.with_journal(journal);
    }
    driver
}

/// A journal there.
pub(crate) fn journal(path: impl Into<PathBuf>) -> JournalOptions {
    JournalOptions { path: path.into(), durability: Durability::Process }
}
