//! `promqlite import --into DIR FILE...`: samples of files into a data directory.

use std::io;
use std::path::{Path, PathBuf};

use clap::{ArgMatches, Args, FromArgMatches};
use indicatif::ProgressBar;
use promqlite::ingest::IngestedSamples;
use promqlite::store::disk::{DiskStore, WriteError};

use super::Subcommand;
use crate::moment::{Moment, Reference};
use crate::output::Output;
use crate::progress::bytes_bar;
use crate::source::{self, Loaded, SourceError};
use crate::start::Clock;

pub(super) const SUBCOMMAND: Subcommand = Subcommand { name: "import", flags: Flags::augment_args, run };

/// Append the samples of files to a data directory in Prometheus' format.
///
/// A file is Prometheus' text format, OpenMetrics, or a `.test` script, of which the `load` blocks count, the first value
/// of each line at the Unix epoch. All samples of a file come in at once, and have reached the disk when that is told;
/// of a file with an error in it nothing does. What is there already is passed over.
///
/// The directory is made if it is not there. No Prometheus server may run on it.
///
/// Exit status: 0 when all files were imported, 1 otherwise.
#[derive(Debug, Args)]
struct Flags {
    /// The data directory
    #[arg(long, value_name = "DIR")]
    into: PathBuf,

    /// What to import
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// The time of samples that have none of their own: Unix seconds, RFC 3339, or `now`; without it they are errors
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    time: Option<Moment>,
}

fn run(arguments: &ArgMatches, clock: Clock, output: &mut Output<'_>) -> io::Result<bool> {
    let flags = Flags::from_arg_matches(arguments).map_err(io::Error::other)?;
    let now = clock();
    let reference = Reference { now, newest: None, oldest: None };
    let time = flags.time.map(|moment| moment.resolve(&reference));

    let mut import = Import {
        directory: &flags.into,
        store: None,
        bar: bytes_bar(flags.files.iter().map(|path| size(path)).sum()),
    };
    let mut failed = false;
    for path in &flags.files {
        import.bar.set_message(path.display().to_string());
        let imported = source::read(path, time).and_then(|samples| import.append(path, &samples));
        match imported {
            Ok(loaded) => import.bar.suspend(|| output.answer(&format!("{}: {loaded}\n", path.display())))?,
            Err(error) => {
                failed = true;
                import.bar.suspend(|| output.remark(&format!("error: {error}\n")))?;
            }
        }
        import.bar.inc(size(path));
    }
    if let Err(error) = import.finish() {
        failed = true;
        output.remark(&format!("error: {error}\n"))?;
    }
    Ok(!failed)
}

struct Import<'a> {
    directory: &'a Path,
    /// Opened for the first file that can be read.
    store: Option<DiskStore>,
    bar: ProgressBar,
}

impl Import<'_> {
    fn append(&mut self, path: &Path, samples: &IngestedSamples) -> Result<Loaded, SourceError> {
        let store = match &mut self.store {
            Some(store) => store,
            none => none.insert(DiskStore::open(self.directory)?),
        };
        let mut appender = store.appender();
        for series in &samples.series {
            appender.append_series(series);
        }
        for (name, metadata) in &samples.metadata {
            appender.set_metadata(name, metadata.clone());
        }
        let name = || path.display().to_string();
        appender.commit_synced().map_err(|error| SourceError::Write { name: name(), error })?;
        Ok(Loaded::of_samples(samples))
    }

    /// Makes blocks of what is due.
    fn finish(self) -> Result<(), WriteError> {
        self.bar.set_message("writing blocks");
        let done = self.store.map_or(Ok(()), |store| store.maintain().map(|_| ()));
        self.bar.finish_and_clear();
        done
    }
}

fn size(path: &Path) -> u64 {
    path.metadata().map_or(0, |metadata| metadata.len())
}
