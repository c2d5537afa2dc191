//! Refuses to build a binary without its front end, with a message that says what to do.

fn main() {
    println!("cargo::rerun-if-changed=web/dist/index.html");
    println!("cargo::rerun-if-changed=src/store/migrations");
    if !std::path::Path::new("web/dist/index.html").exists() {
        println!(
            "cargo::error=web/dist/index.html is missing: run `make web` first, it bundles the front end that the binary embeds"
        );
    }
}
