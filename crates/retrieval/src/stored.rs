//! An index whose entries survive kill −9.

mod log;
mod record;
#[cfg(test)]
mod tests;

use std::{
    fs::{self, File},
    io::{ErrorKind as IoErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use self::{
    log::{Lock, Log},
    record::Record,
};
use crate::{
    AdaptiveIndex, EmbedderIdentity, Entry, Error, ErrorKind, Hit, Query, VectorIndex, graph::Graph,
    rows::Label,
};

/// Fewer changes than this are not worth a checkpoint.
const LEAST_CHANGES: usize = 1_000;

/// An [`AdaptiveIndex`] whose entries are kept in a file.
///
/// Three files: the entries and what happened to them (`path`, the truth), the graph over them (`path` + `.graph`, which
/// can be built again), and a lock (`path` + `.lock`), held while the index is open.
///
/// Every insertion and removal is written before it is applied, in one append: after a kill −9 all that was acknowledged is
/// there, and a record that was being written is left out. Only [`checkpoint`](Self::checkpoint) waits for the disk; after
/// a loss of power, what came since the last one may be missing, from the end backwards. Call it when
/// [`wants_checkpoint`](VectorIndex::wants_checkpoint) says so, or the file grows without end: it also drops what was
/// removed or replaced, and saves the graph, without which the next opening has to build it.
///
/// The file names the embedder, its version and its dimensions; opening it with another one is refused. Reading and writing
/// block: call from a thread that may.
///
/// ```
/// use assize_retrieval::{AdaptiveIndex, Embedder, Entry, HashEmbedder, Query, StoredIndex, VectorIndex};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("memories");
/// let embedder = HashEmbedder::default();
/// let open = || StoredIndex::open(&path, embedder.identity(), AdaptiveIndex::new(384)?);
/// let (mut index, _) = open()?;
/// index.insert(Entry::new("m-1", embedder.vector("we sold too early")?).tagged("tenant-a"))?;
/// drop(index);
///
/// let (index, opened) = open()?;
/// assert_eq!((index.count(), opened.torn_bytes), (1, 0));
/// let query = embedder.vector("sold early")?;
/// assert_eq!(index.search(&Query::new(&query, 3).with_tag("tenant-a"))?[0].id, "m-1");
/// assert_eq!(index.search(&Query::new(&query, 3).with_tag("tenant-b"))?, []);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct StoredIndex {
    path: PathBuf,
    identity: EmbedderIdentity,
    index: AdaptiveIndex,
    log: Log,
    since_checkpoint: usize,
    /// How many of them there were when a checkpoint failed: it is tried again after as many more.
    tried_at: usize,
    _lock: Lock,
}

/// How the opening of a [`StoredIndex`] went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Bytes of a record that was being written when the process died, and was left out.
    pub torn_bytes: u64,
    /// What became of the graph's file.
    pub graph: GraphFile,
}

/// What became of a graph's file at an opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphFile {
    /// There was no checkpoint yet, so that none was needed.
    NotNeeded,
    /// It was read: searches find what they found before.
    Read,
    /// It could not be used, and the graph, if there has to be one, was built from the entries; searches are as good as
    /// before, but among hits of the same nearness they may find others.
    Built {
        /// Why it could not be used.
        because: &'static str,
    },
}

impl StoredIndex {
    /// Opens the index in the file `path`, or begins one. `index` is empty, and says how to search.
    ///
    /// # Errors
    /// - [`BadInput`](ErrorKind::BadInput) if `index` is not empty;
    /// - [`BadVector`](ErrorKind::BadVector) if it has other dimensions than the embedder;
    /// - [`InUse`](ErrorKind::InUse) if the file is open elsewhere;
    /// - [`OtherEmbedder`](ErrorKind::OtherEmbedder) if it was written with another embedder;
    /// - [`OtherFormat`](ErrorKind::OtherFormat) if it was written by a version with another format;
    /// - [`Corrupt`](ErrorKind::Corrupt) if it is damaged elsewhere than at its end;
    /// - [`Full`](ErrorKind::Full) and [`Io`](ErrorKind::Io).
    pub fn open(
        path: impl Into<PathBuf>,
        identity: &EmbedderIdentity,
        mut index: AdaptiveIndex,
    ) -> Result<(Self, Opened), Error> {
        let path = path.into();
        if index.count() > 0 {
            return Err(ErrorKind::BadInput.error("open a stored index: give it an empty one"));
        }
        if index.rows.dimensions() != identity.dimensions() {
            return Err(ErrorKind::BadVector.error(format!(
                "open a stored index of {identity}: the index has {} dimensions",
                index.rows.dimensions()
            )));
        }
        let lock = Lock::take(&beside(&path, "lock"))?;
        let mut replay =
            Replay { path: &path, index: &mut index, base: 0, graph: GraphFile::NotNeeded, since: 0 };
        let (log, torn_bytes) = Log::open(&path, identity, |header, record, chain, n| {
            replay.take(header.base_records, record, chain, n)
        })?;
        let (graph, since_checkpoint) = (replay.graph, replay.since);
        Ok((
            Self { path, identity: identity.clone(), index, log, since_checkpoint, tried_at: 0, _lock: lock },
            Opened { torn_bytes, graph },
        ))
    }

    /// How many insertions and removals came since the last checkpoint.
    #[must_use]
    pub const fn since_checkpoint(&self) -> usize {
        self.since_checkpoint
    }

    /// Writes the live entries and their graph anew and waits until the disk has them. Whenever the process dies
    /// meanwhile, either the old file or the new one is there.
    ///
    /// # Errors
    /// [`Io`](ErrorKind::Io); the index goes on with the old file.
    pub fn checkpoint(&mut self) -> Result<(), Error> {
        self.tried_at = self.since_checkpoint;
        self.index.mend();
        let rows = &self.index.rows;
        let slots = 0..u32::try_from(rows.slots()).unwrap_or(u32::MAX);
        let live = slots.filter_map(|slot| rows.label(slot).map(|label| (label, rows.vector(slot))));
        let records = live.map(|(label, unit)| record::encode_insert(label, unit));
        let log = Log::write_anew(&self.path, &self.identity, rows.live() as u64, records)?;
        let graph = self.index.graph.to_bytes(log.chain());
        self.log = log;
        (self.since_checkpoint, self.tried_at) = (0, 0);
        write_whole(&beside(&self.path, "graph"), &graph)
    }
}

impl VectorIndex for StoredIndex {
    fn insert(&mut self, entry: Entry) -> Result<(), Error> {
        entry.check_names()?;
        let unit = self.index.rows.unit(&entry.vector)?;
        self.index.rows.check_room(&entry.id)?;
        let label = Label::split(entry).0;
        self.log.append(&record::encode_insert(&label, &unit[..self.identity.dimensions()]))?;
        self.since_checkpoint += 1;
        self.index.put(label, &unit)
    }

    fn remove(&mut self, id: &str) -> Result<bool, Error> {
        if self.index.rows.slot_of(id).is_none() {
            return Ok(false);
        }
        self.log.append(&record::encode_remove(id))?;
        self.since_checkpoint += 1;
        Ok(self.index.take(id))
    }

    fn search(&self, query: &Query<'_>) -> Result<Vec<Hit>, Error> {
        self.index.search(query)
    }

    fn count(&self) -> usize {
        self.index.count()
    }

    /// When as much came since the last one as there is, so that the file is never much longer than twice what is in it.
    fn wants_checkpoint(&self) -> bool {
        self.since_checkpoint - self.tried_at >= self.count().max(LEAST_CHANGES)
    }

    fn checkpoint(&mut self) -> Result<(), Error> {
        Self::checkpoint(self)
    }
}

/// Makes an index out of the records of its file.
struct Replay<'a> {
    path: &'a Path,
    index: &'a mut AdaptiveIndex,
    base: u64,
    graph: GraphFile,
    since: usize,
}

impl Replay<'_> {
    /// Takes the `n`th record, from 1 on; `chain` is the digest of all up to it. The first `base` were written by a
    /// checkpoint.
    fn take(&mut self, base: u64, record: Record, chain: &[u8; 32], n: u64) -> Result<(), Error> {
        self.base = base;
        match record {
            Record::Insert { label, unit } if n <= base => {
                if self.index.rows.slot_of(&label.id).is_some() {
                    return Err(ErrorKind::Corrupt.error("an entry is there twice"));
                }
                self.index.rows.check_room(&label.id)?;
                self.index.rows.push(label, &unit)?;
                if n == base {
                    self.find_graph(chain);
                }
            }
            Record::Insert { label, unit } => {
                self.index.rows.check_room(&label.id)?;
                self.index.put(label, &unit)?;
                self.since += 1;
            }
            Record::Remove { id } if n > base && self.index.rows.slot_of(&id).is_some() => {
                self.index.take(&id);
                self.since += 1;
            }
            Record::Remove { .. } => {
                return Err(ErrorKind::Corrupt.error("an entry is removed that is not there"));
            }
        }
        Ok(())
    }

    /// Reads the graph over the rows, or builds it.
    fn find_graph(&mut self, digest: &[u8; 32]) {
        let (shape, rows) = (self.index.graph.shape(), &self.index.rows);
        let read = read_at_most(&beside(self.path, "graph"), Graph::most_bytes(shape, rows.slots()))
            .and_then(|bytes| Graph::from_bytes(&bytes, shape, digest, rows.slots()));
        self.graph = match read {
            Ok(graph) => {
                self.index.graph = graph;
                GraphFile::Read
            }
            Err(because) => {
                self.index.link_all_due();
                GraphFile::Built { because }
            }
        };
    }
}

/// The file that belongs to `path` and ends in `ending`.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

fn read_at_most(path: &Path, bytes: u64) -> Result<Vec<u8>, &'static str> {
    let file = File::open(path).map_err(|cause| match cause.kind() {
        IoErrorKind::NotFound => "there is none",
        _ => "it cannot be opened",
    })?;
    let mut read = Vec::new();
    file.take(bytes + 1).read_to_end(&mut read).map_err(|_| "it cannot be read")?;
    if read.len() as u64 > bytes {
        return Err("it is too long");
    }
    Ok(read)
}

/// Replaces a file by one with these bytes, or leaves it as it was.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let next = beside(path, "next");
    let failed = |cause| ErrorKind::Io.error(format!("write {}", path.display())).because(cause);
    let mut file = File::create(&next).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&next, path).map_err(failed)
}
