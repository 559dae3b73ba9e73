//! Texts with limits: what is taken is as long as it may be, holds no control character but those of long texts, and is kept as
//! it was sent. Addresses of seats part into what they were made of.

use domain::{
    language::Language,
    money::Currency,
    place::{RowLabel, SeatAddress, SeatLabel, SectionName},
    text::{Address, Category, Description, DoorName, Name, Note, PersonName, Reason, Slug},
    time::Zone,
};

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let text = text.to_owned();
    kept::<Name>(&text, 1, 200, false);
    kept::<Description>(&text, 0, 20_000, true);
    kept::<Address>(&text, 0, 1_000, true);
    kept::<DoorName>(&text, 1, 60, false);
    kept::<Category>(&text, 1, 100, false);
    kept::<Reason>(&text, 1, 1_000, true);
    kept::<PersonName>(&text, 1, 200, false);
    kept::<Note>(&text, 1, 200, false);
    kept::<SectionName>(&text, 1, 60, false);
    kept::<RowLabel>(&text, 1, 20, false);
    kept::<SeatLabel>(&text, 1, 20, false);
    kept::<Currency>(&text, 3, 3, false);
    kept::<Zone>(&text, 1, 40, false);
    kept::<Language>(&text, 2, 11, false);
    if kept::<SeatAddress>(&text, 5, 102, false) {
        let address = SeatAddress::try_from(text.clone()).expect("taken a moment ago");
        let (section, row, seat) = address.parts();
        assert_eq!(format!("{section}-{row}-{seat}"), text);
        assert!(!row.contains('-') && !seat.contains('-'));
    }
    if let Ok(name) = Name::try_from(text) {
        let slug = Slug::new(&name, 7);
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        assert!(slug.as_str().len() <= 70 && slug.as_str().bytes().all(plain), "{slug:?}");
    }
}

/// Whether a `T` takes the text; if so, within limits and as it is.
fn kept<T: TryFrom<String> + Into<String>>(text: &str, min: usize, max: usize, long: bool) -> bool {
    let Ok(taken) = T::try_from(text.to_owned()) else { return false };
    let length = text.chars().count();
    assert!((min..=max).contains(&length), "{length} characters are not from {min} to {max}");
    assert!(min == 0 || !text.trim().is_empty(), "nothing but white space");
    assert!(!text.chars().any(|c| c.is_control() && !(long && matches!(c, '\n' | '\t'))), "{text:?}");
    assert_eq!(taken.into(), text);
    true
}
