//! The one error type of the library.
//!
//! ```
//! use promqlite::{Engine, ErrorKind};
//!
//! let error = Engine::default().prepare("rat(up[5m])").unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::BadData);
//! assert_eq!(error.to_string(), r#"1:1: parse error: unknown function with name "rat""#);
//! ```
//!
//! `{:#}` shows the place and what may mend it as well; so does `{:?}`, so that a failed `unwrap` and a `main` that returns
//! an error are of help:
//!
//! ```
//! # let error = promqlite::Engine::default().prepare("rat(up[5m])").unwrap_err();
//! assert_eq!(
//!     format!("{error:#}"),
//!     "1:1: parse error: unknown function with name \"rat\"\n\
//!      \x20 rat(up[5m])\n\
//!      \x20 ^^^\n\
//!      help: did you mean `rate`?"
//! );
//! ```

use std::fmt;
use std::sync::Arc;

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
///
/// Its text is one line, in Prometheus' words where Prometheus has any. What lies beneath an error of a store is its
/// [`source`](std::error::Error::source).
pub struct Error {
    kind: ErrorKind,
    message: String,
    span: Option<Span>,
    help: Option<String>,
    query: Option<Arc<str>>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: String, span: Option<Span>) -> Self {
        Error { kind, message, span, help: None, query: None, source: None }
    }

    pub(crate) fn with_help(self, help: Option<String>) -> Self {
        Error { help, ..self }
    }

    /// Of this query.
    pub(crate) fn with_query(self, query: Arc<str>) -> Self {
        Error { query: Some(query), ..self }
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

    /// The query it is about.
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
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
        if !f.alternate() {
            return f.write_str(&self.message);
        }
        // Without the query there is no place to show.
        let span = self.span.filter(|_| self.query.is_some());
        let shown = Diagnostic { span, ..self.diagnostic() }.render(self.query().unwrap_or_default());
        f.write_str(shown.strip_prefix("error: ").unwrap_or(&shown).trim_end_matches('\n'))
    }
}

/// As `{:#}`, with what lies beneath.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:#}")?;
        let mut beneath = std::error::Error::source(self);
        while let Some(error) = beneath {
            let text = error.to_string();
            if text != self.message {
                write!(f, "\ncaused by: {text}")?;
            }
            beneath = error.source();
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|e| e.as_ref() as _)
    }
}
