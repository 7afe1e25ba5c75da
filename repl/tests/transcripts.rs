//! Whole sessions as they look, one file each in `repl/tests/transcripts/`.
//!
//! A file tells what it shows in lines with `#`, then how the shell is started, then what is typed and answered. A
//! subcommand takes no input, so that its answer is the rest of the file.
//!
//! ```text
//! # A question and its answer.
//! $ promqlite --demo
//! promql> 1 + 1
//! ...
//! ```
//!
//! `UPDATE_TRANSCRIPTS=1` writes the answers into the files instead of comparing them.

use std::cell::RefCell;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use promqlite::render;
use promqlite_repl::args::Invocation;
use promqlite_repl::input::{is_complete, without_continuations};
use promqlite_repl::output::{Output, Terminal};
use promqlite_repl::session::Outcome;
use promqlite_repl::start::{self, Surroundings};

const PROMPT: &str = "promql> ";
const CONTINUED: &str = "   ...> ";

/// Where the reference data lies, seen from here.
const REFERENCE: &str = "../../shared";

/// 2024-05-01T12:00:00Z
const CLOCK: i64 = 1_714_564_800_000;

/// Each look at it takes a millisecond.
fn stopwatch() -> Duration {
    static LOOKS: AtomicU64 = AtomicU64::new(0);
    Duration::from_millis(LOOKS.fetch_add(1, Ordering::Relaxed))
}

/// Both streams of a session end here, as on a screen.
#[derive(Clone, Default)]
struct Screen(Rc<RefCell<Vec<u8>>>);

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The transcript with the answers that the shell gives to what is typed in `script`.
fn replay(script: &str) -> io::Result<String> {
    let screen = Screen::default();
    let (mut out, mut err) = (screen.clone(), screen.clone());
    let terminal = Some(Terminal { width: 100, height: None, ascii: false, colours: false });
    let mut output = Output::new(&mut out, &mut err, terminal);
    let mut typed = screen.clone();

    let mut lines = script.lines().peekable();
    while let Some(comment) = lines.next_if(|line| line.starts_with('#') || line.is_empty()) {
        writeln!(typed, "{comment}")?;
    }
    let start = lines.next().and_then(|line| line.strip_prefix("$ "));
    let start = start.ok_or_else(|| io::Error::other("a transcript begins with `$ promqlite ...`"))?;
    writeln!(typed, "$ {start}")?;
    let args = match Invocation::parse(start.split_whitespace()).map_err(io::Error::other)? {
        Invocation::Shell(args) => args,
        Invocation::Subcommand(subcommand, arguments) => {
            if !(subcommand.run)(&arguments, || CLOCK, &mut output)? {
                writeln!(typed, "[exit status 1]")?;
            }
            let bytes = screen.0.borrow().clone();
            return String::from_utf8(bytes).map_err(io::Error::other);
        }
    };
    let surroundings = Surroundings {
        format: &render::table::FORMAT,
        prompted: true,
        clock: || CLOCK,
        stopwatch,
        config: None,
    };
    if let Some(mut session) = start::session(&args, surroundings, &mut io::empty(), &mut output)? {
        while let Some(line) = lines.next() {
            let Some(first) = line.strip_prefix(PROMPT.trim_end()) else { continue };
            let mut input = first.strip_prefix(' ').unwrap_or(first).to_owned();
            writeln!(typed, "{}", line.trim_end())?;
            while !is_complete(&input) {
                let next = lines.next().and_then(|line| line.strip_prefix(CONTINUED.trim_end()));
                let next = next.ok_or_else(|| io::Error::other(format!("{input:?} is not complete")))?;
                input = input + "\n" + next.strip_prefix(' ').unwrap_or(next);
                writeln!(typed, "{}{next}", CONTINUED.trim_end())?;
            }
            if session.run(&without_continuations(&input), &mut output)? == Outcome::Left {
                break;
            }
        }
    }
    let bytes = screen.0.borrow().clone();
    String::from_utf8(bytes).map_err(io::Error::other)
}

#[test]
fn sessions_look_as_written() -> io::Result<()> {
    std::env::set_current_dir(env!("CARGO_MANIFEST_DIR"))?;
    let directory = Path::new("tests/transcripts");
    let mut files: Vec<_> =
        fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    files.sort();
    assert!(!files.is_empty());
    let update = std::env::var_os("UPDATE_TRANSCRIPTS").is_some();
    let mut different = Vec::new();
    for path in files {
        let expected = fs::read_to_string(&path)?;
        if expected.contains(REFERENCE) && !reference_is_there() {
            continue;
        }
        let actual =
            replay(&expected).map_err(|error| io::Error::other(format!("{}: {error}", path.display())))?;
        if actual != expected {
            different.push(format!("{}\n{}", path.display(), first_difference(&expected, &actual)));
            if update {
                fs::write(&path, actual)?;
            }
        }
    }
    assert!(update || different.is_empty(), "{}", different.join("\n"));
    Ok(())
}

/// Whether there is the reference data, which a checkout can do without unless it is demanded.
fn reference_is_there() -> bool {
    let found = Path::new(REFERENCE).exists();
    assert!(found || std::env::var_os("PROMQLITE_REQUIRE_CONFORMANCE").is_none(), "{REFERENCE} is missing");
    found
}

fn first_difference(expected: &str, actual: &str) -> String {
    let (mut expected, mut actual) = (expected.lines(), actual.lines());
    for number in 1.. {
        match (expected.next(), actual.next()) {
            (None, None) => break,
            (a, b) if a == b => {}
            (a, b) => {
                let (a, b) = (a.unwrap_or("(end of file)"), b.unwrap_or("(end of file)"));
                return format!("  line {number}\n  expected: {a}\n  got:      {b}");
            }
        }
    }
    "  only the end of the last line".to_owned()
}

/// The sessions in README.md are parts of the transcript `tour.txt`.
#[test]
fn the_readme_shows_real_sessions() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tour = fs::read_to_string(root.join("tests/transcripts/tour.txt"))?;
    let readme = fs::read_to_string(root.join("../README.md"))?;
    let blocks = readme.split("```text\n").skip(1).filter_map(|rest| rest.split("```").next());
    let sessions: Vec<&str> = blocks.filter(|block| block.starts_with(PROMPT)).collect();
    assert!(sessions.len() > 2);
    for session in sessions {
        for exchange in session.split("promql> ").filter(|exchange| !exchange.is_empty()) {
            assert!(
                tour.contains(&format!("promql> {exchange}")),
                "README.md shows what the shell does not:\n{exchange}"
            );
        }
    }
    Ok(())
}

/// The sessions in docs/prompt.md.
#[test]
fn the_page_for_the_prompt_shows_real_sessions() -> io::Result<()> {
    const BLOCK: &str = "```text\n$ ";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/prompt.md");
    let page = fs::read_to_string(&path)?;
    let mut shown = String::new();
    for (at, part) in page.split(BLOCK).enumerate() {
        match part.split_once("```") {
            Some((session, after)) if at > 0 => {
                let replayed = replay(&format!("$ {session}"))?;
                shown += &format!("```text\n{replayed}```{after}");
            }
            _ => shown += part,
        }
    }
    assert!(page.matches(BLOCK).count() > 3);
    if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
        return fs::write(&path, shown);
    }
    assert!(shown == page, "docs/prompt.md\n{}", first_difference(&page, &shown));
    Ok(())
}
