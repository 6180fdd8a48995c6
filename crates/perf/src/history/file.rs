//! The files of a history.

use std::{
    collections::BTreeSet,
    fs::{self, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{LONGEST_LINE, MOST_RUNS};
use crate::{Error, ErrorKind};

/// No file of a history is larger, in bytes.
const LARGEST_FILE: u64 = 1024 * 1024 * 1024;

/// A line with where it stands.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) file: String,
    pub(super) number: usize,
    pub(super) text: String,
    /// Whether it is the last of its file and has no end.
    pub(super) torn: bool,
}

impl Line {
    pub(super) fn place(&self) -> String {
        format!("{}, line {}", self.file, self.number)
    }
}

/// All lines of a history.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub(super) lines: Vec<Line>,
    pub(super) ids: BTreeSet<String>,
    pub(super) files: usize,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

/// Reads the lines of a folder; none if there is no folder.
pub(super) fn lines(folder: &Path) -> Result<Lines, Error> {
    let mut found = Lines::default();
    for path in files(folder)? {
        let name = path.display().to_string();
        let text = read(&path)?;
        found.files += 1;
        for (number, line) in (1..).zip(text.split_inclusive('\n')) {
            let torn = !line.ends_with('\n');
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            if line.len() > LONGEST_LINE || found.lines.len() >= MOST_RUNS {
                let what = format!(
                    "read {name}, line {number}: a history has {MOST_RUNS} runs at most, a line {LONGEST_LINE} bytes"
                );
                return Err(Error::new(ErrorKind::TooLarge, what));
            }
            if let Ok(Id { id }) = serde_json::from_str(line) {
                found.ids.insert(id);
            }
            found.lines.push(Line { file: name.clone(), number, text: line.to_owned(), torn });
        }
    }
    Ok(found)
}

/// The files of the history in a folder, in the order of their names.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let listed = match fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::unreadable(folder, error)),
    };
    let mut files = Vec::new();
    for file in listed {
        let path = file.map_err(|e| Error::unreadable(folder, e))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with("runs-") && name.ends_with(".jsonl") && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The text of a file; what is no text becomes signs that no line is read with.
fn read(path: &Path) -> Result<String, Error> {
    let unreadable = |e| Error::unreadable(path, e);
    let file = fs::File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    if size > LARGEST_FILE {
        let what = format!("read {}: it has {size} bytes, of {LARGEST_FILE} at most", path.display());
        return Err(Error::new(ErrorKind::TooLarge, what));
    }
    let mut bytes = Vec::new();
    file.take(LARGEST_FILE).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()))
}

/// Adds a line to the file of a month. One that was cut off before it is ended first, so that it harms no other.
pub(super) fn append(folder: &Path, month: &str, line: &str) -> Result<(), Error> {
    let path = folder.join(format!("runs-{month}.jsonl"));
    let written = fs::create_dir_all(folder).and_then(|()| {
        let mut file = OpenOptions::new().create(true).read(true).append(true).open(&path)?;
        let mut text = String::with_capacity(line.len() + 2);
        if is_torn(&mut file)? {
            text.push('\n');
        }
        text.push_str(line);
        text.push('\n');
        // In one piece, so that two programs that add at once do not mix their lines.
        file.write_all(text.as_bytes())?;
        file.sync_data()
    });
    written.map_err(|error| {
        Error::new(ErrorKind::Unreadable, format!("write {}: {error}", path.display()))
            .hinted("check that the history is a folder that can be written to")
            .caused_by(error)
    })
}

fn is_torn(file: &mut fs::File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}
