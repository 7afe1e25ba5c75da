//! Writes the parser of the grammar to where the library has it.

use promqlite_grammar::{parser, parser_path};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    Ok(std::fs::write(parser_path(), parser()?)?)
}
