//! The settlement of a bundle: made again from its events, and compared byte for byte.

use projections::settlement::{SettledCheckpoint, Settling, Until};

use super::archive::Archive;
use crate::verify::findings::Findings;

/// Compares what the bundle says with what follows from its events.
pub(super) fn compare(
    archive: &mut Archive,
    settling: &Settling,
    covering: Option<SettledCheckpoint>,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let Some(sheet) = settling.sheet(Until::LastEvent, covering) else {
        findings.add_elsewhere("the events begin no show, so there is no settlement of them".to_owned());
        return Ok(());
    };
    for (name, follows) in [("settlement.json", sheet.json()), ("settlement.csv", sheet.csv())] {
        if let Some(says) = archive.bytes(name)?
            && says != follows
        {
            findings.add_elsewhere(difference(name, &says, &follows));
        }
    }
    Ok(())
}

/// The first line in which two texts differ.
fn difference(name: &str, says: &[u8], follows: &[u8]) -> String {
    let (says, follows) = (String::from_utf8_lossy(says), String::from_utf8_lossy(follows));
    let (mut said, mut following) = (says.lines(), follows.lines());
    for number in 1.. {
        match (said.next(), following.next()) {
            (None, None) => break,
            (one, other) if one == other => {}
            (one, other) => {
                let told = |line: Option<&str>| line.map_or("nothing".to_owned(), |line| format!("{:?}", line.trim()));
                return format!(
                    "{name}, line {number}: it says {}, and from the events follows {}",
                    told(one),
                    told(other)
                );
            }
        }
    }
    format!("{name}: it ends its lines otherwise than the server does")
}
