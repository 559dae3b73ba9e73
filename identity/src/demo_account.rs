//! The demo's account: one person to sign in as, with `--demo` only.
//!
//! Its password is made at random once for each data directory and kept in `demo-password` (mode 0600), so that a demo
//! which is reachable from outside is not open to everybody: 80 random bits cannot be guessed. Apart from that it is an
//! account like any other, made when the demo starts.

use std::fmt;
use std::io;
use std::path::Path;

use crate::{private_file, random};

/// The address to sign in with.
pub const DEMO_EMAIL: &str = "demo@turnout.example";

const FILE: &str = "demo-password";

/// No letter or digit that is easily taken for another; 32 of them, so that a byte picks one evenly.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789+";

/// The demo's account.
pub struct DemoAccount {
    password: String,
}

impl DemoAccount {
    /// The account of a data directory; makes its password when there is none.
    ///
    /// # Errors
    /// What the file system says, with the path.
    pub fn load_or_create(data_directory: &Path) -> io::Result<Self> {
        let text = private_file::read_or_create(data_directory, FILE, || {
            Ok(format!("{}\n", readable(&random::bytes::<16>().map_err(io::Error::other)?)))
        })?;
        let password = text.trim().to_owned();
        if password.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{FILE} is empty; delete it for a new one"),
            ));
        }
        Ok(Self { password })
    }

    /// The password, to be printed for whoever started the demo.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }
}

impl fmt::Debug for DemoAccount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DemoAccount(…)")
    }
}

/// Four groups of four characters: 80 bits that can be read out.
fn readable(bytes: &[u8; 16]) -> String {
    let groups: Vec<String> = bytes
        .chunks(4)
        .map(|group| group.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect())
        .collect();
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_readable_and_stays() -> anyhow::Result<()> {
        let directory = tempfile::tempdir()?;
        let made = DemoAccount::load_or_create(directory.path())?;
        assert_eq!(made.password().len(), 19);
        assert_eq!(made.password(), DemoAccount::load_or_create(directory.path())?.password());
        assert!(!format!("{made:?}").contains(made.password()));
        Ok(())
    }

    #[test]
    fn every_byte_gives_a_character() {
        assert_eq!(readable(&[0, 1, 2, 3, 31, 32, 33, 255, 4, 5, 6, 7, 8, 9, 10, 11]), "abcd-+ab+-efgh-jkmn");
    }
}
