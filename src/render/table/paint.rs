//! A table as lines of text, for anything that shows characters in columns of one width.

use unicode_width::UnicodeWidthStr;

use super::{Align, Column, Table};

/// No column of text is cut below this width.
const NARROWEST: usize = 8;

/// What the place that shows a table asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Columns of text are cut (with an ellipsis) until a line has at most this many characters, if that can be.
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
    if !table.columns.is_empty() {
        let shown = &table.rows[..table.rows.len().min(style.max_rows.unwrap_or(usize::MAX))];
        let layouts = layouts(&table.columns, shown, style);
        let (bar, line, cross, more) =
            if style.ascii { ("|", "-", "+", "...") } else { ("│", "─", "┼", "…") };

        push_row(
            &mut out,
            bar,
            table.columns.iter().zip(&layouts).map(|(column, layout)| {
                let title = cut(&column.title, layout.width, style.ascii);
                if column.align == Align::Number {
                    pad_left(title, layout.width)
                } else {
                    pad_right(title, layout.width)
                }
            }),
        );
        let rules: Vec<String> = layouts.iter().map(|layout| line.repeat(layout.width + 2)).collect();
        out.push_str(&rules.join(cross));
        out.push('\n');
        for row in shown {
            push_row(
                &mut out,
                bar,
                row.iter()
                    .zip(&table.columns)
                    .zip(&layouts)
                    .map(|((cell, column), layout)| align(cell, column.align, layout, style.ascii)),
            );
        }
        if shown.len() < table.rows.len() {
            out.push_str(&format!(" {more} {} more rows\n", table.rows.len() - shown.len()));
        }
    }
    if !table.footer.is_empty() {
        out.push_str(&table.footer);
        out.push('\n');
    }
    out
}

fn push_row(out: &mut String, bar: &str, cells: impl Iterator<Item = String>) {
    let cells: Vec<String> = cells.map(|cell| format!(" {cell} ")).collect();
    out.push_str(cells.join(bar).trim_end());
    out.push('\n');
}

fn layouts(columns: &[Column], rows: &[Vec<String>], style: &Style) -> Vec<Layout> {
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
        let mut excess = (layouts.iter().map(|l| l.width + 3).sum::<usize>()).saturating_sub(max_width + 1);
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
        let painted = table.paint(&Style { max_width: Some(5), ascii: true, ..Style::default() });
        assert_eq!(painted.lines().nth(2), Some(" ab    | abcdefg~ | 1234567890"));
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
