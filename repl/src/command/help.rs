//! `.help [TOPIC]`: the commands, or one command, function or aggregation.

use promqlite::aggregations::{self, AGGREGATIONS, Aggregation};
use promqlite::functions::{self, FUNCTIONS, Function};

use super::table::did_you_mean;
use super::{Argument, Arguments, COMMANDS, Command, Kind, lookup};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: ".help",
    arguments: &[Argument::optional("TOPIC", Kind::Topic)],
    summary: "Explain the commands, or one command, function or aggregation.",
    details: "`.help functions` and `.help aggregations` list what there is.",
    run,
};

fn run(_: &mut Session, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    let text = match arguments.get(0) {
        None => overview(output.style().max_width.unwrap_or(WIDTH)),
        Some(topic) => explain(topic).ok_or_else(|| unknown(topic))?,
    };
    Ok(output.answer(&text)?)
}

/// The commands with their summaries beside them, within `width` characters.
fn overview(width: usize) -> String {
    const WIDEST_USAGE: usize = 26;
    let mut text = String::from("Anything without a dot in front is a PromQL query. Commands:\n");
    for command in COMMANDS {
        let usage = command.usage();
        // The summary of a command with many arguments begins a line of its own.
        let first = format!("  {usage:WIDEST_USAGE$}  ");
        let (mut line, indent) = if usage.len() <= WIDEST_USAGE {
            (first.clone(), first.len())
        } else {
            text += &format!("  {usage}\n");
            (" ".repeat(WIDEST_USAGE + 4), WIDEST_USAGE + 4)
        };
        for word in command.summary.split_whitespace() {
            if line.chars().count() + word.chars().count() > width && line.len() > indent {
                text += &format!("{}\n", line.trim_end());
                line = " ".repeat(indent);
            }
            line += &format!("{word} ");
        }
        text += &format!("{}\n", line.trim_end());
    }
    text + "`.help rate` explains a function, `.help functions` and `.help aggregations` list them.\n"
}

/// A name that is both, such as none is today, would be all of them, one below the other.
fn explain(topic: &str) -> Option<String> {
    let texts = [
        (topic == "functions").then(list_functions),
        (topic == "aggregations").then(list_aggregations),
        functions::lookup(topic).map(explain_function),
        aggregations::lookup(topic).map(explain_aggregation),
        lookup(topic).map(explain_command),
    ];
    texts.into_iter().flatten().reduce(|all, text| all + "\n" + &text)
}

fn list_functions() -> String {
    let names = FUNCTIONS.iter().map(|function| (function.signature(), function.summary));
    list(names)
}

fn list_aggregations() -> String {
    list(AGGREGATIONS.iter().map(|aggregation| (aggregation.signature(), aggregation.summary)))
}

fn list(entries: impl Iterator<Item = (String, &'static str)>) -> String {
    entries.map(|(signature, summary)| format!("{signature}\n    {summary}\n")).collect()
}

fn explain_function(function: &Function) -> String {
    format!(
        "{} returns {}\n{}{}",
        function.signature(),
        article(function.returns.documented()),
        wrap(function.summary),
        experimental(function.experimental)
    )
}

fn explain_aggregation(aggregation: &Aggregation) -> String {
    format!(
        "{} returns an instant vector\n{}{}",
        aggregation.signature(),
        wrap(aggregation.summary),
        experimental(aggregation.experimental)
    )
}

fn explain_command(command: &Command) -> String {
    format!("{}\n{}{}", command.usage(), wrap(command.summary), wrap(command.details))
}

fn article(noun: &str) -> String {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { format!("an {noun}") } else { format!("a {noun}") }
}

fn experimental(is: bool) -> &'static str {
    if is {
        "  Experimental: Prometheus has it behind --enable-feature=promql-experimental-functions.\n"
    } else {
        ""
    }
}

fn unknown(topic: &str) -> ShellError {
    let functions = FUNCTIONS.iter().map(|function| function.name);
    let aggregations = AGGREGATIONS.iter().map(|aggregation| aggregation.name);
    let commands = COMMANDS.iter().map(|command| command.name);
    let near = did_you_mean(topic, functions.chain(aggregations).chain(commands));
    let help = format!("{near}`.help functions`, `.help aggregations` and `.help` list what there is");
    ShellError::Unknown { what: format!("topic {topic:?}"), help }
}

/// Help that nobody's terminal limits is so wide.
const WIDTH: usize = 90;

/// `text` in lines that are indented and no longer than most terminals are wide.
fn wrap(text: &str) -> String {
    let mut out = String::new();
    let mut line = String::from(" ");
    for word in text.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH && !line.trim().is_empty() {
            out.push_str(&line);
            out.push('\n');
            line = String::from(" ");
        }
        line.push(' ');
        line.push_str(word);
    }
    if !line.trim().is_empty() {
        out.push_str(&line);
        out.push('\n');
    }
    out
}
