//! Short codes: three to eight digits that print as they were typed; the codes of a show are never given twice.

use arbitrary::{Arbitrary, Unstructured};
use domain::codes::{CodeLength, CodeSequence, ShortCode};

#[derive(Arbitrary)]
struct Drawn {
    key: [u8; 32],
    digits: u8,
    one: u32,
    other: u32,
}

pub fn run(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(code) = ShortCode::try_from(text)
    {
        assert!((3..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()), "{text:?}");
        assert_eq!(code.to_string(), text);
    }
    if let Ok(drawn) = Drawn::arbitrary(&mut Unstructured::new(data)) {
        check(&drawn);
    }
}

fn check(drawn: &Drawn) {
    let Ok(length) = CodeLength::try_from(drawn.digits % 12) else { return };
    let codes = CodeSequence::new(drawn.key, length);
    let (one, other) = (drawn.one % length.space(), drawn.other % length.space());
    let (first, second) = (codes.nth(one).expect("within the space"), codes.nth(other).expect("within the space"));
    assert_eq!(one == other, first == second, "{one} and {other} of {length:?}");
    assert_eq!(first.to_string().len(), usize::from(length.digits()));
    assert_eq!(ShortCode::try_from(first.to_string()), Ok(first));
    assert_eq!(codes.nth(length.space()), None);
}
