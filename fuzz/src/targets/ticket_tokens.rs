//! Ticket tokens: only what a key signed that was not revoked is taken, and nothing that was altered.

use std::sync::LazyLock;

use arbitrary::{Arbitrary, Unstructured};
use chrono::DateTime;
use identity::{
    TOKEN_CHARACTERS_MAX, TicketClaims, TicketKeys, TokenError,
    fuzzing::{ticket_key_ids, ticket_keys, token_before_revocation},
};
use uuid::Uuid;

static KEYS: LazyLock<TicketKeys> = LazyLock::new(ticket_keys);

#[derive(Arbitrary)]
struct Altered {
    ticket: u128,
    show: u128,
    issued_at_seconds: i64,
    issue_number: u32,
    key: u8,
    at: u8,
    to: char,
}

pub fn run(data: &[u8]) {
    let kids = ticket_key_ids();
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(claims) = KEYS.verify(text)
    {
        let signs = |kid: &String| KEYS.sign(&claims, kid).is_ok_and(|token| token == text);
        assert!(kids.iter().any(signs), "a ticket has one token of a key: {text}");
    }
    if let Ok(altered) = Altered::arbitrary(&mut Unstructured::new(data)) {
        check(&altered, &kids);
    }
}

fn check(altered: &Altered, kids: &[String; 3]) {
    let Some(issued_at) = DateTime::from_timestamp(altered.issued_at_seconds, 0) else { return };
    let claims = TicketClaims {
        ticket: Uuid::from_u128(altered.ticket),
        show: Uuid::from_u128(altered.show),
        issued_at,
        issue_number: altered.issue_number,
    };
    assert!(KEYS.sign(&claims, &kids[2]).is_err(), "a revoked key signs nothing");
    let Ok(token) = KEYS.sign(&claims, &kids[usize::from(altered.key) % 2]) else { return };
    assert!(token.len() <= TOKEN_CHARACTERS_MAX);
    assert_eq!(KEYS.verify(&token), Ok(claims));
    let at = usize::from(altered.at) % token.len();
    let other = format!("{}{}{}", &token[..at], altered.to, &token[at + 1..]);
    if other != token {
        assert!(KEYS.verify(&other).is_err(), "{other}");
    }
    let revoked = token_before_revocation(&claims).expect("it signed once");
    assert_eq!(KEYS.verify(&revoked), Err(TokenError::RevokedKey));
}
