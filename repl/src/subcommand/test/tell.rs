//! What people read while scripts run: what failed, a line for each file, and a summary.

use std::io;

use promqlite::testing::Failure;

use super::run::{Broken, FileRun, Outcome, Totals};
use crate::output::{Output, harmless};

const RESET: &str = "\x1b[0m";
const BAD: &str = "\x1b[1;31m";
const GOOD: &str = "\x1b[1;32m";

/// Tells of a file: its failures, and how many there are.
pub(super) fn file(run: &FileRun, output: &mut Output<'_>) -> io::Result<()> {
    match &run.broken {
        Some(Broken::Script(reason)) => failure(&format!("{reason}\n"), output)?,
        Some(Broken::Command(broken)) => told(broken, output)?,
        None => {}
    }
    for case in &run.cases {
        if let Outcome::Failed(failure) = &case.outcome {
            told(failure, output)?;
        }
    }
    line(&format!("{}: ", run.name), run.totals(), output)
}

/// Tells of all files.
pub(super) fn summary(files: usize, totals: Totals, output: &mut Output<'_>) -> io::Result<()> {
    let plural = if files == 1 { "" } else { "s" };
    output.answer("\n")?;
    line(&format!("{files} file{plural}: "), totals, output)
}

fn told(one: &Failure, output: &mut Output<'_>) -> io::Result<()> {
    failure(&format!("{one}\n"), output)
}

/// A failure, with its first line in colour.
fn failure(text: &str, output: &mut Output<'_>) -> io::Result<()> {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    match colours(output) {
        true => output.painted(&format!("{BAD}{}{RESET}\n{}", harmless(first), harmless(rest))),
        false => output.answer(text),
    }
}

fn line(what: &str, totals: Totals, output: &mut Output<'_>) -> io::Result<()> {
    let Totals { passed, failed, not_run } = totals;
    let counts = [(passed, "passed", GOOD), (failed, "failed", BAD), (not_run, "not run", BAD)];
    let counted = counts.iter().filter(|(count, ..)| *count > 0);
    let colours = colours(output);
    let texts = counted.map(|(count, word, colour)| match colours {
        true => format!("{colour}{count} {word}{RESET}"),
        false => format!("{count} {word}"),
    });
    let mut text = texts.collect::<Vec<_>>().join(", ");
    if text.is_empty() {
        text.push_str("nothing to run");
    }
    output.painted(&format!("{}{text}\n", harmless(what)))
}

fn colours(output: &Output<'_>) -> bool {
    output.shown_on().is_some_and(|terminal| terminal.colours)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Terminal;

    fn told(colours: bool) -> String {
        let run = FileRun {
            name: "a\x1b.test".to_owned(),
            cases: Vec::new(),
            broken: Some(Broken::Script("a.test:1: no \x1b[2J".to_owned())),
        };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let terminal = Some(Terminal { width: 80, height: None, ascii: false, colours });
        file(&run, &mut Output::new(&mut out, &mut err, terminal)).unwrap();
        assert!(err.is_empty());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn terminals_get_colours_and_nothing_else_that_controls_them() {
        assert_eq!(
            told(true),
            "\x1b[1;31ma.test:1: no \\x1b[2J\x1b[0m\na\\x1b.test: \x1b[1;31m1 failed\x1b[0m\n"
        );
        assert_eq!(told(false), "a.test:1: no \\x1b[2J\na\\x1b.test: 1 failed\n");
    }
}
