//! A process that writes is killed at random moments, again and again, and nothing that it has acknowledged is lost.
//!
//! This program starts itself as that process. It commits without end, cutting blocks, compacting them and removing logs
//! in between, and tells the number of each commit when it is acknowledged:
//!
//! ```text
//! child    commit 17, "17", commit 18, "18", cut blocks, commit 19 … killed
//! parent   reads "17", "18"; opens the directory: commits 0 to 18, or 0 to 19 if the last one got that far
//! ```
//!
//! What each commit has follows from its number, so the directory has to be the same as a model of the first so many. The
//! next process goes on in the same directory, as it is.
//!
//! `PROMQLITE_KILLS=2000 PROMQLITE_SEED=7 cargo test --test kill` kills more often, at other moments.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a harness stops where it cannot go on, and tells why"
)]

#[path = "../disk/model.rs"]
#[allow(dead_code, reason = "only a part of it is of use here")]
mod model;
mod writer;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use model::{Chance, Model};
use promqlite::model::TimeRange;
use promqlite::store::disk::{DataDirectory, check};

/// So often a process is killed before a new directory is begun: what was written has to be compared each time.
const KILLS_A_DIRECTORY: usize = 20;
/// The longest that a process may live, in ms.
const LONGEST: usize = 400;

fn main() {
    if let Some(dir) = std::env::var_os(writer::DIRECTORY) {
        return writer::run(Path::new(&dir));
    }
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let kills = number("PROMQLITE_KILLS").unwrap_or(200) as usize;
    let seed = number("PROMQLITE_SEED").unwrap_or(1_700_000_009);
    let trial = Trial::test(format!("killed {kills} times, seed {seed}"), move || run(kills, seed));
    libtest_mimic::run(&Arguments::from_args(), vec![trial]).exit();
}

fn run(kills: usize, seed: u64) -> Result<(), Failed> {
    let mut chance = Chance(seed | 1);
    let mut total = Totals::default();
    for first in (0..kills).step_by(KILLS_A_DIRECTORY) {
        let dir = tempfile::tempdir()?;
        let mut commits = Commits::default();
        for kill in first..kills.min(first + KILLS_A_DIRECTORY) {
            let context = format!("seed {seed}, kill {kill}");
            one_life(dir.path(), &mut commits, &mut chance, &context, &mut total);
        }
        total.commits += commits.acknowledged;
    }
    eprintln!(
        "{kills} kills: {} commits acknowledged, {} more got through, {} times there were compacted blocks",
        total.commits, total.unacknowledged, total.compacted
    );
    assert!(total.commits > 0 && (kills < 100 || total.compacted > 0 && total.unacknowledged > 0));
    Ok(())
}

/// What happened, so that a test that meets nothing is noticed.
#[derive(Default)]
struct Totals {
    commits: u64,
    unacknowledged: usize,
    compacted: usize,
}

/// How many commits are in the directory.
#[derive(Default)]
struct Commits {
    acknowledged: u64,
    model: Model,
    /// How many commits the model has.
    in_model: u64,
}

impl Commits {
    /// The first `count` commits.
    fn first(&mut self, count: u64) -> &Model {
        assert!(self.in_model <= count);
        for number in self.in_model..count {
            for (labels, time, value) in writer::samples(number) {
                self.model.add(&labels, time, 0, &value);
            }
        }
        self.in_model = count;
        &self.model
    }
}

/// Starts a process, kills it, and looks at what it leaves.
fn one_life(dir: &Path, commits: &mut Commits, chance: &mut Chance, context: &str, total: &mut Totals) {
    let mut child = Killed(
        Command::new(std::env::current_exe().unwrap())
            .env(writer::DIRECTORY, dir)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let output = child.0.stdout.take().unwrap();
    // As often in the first moments as in all others.
    let longest = 1 + chance.below(LONGEST);
    std::thread::sleep(Duration::from_millis(chance.below(longest) as u64));
    if chance.below(4) == 0 {
        // Who reads beside a writer sees a whole number of commits.
        read_beside(dir, commits, context);
    }
    child.0.kill().unwrap();
    child.0.wait().unwrap();
    acknowledged(output, commits, context);
    let store = match DataDirectory::open(dir) {
        Ok(store) => store,
        // It was killed before there was anything.
        Err(_) if commits.acknowledged == 0 && !dir.join("wal").exists() => return,
        Err(error) => panic!("{context}: {error}"),
    };
    total.compacted += usize::from(store.blocks().any(|block| block.compaction.level > 1));
    let findings = check(dir).unwrap();
    assert!(findings.iter().all(|finding| finding.harmless), "{context}: {findings:?}");
    let found = Model::of(&store, TimeRange::ALL);
    let difference = commits.first(commits.acknowledged).difference(&found);
    if let Some(difference) = difference {
        // The commit that was under way may have come through, but then all of it.
        let with_next = commits.first(commits.acknowledged + 1).difference(&found);
        assert!(with_next.is_none(), "{context}: {difference}, and with one more commit: {with_next:?}");
        commits.acknowledged += 1;
        total.unacknowledged += 1;
    }
}

/// A directory that is opened while it is written to has so many whole commits, and all that were acknowledged before.
fn read_beside(dir: &Path, commits: &Commits, context: &str) {
    let Ok(store) = DataDirectory::open(dir) else { return };
    let found = Model::of(&store, TimeRange::ALL);
    let count = found.0.get(&writer::counter()).map_or(0, |samples| samples.len() as u64);
    assert!(count >= commits.acknowledged, "{context}: {count} of {} commits", commits.acknowledged);
    let mut expected = Commits::default();
    let difference = expected.first(count).difference(&found);
    assert!(difference.is_none(), "{context}, beside the writer: {difference:?}");
}

/// Takes in what the process has told.
fn acknowledged(output: ChildStdout, commits: &mut Commits, context: &str) {
    for line in BufReader::new(output).split(b'\n') {
        let line = String::from_utf8(line.unwrap()).unwrap();
        let number: u64 = line.parse().unwrap_or_else(|_| panic!("{context}: {line}"));
        assert_eq!(number, commits.acknowledged, "{context}");
        commits.acknowledged += 1;
    }
}

/// A process that does not outlive the test.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
