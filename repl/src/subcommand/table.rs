//! The table of subcommands.

use std::io;

use clap::ArgMatches;

use super::{check, completions, config, export, import, man, test};
use crate::output::Output;
use crate::start::Clock;

/// One subcommand.
#[derive(Debug)]
pub struct Subcommand {
    /// Its name, the first word behind that of the program.
    pub name: &'static str,
    /// Describes its flags, and itself in a sentence.
    pub flags: fn(clap::Command) -> clap::Command,
    /// Does it: takes its own arguments and the wall clock, and tells whether all went well. The error is that of the streams: all others are told to the user.
    pub run: fn(&ArgMatches, Clock, &mut Output<'_>) -> io::Result<bool>,
}

/// All subcommands, in the order of the help.
pub static SUBCOMMANDS: &[Subcommand] = &[
    check::SUBCOMMAND,
    export::SUBCOMMAND,
    import::SUBCOMMAND,
    test::SUBCOMMAND,
    config::SUBCOMMAND,
    completions::SUBCOMMAND,
    man::SUBCOMMAND,
];

/// The subcommand of this name.
pub fn lookup(name: &str) -> Option<&'static Subcommand> {
    SUBCOMMANDS.iter().find(|subcommand| subcommand.name == name)
}

impl Subcommand {
    /// The subcommand as clap describes it.
    pub fn command(&self) -> clap::Command {
        (self.flags)(clap::Command::new(self.name))
    }
}
