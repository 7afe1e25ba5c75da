//! Why a line has no answer.

use std::fmt;
use std::io;

use promqlite::Diagnostic;
use promqlite::store::StoreError;

use crate::evaluation::BackwardRange;
use crate::source::SourceError;
use crate::variables::VariableError;

/// What went wrong in one line, or in loading a file.
#[derive(Debug)]
#[non_exhaustive]
pub enum ShellError {
    /// The engine refused a query or could not answer it.
    Query {
        /// The query.
        text: String,
        /// Why not.
        error: promqlite::Error,
    },
    /// A name that begins with `$` stands for nothing.
    Variable {
        /// The query.
        text: String,
        /// What is wrong with which name.
        error: VariableError,
    },
    /// A file could not be loaded.
    Source(SourceError),
    /// There is nothing of this name.
    Unknown {
        /// What there is not: `command .lod`.
        what: String,
        /// What there is instead.
        help: String,
    },
    /// A dot-command was given what it does not take.
    Misuse {
        /// How it is used.
        usage: String,
        /// What is wrong.
        reason: String,
    },
    /// A query where a selector is wanted.
    NoSelector(String),
    /// Ctrl-C ended it.
    Interrupted,
    /// The store could not read.
    Store(StoreError),
    /// The range to evaluate over ends before it starts.
    Range(BackwardRange),
    /// An answer or a message could not be written: nobody can be told but the caller.
    Output(io::Error),
}

impl ShellError {
    /// The kind of error in the HTTP API's words.
    pub fn kind(&self) -> &'static str {
        match self {
            ShellError::Query { error, .. } => error.kind().as_str(),
            ShellError::Source(_)
            | ShellError::Variable { .. }
            | ShellError::Unknown { .. }
            | ShellError::Misuse { .. }
            | ShellError::NoSelector(_)
            | ShellError::Range(_) => "bad_data",
            ShellError::Interrupted => "canceled",
            ShellError::Store(_) | ShellError::Output(_) => "internal",
        }
    }

    /// The message for people: with a caret under the place in the query, and with help where there is any.
    pub fn render(&self) -> String {
        match self {
            ShellError::Query { text, error } => error.diagnostic().render(text),
            ShellError::Variable { text, error } => error.diagnostic().render(text),
            ShellError::Unknown { help, .. } => self.with_help(help.clone()),
            ShellError::Misuse { usage, .. } => self.with_help(format!("the command is {usage}")),
            ShellError::Source(_)
            | ShellError::Interrupted
            | ShellError::NoSelector(_)
            | ShellError::Store(_)
            | ShellError::Range(_)
            | ShellError::Output(_) => {
                format!("error: {self}\n")
            }
        }
    }

    fn with_help(&self, help: String) -> String {
        let severity = promqlite::Severity::Error;
        Diagnostic { severity, message: self.to_string(), span: None, help: Some(help) }.render("")
    }
}

/// The message alone, as `-o json` tells it.
impl fmt::Display for ShellError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ShellError::Query { error, .. } => f.write_str(error.message()),
            ShellError::Variable { error, .. } => write!(f, "{error}"),
            ShellError::Source(error) => write!(f, "{error}"),
            ShellError::Unknown { what, .. } => write!(f, "unknown {what}"),
            ShellError::Misuse { reason, .. } => f.write_str(reason),
            ShellError::NoSelector(text) => write!(f, "{text} is not a selector such as up{{job=\"node\"}}"),
            ShellError::Interrupted => f.write_str("interrupted"),
            ShellError::Store(error) => write!(f, "{error}"),
            ShellError::Range(error) => write!(f, "{error}"),
            ShellError::Output(error) => write!(f, "cannot write: {error}"),
        }
    }
}

impl std::error::Error for ShellError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ShellError::Query { error, .. } => Some(error),
            ShellError::Variable { error, .. } => Some(error),
            ShellError::Source(error) => Some(error),
            ShellError::Store(error) => Some(error),
            ShellError::Range(error) => Some(error),
            ShellError::Output(error) => Some(error),
            ShellError::Unknown { .. }
            | ShellError::Misuse { .. }
            | ShellError::Interrupted
            | ShellError::NoSelector(_) => None,
        }
    }
}

impl From<io::Error> for ShellError {
    fn from(error: io::Error) -> Self {
        ShellError::Output(error)
    }
}

impl From<StoreError> for ShellError {
    fn from(error: StoreError) -> Self {
        ShellError::Store(error)
    }
}

impl From<BackwardRange> for ShellError {
    fn from(error: BackwardRange) -> Self {
        ShellError::Range(error)
    }
}

impl From<SourceError> for ShellError {
    fn from(error: SourceError) -> Self {
        ShellError::Source(error)
    }
}
