//! From the command line to a session with its data.

use std::io::{self, Read};
use std::time::Duration;

use promqlite::MemoryStore;
use promqlite::model::Timestamp;
use promqlite::render::Format;

use crate::args::{Args, STDIN};
use crate::demo::demo_store;
use crate::error::ShellError;
use crate::moment::Moment;
use crate::output::Output;
use crate::session::{Session, Settings};

/// Tells the time in ms since the Unix epoch.
pub type Clock = fn() -> Timestamp;

/// What the command line does not say.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings {
    /// How answers are written unless the command line says it.
    pub format: &'static Format,
    /// Whether lines are typed by a person.
    pub prompted: bool,
    /// The wall clock.
    pub clock: Clock,
    /// The time since any moment that stays the same.
    pub stopwatch: fn() -> Duration,
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
    Ok((!failed).then_some(session))
}
