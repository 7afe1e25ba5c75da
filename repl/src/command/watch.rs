//! `.watch INTERVAL [QUERY]`: a query again and again.

use std::thread;
use std::time::{Duration, Instant};

use promqlite::render::rfc3339;

use super::{Argument, Arguments, Command, Kind};
use crate::error::ShellError;
use crate::moment::Millis;
use crate::output::Output;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: ".watch",
    arguments: &[Argument::required("INTERVAL", Kind::Duration), Argument::optional("QUERY", Kind::Query)],
    summary: "Run a query, or the last one, again and again until Ctrl-C.",
    details: "A terminal is redrawn each time, and the last answer stays. It is worth watching what changes: data that \
              `.scrape` adds to, or a query at a time that moves, as after `.at now`.",
    run,
};

/// What a terminal does: another screen for as long as it lasts, and each time an empty one.
const OTHER_SCREEN: &str = "\x1b[?1049h";
const FIRST_SCREEN: &str = "\x1b[?1049l";
const CLEAR: &str = "\x1b[H\x1b[2J";

/// Lines around an answer that are not rows of its table.
const LINES_AROUND: usize = 12;

/// So often it is looked whether Ctrl-C was pressed.
const GLANCE: Duration = Duration::from_millis(20);

fn run(session: &mut Session, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    let Some(Millis(interval)) = arguments.parse(0, &COMMAND)? else { return Ok(()) };
    let query = arguments.get(1).unwrap_or(session.last_query()).to_owned();
    if query.is_empty() {
        return Err(COMMAND.misuse("there was no query yet"));
    }
    let expanded = session.expand(&query)?.into_owned();
    session.check_syntax(&expanded)?;
    let interrupt = session.interrupt();
    interrupt.set_waited_for(true);
    let watched = on_screen(session, interval, &query, output);
    interrupt.set_waited_for(false);
    watched
}

/// On a screen of its own if there is one that can be cleared.
fn on_screen(
    session: &mut Session,
    interval: i64,
    query: &str,
    output: &mut Output<'_>,
) -> Result<(), ShellError> {
    let terminal = output.shown_on().filter(|terminal| !terminal.ascii);
    let Some(terminal) = terminal else {
        return watch(session, interval, query, false, output);
    };
    output.painted(OTHER_SCREEN)?;
    let rows = terminal.height.map(|height| height.saturating_sub(LINES_AROUND).max(1));
    output.set_glance(rows);
    let watched = watch(session, interval, query, true, output);
    output.set_glance(None);
    output.painted(FIRST_SCREEN)?;
    watched?;
    session.query(query, output)
}

/// Until it is interrupted, or the query fails.
fn watch(
    session: &mut Session,
    interval: i64,
    query: &str,
    redraw: bool,
    output: &mut Output<'_>,
) -> Result<(), ShellError> {
    let interrupt = session.interrupt();
    let heard = interrupt.heard();
    let mut next = Instant::now();
    loop {
        if redraw {
            output.painted(CLEAR)?;
        }
        let now = rfc3339((session.settings().clock)());
        output.answer(&format!("every {}, now {now}, Ctrl-C ends: {query}\n", Millis(interval)))?;
        match session.query(query, output) {
            Err(_) if interrupt.heard() != heard => return Ok(()),
            result => result?,
        }
        next += Duration::from_millis(interval.unsigned_abs());
        loop {
            if interrupt.heard() != heard {
                return Ok(());
            }
            let left = next.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            thread::sleep(left.min(GLANCE));
        }
        // A query that takes longer than the interval is not asked for what was missed.
        next = next.max(Instant::now() - Duration::from_millis(interval.unsigned_abs()));
    }
}
