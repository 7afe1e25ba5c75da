//! The state of a shell, and what one line does to it.
//!
//! A session knows no terminal: it writes to the [`Output`] it is handed, and the clock is a function it was given, so
//! that whole sessions can be replayed in tests.

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use promqlite::inspect::Times;
use promqlite::model::{Annotations, Matcher, Timestamp};
use promqlite::render::chart::Unit;
use promqlite::render::{Answer, Format};
use promqlite::syntax::{Expr, Features};
use promqlite::why::why;
use promqlite::{Engine, MemoryStore, SeriesStore, Severity, Value};

use crate::command;
use crate::data::Data;
use crate::error::ShellError;
use crate::evaluate::{Answered, Evaluator, Interrupt};
use crate::evaluation::{BackwardRange, Evaluation};
use crate::input::Input;
use crate::moment::{Millis, Moment, Reference};
use crate::output::Output;
use crate::paint;
use crate::scrape::Scraper;
use crate::settings::Preferences;
use crate::size::Bytes;
use crate::source::{Loaded, SourceError};
use crate::variables::Variables;

/// What a session starts with.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The features that are on.
    pub features: Features,
    /// How answers are written.
    pub format: &'static Format,
    /// When queries are evaluated.
    pub evaluation: Evaluation,
    /// Whether a command that has nothing to show says what it did.
    pub talkative: bool,
    /// The wall clock, in ms since the Unix epoch.
    pub clock: fn() -> Timestamp,
    /// The time since any moment that stays the same, for what is measured.
    pub stopwatch: fn() -> Duration,
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It ran, or there was nothing to run.
    Fine,
    /// It failed, and the user was told.
    Failed,
    /// It ended the session.
    Left,
}

/// The answer that came last, with what was said about it.
#[derive(Debug)]
struct LastAnswer {
    value: Value,
    warnings: Vec<String>,
    infos: Vec<String>,
}

/// A running shell.
#[derive(Debug)]
pub struct Session {
    data: Data,
    evaluator: Evaluator,
    settings: Settings,
    /// The time that `.instant` goes back to.
    instant: Moment,
    /// Where answers go instead of the output.
    file: Option<File>,
    variables: Variables,
    scrapers: Vec<Scraper>,
    preferences: Preferences,
    last_query: String,
    last_answer: Option<LastAnswer>,
    left: bool,
}

impl Session {
    /// A session over what `store` holds already.
    pub fn new(store: MemoryStore, settings: Settings) -> Self {
        let instant = match settings.evaluation {
            Evaluation::Instant(moment) => moment,
            Evaluation::Range { .. } => Moment::NEWEST,
        };
        Session {
            data: Data::new(store),
            evaluator: Evaluator::new(settings.features),
            settings,
            instant,
            file: None,
            variables: Variables::default(),
            scrapers: Vec::new(),
            preferences: Preferences { hints: settings.talkative, ..Preferences::default() },
            last_query: String::new(),
            last_answer: None,
            left: false,
        }
    }

    /// Runs one line. The error is that of the streams: all others are told to the user.
    pub fn run(&mut self, line: &str, output: &mut Output<'_>) -> io::Result<Outcome> {
        output.set_rows(self.preferences.rows);
        let result = match Input::of(line) {
            Input::Nothing => Ok(()),
            Input::Command(name, rest) => command::run(self, name, rest, output),
            Input::Query(text) => self.query(text, output),
        };
        match result {
            Ok(()) if self.left => Ok(Outcome::Left),
            Ok(()) => Ok(Outcome::Fine),
            Err(ShellError::Output(error)) => Err(error),
            Err(error) => self.tell(&error, output).map(|()| Outcome::Failed),
        }
    }

    /// Tells the user of an error: among the answers where the format has a place for it, else beside them.
    pub fn tell(&self, error: &ShellError, output: &mut Output<'_>) -> io::Result<()> {
        match self.settings.format.error {
            Some(render) => {
                let mut text = String::new();
                render(error.kind(), &error.to_string(), &mut text);
                output.answer(&text)
            }
            None => output.remark(&error.render()),
        }
    }

    /// Evaluates a query and writes its answer, and what is to be said about it.
    pub fn query(&mut self, text: &str, output: &mut Output<'_>) -> Result<(), ShellError> {
        self.last_query = text.to_owned();
        let text = &*self.expand(text)?.into_owned();
        let when = self.settings.evaluation.resolve(&self.reference())?;
        let answered = self
            .evaluator
            .evaluate(self.store(), text, when, self.settings.stopwatch)
            .map_err(|error| ShellError::Query { text: text.to_owned(), error })?;
        let (warnings, infos) = answered.annotations.texts(text);
        let answer = Answer { value: &answered.value, warnings: &warnings, infos: &infos };
        match &mut self.file {
            Some(file) => file.write_all(self.settings.format.text(&answer).as_bytes())?,
            None => self.show(&answer, output)?,
        }
        if self.preferences.hints && is_empty(&answered.value) {
            // Who interrupts the search for a reason does not want to be told of it.
            let findings = self.inspect(text, |engine, store, times| why(engine, text, store, times));
            match (word_on(text), findings.unwrap_or_default().first()) {
                (Some(word), _) => output.remark(word)?,
                (None, Some(finding)) => output.remark(&finding.diagnostic().render(text))?,
                (None, None) => {}
            }
        }
        if self.settings.format.error.is_none() {
            remark_annotations(&answered.annotations, text, output)?;
        }
        if self.preferences.timer {
            output.remark(&took(&answered))?;
        }
        self.last_answer = Some(LastAnswer { value: answered.value, warnings, infos });
        Ok(())
    }

    /// A query with what the variables in it stand for: errors and hints are told about this text.
    pub fn expand<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, ShellError> {
        self.variables.expand(text).map_err(|error| ShellError::Variable { text: text.to_owned(), error })
    }

    /// The names that `.let` gave.
    pub fn variables(&self) -> &Variables {
        &self.variables
    }

    /// The names that `.let` gave, to be changed.
    pub fn variables_mut(&mut self) -> &mut Variables {
        &mut self.variables
    }

    /// Looks into a query, in which no variable is left, with one of the library's ways to do so.
    pub fn inspect<T>(
        &self,
        query: &str,
        look: impl FnOnce(&Engine, &dyn SeriesStore, Times) -> Result<T, promqlite::Error>,
    ) -> Result<T, ShellError> {
        let when = self.settings.evaluation.resolve(&self.reference())?;
        let (engine, interrupted) = self.evaluator.interruptible();
        let seen = look(&engine, self.store(), when.into());
        if interrupted.is_cancelled() {
            return Err(ShellError::Interrupted);
        }
        seen.map_err(|error| ShellError::Query { text: query.to_owned(), error })
    }

    /// Refuses a text that is no expression.
    pub fn check_syntax(&self, query: &str) -> Result<(), ShellError> {
        let error = |error| ShellError::Query { text: query.to_owned(), error };
        self.evaluator.engine().prepare(query).map(|_| ()).map_err(error)
    }

    /// A query on several lines if it is long, without variables.
    pub fn formatted(&self, query: &str) -> Result<String, ShellError> {
        let query = &*self.expand(query)?;
        let error = |error| ShellError::Query { text: query.to_owned(), error };
        Ok(self.evaluator.engine().prepare(query).map_err(error)?.expr().pretty())
    }

    /// The answer that came last, in this format; `None` if there was none yet.
    pub fn last_answer(&self, format: &Format) -> Option<String> {
        let LastAnswer { value, warnings, infos } = self.last_answer.as_ref()?;
        Some(format.text(&Answer { value, warnings, infos }))
    }

    /// The conditions of a selector; none if there is no text.
    pub fn matchers(&self, selector: &str) -> Result<Vec<Matcher>, ShellError> {
        if selector.is_empty() {
            return Ok(Vec::new());
        }
        let selector = &*self.expand(selector)?;
        let error = |error| ShellError::Query { text: selector.to_owned(), error };
        let prepared = self.evaluator.engine().prepare(selector).map_err(error)?;
        match prepared.expr() {
            Expr::Vector(selector) => Ok(selector.matchers.to_vec()),
            _ => Err(ShellError::NoSelector(selector.to_owned())),
        }
    }

    fn show(&self, answer: &Answer<'_>, output: &mut Output<'_>) -> io::Result<()> {
        let format = self.settings.format;
        match output.shown_on() {
            Some(terminal) if format.for_people => {
                let is_range = matches!(self.settings.evaluation, Evaluation::Range { .. });
                output.painted(&paint::answer(answer.value, is_range, &output.style(), terminal))
            }
            _ => output.answer(&format.text(answer)),
        }
    }

    /// What relative times are relative to.
    pub fn reference(&self) -> Reference {
        let range = self.store().time_range();
        Reference {
            now: (self.settings.clock)(),
            newest: range.map(|range| range.end),
            oldest: range.map(|range| range.start),
        }
    }

    /// Evaluates the queries to come at one time, or at that of the last time this was called with one.
    pub fn evaluate_at(&mut self, moment: Option<Moment>) {
        self.instant = moment.unwrap_or(self.instant);
        self.settings.evaluation = Evaluation::Instant(self.instant);
    }

    /// Evaluates the queries to come at each step of a range.
    pub fn evaluate_range(&mut self, start: Moment, end: Moment, step: Millis) -> Result<(), BackwardRange> {
        let range = Evaluation::Range { start, end, step };
        range.resolve(&self.reference())?;
        self.settings.evaluation = range;
        Ok(())
    }

    /// Says when queries are evaluated, if this session talks.
    pub fn say_when(&self, output: &mut Output<'_>) -> Result<(), ShellError> {
        self.say(format_args!("queries are evaluated {}", self.settings.evaluation), output)
    }

    /// Loads a file or a data directory. Samples without a time of their own get `time`, or the time of the clock.
    pub fn load(&mut self, path: &Path, time: Option<Moment>) -> Result<Loaded, SourceError> {
        let time = time.unwrap_or(Moment::NOW).resolve(&self.reference());
        self.data.load(path, time)
    }

    /// Loads exposition text, as [`load`](Session::load) does; `name` stands for it in messages.
    pub fn load_text(&mut self, name: &str, text: &[u8], time: Moment) -> Result<Loaded, SourceError> {
        let time = time.resolve(&self.reference());
        self.data.load_text(name, text, time)
    }

    /// What there is to query.
    pub fn store(&self) -> &dyn SeriesStore {
        self.data.store()
    }

    /// What there is to query, part by part.
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// Queries the file or data directory at `path`, and nothing else.
    pub fn open(&mut self, path: &Path) -> Result<Loaded, SourceError> {
        let mut data = Data::new(MemoryStore::new());
        let loaded = data.load(path, Moment::NOW.resolve(&self.reference()))?;
        self.scrapers.clear();
        self.data = data;
        Ok(loaded)
    }

    /// Reads the data directories as they are by now.
    pub fn reopen(&mut self) -> Result<(), SourceError> {
        self.data.reopen().map_err(SourceError::from)
    }

    /// Forgets all series, and scrapes no more. Files and directories stay as they are.
    pub fn clear(&mut self) {
        self.scrapers.clear();
        self.data = Data::new(MemoryStore::new());
    }

    /// Writes the answers to come in this format, and to this file if there is one.
    pub fn write_answers(&mut self, format: &'static Format, file: Option<File>) {
        self.settings.format = format;
        self.file = file;
    }

    /// How the session behaves.
    pub fn preferences(&self) -> &Preferences {
        &self.preferences
    }

    /// How the session behaves, to be changed.
    pub fn preferences_mut(&mut self) -> &mut Preferences {
        &mut self.preferences
    }

    /// The pages that are being scraped.
    pub fn scrapers(&self) -> &[Scraper] {
        &self.scrapers
    }

    /// The pages that are being scraped, to be changed.
    pub fn scrapers_mut(&mut self) -> &mut Vec<Scraper> {
        &mut self.scrapers
    }

    /// Takes notice of what was appended to the memory from elsewhere.
    pub fn rejoin(&mut self) {
        self.data.join();
    }

    /// Lets instant selectors look so far back, in ms.
    pub fn set_lookback(&mut self, lookback_ms: i64) {
        self.evaluator.set_lookback(lookback_ms);
    }

    /// How far back instant selectors look, in ms.
    pub fn lookback(&self) -> i64 {
        self.evaluator.engine().options().lookback_ms
    }

    /// Whether a command that has nothing to show says what it did, from now on; gives back whether it did.
    pub fn set_talkative(&mut self, talkative: bool) -> bool {
        std::mem::replace(&mut self.settings.talkative, talkative)
    }

    /// The settings as they are now.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The names of the features that are on.
    pub fn feature_names(&self) -> Vec<&'static str> {
        let none = Features::default();
        let is_on = |name: &&str| {
            Features::from_names([*name])
                .is_ok_and(|one| one != none && one.is_part_of(self.settings.features))
        };
        Features::NAMES.into_iter().filter(is_on).collect()
    }

    /// The query that ran last; empty if none did.
    pub fn last_query(&self) -> &str {
        &self.last_query
    }

    /// Says what a command did, if this session talks.
    pub fn say(&self, text: fmt::Arguments<'_>, output: &mut Output<'_>) -> Result<(), ShellError> {
        if self.settings.talkative {
            output.answer(&format!("{text}\n"))?;
        }
        Ok(())
    }

    /// Ends the session after this line.
    pub fn leave(&mut self) {
        self.left = true;
    }

    /// What ends the query that is running.
    pub fn interrupt(&self) -> Interrupt {
        self.evaluator.interrupt()
    }
}

/// Warnings and infos, each with a caret under the place it speaks of.
fn remark_annotations(annotations: &Annotations, query: &str, output: &mut Output<'_>) -> io::Result<()> {
    for mut diagnostic in annotations.diagnostics() {
        let prefix = if diagnostic.severity == Severity::Info { "PromQL info: " } else { "PromQL warning: " };
        if let Some(message) = diagnostic.message.strip_prefix(prefix) {
            diagnostic.message = message.to_owned();
        }
        output.remark(&diagnostic.render(query))?;
    }
    Ok(())
}

/// What a query took, in a line.
fn took(answered: &Answered) -> String {
    let series = match &answered.value {
        Value::Vector(samples) => samples.len(),
        Value::Matrix(series) => series.len(),
        _ => 1,
    };
    let stats = answered.stats;
    format!(
        "{}, {series} series, {} samples read, at most {} held\n",
        Unit::Seconds.rounded(answered.elapsed.as_secs_f64()),
        stats.samples_read,
        Bytes(stats.peak_bytes)
    )
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Vector(samples) => samples.is_empty(),
        Value::Matrix(series) => series.is_empty(),
        _ => false,
    }
}

/// People try these words before they read the help. They are metric names that nobody has.
fn word_on(query: &str) -> Option<&'static str> {
    match query {
        "help" => Some("This asks for a metric called help; `.help` explains the shell.\n"),
        "exit" | "quit" => Some("This asks for a metric of that name; `.quit` or Ctrl-D leaves the shell.\n"),
        _ => None,
    }
}
