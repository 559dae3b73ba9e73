//! Settings that nobody else may read: from an environment variable, or from the file that the variable with `_FILE` behind its
//! name points to, as container platforms hand them out. Never from a flag: every process of the machine can read those.
//!
//! What is wrong is told by the setting's name and the file's path; no error holds what stood in either.

use std::{env::VarError, fs::File, io::Read, path::PathBuf};

use anyhow::{Context as _, bail};

/// A key or a URL has some hundred characters; a file beyond this is another one.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// The setting's value; none where neither variable is set, or what they hold is empty.
pub fn secret_setting(name: &str) -> anyhow::Result<Option<String>> {
    let file_name = format!("{name}_FILE");
    let value = variable(name)?;
    let Some(path) = variable(&file_name)?.map(PathBuf::from) else { return Ok(value) };
    if value.is_some() {
        bail!("{name} and {file_name} are both set; set one of them");
    }
    let mut text = String::new();
    File::open(&path)
        .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text))
        .with_context(|| format!("the file {} that {file_name} names cannot be read", path.display()))?;
    if text.len() as u64 > FILE_BYTES_MAX {
        bail!("the file {} that {file_name} names is too large for a secret", path.display());
    }
    let text = text.trim();
    if text.is_empty() {
        bail!("the file {} that {file_name} names is empty", path.display());
    }
    Ok(Some(text.to_owned()))
}

/// The URL of a database that somebody else runs: the flag `--database-url`, else DATABASE_URL.
///
/// # Errors
/// Where the flag holds a password: it has been read by whoever looked, so that it is not even tried.
pub fn database_url(flag: Option<&str>) -> anyhow::Result<Option<String>> {
    flag_or_setting(flag, "DATABASE_URL")
}

/// The same for its owner: the flag, else TURNOUT_OWNER_DATABASE_URL.
///
/// # Errors
/// As [`database_url`].
pub fn owner_database_url(flag: Option<&str>) -> anyhow::Result<Option<String>> {
    flag_or_setting(flag, "TURNOUT_OWNER_DATABASE_URL")
}

fn flag_or_setting(flag: Option<&str>, setting: &str) -> anyhow::Result<Option<String>> {
    let Some(flag) = flag else { return secret_setting(setting) };
    if holds_password(flag) {
        bail!(
            "--database-url holds a password, which every process on this machine can read; take it out of the command line, \
             change it, and set {setting} in the environment, or {setting}_FILE to a file with the URL"
        );
    }
    Ok(Some(flag.to_owned()))
}

fn variable(name: &str) -> anyhow::Result<Option<String>> {
    match std::env::var(name) {
        Ok(text) => Ok(Some(text).filter(|text| !text.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => bail!("{name} is not text"),
    }
}

/// Whether a database URL holds a password: `postgres://user:password@host/…`, or `?password=…`.
fn holds_password(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let authority = place.split('/').next().unwrap_or_default();
    let in_authority = authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'));
    in_authority || query.split('&').any(|pair| pair.starts_with("password="))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_a_url_is_seen() {
        for url in [
            "postgres://turnout:secret@db/turnout",
            "postgres://db/turnout?user=a&password=b",
            "postgres://a:b%40c@h:5432/d",
        ] {
            assert!(holds_password(url), "{url}");
        }
        for url in
            ["postgres://turnout@db:5432/turnout", "postgres:///turnout?host=/run/postgresql", "postgres://db:5432/x"]
        {
            assert!(!holds_password(url), "{url}");
        }
    }

    #[test]
    fn a_flag_with_a_password_is_refused_and_not_repeated() {
        let told = database_url(Some("postgres://turnout:hush@db/turnout")).unwrap_err().to_string();
        assert!(told.contains("DATABASE_URL") && !told.contains("hush"), "{told}");
        let plain = "postgres://turnout@db/turnout";
        assert_eq!(database_url(Some(plain)).unwrap().as_deref(), Some(plain));
    }
}
