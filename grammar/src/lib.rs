//! Makes the parser, `src/syntax/grammar.rs`, of the grammar, `grammar/promql.lalrpop`.
//!
//! The grammar is the source. The parser is kept beside the code that uses it, so that those who link the library build neither
//! LALRPOP nor what it needs, which would be more than all of the library's other dependencies. After a change to the
//! grammar:
//!
//! ```console
//! cargo run -p promqlite-grammar
//! ```
//!
//! A test holds the two against each other, so that a parser of another grammar does not get into the library.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// Where the parser is kept.
pub fn parser_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/syntax/grammar.rs")
}

/// The parser of the grammar as it is.
///
/// # Errors
///
/// The grammar is none, or a file cannot be read or written.
pub fn parser() -> Result<String, Box<dyn Error>> {
    let out = tempfile::tempdir()?;
    lalrpop::Configuration::new()
        .emit_rerun_directives(false)
        .set_in_dir(env!("CARGO_MANIFEST_DIR"))
        .set_out_dir(out.path())
        .set_features([])
        .emit_whitespace(false)
        .force_build(true)
        .process()?;
    Ok(fs::read_to_string(out.path().join("promql.rs"))?)
}
