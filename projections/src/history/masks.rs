//! Codes that still open a door, in payloads.

use std::collections::HashSet;

use sqlx::{Postgres, Transaction};
use uuid::Uuid;

use super::MASK;

/// The codes in these payloads, each with its show, that belong to a valid ticket now.
pub(super) async fn live_codes(
    transaction: &mut Transaction<'static, Postgres>,
    payloads: impl Iterator<Item = (Uuid, &str)>,
) -> Result<HashSet<(Uuid, String)>, sqlx::Error> {
    let (mut shows, mut codes) = (Vec::new(), Vec::new());
    for (show, payload) in payloads {
        for (_, code) in short_codes(payload) {
            shows.push(show);
            codes.push(code.to_owned());
        }
    }
    if codes.is_empty() {
        return Ok(HashSet::new());
    }
    let live = sqlx::query!(
        "SELECT t.show, t.short_code FROM unnest($1::uuid[], $2::text[]) AS c (show, short_code)
           JOIN tickets AS t ON t.show = c.show AND t.short_code = c.short_code AND t.status = 'valid'",
        &shows,
        &codes
    )
    .fetch_all(&mut **transaction)
    .await?;
    Ok(live.into_iter().map(|row| (row.show, row.short_code)).collect())
}

/// A payload with its live codes masked, otherwise byte for byte.
pub(crate) fn mask(payload: &str, is_live: impl Fn(&str) -> bool) -> String {
    let mut masked = String::with_capacity(payload.len());
    let mut from = 0;
    for (at, code) in short_codes(payload) {
        if is_live(code) {
            masked.push_str(&payload[from..at]);
            masked.push_str(MASK);
            from = at + code.len();
        }
    }
    masked.push_str(&payload[from..]);
    masked
}

/// Every text that a JSON text calls `short_code`, with its place. An unescaped quote cannot stand within a JSON string, so
/// the name in its quotes is only ever a whole string; followed by a colon, a key.
pub(crate) fn short_codes(payload: &str) -> impl Iterator<Item = (usize, &str)> {
    const KEY: &str = "\"short_code\"";
    payload.match_indices(KEY).filter_map(move |(at, _)| {
        let behind = payload[at + KEY.len()..].trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
        let code = &behind[..behind.find('"')?];
        Some((payload.len() - behind.len(), code))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_codes_are_masked_and_the_rest_stays_byte_for_byte() {
        let payload = r#"{"z":1,"short_code":"0042","ticket":{"short_code" : "77"},"name":"\"short_code\":\"0042\""}"#;
        assert_eq!(
            mask(payload, |code| code == "0042"),
            r#"{"z":1,"short_code":"•••","ticket":{"short_code" : "77"},"name":"\"short_code\":\"0042\""}"#
        );
        assert_eq!(mask(payload, |_| false), payload);
    }
}
