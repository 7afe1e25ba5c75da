//! Why a query that was understood has no answer.

use std::fmt;

use crate::diagnostic::Span;
use crate::functions::FunctionError;
use crate::store::StoreError;

/// What stopped a query. The texts are Prometheus'.
#[derive(Debug)]
#[non_exhaustive]
pub enum ExecError {
    /// Somebody pulled the cancel token.
    Cancelled,
    /// The deadline passed.
    TimedOut,
    /// The sample budget is used up.
    TooManySamples,
    /// The budget of bytes is used up.
    TooManyBytes {
        /// How many bytes it had.
        limit: u64,
    },
    /// The store could not read.
    Store(StoreError),
    /// A function refused its arguments.
    Function(FunctionError, Span),
    /// Two series of a result have the same labels.
    DuplicateLabels(Span),
    /// Anything else that Prometheus has a text for.
    Evaluation(String, Span),
}

impl ExecError {
    /// The part of the query it is about, if it is about a part.
    pub fn span(&self) -> Option<Span> {
        match self {
            ExecError::Function(_, span)
            | ExecError::DuplicateLabels(span)
            | ExecError::Evaluation(_, span) => Some(*span),
            _ => None,
        }
    }
}

impl From<StoreError> for ExecError {
    fn from(error: StoreError) -> Self {
        ExecError::Store(error)
    }
}

impl fmt::Display for ExecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExecError::Cancelled => f.write_str("query was canceled in expression evaluation"),
            ExecError::TimedOut => f.write_str("query timed out in expression evaluation"),
            ExecError::TooManySamples => {
                f.write_str("query processing would load too many samples into memory in query execution")
            }
            ExecError::TooManyBytes { limit } => {
                write!(f, "query processing would take more than {limit} bytes of memory in query execution")
            }
            ExecError::Store(error) => write!(f, "expanding series: {error}"),
            ExecError::Function(error, _) => write!(f, "{error}"),
            ExecError::DuplicateLabels(_) => {
                f.write_str("vector cannot contain metrics with the same labelset")
            }
            ExecError::Evaluation(message, _) => f.write_str(message),
        }
    }
}

impl std::error::Error for ExecError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ExecError::Store(error) => Some(error),
            _ => None,
        }
    }
}
