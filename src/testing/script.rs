//! A script as data: its commands, each with the number of its line.
//!
//! ```
//! use promqlite::testing::{CommandKind, Script};
//!
//! let script = Script::parse("up.test", "load 1m\n  up 1 0\n\neval instant at 1m up\n  up 0\n")?;
//! assert_eq!(script.commands()[1].line, 4);
//! let CommandKind::Eval(eval) = &script.commands()[1].kind else { unreachable!() };
//! assert_eq!(eval.query(), "up");
//! # Ok::<(), promqlite::testing::ScriptError>(())
//! ```

use std::fmt;

use super::eval::Eval;
use crate::ingest::load::{LoadBlock, LoadError};
use crate::store::SeriesData;
use crate::syntax::DurationError;

/// A parsed script.
#[derive(Clone, Debug)]
pub struct Script {
    name: String,
    commands: Vec<Command>,
}

/// One command of a script.
#[derive(Clone, Debug)]
pub struct Command {
    /// The line it starts at, counted from 1.
    pub line: usize,
    /// What it does.
    pub kind: CommandKind,
}

/// What a command does.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum CommandKind {
    /// `clear`
    Clear,
    /// `load` and `load_with_nhcb`
    Load(Vec<SeriesData>),
    /// `eval`
    Eval(Box<Eval>),
}

/// Why a text is no script.
#[derive(Clone, Debug)]
pub struct ScriptError {
    /// Name of the script.
    pub script: String,
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: ScriptProblem,
}

/// What can be wrong with a script. What is wrong with a query shows when it is run.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ScriptProblem {
    /// A word that is no command.
    UnknownCommand(String),
    /// `eval` with something else than `instant at` or `range from .. to .. step` after it.
    EvalForm,
    /// A time or step that is no duration.
    Duration(DurationError),
    /// A range that ends before it starts.
    EndBeforeStart,
    /// A step of 0.
    ZeroStep,
    /// An `expect` line of no known form.
    ExpectForm(String),
    /// `expect warn` together with `expect no_warn`, or the same of infos.
    Contradiction(&'static str),
    /// More than one `expect fail`.
    ManyFailures,
    /// A pattern that is no regular expression.
    Pattern(String),
    /// A string that is not quoted, or not correctly.
    Quoting,
    /// `expect string`, `expect range vector` or `expect ordered` in a range query.
    InstantOnly(&'static str),
    /// Not exactly one value for a series of an instant vector.
    OneValue,
    /// More values than the query has steps.
    TooManyValues {
        /// Steps of the query.
        steps: usize,
    },
    /// The same series twice in one expectation.
    DuplicateSeries(String),
    /// A line of series that cannot be read.
    Series(LoadError),
    /// A command where a line of series should be: the blank line that ends a `load` is missing.
    CommandInLoad(LoadError),
}

impl Script {
    /// Parses a script; `name` is what failures call it.
    pub fn parse(name: &str, text: &str) -> Result<Script, ScriptError> {
        let mut lines = Lines::new(text);
        let mut commands = Vec::new();
        while let Some((line, text)) = lines.next_command() {
            let kind = command(text, line, &mut lines).map_err(|problem| {
                let line = match &problem {
                    ScriptProblem::Series(error) | ScriptProblem::CommandInLoad(error) => error.line,
                    _ => lines.last_number(),
                };
                ScriptError { script: name.to_owned(), line, problem }
            })?;
            commands.push(Command { line, kind });
        }
        Ok(Script { name: name.to_owned(), commands })
    }

    /// What failures call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The commands in order.
    pub fn commands(&self) -> &[Command] {
        &self.commands
    }

    /// How many `eval`s there are.
    pub fn eval_count(&self) -> usize {
        self.commands.iter().filter(|command| matches!(command.kind, CommandKind::Eval(_))).count()
    }
}

fn command(text: &str, line: usize, lines: &mut Lines<'_>) -> Result<CommandKind, ScriptProblem> {
    let word = text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    if word == "clear" {
        Ok(CommandKind::Clear)
    } else if word.starts_with("load") {
        let block = LoadBlock::parse(text, line).map_err(ScriptProblem::Series)?;
        let mut last = "";
        let body = std::iter::from_fn(|| lines.next_of_block().inspect(|(_, text)| last = *text));
        let read = block.read(body, 0);
        read.map(CommandKind::Load).map_err(|error| match is_command(last) {
            true => ScriptProblem::CommandInLoad(error),
            false => ScriptProblem::Series(error),
        })
    } else if word.starts_with("eval") {
        Eval::parse(text, lines).map(|eval| CommandKind::Eval(Box::new(eval)))
    } else {
        Err(ScriptProblem::UnknownCommand(text.to_owned()))
    }
}

/// Whether a line begins as commands do.
fn is_command(line: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or_default();
    ["clear", "eval", "load", "load_with_nhcb"].contains(&word) || word.starts_with("eval_")
}

/// The lines of a script, with their numbers. A line that starts with `#` is blank.
pub(super) struct Lines<'a> {
    rest: std::str::Split<'a, char>,
    ahead: Option<&'a str>,
    number: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let mut rest = text.split('\n');
        let ahead = rest.next();
        Lines { rest, ahead, number: 0 }
    }

    fn next(&mut self) -> Option<(usize, &'a str)> {
        let line = std::mem::replace(&mut self.ahead, self.rest.next())?;
        self.number += 1;
        Some((self.number, line))
    }

    /// The next line that is not blank.
    fn next_command(&mut self) -> Option<(usize, &'a str)> {
        while let Some((number, line)) = self.next() {
            if !is_blank(line) {
                return Some((number, line));
            }
        }
        None
    }

    /// The next line, if it is not blank: a blank line ends a command.
    pub(super) fn next_of_block(&mut self) -> Option<(usize, &'a str)> {
        if is_blank(self.ahead?) { None } else { self.next() }
    }

    /// Number of the line that was read last.
    fn last_number(&self) -> usize {
        self.number
    }
}

fn is_blank(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

impl fmt::Display for ScriptProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use ScriptProblem as P;
        match self {
            P::UnknownCommand(text) => write!(f, "unknown command {text:?}: expected load, clear or eval"),
            P::EvalForm => f.write_str(
                "expected eval instant at <time> <query> or \
                 eval range from <time> to <time> step <duration> <query>",
            ),
            P::Duration(error) => write!(f, "{error}"),
            P::EndBeforeStart => f.write_str("the range ends before it starts"),
            P::ZeroStep => f.write_str("the step has to be greater than 0"),
            P::ExpectForm(text) => write!(
                f,
                "cannot read {text:?}: expected expect fail, warn, info (each with msg: or regex: or neither), no_warn, \
                 no_info, ordered, string or range vector"
            ),
            P::Contradiction(kind) => write!(f, "expect {kind} and expect no_{kind} contradict each other"),
            P::ManyFailures => f.write_str("there can be only one expect fail"),
            P::Pattern(reason) => f.write_str(reason),
            P::Quoting => f.write_str("expected a string in double quotes or backquotes"),
            P::InstantOnly(what) => write!(f, "{what} is for instant queries"),
            P::OneValue => f.write_str(
                "expected one value; \
                 for a query that gives a range vector add expect range vector from .. to .. step ..",
            ),
            P::TooManyValues { steps } => write!(f, "more values than the {steps} that the query can give"),
            P::DuplicateSeries(labels) => write!(f, "the series {labels} is expected twice"),
            P::Series(error) => write!(f, "column {}: {}", error.column, error.problem),
            P::CommandInLoad(error) => write!(
                f,
                "column {}: {} (a blank line ends a load, and there is none before this command)",
                error.column, error.problem
            ),
        }
    }
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.script, self.line, self.problem)
    }
}

impl std::error::Error for ScriptError {}
