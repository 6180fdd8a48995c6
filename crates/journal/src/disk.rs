//! What is asked of the disk so that something survives a loss of power.

use std::{
    fmt::Debug,
    fs::{self, File},
    io::{Error, ErrorKind, Result},
    path::Path,
};

use crate::Durability;

/// Makes a folder, and the folders above it, where there is none. With [`Durability::Power`] their names survive a loss
/// of power.
///
/// # Errors
/// Whatever keeps the folder from being made, or from being synced.
pub fn make_folder(folder: &Path, durability: Durability) -> Result<()> {
    make_folder_on(&Real, folder, durability)
}

/// Waits until the disk has the names of what is in a folder: a file that is synced may still be lost with its name. Does
/// nothing where the system doesn't open folders (Windows), whose file systems keep a log of names themselves.
///
/// # Errors
/// Whatever keeps the folder from being synced.
pub fn sync_folder(folder: &Path) -> Result<()> {
    Real.sync_folder(folder)
}

/// Who syncs; a test listens in.
pub(crate) trait Disk: Debug + Send + Sync {
    /// Waits until the disk has what was written to a file.
    fn sync_file(&self, file: &File) -> Result<()>;

    /// Waits until the disk has the names in a folder.
    fn sync_folder(&self, folder: &Path) -> Result<()>;
}

/// The operating system.
#[derive(Debug)]
pub(crate) struct Real;

impl Disk for Real {
    fn sync_file(&self, file: &File) -> Result<()> {
        file.sync_data()
    }

    #[cfg(unix)]
    fn sync_folder(&self, folder: &Path) -> Result<()> {
        File::open(or_here(folder))?.sync_all()
    }

    #[cfg(not(unix))]
    fn sync_folder(&self, _: &Path) -> Result<()> {
        Ok(())
    }
}

pub(crate) fn make_folder_on(disk: &dyn Disk, folder: &Path, durability: Durability) -> Result<()> {
    let folder = or_here(folder);
    if durability == Durability::Process || folder.is_dir() {
        return fs::create_dir_all(folder);
    }
    let Some(above) = folder.parent() else {
        return Err(Error::new(ErrorKind::NotFound, "there is no folder above it"));
    };
    make_folder_on(disk, above, durability)?;
    match fs::create_dir(folder) {
        Err(e) if e.kind() != ErrorKind::AlreadyExists || !folder.is_dir() => Err(e),
        _ => disk.sync_folder(or_here(above)),
    }
}

/// What stands above `file` in `file` is nothing, and means the folder that one is in.
fn or_here(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}
