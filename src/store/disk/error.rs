//! What can go wrong with files: which file, where in it, and what was found there.
//!
//! Decoders know an offset and what is wrong ([`Corruption`]); whoever opened the file adds its path:
//!
//! ```text
//! data/01FYRN…/index: at byte 5120: checksum 0x1f2e3d4c does not match the stored 0x1f2e3d4d
//! ```

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::store::StoreError;

/// A file or directory could not be read or written.
#[derive(Debug)]
pub struct DiskError {
    /// The file or directory.
    pub path: PathBuf,
    /// What is wrong with it.
    pub kind: DiskErrorKind,
}

/// What is wrong with a file or directory.
#[derive(Debug)]
#[non_exhaustive]
pub enum DiskErrorKind {
    /// The operating system refused.
    Io(io::Error),
    /// The contents are not what they should be.
    Corrupt(Corruption),
    /// The contents are of a kind that is not read here.
    Unsupported(String),
    /// There is neither a data directory nor a block.
    NotADataDirectory,
    /// Another process, or another store of this one, writes to it.
    Locked,
    /// Other processes kept changing the directory while it was read.
    KeepsChanging,
}

/// Bytes that are not what they should be.
#[derive(Clone, Debug, PartialEq)]
pub struct Corruption {
    /// Where in the file, in bytes from its start.
    pub offset: u64,
    /// What is wrong there.
    pub problem: Problem,
}

/// What can be wrong with bytes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Problem {
    /// The checksum of the bytes is not the one that is stored with them.
    Checksum {
        /// What the file says.
        stored: u32,
        /// What the bytes give.
        computed: u32,
    },
    /// Something goes on behind the end of what holds it.
    Truncated {
        /// Bytes that it takes.
        needed: u64,
        /// Bytes that are there.
        available: u64,
    },
    /// The first bytes are not those of this kind of file.
    Magic {
        /// The bytes found.
        found: u32,
        /// The bytes of this kind of file.
        expected: u32,
    },
    /// The number of a version, type or encoding is not known.
    Unknown {
        /// What the number stands for.
        what: &'static str,
        /// The number.
        number: u64,
    },
    /// Anything else, told in words.
    Invalid(&'static str),
}

impl Problem {
    /// The same, with the place where it is.
    pub fn at(self, offset: u64) -> Corruption {
        Corruption { offset, problem: self }
    }
}

impl DiskError {
    /// What the operating system refused about `path`.
    pub fn io(path: &Path, error: io::Error) -> Self {
        DiskError { path: path.to_owned(), kind: DiskErrorKind::Io(error) }
    }

    /// Something at `path` that is not read here.
    pub fn unsupported(path: &Path, what: impl Into<String>) -> Self {
        DiskError { path: path.to_owned(), kind: DiskErrorKind::Unsupported(what.into()) }
    }

    /// Whether the file or directory is not there.
    pub fn is_not_found(&self) -> bool {
        matches!(&self.kind, DiskErrorKind::Io(error) if error.kind() == io::ErrorKind::NotFound)
    }
}

impl Corruption {
    /// Corruption with the file that it is in.
    pub fn in_file(self, path: &Path) -> DiskError {
        DiskError { path: path.to_owned(), kind: DiskErrorKind::Corrupt(self) }
    }
}

impl fmt::Display for DiskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path.display())?;
        match &self.kind {
            DiskErrorKind::Io(error) => write!(f, "{error}"),
            DiskErrorKind::Corrupt(corruption) => write!(f, "{corruption}"),
            DiskErrorKind::Unsupported(what) => f.write_str(what),
            DiskErrorKind::NotADataDirectory => f.write_str(
                "neither a Prometheus data directory nor a block: there is no meta.json, no block and no wal",
            ),
            DiskErrorKind::Locked => f.write_str("someone else writes to this directory"),
            DiskErrorKind::KeepsChanging => {
                f.write_str("the directory changed each time while it was being read")
            }
        }
    }
}

impl fmt::Display for Corruption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: {}", self.offset, self.problem)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Checksum { stored, computed } => {
                write!(f, "checksum {computed:#010x} does not match the stored {stored:#010x}")
            }
            Problem::Truncated { needed, available } => {
                write!(f, "{needed} bytes are needed and {available} are there")
            }
            Problem::Magic { found, expected } => {
                write!(f, "magic number {found:#010x} where {expected:#010x} is expected")
            }
            Problem::Unknown { what, number } => write!(f, "unknown {what} {number}"),
            Problem::Invalid(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for DiskError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            DiskErrorKind::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl std::error::Error for Corruption {}

impl From<DiskError> for StoreError {
    fn from(error: DiskError) -> Self {
        StoreError { message: error.to_string(), source: Some(Box::new(error)) }
    }
}
