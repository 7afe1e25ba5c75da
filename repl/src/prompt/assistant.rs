//! What the line editor asks while a line is typed: is it complete, how does it look, what could come next.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use rustyline::completion::{Candidate as Shown, Completer};
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter};
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Context, Helper};

use super::highlight::{DIM, RESET, highlight};
use super::read::PROMPT;
use super::signature::active_signature;
use crate::complete::{Candidate, complete};
use crate::input::is_complete;
use crate::output::Terminal;
use crate::session::Session;

/// So many characters of a candidate's description are shown.
const DETAIL_WIDTH: usize = 60;

/// The editor's helper, with the session whose store it asks.
pub(super) struct Assistant {
    session: Rc<RefCell<Session>>,
}

impl Assistant {
    pub(super) fn new(session: Rc<RefCell<Session>>) -> Self {
        Assistant { session }
    }
}

impl Helper for Assistant {}

impl Validator for Assistant {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let complete = is_complete(context.input());
        Ok(if complete { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

/// A candidate with the line that the list shows for it.
pub(super) struct Offer {
    line: String,
    text: String,
}

impl Shown for Offer {
    fn display(&self) -> &str {
        &self.line
    }

    fn replacement(&self) -> &str {
        &self.text
    }
}

impl Completer for Assistant {
    type Candidate = Offer;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Offer>)> {
        let session = self.session.borrow();
        let completion = complete(line, pos, session.store(), session.variables());
        let width = completion.candidates.iter().map(|candidate| candidate.name.chars().count()).max();
        let offers = completion.candidates.iter().map(|candidate| offer(candidate, width.unwrap_or(0)));
        Ok((completion.start, offers.collect()))
    }
}

fn offer(candidate: &Candidate, width: usize) -> Offer {
    let name = promqlite::render::printable(&candidate.name);
    let whole = promqlite::render::printable(&candidate.detail);
    let mut detail: String = whole.chars().take(DETAIL_WIDTH).collect();
    if detail.len() < whole.len() {
        detail.push('…');
    }
    let line = if detail.is_empty() { name.into_owned() } else { format!("{name:width$}  {detail}") };
    Offer { line, text: candidate.text.clone() }
}

/// A text behind the cursor that is no completion.
pub(super) struct Signature(String);

impl Hint for Signature {
    fn display(&self) -> &str {
        &self.0
    }

    fn completion(&self) -> Option<&str> {
        None
    }
}

impl Hinter for Assistant {
    type Hint = Signature;

    fn hint(&self, line: &str, pos: usize, _: &Context<'_>) -> Option<Signature> {
        if pos < line.len() {
            return None;
        }
        let hint = format!("   {}", active_signature(line)?);
        // A hint that wraps would make the line jump while it is typed.
        let last_line = line.lines().last().unwrap_or_default();
        let room = Terminal::of_stdout()?.width.saturating_sub(PROMPT.len() + last_line.chars().count());
        (hint.chars().count() < room).then_some(Signature(hint))
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, pos: usize) -> Cow<'l, str> {
        Cow::Owned(highlight(line, Some(pos)))
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        Cow::Owned(format!("{DIM}{hint}{RESET}"))
    }

    fn highlight_candidate<'c>(&self, candidate: &'c str, _: CompletionType) -> Cow<'c, str> {
        match candidate.split_once("  ") {
            Some((name, detail)) => Cow::Owned(format!("{name}  {DIM}{detail}{RESET}")),
            None => Cow::Borrowed(candidate),
        }
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        kind != CmdKind::ForcedRefresh
    }
}
