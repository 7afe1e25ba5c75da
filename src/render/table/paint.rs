//! A table as lines of text, for anything that shows characters in columns of one width.

use unicode_width::UnicodeWidthStr;

use super::{Align, Column, Table};

/// No column of text is cut below this width.
const NARROWEST: usize = 8;

/// What the place that shows a table asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Columns of text are cut (with an ellipsis) until a line has at most this many characters. If that cannot be, each
    /// row is written as a record: a line for each cell that is not empty.
    pub max_width: Option<usize>,
    /// So many rows are shown; how many more there are is told below them.
    pub max_rows: Option<usize>,
    /// Rules are drawn with `|` and `-` instead of box-drawing characters, and cut text ends in `~`.
    pub ascii: bool,
}

/// One column's measures.
struct Layout {
    width: usize,
    /// Of numbers: the room from the decimal point on.
    fraction: usize,
}

pub(super) fn paint(table: &Table, style: &Style) -> String {
    let mut out = String::new();
    if !table.shared.is_empty() {
        out.push_str(&table.shared);
        out.push('\n');
    }
    let shown = shown(table, style);
    match arrange(table, style) {
        _ if table.columns.is_empty() => {}
        Some((layouts, pad)) => push_rows(&mut out, table, shown, &layouts, pad, style),
        None => push_records(&mut out, table, shown, style),
    }
    if shown.len() < table.rows.len() {
        let more = if style.ascii { "..." } else { "…" };
        out.push_str(&format!(" {more} {} more rows\n", table.rows.len() - shown.len()));
    }
    if !table.footer.is_empty() {
        out.push_str(&table.footer);
        out.push('\n');
    }
    out
}

fn shown<'t>(table: &'t Table, style: &Style) -> &'t [Vec<String>] {
    &table.rows[..table.rows.len().min(style.max_rows.unwrap_or(usize::MAX))]
}

/// Whether the rows, cut as far as they can be, find room in a line each. Two columns always do.
pub(super) fn fits(table: &Table, style: &Style) -> bool {
    arrange(table, style).is_some()
}

/// How wide the columns are, and how many spaces stand on either side of a cell; `None` if there is not room for all.
fn arrange(table: &Table, style: &Style) -> Option<(Vec<Layout>, usize)> {
    let rows = shown(table, style);
    let Some(max_width) = style.max_width else { return Some((layouts(&table.columns, rows, style, 1), 1)) };
    for pad in [1, 0] {
        let layouts = layouts(&table.columns, rows, style, pad);
        if layouts.iter().map(|layout| layout.width + 2 * pad + 1).sum::<usize>() <= max_width + 1 {
            return Some((layouts, pad));
        }
    }
    (table.columns.len() <= 2).then(|| (layouts(&table.columns, rows, style, 1), 1))
}

/// What the lines between cells are drawn with: upright, level, and where both meet.
fn rules(style: &Style) -> (&'static str, &'static str, &'static str) {
    if style.ascii { ("|", "-", "+") } else { ("│", "─", "┼") }
}

fn push_rows(
    out: &mut String,
    table: &Table,
    rows: &[Vec<String>],
    layouts: &[Layout],
    pad: usize,
    style: &Style,
) {
    let (bar, line, cross) = rules(style);
    let titles = table.columns.iter().zip(layouts).map(|(column, layout)| {
        let title = cut(&column.title, layout.width, style.ascii);
        match column.align {
            Align::Number => pad_left(title, layout.width),
            Align::Text | Align::Fixed => pad_right(title, layout.width),
        }
    });
    push_row(out, bar, pad, titles);
    let rules: Vec<String> = layouts.iter().map(|layout| line.repeat(layout.width + 2 * pad)).collect();
    out.push_str(&rules.join(cross));
    out.push('\n');
    for row in rows {
        let cells = row.iter().zip(&table.columns).zip(layouts);
        let cells = cells.map(|((cell, column), layout)| align(cell, column.align, layout, style.ascii));
        push_row(out, bar, pad, cells);
    }
}

/// A line for each cell that is not empty.
fn push_records(out: &mut String, table: &Table, rows: &[Vec<String>], style: &Style) {
    let (bar, line, cross) = rules(style);
    let width = table.columns.iter().map(|column| column.title.width()).max().unwrap_or(0);
    let rule = format!("{}{cross}{}\n", line.repeat(width + 2), line.repeat(width + 2));
    let mut records = Vec::new();
    for row in rows {
        let mut record = String::new();
        for (cell, column) in row.iter().zip(&table.columns).filter(|(cell, _)| !cell.is_empty()) {
            let title = pad_right(column.title.clone(), width);
            record.push_str(&format!(" {title} {bar} {cell}\n"));
        }
        records.push(record);
    }
    out.push_str(&records.join(&rule));
}

fn push_row(out: &mut String, bar: &str, pad: usize, cells: impl Iterator<Item = String>) {
    let pad = &" "[..pad];
    let cells: Vec<String> = cells.map(|cell| format!("{pad}{cell}{pad}")).collect();
    out.push_str(cells.join(bar).trim_end());
    out.push('\n');
}

fn layouts(columns: &[Column], rows: &[Vec<String>], style: &Style, pad: usize) -> Vec<Layout> {
    let mut layouts: Vec<Layout> = columns
        .iter()
        .enumerate()
        .map(|(i, column)| {
            let cells = || rows.iter().map(|row| row[i].as_str());
            let (width, fraction) = match column.align {
                Align::Number => {
                    let whole = cells().map(|cell| halves(cell).0.width()).max().unwrap_or(0);
                    let fraction = cells().map(|cell| halves(cell).1.width()).max().unwrap_or(0);
                    (whole + fraction, fraction)
                }
                Align::Text | Align::Fixed => (cells().map(UnicodeWidthStr::width).max().unwrap_or(0), 0),
            };
            let width = width.max(column.title.width());
            Layout { width, fraction }
        })
        .collect();
    if let Some(max_width) = style.max_width {
        let mut excess =
            layouts.iter().map(|l| l.width + 2 * pad + 1).sum::<usize>().saturating_sub(max_width + 1);
        while excess > 0 {
            let cuttable = columns.iter().zip(&mut layouts).filter(|(column, _)| column.align == Align::Text);
            match cuttable.map(|(_, layout)| layout).max_by_key(|layout| layout.width) {
                Some(widest) if widest.width > NARROWEST => widest.width -= 1,
                _ => break,
            }
            excess -= 1;
        }
    }
    layouts
}

fn align(cell: &str, align: Align, layout: &Layout, ascii: bool) -> String {
    match align {
        Align::Text => pad_right(cut(cell, layout.width, ascii), layout.width),
        Align::Fixed => pad_right(cell.to_owned(), layout.width),
        Align::Number => {
            let (whole, fraction) = halves(cell);
            let number = whole.to_owned() + &pad_right(fraction.to_owned(), layout.fraction);
            pad_left(number, layout.width)
        }
    }
}

fn pad_right(text: String, width: usize) -> String {
    let pad = " ".repeat(width.saturating_sub(text.width()));
    text + &pad
}

fn pad_left(text: String, width: usize) -> String {
    " ".repeat(width.saturating_sub(text.width())) + &text
}

/// What stands before the decimal point, the exponent or a unit, and the rest.
fn halves(number: &str) -> (&str, &str) {
    let at = match number.as_bytes() {
        [b'0'..=b'9' | b'-', ..] => number.find(['.', 'e', ' ']).unwrap_or(number.len()),
        _ => number.len(),
    };
    number.split_at(at)
}

fn cut(text: &str, width: usize, ascii: bool) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.to_string().width();
        if used > width {
            break;
        }
        out.push(c);
    }
    out.push(if ascii { '~' } else { '…' });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(columns: &[(&str, Align)], rows: &[&[&str]]) -> Table {
        Table {
            shared: String::new(),
            columns: columns
                .iter()
                .map(|(title, align)| Column { title: title.to_string(), align: *align })
                .collect(),
            rows: rows.iter().map(|row| row.iter().map(|cell| cell.to_string()).collect()).collect(),
            footer: "end".to_owned(),
        }
    }

    #[test]
    fn numbers_line_up_at_the_point() {
        let table = table(
            &[("job", Align::Text), ("value", Align::Number)],
            &[&["a", "1"], &["日本", "-12.25"], &["", "+Inf"], &["b", "1e+21"], &["c", "0.125"]],
        );
        let painted = table.paint(&Style { max_rows: Some(2), ..Style::default() });
        assert_eq!(
            painted,
            " job  │  value\n──────┼────────\n a    │   1\n 日本 │ -12.25\n … 3 more rows\nend\n",
        );
        let painted = table.paint(&Style { ascii: true, ..Style::default() });
        let lines: Vec<&str> = painted.lines().skip(2).collect();
        assert_eq!(
            lines,
            [
                " a    |    1",
                " 日本 |  -12.25",
                "      | +Inf",
                " b    |    1e+21",
                " c    |    0.125",
                "end"
            ]
        );
    }

    #[test]
    fn text_gives_way_and_numbers_do_not() {
        let table = table(
            &[("short", Align::Text), ("long", Align::Text), ("v", Align::Number)],
            &[&["ab", "abcdefghijklmnopqrstuvwxyz", "1234567890"]],
        );
        let painted = table.paint(&Style { max_width: Some(34), ..Style::default() });
        assert_eq!(painted.lines().nth(2), Some(" ab    │ abcdefghij… │ 1234567890"));
        let painted = table.paint(&Style { max_width: Some(31), ascii: true, ..Style::default() });
        assert_eq!(painted.lines().nth(2), Some(" ab    | abcdefg~ | 1234567890"));
        let painted = table.paint(&Style { max_width: Some(27), ..Style::default() });
        assert_eq!(painted.lines().nth(2), Some("ab   │abcdefghi…│1234567890"));
    }

    #[test]
    fn rows_that_do_not_fit_are_records() {
        let table = table(
            &[("short", Align::Text), ("long", Align::Text), ("v", Align::Number)],
            &[&["ab", "abcdefghijklm", "12"], &["", "x", "3.5"], &["c", "y", "4"]],
        );
        let painted = table.paint(&Style { max_width: Some(12), max_rows: Some(2), ..Style::default() });
        let record = " short │ ab\n long  │ abcdefghijklm\n v     │ 12\n";
        let rest = "───────┼───────\n long  │ x\n v     │ 3.5\n … 1 more rows\nend\n";
        assert_eq!(painted, format!("{record}{rest}"));
    }

    #[test]
    fn a_title_may_be_wider_than_its_numbers() {
        let table = table(&[("value", Align::Number)], &[&["1.5"], &["2"]]);
        assert_eq!(table.paint(&Style::default()), " value\n───────\n   1.5\n   2\nend\n");
    }

    #[test]
    fn nothing_but_a_footer() {
        assert_eq!(table(&[], &[]).paint(&Style::default()), "end\n");
    }
}
