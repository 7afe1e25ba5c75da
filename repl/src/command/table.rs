//! The table of commands, and how a line finds its row.

use promqlite::similar::nearest;

use super::arguments::{Argument, Arguments};
use super::{
    analyze, at, blocks, cardinality, clear, edit, expand, explain, extrapolate, format, help, instant,
    labels, let_name, load, lookback, match_groups, meta, metrics, open, output, quit, range, save, scrape,
    series, set, show, stats, timer, tree, unlet, values, watch, why,
};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;

/// One dot-command.
#[derive(Debug)]
pub struct Command {
    /// Its name, with the dot.
    pub name: &'static str,
    /// What it takes, in order.
    pub arguments: &'static [Argument],
    /// What it does, in a line.
    pub summary: &'static str,
    /// What else is worth knowing, for `.help` on this command; may be empty.
    pub details: &'static str,
    /// Does it. There are as many arguments as the row allows.
    pub run: fn(&mut Session, &Arguments, &mut Output<'_>) -> Result<(), ShellError>,
}

/// All commands, sorted by name.
pub static COMMANDS: &[Command] = &[
    analyze::COMMAND,
    at::COMMAND,
    blocks::COMMAND,
    cardinality::COMMAND,
    clear::COMMAND,
    edit::COMMAND,
    quit::EXIT,
    expand::COMMAND,
    explain::COMMAND,
    extrapolate::COMMAND,
    format::COMMAND,
    help::COMMAND,
    instant::COMMAND,
    labels::COMMAND,
    let_name::COMMAND,
    load::COMMAND,
    lookback::COMMAND,
    match_groups::COMMAND,
    meta::COMMAND,
    metrics::COMMAND,
    open::COMMAND,
    output::COMMAND,
    quit::COMMAND,
    range::COMMAND,
    save::COMMAND,
    scrape::COMMAND,
    series::COMMAND,
    set::COMMAND,
    show::COMMAND,
    stats::COMMAND,
    timer::COMMAND,
    tree::COMMAND,
    unlet::COMMAND,
    values::COMMAND,
    watch::COMMAND,
    why::COMMAND,
];

/// The command of this name, which may lack its dot.
pub fn lookup(name: &str) -> Option<&'static Command> {
    let bare = name.strip_prefix('.').unwrap_or(name);
    COMMANDS.iter().find(|command| &command.name[1..] == bare)
}

impl Command {
    /// The command with its arguments, in brackets those that may be left out: `.load FILE [TIME]`.
    pub fn usage(&self) -> String {
        let mut usage = self.name.to_owned();
        for argument in self.arguments {
            usage += &if argument.required {
                format!(" {}", argument.name)
            } else {
                format!(" [{}]", argument.name)
            };
        }
        usage
    }

    /// The error of a command that was given what it does not take.
    pub fn misuse(&self, reason: impl ToString) -> ShellError {
        ShellError::Misuse { usage: self.usage(), reason: reason.to_string() }
    }
}

/// Runs the command `name` with the text that stands behind it.
pub fn run(session: &mut Session, name: &str, rest: &str, output: &mut Output<'_>) -> Result<(), ShellError> {
    let Some(command) = lookup(name) else {
        let names = COMMANDS.iter().map(|command| command.name);
        let help = format!("{}`.help` lists the commands", did_you_mean(name, names));
        return Err(ShellError::Unknown { what: format!("command {name}"), help });
    };
    let arguments = match command.arguments.split_last() {
        Some((last, words)) if last.kind.takes_the_rest() => Arguments::with_rest(rest, words.len()),
        _ => Arguments::split(rest),
    }
    .map_err(|error| command.misuse(error))?;
    let required = command.arguments.iter().filter(|argument| argument.required).count();
    if let Some(missing) = command.arguments.get(arguments.len()).filter(|_| arguments.len() < required) {
        return Err(command.misuse(format!("{} needs {}", command.name, missing.name)));
    }
    if let Some(extra) = arguments.get(command.arguments.len()) {
        return Err(command.misuse(format!("{} does not take {extra:?}", command.name)));
    }
    (command.run)(session, &arguments, output)
}

/// The beginning of a help text: the name that is spelled most like `word`, if one is.
pub(super) fn did_you_mean<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> String {
    nearest(word, names, 1).first().map(|name| format!("did you mean {name}? ")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_and_well_formed() {
        assert!(COMMANDS.is_sorted_by_key(|command| command.name));
        for command in COMMANDS {
            assert!(command.name.starts_with('.') && command.summary.ends_with('.'), "{}", command.name);
            assert!(command.arguments.is_sorted_by_key(|argument| !argument.required), "{}", command.name);
            assert!(lookup(command.name).is_some() && lookup(&command.name[1..]).is_some());
        }
    }

    #[test]
    fn near_names() {
        let near = |word| did_you_mean(word, COMMANDS.iter().map(|command| command.name));
        assert_eq!(near(".laod"), "did you mean .load? ");
        assert_eq!(near(".rangee"), "did you mean .range? ");
        assert_eq!(near(".nonsense"), "");
    }
}
