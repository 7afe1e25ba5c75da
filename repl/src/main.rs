//! The `promqlite` program: the command line, the data, and then a script or the prompt.

use std::fs::File;
use std::io::{self, BufReader, IsTerminal, Write};
use std::process::{self, ExitCode};
use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use promqlite::model::Timestamp;
use promqlite::render;
use promqlite_repl::args::{Invocation, STDIN, Script};
use promqlite_repl::error::ShellError;
use promqlite_repl::output::{Output, Terminal};
use promqlite_repl::prompt;
use promqlite_repl::script::{self, Ran};
use promqlite_repl::session::Session;
use promqlite_repl::source::SourceError;
use promqlite_repl::start::{self, Surroundings};
use promqlite_repl::xdg;

/// The exit status after something failed that the user was told of.
const FAILED: u8 = 1;

/// That of programs which Ctrl-C ended.
const INTERRUPTED: i32 = 130;

fn main() -> ExitCode {
    let invocation = match Invocation::parse(std::env::args_os()) {
        Ok(invocation) => invocation,
        Err(error) => error.exit(),
    };
    match run(&invocation) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(FAILED),
        // Nobody reads on: that is the reader's choice, as with `| head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::from(FAILED)
        }
    }
}

/// Whether all went well.
fn run(invocation: &Invocation) -> io::Result<bool> {
    let terminal = Terminal::of_stdout();
    let (mut stdout, mut stderr) = (io::stdout().lock(), io::stderr().lock());
    let mut output = Output::new(&mut stdout, &mut stderr, terminal);
    let args = match invocation {
        Invocation::Shell(args) => args,
        Invocation::Subcommand(subcommand, arguments) => {
            return (subcommand.run)(arguments, wall_clock, &mut output);
        }
    };

    let format = if terminal.is_some() { &render::table::FORMAT } else { &render::promql::FORMAT };
    let prompted = args.scripts.is_empty() && io::stdin().is_terminal();
    let surroundings =
        Surroundings { format, prompted, clock: wall_clock, stopwatch, config: xdg::config_file() };
    let Some(mut session) = start::session(args, surroundings, &mut io::stdin().lock(), &mut output)? else {
        return Ok(false);
    };
    if prompted {
        drop((stdout, stderr));
        return prompt::run(session).map(|()| true);
    }
    let interrupt = session.interrupt();
    // Without a handler Ctrl-C ends the program all the same, but `.watch` could not put the screen in order.
    let _ = ctrlc::set_handler(move || match interrupt.is_waited_for() {
        true => interrupt.cancel(),
        false => process::exit(INTERRUPTED),
    });
    let piped = [Script::File(STDIN.into())];
    let scripts = if args.scripts.is_empty() { &piped } else { args.scripts.as_slice() };
    let mut failed = false;
    for script in scripts {
        let ran = run_script(script, &mut session, args.bail, &mut output)?;
        failed |= ran.failed;
        if ran.ended {
            break;
        }
    }
    Ok(!failed)
}

fn run_script(
    script: &Script,
    session: &mut Session,
    bail: bool,
    output: &mut Output<'_>,
) -> io::Result<Ran> {
    match script {
        Script::Text(text) => script::run(session, text.as_bytes(), bail, output),
        Script::File(path) if path.as_os_str() == STDIN => {
            script::run(session, io::stdin().lock(), bail, output)
        }
        Script::File(path) => match File::open(path) {
            Ok(file) => script::run(session, BufReader::new(file), bail, output),
            Err(error) => {
                let error = SourceError::unreadable(path, error);
                session.tell(&ShellError::Source(error), output)?;
                Ok(Ran { failed: true, ended: bail })
            }
        },
    }
}

/// The time since it was first asked for.
fn stopwatch() -> Duration {
    static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
    BEGIN.elapsed()
}

fn wall_clock() -> Timestamp {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_millis() as Timestamp,
        Err(before) => -(before.duration().as_millis() as Timestamp),
    }
}
