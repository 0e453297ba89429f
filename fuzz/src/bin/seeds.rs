//! Writes each target's seeds to `corpus/`, where libFuzzer starts from them. Run it in `fuzz/`.

use std::path::Path;
use std::{fs, io};

fn main() -> io::Result<()> {
    for target in targets::TARGETS {
        let folder = Path::new("corpus").join(target.name);
        fs::create_dir_all(&folder)?;
        for (number, seed) in (target.seeds)().iter().enumerate() {
            fs::write(folder.join(format!("seed-{number}")), seed)?;
        }
    }
    Ok(())
}
