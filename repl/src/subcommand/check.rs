//! `promqlite check DIR...`: reads all of a data directory and tells what is wrong with it.

use std::io;
use std::path::PathBuf;

use clap::{ArgMatches, Args, FromArgMatches};
use promqlite::store::disk::{StdIo, check_reporting};

use super::Subcommand;
use crate::output::Output;
use crate::progress::bytes_bar;
use crate::start::Clock;

pub(super) const SUBCOMMAND: Subcommand = Subcommand { name: "check", flags: Flags::augment_args, run };

/// Read all of a Prometheus data directory, and tell what is damaged: the file, where in it, and what is wrong.
///
/// Each checksum is computed, each chunk decoded, and what files say of one another is compared. Nothing is changed.
/// What is called harmless loses nothing, such as a write that was cut off before it was acknowledged.
///
/// Exit status: 0 when nothing is wrong but what is harmless, 1 otherwise.
#[derive(Debug, Args)]
struct Flags {
    /// A data directory, or the directory of one block
    #[arg(value_name = "DIR", required = true)]
    directories: Vec<PathBuf>,
}

fn run(arguments: &ArgMatches, _: Clock, output: &mut Output<'_>) -> io::Result<bool> {
    let flags = Flags::from_arg_matches(arguments).map_err(io::Error::other)?;
    let mut sound = true;
    for directory in &flags.directories {
        let bar = bytes_bar(0);
        bar.set_message(directory.display().to_string());
        let checked = check_reporting(&StdIo::new(), directory, &mut |progress| {
            bar.set_length(progress.total_bytes);
            bar.set_position(progress.bytes);
        });
        bar.finish_and_clear();
        match checked {
            Ok(findings) => {
                for finding in &findings {
                    output.answer(&format!("{finding}\n"))?;
                }
                let problems = findings.iter().filter(|finding| !finding.harmless).count();
                let told = match problems {
                    0 => "nothing is wrong".to_owned(),
                    1 => "1 problem".to_owned(),
                    _ => format!("{problems} problems"),
                };
                output.answer(&format!("{}: {told}\n", directory.display()))?;
                sound &= problems == 0;
            }
            Err(error) => {
                output.remark(&format!("error: {error}\n"))?;
                sound = false;
            }
        }
    }
    Ok(sound)
}
