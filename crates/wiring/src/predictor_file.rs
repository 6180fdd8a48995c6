//! The file in which what was learnt of panels outlives the process.

use std::{
    fs::{self, File},
    io::{self, ErrorKind as Io, Write},
    path::{Path, PathBuf},
};

use assize_altdata::AsOf;
use assize_ambient::Timestamp;
use assize_pipeline::toggle::Predictor;

use crate::{Error, ErrorKind, text_file};

/// What errors call it.
const WHAT: &str = "record of what debates take";

/// Where what debates take is kept from run to run.
///
/// The file is replaced whole: whoever reads it finds what was there before, or what is there now. Two processes that learn at
/// the same time do not see one another, and what the later one writes stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PredictorFile(PathBuf);

impl PredictorFile {
    /// A file at this path, which need not be there yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// What was learnt so far: nothing where there is no file.
    ///
    /// # Errors
    ///
    /// [`BadRequest`](ErrorKind::BadRequest) if there is something else than what [`save`](Self::save) wrote,
    /// [`Outside`](ErrorKind::Outside) if the disk fails.
    pub fn load(&self) -> Result<Predictor, Error> {
        if self.0.symlink_metadata().is_err_and(|e| e.kind() == Io::NotFound) {
            return Ok(Predictor::new());
        }
        let hint = || format!("move {} away to let it be learnt anew", self.0.display());
        let text = text_file::read(WHAT, &self.0).map_err(|e| match e.kind() {
            ErrorKind::BadRequest => e.with_hint(hint()),
            _ => e,
        })?;
        Predictor::from_json(&text).map_err(|e| {
            Error::from(e).about(&format!("read the {WHAT} {}", self.0.display())).with_hint(hint())
        })
    }

    /// What was learnt by a moment, seen from now: `None` where the file knows of later debates, and there is nothing to go by
    /// then. A file that does not say until when it has learnt is taken to have learnt until now.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn known_by(&self, as_of: &AsOf, now: Timestamp) -> Result<Option<Predictor>, Error> {
        let predictor = self.load()?;
        let is_new = predictor == Predictor::new();
        let is_known = match self.learnt_until()? {
            Some(until) => until <= as_of.moment(),
            None => as_of.date() >= AsOf::at(now).date(),
        };
        Ok((is_new || is_known).then_some(predictor))
    }

    /// Writes what was learnt by a moment, in place of what is there, and by when.
    ///
    /// # Errors
    /// As [`save`](Self::save).
    pub fn save_as_of(&self, predictor: &Predictor, as_of: &AsOf) -> Result<(), Error> {
        self.save(predictor)?;
        let until = format!("{}\n", as_of.moment());
        replace(&self.until(), &until).map_err(|e| {
            Error::caused(ErrorKind::Outside, format!("write the {WHAT} {}", self.until().display()), e)
        })
    }

    /// Until when the file has learnt, as the one beside it says.
    fn learnt_until(&self) -> Result<Option<Timestamp>, Error> {
        let path = self.until();
        if path.symlink_metadata().is_err_and(|e| e.kind() == Io::NotFound) {
            return Ok(None);
        }
        let text = text_file::read(WHAT, &path)?;
        text.trim().parse().map(Some).map_err(|e| {
            let message = format!("read until when was learnt what debates take, in {}", path.display());
            Error::caused(ErrorKind::BadRequest, message, e).with_hint(format!("remove {}", path.display()))
        })
    }

    fn until(&self) -> PathBuf {
        let mut name = self.0.clone().into_os_string();
        name.push(".as-of");
        PathBuf::from(name)
    }

    /// Writes what was learnt, in place of what is there. A folder that is missing is made.
    ///
    /// # Errors
    ///
    /// [`Outside`](ErrorKind::Outside) if the disk fails; what was there before is still there then.
    pub fn save(&self, predictor: &Predictor) -> Result<(), Error> {
        replace(&self.0, &predictor.to_json()).map_err(|e| {
            Error::caused(ErrorKind::Outside, format!("write the {WHAT} {}", self.0.display()), e)
        })
    }
}

/// Puts a text in place of what a file holds, whole or not at all. A folder that is missing is made.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let beside = folder.join(name);
    let written = write(&beside, text).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // It failed already, and for a better reason than this could fail for.
        let _ = fs::remove_file(&beside);
    }
    written.and_then(|()| keep_name(folder))
}

/// Writes a file so that it is on the disk before it takes the other's name.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Brings a folder's new names to the disk, where folders can be opened.
fn keep_name(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use assize_metering::Usd;
    use assize_pipeline::toggle::{Held, PanelKind, Plan, Turn};

    use super::*;

    fn taught() -> Predictor {
        let mut predictor = Predictor::new();
        let turns = [Turn { took: Duration::from_secs(2), cost: Usd::ZERO }; 3];
        let plan = Plan { rounds: 1, seats: 3, at_once: 3 };
        let took = Duration::from_secs(2);
        for _ in 0..20 {
            let held = Held { plan, turns: &turns, took, cost: Usd::ZERO, cut_short: false };
            predictor.learn(&PanelKind::new("three", "brief"), &held);
        }
        predictor
    }

    #[test]
    fn what_was_learnt_is_there_the_next_time() {
        let folder = tempfile::tempdir().unwrap();
        let file = PredictorFile::new(folder.path().join("state/debates.json"));
        assert_eq!(file.load().unwrap(), Predictor::new());
        file.save(&Predictor::new()).unwrap();
        file.save(&taught()).unwrap();
        assert_eq!(file.load().unwrap(), taught());
        let names =
            fs::read_dir(folder.path().join("state")).unwrap().map(|entry| entry.unwrap().file_name());
        assert_eq!(names.collect::<Vec<_>>(), ["debates.json"], "nothing is left beside it");
    }

    /// A brief of the past goes by nothing that was learnt later.
    #[test]
    fn what_was_learnt_later_is_not_known() {
        let folder = tempfile::tempdir().unwrap();
        let file = PredictorFile::new(folder.path().join("predictor.json"));
        let day = |day: &str| day.parse::<AsOf>().unwrap();
        let now = "2024-06-05T12:00:00Z".parse().unwrap();
        assert_eq!(
            file.known_by(&day("2019-01-02"), now).unwrap(),
            Some(Predictor::new()),
            "there is no file"
        );
        file.save(&taught()).unwrap();
        assert_eq!(file.known_by(&day("2024-06-04"), now).unwrap(), None, "nobody can tell");
        assert_eq!(file.known_by(&day("2024-06-05"), now).unwrap(), Some(taught()));
        file.save_as_of(&taught(), &day("2024-03-05")).unwrap();
        assert_eq!(file.known_by(&day("2024-03-04"), now).unwrap(), None);
        assert_eq!(file.known_by(&day("2024-03-05"), now).unwrap(), Some(taught()));
        assert_eq!(file.known_by(&day("2024-06-05"), now).unwrap(), Some(taught()));
        fs::write(folder.path().join("predictor.json.as-of"), "yesterday").unwrap();
        assert!(file.known_by(&day("2024-06-05"), now).unwrap_err().hint().is_some());
    }

    #[test]
    fn a_file_that_was_not_written_by_us_is_named_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("debates.json");
        let whole = taught().to_json();
        for text in ["", "{\"format_version\":9}", &whole[..whole.len() / 2]] {
            fs::write(&path, text).unwrap();
            let error = PredictorFile::new(&path).load().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BadRequest);
            assert!(error.to_string().contains("debates.json"), "{error}");
            assert!(error.hint().unwrap().starts_with("move "), "{error:?}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(PredictorFile::new(folder.path()).load().unwrap_err().kind(), ErrorKind::BadRequest);
    }

    #[test]
    fn a_write_that_fails_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("taken");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("precious"), "1").unwrap();
        let error = PredictorFile::new(&path).save(&taught()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Outside);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
        assert!(path.join("precious").exists());
    }
}
