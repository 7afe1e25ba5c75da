//! The tables in README.md are those of the code. `UPDATE_README=1 cargo test --test readme` writes them anew.

use std::fs;
use std::path::Path;

use promqlite::aggregations::AGGREGATIONS;
use promqlite::functions::FUNCTIONS;

/// A row of a Markdown table.
fn row(signature: &str, summary: &str, experimental: bool) -> String {
    let mark = if experimental { " (experimental)" } else { "" };
    format!("| `{}` | {}{mark} |\n", signature.replace('|', "\\|"), summary.replace('|', "\\|"))
}

/// `text` with `table` between `<!-- name -->` and `<!-- /name -->`.
fn with_table(text: &str, name: &str, table: &str) -> String {
    let (before, rest) = text.split_once(&format!("<!-- {name} -->\n")).expect("the first marker");
    let (_, after) = rest.split_once(&format!("<!-- /{name} -->")).expect("the second marker");
    format!("{before}<!-- {name} -->\n{table}<!-- /{name} -->{after}")
}

#[test]
fn tables_are_those_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(&path).expect("README.md");
    let functions: String =
        FUNCTIONS.iter().map(|f| row(&f.signature(), f.summary, f.experimental)).collect();
    let aggregations: String =
        AGGREGATIONS.iter().map(|a| row(&a.signature(), a.summary, a.experimental)).collect();
    let head = |what: &str| format!("| {what} | |\n| --- | --- |\n");
    let current = with_table(&text, "functions", &(head("function") + &functions));
    let current = with_table(&current, "aggregations", &(head("aggregation") + &aggregations));
    if current != text && std::env::var_os("UPDATE_README").is_some() {
        fs::write(&path, &current).expect("README.md can be written");
        return;
    }
    assert!(current == text, "README.md is behind: UPDATE_README=1 cargo test --test readme writes it anew");
}
