//! New passwords, after a line with what belongs to their owner: judged within a moment, whatever they are; those that are
//! taken are within the limits and not that line.

use identity::{PASSWORD_CHARACTERS_MAX, PASSWORD_CHARACTERS_MIN, WeakPassword, judge_password};

use super::chosen;

pub fn run(data: &[u8]) {
    let Some((about, password)) = chosen(data) else { return };
    let characters = password.chars().count();
    match judge_password(password, &[about]) {
        Ok(()) => {
            assert!(
                (PASSWORD_CHARACTERS_MIN..=PASSWORD_CHARACTERS_MAX).contains(&characters),
                "{characters} characters"
            );
            assert_ne!(password, about, "a name is no password");
        }
        Err(WeakPassword::TooShort) => assert!(characters < PASSWORD_CHARACTERS_MIN),
        Err(WeakPassword::TooLong) => assert!(characters > PASSWORD_CHARACTERS_MAX),
        Err(WeakPassword::Common) => {}
    }
}
