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
        Self::start_with(state, arguments, &[])
    }

    fn start_with(
        state: tempfile::TempDir,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Result<Shell, Error> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_promqlite"));
        command.args(arguments).env("NO_COLOR", "1").env("TERM", "xterm").env_remove("PAGER");
        command.env("XDG_STATE_HOME", state.path()).env("XDG_CONFIG_HOME", state.path());
        command.current_dir(env!("CARGO_MANIFEST_DIR")).envs(variables.iter().copied());
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

    /// Gives the terminal another size.
    fn resize(&self, columns: u16, rows: u16) -> Result<(), Error> {
        let terminal = self.terminal.process().get_file_handle()?;
        let (columns, rows) = (columns.to_string(), rows.to_string());
        let status = Command::new("stty").args(["cols", &columns, "rows", &rows]).stdin(terminal).status()?;
        assert!(status.success());
        Ok(())
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
fn lines_that_come_faster_than_answers() -> Result<(), Error> {
    let mut shell = Shell::start(&["--demo"])?;
    shell.send("vector(41)\rvector(42)\rvector(43)\rvector(4")?;
    for answer in ["41\r\n", "42\r\n", "43\r\n"] {
        shell.terminal.exp_string(answer)?;
    }
    shell.expect("4)\r", "44\r\n")?;
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

#[test]
fn answers_keep_to_the_width_of_the_terminal() -> Result<(), Error> {
    let mut shell = Shell::start(&["--demo"])?;
    shell.expect(".set pager off\r", "pager is off")?;
    shell.resize(150, 50)?;
    shell.expect("http_requests_total{job=\"users\"}\r", "  value\r\n")?;
    shell.resize(20, 50)?;
    // There is no room for a table any more: each cell has a line.
    shell.expect("http_requests_total{job=\"users\"}\r", " 404\r\n")?;
    shell.expect("sum(up)\r", "1 series at")?;
    shell.leave().map(|_| ())
}

#[test]
fn long_answers_go_through_the_pager() -> Result<(), Error> {
    let state = tempfile::tempdir()?;
    let mut shell = Shell::start_with(state, &["--demo"], &[("PAGER", "sed 's/^/paged /'")])?;
    shell.resize(150, 12)?;
    shell.expect("http_requests_total{job=\"users\"}\r", "\n instance     ")?;
    shell.expect(".metrics\r", "paged  metric")?;
    shell.expect("sum(up)\r", "\n1 series at")?;
    shell.expect(".set pager off\r", "pager is off")?;
    shell.expect(".metrics\r", "\n metric")?;
    shell.leave().map(|_| ())
}

#[test]
fn control_c_ends_a_watch_and_not_the_shell() -> Result<(), Error> {
    let mut shell = Shell::start(&["--demo"])?;
    shell.expect(".watch 100ms vector(42)\r", "Ctrl-C ends: vector(42)")?;
    shell.expect("", "Ctrl-C ends: vector(42)")?;
    shell.expect(CTRL_C, "\x1b[?1049l")?;
    shell.expect("", "    42\r\n1 series at")?;
    shell.expect("vector(43)\r", "    43\r\n1 series at")?;
    shell.leave().map(|_| ())
}

#[test]
fn names_of_the_configuration_file_are_known_and_completed() -> Result<(), Error> {
    let state = tempfile::tempdir()?;
    let directory = state.path().join("promqlite");
    std::fs::create_dir_all(&directory)?;
    std::fs::write(directory.join("config"), "# mine\n.let window = 5m\n.set rows 2\n.sett x y\n")?;
    let mut shell = Shell::start_in(state, &["--demo"])?;
    shell.expect(&format!("count(rate(http_requests_total[$wi{TAB}"), "$window")?;
    shell.expect("]))\r", "    30\r\n1 series at")?;
    shell.expect("up\r", "8 more rows")?;
    shell.leave().map(|_| ())
}

#[test]
fn a_label_value_does_nothing_to_the_terminal() -> Result<(), Error> {
    let mut shell = Shell::start(&["tests/data/shop.test"])?;
    shell.expect("odd_label\r", "odd_label{text=\"red \\x1b[31m or two\\nlines\"}")?;
    shell.expect(&format!("odd_label{{text=\"red{TAB}{TAB}"), "x1b[31m")?;
    shell.expect(CTRL_C, LINE_ENDS)?;
    shell.leave().map(|_| ())
}

#[test]
fn what_the_editor_saves_is_run() -> Result<(), Error> {
    let state = tempfile::tempdir()?;
    let editor = [("VISUAL", ""), ("EDITOR", "sed -i s/42/43/")];
    let mut shell = Shell::start_with(state, &["--demo"], &editor)?;
    shell.expect("vector(42)\r", "    42\r\n1 series at")?;
    shell.expect(".edit\r", "vector(43)\r\n")?;
    shell.expect("", "    43\r\n1 series at")?;
    let mut shell = Shell::start_with(shell.leave()?, &["--demo"], &[("VISUAL", "true")])?;
    shell.expect("vector(42)\r", "    42\r\n1 series at")?;
    shell.expect(".edit\r", "nothing to run")?;
    shell.leave().map(|_| ())
}
