//! The promqlite shell.
fn main() {}
