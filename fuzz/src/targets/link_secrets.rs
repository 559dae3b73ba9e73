//! Secrets of holds and orders: only what was issued opens anything, and nothing that was altered.

use std::sync::LazyLock;

use arbitrary::{Arbitrary, Unstructured};
use identity::{Link, LinkSecrets, SecretKey};
use uuid::Uuid;

static SECRETS: LazyLock<LinkSecrets> = LazyLock::new(|| {
    LinkSecrets::new(&SecretKey::parse("a secret of this installation, and of no other").expect("long enough"))
});

#[derive(Arbitrary)]
struct Altered {
    id: u128,
    order: bool,
    at: u8,
    to: char,
}

pub fn run(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data)
        && let Some(link) = SECRETS.verify(text)
    {
        assert_eq!(SECRETS.issue(link), text, "a link has one secret");
    }
    if let Ok(altered) = Altered::arbitrary(&mut Unstructured::new(data)) {
        check(&altered);
    }
}

fn check(altered: &Altered) {
    let id = Uuid::from_u128(altered.id);
    let link = if altered.order { Link::Order(id) } else { Link::Hold(id) };
    let secret = SECRETS.issue(link);
    assert_eq!(SECRETS.verify(&secret), Some(link));
    let at = usize::from(altered.at) % secret.len();
    let other = format!("{}{}{}", &secret[..at], altered.to, &secret[at + 1..]);
    if other != secret {
        assert_eq!(SECRETS.verify(&other), None, "{other}");
    }
}
