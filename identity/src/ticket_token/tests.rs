//! Tokens hold what they say, say it to other JOSE libraries, and nothing altered passes.

use proptest::prelude::*;

use super::*;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn keys() -> TicketKeys {
    TicketKeys::new(key(1), [(KeyState::Retired, key(2)), (KeyState::Revoked, key(3))])
}

fn claims() -> TicketClaims {
    TicketClaims {
        ticket: Uuid::from_u128(0x0199_a0b1_c2d3_7000_8000_0000_0000_0001),
        show: Uuid::from_u128(0x0199_a0b1_c2d3_7000_8000_0000_0000_0002),
        issued_at: DateTime::from_timestamp(1_763_712_000, 0).unwrap(),
        issue_number: 1,
    }
}

#[test]
fn a_token_says_what_was_signed_and_is_always_the_same() {
    let keys = keys();
    let token = keys.sign(&claims(), keys.current_kid()).unwrap();
    assert_eq!(token, keys.sign(&claims(), keys.current_kid()).unwrap());
    assert_eq!(keys.verify(&token), Ok(claims()));
    assert_eq!(keys.current_kid().len(), 8);
}

#[test]
fn the_longest_token_still_fits_its_qr_code() {
    let keys = keys();
    let claims = TicketClaims {
        issued_at: DateTime::from_timestamp(ISSUED_AT_SECONDS_MAX, 0).unwrap(),
        issue_number: u32::MAX,
        ..claims()
    };
    let token = keys.sign(&claims, keys.current_kid()).unwrap();
    assert!(token.len() <= TOKEN_CHARACTERS_MAX, "{} characters", token.len());
    assert_eq!(keys.verify(&token), Ok(claims));
}

#[test]
fn times_beyond_what_fits_are_refused() {
    for seconds in [-1, ISSUED_AT_SECONDS_MAX + 1] {
        let claims = TicketClaims { issued_at: DateTime::from_timestamp(seconds, 0).unwrap(), ..claims() };
        assert!(matches!(keys().sign(&claims, keys().current_kid()), Err(SignError::Time(_))));
    }
}

#[test]
fn a_retired_key_signs_its_own_again_and_a_revoked_one_nothing() {
    let keys = keys();
    let retired = keys.sign(&claims(), &kid_of(&key(2))).unwrap();
    assert_eq!(keys.verify(&retired), Ok(claims()));
    let revoked = kid_of(&key(3));
    assert_eq!(keys.sign(&claims(), &revoked), Err(SignError::NoSuchKey(revoked.clone())));
    let before = TicketKeys::new(key(3), []).sign(&claims(), &revoked).unwrap();
    assert_eq!(keys.verify(&before), Err(TokenError::RevokedKey));
    let published = keys.jwks().to_string();
    assert!(published.contains(&kid_of(&key(2))) && !published.contains(&revoked), "{published}");
}

#[test]
fn another_installations_token_is_of_an_unknown_key() {
    let theirs = TicketKeys::new(key(9), []);
    let token = theirs.sign(&claims(), theirs.current_kid()).unwrap();
    assert_eq!(keys().verify(&token), Err(TokenError::UnknownKey));
}

#[test]
fn a_token_without_signature_or_with_another_algorithm_is_malformed() {
    for header in [r#"{"alg":"none"}"#, r#"{"alg":"HS256","kid":"x"}"#, r#"{"alg":"none","kid":"x"}"#] {
        let text = format!("{}.{}.", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode("{}"));
        assert_eq!(keys().verify(&text), Err(TokenError::Malformed), "{header}");
    }
}

#[test]
fn another_jose_library_verifies_it_with_the_published_keys() {
    let keys = keys();
    let set: jsonwebtoken::jwk::JwkSet = serde_json::from_value(keys.jwks()).unwrap();
    for kid in [keys.current_kid().to_owned(), kid_of(&key(2))] {
        let token = keys.sign(&claims(), &kid).unwrap();
        let named = jsonwebtoken::decode_header(&token).unwrap().kid.unwrap();
        let public = jsonwebtoken::DecodingKey::from_jwk(set.find(&named).unwrap()).unwrap();
        let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::EdDSA);
        rules.required_spec_claims.clear();
        rules.validate_exp = false;
        rules.set_audience(&[short(claims().show)]);
        let read = jsonwebtoken::decode::<serde_json::Value>(&token, &public, &rules).unwrap();
        assert_eq!(read.claims["sub"], short(claims().ticket));
        assert_eq!(read.claims["iat"], 1_763_712_000);
        assert_eq!(read.claims["n"], 1);
        let altered = token.replacen('.', ".A", 1);
        assert!(jsonwebtoken::decode::<serde_json::Value>(&altered, &public, &rules).is_err());
    }
}

#[test]
fn every_single_flipped_bit_is_noticed() {
    let keys = keys();
    let token = keys.sign(&claims(), keys.current_kid()).unwrap();
    for at in 0..token.len() {
        for bit in 0..7 {
            let mut bytes = token.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let altered = String::from_utf8(bytes).unwrap();
            assert!(keys.verify(&altered).is_err(), "byte {at}, bit {bit}: {altered}");
        }
    }
}

proptest! {
    #[test]
    fn nothing_altered_verifies(at in 0..246usize, to: u8) {
        let keys = keys();
        let token = keys.sign(&claims(), keys.current_kid()).unwrap();
        prop_assert_eq!(token.len(), 246);
        let mut bytes = token.into_bytes();
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        // As a text only: a door never hands on what is not UTF-8.
        if let Ok(altered) = String::from_utf8(bytes) {
            prop_assert!(keys.verify(&altered).is_err());
        }
    }

    #[test]
    fn every_claim_comes_back(ticket: u128, show: u128, seconds in 0..=ISSUED_AT_SECONDS_MAX, issue_number: u32) {
        let keys = keys();
        let claims = TicketClaims {
            ticket: Uuid::from_u128(ticket),
            show: Uuid::from_u128(show),
            issued_at: DateTime::from_timestamp(seconds, 0).unwrap(),
            issue_number,
        };
        let token = keys.sign(&claims, keys.current_kid()).unwrap();
        prop_assert!(token.len() <= TOKEN_CHARACTERS_MAX);
        prop_assert_eq!(keys.verify(&token), Ok(claims));
    }

    #[test]
    fn any_text_may_come(text in ".*") {
        prop_assert!(keys().verify(&text).is_err());
    }

    #[test]
    fn any_three_parts_may_come(header in "[ -~]{0,60}", payload in "[ -~]{0,60}", signature in "[A-Za-z0-9_-]{0,90}") {
        let text = format!("{}.{}.{signature}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        prop_assert!(keys().verify(&text).is_err());
    }
}
