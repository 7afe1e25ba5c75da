//! Runs the real program to its end.

use std::io::Write;
use std::process::{Command, Stdio};

/// What a run of the program wrote, and how it ended.
pub(crate) struct Run {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) status: Option<i32>,
}

/// The program, still without arguments.
pub(crate) fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_promqlite"))
}

impl Run {
    /// Runs a command to its end with this as its standard input.
    pub(crate) fn of(command: &mut Command, stdin: &str) -> Run {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        // A program that does not read its input may be gone before all of it is written.
        let _ = child.stdin.take().expect("a pipe").write_all(stdin.as_bytes());
        let output = child.wait_with_output().expect("the program ends");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Run { out: text(output.stdout), err: text(output.stderr), status: output.status.code() }
    }
}
