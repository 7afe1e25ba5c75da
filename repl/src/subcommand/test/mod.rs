//! `promqlite test FILE...`: runs `.test` scripts and tells what did not come out as they say.
//!
//! ```text
//! $ promqlite test rules/
//! rules/errors.test: 3 passed
//! rules/latency.test: 1 passed, 1 failed
//! ...
//! 2 files: 4 passed, 1 failed
//! ```

mod files;
mod junit;
mod run;
mod tell;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::{ArgMatches, Args, FromArgMatches};
use regex::Regex;

use self::run::{FileRun, Totals};
use super::Subcommand;
use crate::output::Output;
use crate::start::Clock;

pub(super) const SUBCOMMAND: Subcommand = Subcommand { name: "test", flags: Flags::augment_args, run };

/// Run `.test` scripts, and tell which of their queries did not answer as they say.
///
/// Each file starts with nothing in the store; the features that Prometheus calls experimental are on. What failed is
/// told with file and line, what was expected and what came.
///
/// Exit status: 0 when all passed, 1 when something failed, or nothing was run, 2 when the command line is wrong.
#[derive(Debug, Args)]
struct Flags {
    /// A script, a directory whose `*.test` files are all run, a pattern such as 'rules/**/*.test', or `-` for standard
    /// input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// Run only queries for whose `FILE:LINE QUERY` this regular expression matches; may be given several times. The data
    /// is loaded all the same
    #[arg(long = "run", value_name = "PATTERN", allow_hyphen_values = true)]
    patterns: Vec<Regex>,

    /// Also write what came out as JUnit XML, for those who collect it
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

fn run(arguments: &ArgMatches, _: Clock, output: &mut Output<'_>) -> io::Result<bool> {
    let flags = Flags::from_arg_matches(arguments).map_err(io::Error::other)?;
    let is_wanted =
        |name: &str| flags.patterns.is_empty() || flags.patterns.iter().any(|pattern| pattern.is_match(name));
    let mut all_well = true;
    let mut runs: Vec<FileRun> = Vec::new();
    for path in &flags.files {
        match files::found(path) {
            Ok(files) => {
                for file in files {
                    let run = run::file(&file, is_wanted);
                    if run.was_wanted() || flags.patterns.is_empty() {
                        tell::file(&run, output)?;
                        runs.push(run);
                    }
                }
            }
            Err(error) => {
                output.remark(&format!("error: {error}\n"))?;
                all_well = false;
            }
        }
    }
    let totals: Totals = runs.iter().map(|run| run.totals()).sum();
    tell::summary(runs.len(), totals, output)?;
    if totals == Totals::default() && all_well {
        let nothing = if flags.patterns.is_empty() { "there is no eval" } else { "no query matches" };
        output.remark(&format!("error: {nothing}: nothing was tested\n"))?;
        all_well = false;
    }
    if let Some(path) = &flags.junit
        && let Err(error) = write_junit(path, &runs)
    {
        output.remark(&format!("error: {}: {error}\n", path.display()))?;
        all_well = false;
    }
    Ok(all_well && totals.failed == 0 && totals.not_run == 0)
}

fn write_junit(path: &PathBuf, runs: &[FileRun]) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    junit::report(runs).serialize(&mut file).map_err(io::Error::other)?;
    file.flush()
}
