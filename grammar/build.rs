//! Runs LALRPOP on the grammar; `src/syntax/parse.rs` includes the parser that it generates.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=grammar/promql.lalrpop");
    println!("cargo:rerun-if-changed=grammar/build.rs");
    let out_dir = std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    lalrpop::Configuration::new()
        .emit_rerun_directives(false)
        .set_in_dir("grammar")
        .set_out_dir(out_dir)
        .process()?;
    Ok(())
}
