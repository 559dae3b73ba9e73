//! Embeds the built web app anew when it changes. Where it was never built, there is an empty folder to embed.

fn main() -> std::io::Result<()> {
    std::fs::create_dir_all("../web/dist")?;
    println!("cargo::rerun-if-changed=../web/dist");
    Ok(())
}
