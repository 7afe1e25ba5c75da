//! The parser in the library is that of the grammar.

use promqlite_grammar::{parser, parser_path};

#[test]
fn the_parser_is_that_of_the_grammar() {
    let kept = std::fs::read_to_string(parser_path()).expect("the parser");
    let made = parser().expect("a grammar");
    assert!(
        kept == made,
        "the parser is that of another grammar: cargo run -p promqlite-grammar writes it anew"
    );
}
