//! The file of a stored index: a header, and records each of which is chained to the one before.
//!
//! A record is its length, the length's complement, its bytes, and the first half of a BLAKE3 over the digest of all
//! before and these bytes. So a record that is torn, damaged, moved or from another file is noticed, and so is a damaged
//! length.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use super::{
    beside,
    record::{self, FORMAT_VERSION, Header, MAGIC, MAX_HEADER, MAX_RECORD, Record, corrupt},
};
use crate::{EmbedderIdentity, Error, ErrorKind};

/// Bytes of a record's digest that are stored.
const DIGEST: usize = 16;

/// An exclusive hold on an index's files, until it is dropped or the process dies.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "held, never read")] File);

impl Lock {
    pub(super) fn take(path: &Path) -> Result<Self, Error> {
        let failed = |cause| ErrorKind::Io.error(format!("lock {}", path.display())).because(cause);
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(ErrorKind::InUse.error(format!(
                "lock {}: the index is open elsewhere; close it there first",
                path.display()
            ))),
            Err(TryLockError::Error(cause)) => Err(failed(cause)),
        }
    }
}

/// A file that is open for appending.
#[derive(Debug)]
pub(super) struct Log {
    path: PathBuf,
    file: File,
    length: u64,
    chain: [u8; 32],
    /// A partial record could not be taken back: nothing may follow it.
    is_broken: bool,
}

impl Log {
    /// Opens a file or begins one; hands each record on with the digest of all up to it and its number. The log, and the
    /// length of a torn end, which was cut.
    pub(super) fn open(
        path: &Path,
        identity: &EmbedderIdentity,
        take: impl FnMut(&Header, Record, &[u8; 32], u64) -> Result<(), Error>,
    ) -> Result<(Self, u64), Error> {
        let shown = path.display();
        let failed = |cause| ErrorKind::Io.error(format!("open {shown}")).because(cause);
        if !fs::exists(path).map_err(failed)? {
            return Ok((Self::write_anew(path, identity, 0, [])?, 0));
        }
        let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        let (good, chain) = Reading { file: BufReader::new(&file), left: length }
            .read(identity, take)
            .map_err(|error| error.kind().error(format!("open {shown}")).because(error))?;
        if good < length {
            file.set_len(good).map_err(failed)?;
        }
        file.seek(SeekFrom::Start(good)).map_err(failed)?;
        Ok((Self { path: path.to_owned(), file, length: good, chain, is_broken: false }, length - good))
    }

    /// Writes a file with these records, of which the first `base_records` are a checkpoint's, puts it in the place of
    /// the old one, and waits until the disk has it.
    pub(super) fn write_anew(
        path: &Path,
        identity: &EmbedderIdentity,
        base_records: u64,
        records: impl IntoIterator<Item = Vec<u8>>,
    ) -> Result<Self, Error> {
        let failed = |cause| ErrorKind::Io.error(format!("write {}", path.display())).because(cause);
        let next = beside(path, "next");
        let mut file = BufWriter::new(File::create(&next).map_err(failed)?);
        let body = Header { identity: identity.clone(), base_records }.encode();
        let mut head = MAGIC.to_vec();
        head.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
        head.extend_from_slice(&u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes());
        head.extend_from_slice(&body);
        let mut chain = *blake3::hash(&head).as_bytes();
        head.extend_from_slice(&chain);
        file.write_all(&head).map_err(failed)?;
        let mut length = head.len() as u64;
        for body in records {
            let (framed, digest) = frame(&chain, &body);
            file.write_all(&framed).map_err(failed)?;
            chain = digest;
            length += framed.len() as u64;
        }
        let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)?;
        fs::rename(&next, path).map_err(failed)?;
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            // The new name must survive a loss of power too. Not every system can open a folder.
            if let Ok(folder) = File::open(folder) {
                folder.sync_all().map_err(failed)?;
            }
        }
        Ok(Self { path: path.to_owned(), file, length, chain, is_broken: false })
    }

    /// The digest of all records.
    pub(super) const fn chain(&self) -> &[u8; 32] {
        &self.chain
    }

    /// Writes a record behind all others, or nothing.
    pub(super) fn append(&mut self, body: &[u8]) -> Result<(), Error> {
        let shown = self.path.display();
        if self.is_broken {
            let message = format!("write {shown}: an earlier write left it torn; open it again");
            return Err(ErrorKind::Io.error(message));
        }
        let (framed, digest) = frame(&self.chain, body);
        match self.file.write_all(&framed) {
            Ok(()) => {
                self.length += framed.len() as u64;
                self.chain = digest;
                Ok(())
            }
            Err(cause) => {
                let taken_back = self.file.set_len(self.length);
                let taken_back = taken_back.and_then(|()| self.file.seek(SeekFrom::Start(self.length)));
                self.is_broken = taken_back.is_err();
                Err(ErrorKind::Io.error(format!("write {shown}")).because(cause))
            }
        }
    }
}

/// A record as it stands in the file, and the digest of all up to it.
fn frame(chain: &[u8; 32], body: &[u8]) -> (Vec<u8>, [u8; 32]) {
    let digest = link(chain, body);
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX); // at most MAX_RECORD
    let mut framed = Vec::with_capacity(8 + body.len() + DIGEST);
    framed.extend_from_slice(&length.to_le_bytes());
    framed.extend_from_slice(&(!length).to_le_bytes());
    framed.extend_from_slice(body);
    framed.extend_from_slice(&digest[..DIGEST]);
    (framed, digest)
}

fn link(chain: &[u8; 32], body: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(chain).update(body);
    *hasher.finalize().as_bytes()
}

/// A file that is being read; it does not trust a byte of it.
struct Reading<R> {
    file: R,
    /// Bytes that were there when the reading began and were not read yet.
    left: u64,
}

impl<R: Read> Reading<R> {
    /// Reads header and records. The length of what is whole, and the digest of it.
    fn read(
        mut self,
        identity: &EmbedderIdentity,
        mut take: impl FnMut(&Header, Record, &[u8; 32], u64) -> Result<(), Error>,
    ) -> Result<(u64, [u8; 32]), Error> {
        let length = self.left;
        let (header, mut chain) = self.header(identity)?;
        let (mut good, mut n, mut body) = (length - self.left, 0, Vec::new());
        while let Some(digest) = self.record(&chain, &mut body)? {
            chain = digest;
            n += 1;
            let record = record::decode(&body, identity.dimensions())?;
            take(&header, record, &chain, n)?;
            good = length - self.left;
        }
        // A checkpoint's records were on the disk before the file had its name.
        if n < header.base_records {
            return Err(corrupt("it ends before its checkpoint does"));
        }
        Ok((good, chain))
    }

    fn header(&mut self, identity: &EmbedderIdentity) -> Result<(Header, [u8; 32]), Error> {
        let mut head = [0; 16];
        if !self.fill(&mut head)? || head[..8] != *MAGIC {
            return Err(corrupt("it is no stored index"));
        }
        let version = u32::from_le_bytes([head[8], head[9], head[10], head[11]]);
        if version != FORMAT_VERSION {
            return Err(ErrorKind::OtherFormat
                .error(format!("it has format {version}, and this version reads format {FORMAT_VERSION}")));
        }
        let length = u32::from_le_bytes([head[12], head[13], head[14], head[15]]) as usize;
        if length > MAX_HEADER {
            return Err(corrupt("its header is too long"));
        }
        let (mut body, mut digest) = (vec![0; length], [0; 32]);
        if !self.fill(&mut body)? || !self.fill(&mut digest)? {
            return Err(corrupt("its header is too short"));
        }
        let mut hasher = blake3::Hasher::new();
        hasher.update(&head).update(&body);
        if hasher.finalize() != digest {
            return Err(corrupt("its header's checksum is wrong"));
        }
        let header = Header::decode(&body)?;
        if header.identity != *identity {
            let message = format!(
                "it was written with {}, not with {identity}; embed the texts again, into a new file",
                header.identity
            );
            return Err(ErrorKind::OtherEmbedder.error(message));
        }
        Ok((header, digest))
    }

    /// Reads a record's bytes into `body`. The digest of all up to it; nothing at the end, also at a torn one.
    fn record(&mut self, chain: &[u8; 32], body: &mut Vec<u8>) -> Result<Option<[u8; 32]>, Error> {
        let (mut length, mut complement) = ([0; 4], [0; 4]);
        if !self.fill(&mut length)? || !self.fill(&mut complement)? {
            return Ok(None);
        }
        let (length, complement) = (u32::from_le_bytes(length), u32::from_le_bytes(complement));
        if length != !complement || length as usize > MAX_RECORD {
            return self.is_zero_to_its_end(length == 0 && complement == 0);
        }
        body.resize(length as usize, 0);
        let mut digest = [0; DIGEST];
        if !self.fill(body)? || !self.fill(&mut digest)? {
            return Ok(None);
        }
        let whole = link(chain, body);
        if whole[..DIGEST] == digest {
            return Ok(Some(whole));
        }
        // The last record may have got its length on the disk before its bytes.
        if self.left == 0 { Ok(None) } else { Err(corrupt("a record's checksum is wrong")) }
    }

    /// A loss of power may leave zeros where a record was to be.
    fn is_zero_to_its_end(&mut self, is_zero_so_far: bool) -> Result<Option<[u8; 32]>, Error> {
        let mut block = [0; 4_096];
        let mut is_zero = is_zero_so_far;
        while is_zero && self.left > 0 {
            let some = block.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
            is_zero = self.fill(&mut block[..some])? && block[..some].iter().all(|byte| *byte == 0);
        }
        if is_zero { Ok(None) } else { Err(corrupt("a record's length is wrong")) }
    }

    /// Whether there was enough left to fill `bytes`.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<bool, Error> {
        let wanted = bytes.len() as u64;
        if wanted > self.left {
            self.left = 0;
            return Ok(false);
        }
        self.file
            .read_exact(bytes)
            .map_err(|cause| ErrorKind::Io.error("it cannot be read").because(cause))?;
        self.left -= wanted;
        Ok(true)
    }
}
