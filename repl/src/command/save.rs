//! `.save FILE`: the last answer in a file.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use promqlite::export::{ExportError, Exported, open_metrics};
use promqlite::model::TimeRange;
use promqlite::render::{self, Format};

use super::{Argument, Arguments, Command, Kind};
use crate::error::ShellError;
use crate::output::Output;
use crate::session::Session;
use crate::source::SourceError;

pub(super) const COMMAND: Command = Command {
    name: ".save",
    arguments: &[Argument::required("FILE", Kind::File)],
    summary: "Write the last answer into a file (.csv, .json, .md, .txt, .promql), or all data (.om).",
    details: "The end of the name says in which format: .txt is the table, .promql the plain text that pipes get. A file \
              that is there is written over. A name that ends in .om gets all samples that can be queried, as OpenMetrics text, which `.load` reads \
              again; without native histograms, which that cannot say. `.output FORMAT FILE` writes all answers to come.",
    run,
};

fn run(session: &mut Session, arguments: &Arguments, output: &mut Output<'_>) -> Result<(), ShellError> {
    let path = Path::new(arguments.get(0).unwrap_or_default());
    if path.extension().is_some_and(|extension| extension == "om") {
        return save_data(session, path, output);
    }
    let Some(format) = format_of(path) else {
        let reason = format!("{} does not end in .csv, .json, .md, .txt, .promql or .om", path.display());
        return Err(COMMAND.misuse(reason));
    };
    let Some(text) = session.last_answer(format) else {
        return Err(COMMAND.misuse("there was no answer yet"));
    };
    fs::write(path, text).map_err(|error| SourceError::unreadable(path, error))?;
    session.say(format_args!("{}: the last answer as {}", path.display(), format.name), output)
}

/// All that can be queried.
fn save_data(session: &Session, path: &Path, output: &mut Output<'_>) -> Result<(), ShellError> {
    let unwritable = |error: io::Error| SourceError::unreadable(path, error);
    let mut file = BufWriter::new(File::create(path).map_err(unwritable)?);
    let exported = match open_metrics(session.store(), &[&[]], TimeRange::ALL, &mut file) {
        Ok(exported) => exported,
        Err(ExportError::Store(error)) => return Err(error.into()),
        Err(ExportError::Write(error)) => return Err(unwritable(error).into()),
        Err(error) => return Err(unwritable(io::Error::other(error)).into()),
    };
    file.flush().map_err(unwritable)?;
    let left_out = match exported.histograms {
        0 => String::new(),
        count => format!(", without {count} native histograms"),
    };
    let Exported { series, samples, .. } = exported;
    session.say(format_args!("{}: {samples} samples of {series} series{left_out}", path.display()), output)
}

/// The format that the end of a file\'s name asks for.
fn format_of(path: &Path) -> Option<&'static Format> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    render::lookup(match extension.as_str() {
        "md" => "markdown",
        "txt" => "table",
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_by_the_ends_of_names() {
        let table = [
            ("a.csv", Some("csv")),
            ("a/b.JSON", Some("json")),
            ("a.md", Some("markdown")),
            ("a.txt", Some("table")),
            ("a.promql", Some("promql")),
            ("a.xml", None),
            ("csv", None),
        ];
        for (name, format) in table {
            assert_eq!(format_of(Path::new(name)).map(|format| format.name), format, "{name}");
        }
    }
}
