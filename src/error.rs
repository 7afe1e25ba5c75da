//! The one error type of the library.
//!
//! ```
//! use promqlite::{Engine, ErrorKind};
//!
//! let error = Engine::default().prepare("rat(up[5m])").unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::BadData);
//! assert_eq!(error.to_string(), r#"1:1: parse error: unknown function with name "rat""#);
//! ```

use std::fmt;

use crate::diagnostic::{Diagnostic, Severity, Span};

/// What kind of error it is: the `errorType` of Prometheus' HTTP API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The query or its times make no sense.
    BadData,
    /// The query makes sense, but has no answer over this data.
    Execution,
    /// The deadline passed.
    Timeout,
    /// Somebody cancelled the query.
    Canceled,
    /// The store could not read.
    Internal,
}

impl ErrorKind {
    /// The word that the HTTP API uses.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorKind::BadData => "bad_data",
            ErrorKind::Execution => "execution",
            ErrorKind::Timeout => "timeout",
            ErrorKind::Canceled => "canceled",
            ErrorKind::Internal => "internal",
        }
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    span: Option<Span>,
    help: Option<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: String, span: Option<Span>) -> Self {
        Error { kind, message, span, help: None, source: None }
    }

    pub(crate) fn with_help(self, help: Option<String>) -> Self {
        Error { help, ..self }
    }

    pub(crate) fn with_source(self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Error { source: Some(Box::new(source)), ..self }
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The text, as Prometheus words it.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The bytes of the query it is about, if it is about a part of it.
    pub fn span(&self) -> Option<Span> {
        self.span
    }

    /// What may mend it.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The error as a diagnostic, to be painted with a caret under the query.
    pub fn diagnostic(&self) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            message: self.message.clone(),
            span: self.span,
            help: self.help.clone(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|e| e.as_ref() as _)
    }
}
