//! The prompt on a real terminal: completion, input over several lines, Ctrl-C and Ctrl-D.
#![cfg(unix)]

use std::process::Command;
use std::time::{Duration, Instant};

use rexpect::error::Error;
use rexpect::session::{PtySession, spawn_command};

const TIMEOUT_MS: u64 = 20_000;
const CTRL_C: &str = "\x03";
const CTRL_D: &str = "\x04";
const TAB: &str = "\t";
/// The editor switches bracketed paste off when a line ends.
const LINE_ENDS: &str = "\x1b[?2004l";

/// A shell on the demo data, with a history of its own and without colours.
struct Shell {
    terminal: PtySession,
    state: tempfile::TempDir,
}

impl Shell {
    fn start(arguments: &[&str]) -> Result<Shell, Error> {
        let state = tempfile::tempdir()?;
        Self::start_in(state, arguments)
    }

    fn start_in(state: tempfile::TempDir, arguments: &[&str]) -> Result<Shell, Error> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_promqlite"));
        command.args(arguments).env("NO_COLOR", "1").env("TERM", "xterm").env_remove("PAGER");
        command.env("XDG_STATE_HOME", state.path()).env("XDG_CONFIG_HOME", state.path());
        let terminal = spawn_command(command, Some(TIMEOUT_MS))?;
        let mut shell = Shell { terminal, state };
        shell.terminal.exp_string("promql> ")?;
        Ok(shell)
    }

    fn send(&mut self, keys: &str) -> Result<(), Error> {
        self.terminal.send(keys)?;
        self.terminal.flush()
    }

    /// Sends keys and waits for a text to be shown.
    fn expect(&mut self, keys: &str, text: &str) -> Result<(), Error> {
        self.send(keys)?;
        self.terminal.exp_string(text).map(|_| ())
    }

    /// Leaves, and waits for the end.
    fn leave(mut self) -> Result<tempfile::TempDir, Error> {
        self.send(CTRL_D)?;
        self.terminal.exp_eof()?;
        Ok(self.state)
    }
}

#[test]
fn a_question_and_an_answer() -> Result<(), Error> {
    let mut shell = Shell::start(&["--demo"])?;
    shell.expect("sum(up)\r", "1 series at 2026-03-03T12:00:00Z")?;
    shell.expect("rat(up)\r", "did you mean `rate`?")?;
    shell.expect("count(up)\r", "1 series at")?;
    shell.leave().map(|_| ())
}

#[test]
fn lines_until_brackets_are_closed() -> Result<(), Error> {
    let mut shell = Shell::start(&["--demo"])?;
    shell.send("vector(\r")?;
    shell.send("20 +\r")?;
    shell.expect("22)\r", "42")?;
    shell.leave().map(|_| ())
}

#[test]
fn tab_completes() -> Result<(), Error> {
    let mut shell = Shell::start(&["--demo"])?;
    shell.expect(&format!("document_queue_d{TAB}"), "document_queue_depth")?;
    shell.expect(&format!("{{queue_n{TAB}"), "queue_name")?;
    shell.expect(&format!("=\"thum{TAB}"), "thumbnails\"")?;
    shell.expect("}\r", "1 series at")?;
    shell.expect(&format!("sum by ({TAB}{TAB}"), "status_code")?;
    // Ctrl-C gives up the line that is being typed, and a new one begins.
    shell.expect(CTRL_C, LINE_ENDS)?;
    shell.expect("", "promql> ")?;
    shell.expect("vector(42)\r", "1 series at")?;
    shell.leave().map(|_| ())
}

#[test]
fn control_c_ends_the_query_and_not_the_shell() -> Result<(), Error> {
    let mut shell = Shell::start(&["--demo"])?;
    shell.expect(".range end-3h end 10ms\r", "step 10ms")?;
    // Some minutes of work.
    shell.expect("sum(quantile_over_time(0.9, http_requests_total[3h]))\r", LINE_ENDS)?;
    std::thread::sleep(Duration::from_millis(1500));
    let begin = Instant::now();
    shell.expect(CTRL_C, "query was canceled")?;
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    shell.expect(".instant\r", "evaluated at")?;
    shell.expect("sum(up)\r", "1 series at")?;
    shell.leave().map(|_| ())
}

#[test]
fn typed_lines_are_remembered() -> Result<(), Error> {
    let mut shell = Shell::start(&["--demo"])?;
    shell.expect("vector(12345)\r", "1 series at")?;
    let state = shell.leave()?;
    let mut shell = Shell::start_in(state, &["--demo"])?;
    const UP: &str = "\x1b[A";
    shell.expect(UP, "vector(12345)")?;
    shell.expect("\r", "1 series at")?;
    shell.expect(".quit\r", "")?;
    shell.terminal.exp_eof()?;
    Ok(())
}
