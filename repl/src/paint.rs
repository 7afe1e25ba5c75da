//! What only a terminal can show: colours, and charts above the tables of range queries.

use promqlite::Value;
use promqlite::model::value::MatrixSeries;
use promqlite::render::chart::{Chart, Size};
use promqlite::render::table::{Align, Column, Style, Table};

use crate::output::{Terminal, harmless};

const RESET: &str = "\x1b[0m";
const DIM: &str = "\x1b[2m";
const BOLD: &str = "\x1b[1m";

/// Colours of series, told apart on dark and on light ground.
const SERIES: [&str; 8] =
    ["\x1b[36m", "\x1b[33m", "\x1b[35m", "\x1b[32m", "\x1b[31m", "\x1b[34m", "\x1b[96m", "\x1b[95m"];

/// What stands for a series beside its row.
const KEY: &str = "━━";

/// What is left out first of the courses of series, where there is not room for all.
const SPARED: [&str; 4] = ["first", "samples", "min", "max"];

/// Rows of a chart.
const CHART_HEIGHT: usize = 12;

/// The answer as a table; that of a range query of a few series below their chart.
pub fn answer(value: &Value, is_range: bool, style: &Style, terminal: Terminal) -> String {
    let mut table = Table::of(value);
    let chart = match value {
        Value::Matrix(matrix) if is_range && can_chart(matrix, terminal) => chart(matrix, terminal),
        _ => None,
    };
    let columns = table.columns.len();
    let has_key = chart.is_some() && columns > 0 && terminal.colours;
    if has_key {
        table.columns.insert(0, Column { title: String::new(), align: Align::Fixed });
        table.rows.iter_mut().for_each(|row| row.insert(0, KEY.to_owned()));
    }
    if is_range {
        for title in SPARED {
            let place = table.columns.iter().rposition(|column| column.title == title);
            if let (Some(place), false) = (place, table.fits(style)) {
                table.columns.remove(place);
                table.rows.iter_mut().for_each(|row| drop(row.remove(place)));
            }
        }
    }
    let has_titles = columns > 0 && table.fits(style);
    let text = harmless(&table.paint(style));
    let mut out = chart.unwrap_or_default();
    if !terminal.colours {
        return out + &text;
    }
    let last = text.lines().count().saturating_sub(1);
    let titles = usize::from(!table.shared.is_empty());
    let mut colours = SERIES.iter().cycle();
    for (i, line) in text.lines().enumerate() {
        if i == last {
            out.push_str(&format!("{DIM}{line}{RESET}\n"));
        } else if has_titles && i == titles {
            out.push_str(&format!("{BOLD}{line}{RESET}\n"));
        } else if let Some((before, behind)) = line.split_once(KEY).filter(|_| has_key) {
            let colour = colours.next().copied().unwrap_or_default();
            out.push_str(&format!("{before}{colour}{KEY}{RESET}{behind}\n"));
        } else {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

/// Several lines can be told apart by their colours only; a few values are read more easily as numbers.
fn can_chart(matrix: &[MatrixSeries], terminal: Terminal) -> bool {
    !terminal.ascii
        && !Table::shows_every_step(matrix)
        && matrix.len() <= if terminal.colours { SERIES.len() } else { 1 }
}

/// The drawing with its axes.
fn chart(matrix: &[MatrixSeries], terminal: Terminal) -> Option<String> {
    // Room for the values at the axis; what they take is known when they are.
    let size = Size { width: terminal.width.saturating_sub(14).min(100), height: CHART_HEIGHT };
    let chart = Chart::of(matrix, size)?;
    let gutter = chart.values.iter().map(|(_, text)| text.chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    for (i, row) in chart.rows.iter().enumerate() {
        let (label, tick) = match chart.values.iter().find(|(at, _)| *at == i) {
            Some((_, text)) => (text.as_str(), '┤'),
            None => ("", '│'),
        };
        out.push_str(&format!("{label:>gutter$} {tick}"));
        let end = row.iter().rposition(|cell| cell.glyph != ' ').map_or(0, |last| last + 1);
        for cell in &row[..end] {
            if terminal.colours && cell.glyph != ' ' {
                out.push_str(&format!("{}{}{RESET}", SERIES[cell.series % SERIES.len()], cell.glyph));
            } else {
                out.push(cell.glyph);
            }
        }
        out.push('\n');
    }
    let width = chart.rows.first().map_or(0, Vec::len);
    let axis: String = (0..width)
        .map(|column| if chart.times.iter().any(|(at, _)| *at == column) { '┬' } else { '─' })
        .collect();
    out.push_str(&format!("{:gutter$} └{axis}\n", ""));
    out.push_str(&format!("{:gutter$}  {}\n", "", time_line(&chart.times, width)));
    Some(out)
}

/// The times below their ticks: the first begins at its tick, the last ends at it, the others are centred.
fn time_line(times: &[(usize, String)], width: usize) -> String {
    let mut line = String::new();
    for (i, (column, text)) in times.iter().enumerate() {
        let length = text.chars().count();
        let wanted = match i {
            0 => *column,
            _ if i + 1 == times.len() => (column + 1).saturating_sub(length),
            _ => column.saturating_sub(length / 2),
        };
        let used = line.chars().count();
        if (i > 0 && wanted <= used) || wanted + length > width.max(length) {
            continue;
        }
        line.push_str(&" ".repeat(wanted - used));
        line.push_str(text);
    }
    line
}

/// A diagnostic with its first word and its caret in colour.
pub fn diagnostic(text: &str) -> String {
    let colour = |word: &str| match word {
        "error" => Some("\x1b[1;31m"),
        "warning" => Some("\x1b[1;33m"),
        "info" | "help" => Some("\x1b[1;36m"),
        _ => None,
    };
    let mut out = String::with_capacity(text.len() + 32);
    for line in text.split_inclusive('\n') {
        let word = line.split(':').next().unwrap_or_default();
        let bare = line.trim();
        match colour(word) {
            Some(colour) => out.push_str(&format!("{colour}{word}{RESET}{}", &line[word.len()..])),
            None if !bare.is_empty() && bare.chars().all(|c| c == '^') => {
                out.push_str(&line.replacen(bare, &format!("\x1b[1;31m{bare}{RESET}"), 1));
            }
            None => out.push_str(line),
        }
    }
    out
}
