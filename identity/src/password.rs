//! Passwords: which are good enough, and their hashes.
//!
//! A password is hashed with argon2id (RFC 9106) under the first choice of OWASP's password storage cheat sheet: 19 MiB,
//! two passes, one lane, a random salt. That costs a core some hundredths of a second, so no more than [`AT_A_TIME_MAX`]
//! are judged at once and what waits is bounded: signing in can never take the cores from those who sell. Whether there
//! is an account makes no difference to the time: without one, a hash that no password has is judged.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;
use zxcvbn::Score;

/// Eight are the least that NIST SP 800-63B takes; two more cost nobody who uses a phrase anything.
pub const PASSWORD_CHARACTERS_MIN: usize = 10;

/// More than any phrase has; hashing takes what was typed in whole.
pub const PASSWORD_CHARACTERS_MAX: usize = 200;

/// A part of a name or address that is shorter stands in many words.
const PART_CHARACTERS_MIN: usize = 4;

/// What a password has to have beside its owner's name and address.
const LEFT_CHARACTERS_MIN: usize = 6;

/// As many as there are cores in a small machine, so that there is always time for the rest.
const AT_A_TIME_MAX: usize = 2;

/// How many may wait for their turn: a few seconds' work.
const WAITING_MAX: usize = 32;

/// Why a password is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// It is too short.
    #[error("must have at least {PASSWORD_CHARACTERS_MIN} characters; a short sentence is easy to remember")]
    TooShort,
    /// It is too long to hash.
    #[error("may have at most {PASSWORD_CHARACTERS_MAX} characters")]
    TooLong,
    /// It is on the list of common ones, or made of parts that are tried first.
    #[error("is among those that are tried first; add a word or two that nobody would expect")]
    Common,
}

/// Why a password could not be hashed or compared.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too many are waiting.
    #[error("too many are signing in")]
    TooMany,
    /// The hash that is stored cannot be read, or none could be made.
    #[error("a password's hash cannot be used: {0}")]
    Broken(String),
}

/// Hashes and compares passwords, a few at a time.
#[derive(Debug)]
pub(crate) struct Passwords {
    at_a_time: Semaphore,
    waiting: Semaphore,
}

/// Judges a new password; `about` is what belongs to its owner (name, address), which others would try first.
///
/// The judgement is zxcvbn's (Wheeler, USENIX Security 2016): its offline lists of common passwords, names and words,
/// keyboard runs, dates and repetitions; fewer than a million guesses are too few.
///
/// # Errors
/// [`WeakPassword`], to be shown to whoever chose it.
pub fn judge_password(password: &str, about: &[&str]) -> Result<(), WeakPassword> {
    let characters = password.chars().count();
    if characters < PASSWORD_CHARACTERS_MIN {
        return Err(WeakPassword::TooShort);
    }
    if characters > PASSWORD_CHARACTERS_MAX {
        return Err(WeakPassword::TooLong);
    }
    let parts = about.iter().flat_map(|text| text.split(['@', '.', ' ']));
    if is_about(password, about) {
        return Err(WeakPassword::Common);
    }
    let known: Vec<&str> = parts.chain(about.iter().copied()).chain(["turnout"]).collect();
    if zxcvbn::zxcvbn(password, &known).score() < Score::Two { Err(WeakPassword::Common) } else { Ok(()) }
}

/// Whether little is left of a password without what belongs to its owner, however it is written.
fn is_about(password: &str, about: &[&str]) -> bool {
    let plain = |text: &str| text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let mut left = plain(password);
    let parts = about.iter().flat_map(|text| std::iter::once(*text).chain(text.split(['@', '.', ' '])));
    for part in parts.map(plain).filter(|part| part.chars().count() >= PART_CHARACTERS_MIN) {
        left = left.replace(&part, "");
    }
    left.chars().count() < LEFT_CHARACTERS_MIN
}

impl Default for Passwords {
    fn default() -> Self {
        Self { at_a_time: Semaphore::new(AT_A_TIME_MAX), waiting: Semaphore::new(WAITING_MAX) }
    }
}

impl Passwords {
    /// The hash of a password, as a PHC string.
    pub(crate) async fn hash(&self, password: &str) -> Result<String, PasswordError> {
        let password = password.to_owned();
        self.work(move || {
            let hash = Argon2::default().hash_password(password.as_bytes());
            hash.map(|hash| hash.to_string()).map_err(|error| PasswordError::Broken(error.to_string()))
        })
        .await?
    }

    /// Whether a password has this hash; without a hash it takes as long and is false.
    pub(crate) async fn is(&self, password: &str, hash: Option<&str>) -> Result<bool, PasswordError> {
        static NOBODYS: LazyLock<String> = LazyLock::new(|| {
            let hash = Argon2::default().hash_password(b"of nobody");
            hash.map(|hash| hash.to_string()).unwrap_or_default()
        });
        // Hashing more than anybody's password can be is work for nothing; it is told like any wrong one.
        let short = password.chars().count() <= PASSWORD_CHARACTERS_MAX;
        let password = if short { password.to_owned() } else { String::new() };
        let hash = hash.map(str::to_owned);
        self.work(move || {
            let known = hash.as_deref().filter(|_| short);
            let parsed = PasswordHash::new(known.unwrap_or(&NOBODYS));
            let parsed = parsed.map_err(|error| PasswordError::Broken(error.to_string()))?;
            let same = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
            Ok(same && known.is_some())
        })
        .await?
    }

    async fn work<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T, PasswordError> {
        let _waiting = self.waiting.try_acquire().map_err(|_| PasswordError::TooMany)?;
        let _turn = self.at_a_time.acquire().await.map_err(|_| PasswordError::TooMany)?;
        tokio::task::spawn_blocking(job).await.map_err(|error| PasswordError::Broken(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_and_personal_passwords_are_refused_and_sentences_are_not() {
        let about = ["Ada Lovelace", "ada.lovelace@example.org"];
        for (password, why) in [
            ("short", WeakPassword::TooShort),
            ("password123", WeakPassword::Common),
            ("1234567890", WeakPassword::Common),
            ("qwertyuiop", WeakPassword::Common),
            ("iloveyou1234", WeakPassword::Common),
            ("lovelaceada", WeakPassword::Common),
            ("ada.lovelace@example.org", WeakPassword::Common),
            ("Ada-Lovelace-1815", WeakPassword::Common),
            ("ada.lovelace@example.org", WeakPassword::Common),
            ("turnoutturnout", WeakPassword::Common),
            (&"a".repeat(30), WeakPassword::Common),
            (&"x7".repeat(101), WeakPassword::TooLong),
        ] {
            assert_eq!(judge_password(password, &about), Err(why), "{password}");
        }
        for good in ["four grey seals at noon", "Vq8-tundra-piano", "käse und brot am meer"] {
            assert_eq!(judge_password(good, &about), Ok(()), "{good}");
        }
    }

    #[tokio::test]
    async fn only_the_password_has_its_hash_and_nobody_has_none() -> anyhow::Result<()> {
        let passwords = Passwords::default();
        let hash = passwords.hash("four grey seals at noon").await?;
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, passwords.hash("four grey seals at noon").await?, "salted");
        assert!(passwords.is("four grey seals at noon", Some(&hash)).await?);
        assert!(!passwords.is("four grey seals at night", Some(&hash)).await?);
        assert!(!passwords.is("of nobody", None).await?);
        assert!(!passwords.is(&"x".repeat(10_000), Some(&hash)).await?);
        Ok(())
    }

    #[tokio::test]
    async fn more_than_can_wait_are_turned_away() -> anyhow::Result<()> {
        let passwords = std::sync::Arc::new(Passwords::default());
        let tries: Vec<_> = (0..WAITING_MAX * 2)
            .map(|_| {
                let passwords = std::sync::Arc::clone(&passwords);
                tokio::spawn(async move { passwords.is("x", None).await })
            })
            .collect();
        let mut turned_away = 0;
        for tried in tries {
            turned_away += usize::from(matches!(tried.await?, Err(PasswordError::TooMany)));
        }
        assert!(turned_away > 0 && turned_away <= WAITING_MAX, "{turned_away}");
        Ok(())
    }
}
