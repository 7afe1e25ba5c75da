//! Why something was not written.

use std::fmt;

use super::error::DiskError;
use crate::store::StoreError;
use crate::store::memory::AppendError;

/// Why something was not written.
#[derive(Debug)]
#[non_exhaustive]
pub enum WriteError {
    /// A sample cannot be taken. Nothing of the commit was.
    Append(AppendError),
    /// Files could not be read or written. From then on nothing is written until the store is opened anew, because
    /// nobody knows what has reached the disk.
    Disk(DiskError),
    /// An earlier write has failed, and the store has to be opened anew.
    Refused,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WriteError::Append(error) => error.fmt(f),
            WriteError::Disk(error) => error.fmt(f),
            WriteError::Refused => {
                f.write_str("an earlier write has failed: open the store anew to write to it")
            }
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            WriteError::Append(error) => Some(error),
            WriteError::Disk(error) => Some(error),
            WriteError::Refused => None,
        }
    }
}

impl From<DiskError> for WriteError {
    fn from(error: DiskError) -> Self {
        WriteError::Disk(error)
    }
}

impl From<AppendError> for WriteError {
    fn from(error: AppendError) -> Self {
        WriteError::Append(error)
    }
}

impl From<WriteError> for StoreError {
    fn from(error: WriteError) -> Self {
        StoreError { message: error.to_string(), source: Some(Box::new(error)) }
    }
}
