//! Runs LALRPOP on the grammar; the generated parser is included by `src/syntax`.

fn main() {
    println!("cargo:rerun-if-changed=grammar/promql.lalrpop");
    println!("cargo:rerun-if-changed=grammar/build.rs");
    if let Err(error) =
        lalrpop::Configuration::new().emit_rerun_directives(false).process_file("grammar/promql.lalrpop")
    {
        panic!("grammar/promql.lalrpop: {error}");
    }
}
