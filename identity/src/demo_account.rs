//! The demo's account: one person to sign in as, with `--demo` only.
//!
//! Its password is made at random once for each data directory and kept in `demo-password` (mode 0600), so that a demo
//! which is reachable from outside is not open to everybody. 80 random bits cannot be guessed; failures are slowed
//! down and limited all the same, so that trying costs the server nothing. Real accounts come with members and roles.

use std::fmt;
use std::io;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

use crate::sessions::{SessionError, Sessions, SignedIn};
use crate::{private_file, random};

/// The address to sign in with.
pub const DEMO_EMAIL: &str = "demo@turnout.example";

/// The account's id, in sessions and as an actor in the log.
pub(crate) const DEMO_ACTOR: &str = "demo";

const FILE: &str = "demo-password";

/// No letter or digit that is easily taken for another; 32 of them, so that a byte picks one evenly.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789+";

/// Every failure takes this long. A person does not mind; a program tries eight passwords in that time, at most.
const FAILURE_DELAY: Duration = Duration::from_millis(300);

/// How many sign-ins may be judged at a time.
const AT_A_TIME_MAX: usize = 8;

/// The demo's account.
pub struct DemoAccount {
    password: String,
    attempts: Semaphore,
}

/// Why somebody is not signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No such address, or another password: which one is not told.
    #[error("the e-mail address or the password is wrong")]
    WrongCredentials,
    /// Too many are trying at once.
    #[error("too many are signing in; try again in {retry_after_seconds} s")]
    TooMany {
        /// For `Retry-After`.
        retry_after_seconds: u32,
    },
    /// The password was right, but no session came of it.
    #[error("no session could be started")]
    Session(#[from] SessionError),
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
        Ok(Self { password, attempts: Semaphore::new(AT_A_TIME_MAX) })
    }

    /// The password, to be printed for whoever started the demo.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Starts a session for whoever knows the password.
    ///
    /// # Errors
    /// [`SignInError`]; a wrong password is answered after a fixed delay.
    pub async fn sign_in(
        &self,
        sessions: &Sessions,
        email: &str,
        password: &str,
        now: DateTime<Utc>,
    ) -> Result<SignedIn, SignInError> {
        let Ok(_attempt) = self.attempts.try_acquire() else {
            return Err(SignInError::TooMany { retry_after_seconds: 1 });
        };
        // Hashes are of one length, whatever was typed.
        let right = Sha256::digest(&self.password).ct_eq(&Sha256::digest(password));
        if !bool::from(right) || !email.trim().eq_ignore_ascii_case(DEMO_EMAIL) {
            tokio::time::sleep(FAILURE_DELAY).await;
            return Err(SignInError::WrongCredentials);
        }
        Ok(sessions.start(DEMO_ACTOR, now).await?)
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
