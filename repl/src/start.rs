//! From the command line to a session with its data.

use std::io::{self, Read};
use std::path::PathBuf;
use std::time::Duration;

use promqlite::MemoryStore;
use promqlite::model::Timestamp;
use promqlite::render::Format;

use crate::args::{Args, Config, STDIN};
use crate::config;
use crate::demo::demo_store;
use crate::error::ShellError;
use crate::evaluation::Evaluation;
use crate::moment::Moment;
use crate::output::Output;
use crate::session::{Session, Settings};

/// Tells the time in ms since the Unix epoch.
pub type Clock = fn() -> Timestamp;

/// What the command line does not say.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// How answers are written unless the command line says it.
    pub format: &'static Format,
    /// Whether lines are typed by a person.
    pub prompted: bool,
    /// The wall clock.
    pub clock: Clock,
    /// The time since any moment that stays the same.
    pub stopwatch: fn() -> Duration,
    /// The configuration file of those who type lines.
    pub config: Option<PathBuf>,
}

/// A session with all that the command line loads, or `None` after telling of every source that failed. `stdin` is read
/// if it is one of the sources.
pub fn session(
    args: &Args,
    surroundings: Surroundings,
    stdin: &mut dyn Read,
    output: &mut Output<'_>,
) -> io::Result<Option<Session>> {
    let settings = Settings {
        features: args.features,
        format: args.format.unwrap_or(surroundings.format),
        evaluation: args.evaluation,
        talkative: surroundings.prompted,
        clock: surroundings.clock,
        stopwatch: surroundings.stopwatch,
    };
    let store = if args.demo { demo_store().map_err(io::Error::other)? } else { MemoryStore::new() };
    let mut session = Session::new(store, settings);

    // One reading of the clock for all sources: they are one state of the world.
    let time = args.evaluation.load_time().unwrap_or_else(|| Moment::at((surroundings.clock)()));
    let mut failed = false;
    for path in &args.sources {
        let loaded = if path.as_os_str() == STDIN {
            let mut text = Vec::new();
            stdin.read_to_end(&mut text)?;
            session.load_text("standard input", &text, time)
        } else {
            session.load(path, Some(time))
        };
        if let Err(error) = loaded {
            session.tell(&ShellError::Source(error), output)?;
            failed = true;
        }
    }
    failed |= !configure(&mut session, args, &surroundings, output)?;
    Ok((!failed).then_some(session))
}

/// Runs the configuration file, if there is one; tells whether one that was asked for could be read. What the command line
/// says counts all the same.
fn configure(
    session: &mut Session,
    args: &Args,
    surroundings: &Surroundings,
    output: &mut Output<'_>,
) -> io::Result<bool> {
    let usual = surroundings.config.as_deref().filter(|path| surroundings.prompted && path.exists());
    let path = match &args.config {
        Config::None => None,
        Config::Usual => usual,
        Config::File(path) => Some(path.as_path()),
    };
    let Some(path) = path else { return Ok(true) };
    let read = config::run(session, path, output)?;
    if let Some(format) = args.format {
        session.write_answers(format, None);
    }
    match args.evaluation {
        Evaluation::Instant(Moment::NEWEST) => {}
        Evaluation::Instant(moment) => session.evaluate_at(Some(moment)),
        Evaluation::Range { start, end, step } => {
            // That it ends before it starts is told of the first query.
            let _ = session.evaluate_range(start, end, step);
        }
    }
    Ok(read || !matches!(args.config, Config::File(_)))
}
