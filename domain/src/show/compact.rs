//! How a kept state writes what it shares with events.
//!
//! An event's JSON leaves out what is empty. The state is kept in a format without names, in which every field has to
//! stand in its place, so each such shape is told here once more, in full; the compiler sees to it that both agree.

use std::{collections::HashMap, fmt, hash::Hash, marker::PhantomData};

use indexmap::IndexMap;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
};

use crate::{
    events::{HoldItem, Line, LineKind, Previous, Venue},
    ids::{BlockId, DeviceId, ItemId, TicketId, TicketTypeId},
    money::Amount,
    place::{MaybeCategory, Place, RowLabel, SeatAddress, SeatLabel, SectionName},
    seating::{Feature, Milli, Room, Row, Seat, Seating, Section},
    text::{Address, Category, DoorName, Name},
    time::Time,
};

/// Declares a module for `#[serde(with = …)]` that writes a list of what one of the shapes below describes.
macro_rules! list {
    ($($name:ident: $item:ty as $shape:literal;)*) => {$(
        pub(super) mod $name {
            use super::*;

            #[derive(Serialize)]
            #[serde(transparent)]
            struct Written<'a>(#[serde(with = $shape)] &'a $item);

            #[derive(Deserialize)]
            #[serde(transparent)]
            struct Read(#[serde(with = $shape)] $item);

            pub(in crate::show) fn serialize<S: Serializer>(list: &[$item], serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(list.iter().map(Written))
            }

            pub(in crate::show) fn deserialize<'de, D: Deserializer<'de>>(reader: D) -> Result<Vec<$item>, D::Error> {
                Ok(Vec::<Read>::deserialize(reader)?.into_iter().map(|read| read.0).collect())
            }
        }
    )*};
}

list! {
    places: Place as "PlaceShape";
    hold_items: HoldItem as "HoldItemShape";
    lines: Line as "LineShape";
    sections: Section as "SectionShape";
    rows: Row as "RowShape";
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Place")]
struct PlaceShape {
    section: Option<SectionName>,
    seat: Option<SeatAddress>,
    persons: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "HoldItem")]
struct HoldItemShape {
    id: ItemId,
    ticket_type: TicketTypeId,
    #[serde(with = "places")]
    places: Vec<Place>,
    category: MaybeCategory,
    persons: u32,
    price: Amount,
    tax: Amount,
    block: Option<BlockId>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Line")]
struct LineShape {
    id: ItemId,
    kind: LineKind,
    amount: Amount,
    tax: Amount,
    ticket: Option<TicketId>,
    ticket_type: Option<TicketTypeId>,
    #[serde(with = "places")]
    places: Vec<Place>,
    category: MaybeCategory,
    persons: u32,
    block: Option<BlockId>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Section")]
struct SectionShape {
    name: SectionName,
    #[serde(with = "RoomShape")]
    room: Room,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Room")]
enum RoomShape {
    Seated(#[serde(with = "rows")] Vec<Row>),
    Standing(u32),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Row")]
struct RowShape {
    label: RowLabel,
    #[serde(with = "seats")]
    seats: Vec<Option<Seat>>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Seat")]
struct SeatShape {
    seat: SeatLabel,
    x_milli: Option<Milli>,
    y_milli: Option<Milli>,
    category: Option<Category>,
    features: Vec<Feature>,
}

/// Seats and aisles.
mod seats {
    use super::*;

    #[derive(Serialize)]
    #[serde(transparent)]
    struct Written<'a>(#[serde(with = "SeatShape")] &'a Seat);

    #[derive(Deserialize)]
    #[serde(transparent)]
    struct Read(#[serde(with = "SeatShape")] Seat);

    pub(super) fn serialize<S: Serializer>(list: &[Option<Seat>], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(list.iter().map(|seat| seat.as_ref().map(Written)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(reader: D) -> Result<Vec<Option<Seat>>, D::Error> {
        Ok(Vec::<Option<Read>>::deserialize(reader)?.into_iter().map(|seat| seat.map(|read| read.0)).collect())
    }
}

/// A seating, if there is one.
pub(super) mod seating {
    use super::*;

    #[derive(Serialize)]
    #[serde(transparent)]
    struct Written<'a>(#[serde(with = "sections")] &'a [Section]);

    #[derive(Deserialize)]
    #[serde(transparent)]
    struct Read(#[serde(with = "sections")] Vec<Section>);

    pub(in crate::show) fn serialize<S: Serializer>(
        seating: &Option<Seating>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        seating.as_ref().map(|seating| Written(seating.sections())).serialize(serializer)
    }

    pub(in crate::show) fn deserialize<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<Seating>, D::Error> {
        Ok(Option::<Read>::deserialize(reader)?.map(|read| Seating::kept(read.0)))
    }
}

/// A venue.
pub(super) mod venue {
    use super::*;

    #[derive(Serialize, Deserialize)]
    #[serde(remote = "Venue")]
    struct Shape {
        name: Name,
        address: Address,
        latitude_e7: Option<i32>,
        longitude_e7: Option<i32>,
    }

    pub(in crate::show) fn serialize<S: Serializer>(venue: &Venue, serializer: S) -> Result<S::Ok, S::Error> {
        Shape::serialize(venue, serializer)
    }

    pub(in crate::show) fn deserialize<'de, D: Deserializer<'de>>(reader: D) -> Result<Venue, D::Error> {
        Shape::deserialize(reader)
    }
}

/// An earlier admission, if there is one.
pub(super) mod previous {
    use super::*;

    #[derive(Serialize, Deserialize)]
    #[serde(remote = "Previous")]
    struct Shape {
        #[serde(with = "time")]
        at: Time,
        gate: Option<DoorName>,
        device: Option<DeviceId>,
    }

    #[derive(Serialize)]
    #[serde(transparent)]
    struct Written<'a>(#[serde(with = "Shape")] &'a Previous);

    #[derive(Deserialize)]
    #[serde(transparent)]
    struct Read(#[serde(with = "Shape")] Previous);

    pub(in crate::show) fn serialize<S: Serializer>(
        previous: &Option<Previous>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        previous.as_ref().map(Written).serialize(serializer)
    }

    pub(in crate::show) fn deserialize<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<Previous>, D::Error> {
        Ok(Option::<Read>::deserialize(reader)?.map(|read| read.0))
    }
}

/// A moment as seconds since 1970 and nanoseconds, of which there are as many as scans: read faster than a calendar's text.
pub(super) mod time {
    use super::*;

    pub(in crate::show) fn serialize<S: Serializer>(time: &Time, serializer: S) -> Result<S::Ok, S::Error> {
        (time.timestamp(), time.timestamp_subsec_nanos()).serialize(serializer)
    }

    pub(in crate::show) fn deserialize<'de, D: Deserializer<'de>>(reader: D) -> Result<Time, D::Error> {
        let (seconds, nanoseconds) = <(i64, u32)>::deserialize(reader)?;
        Time::from_timestamp(seconds, nanoseconds).ok_or_else(|| serde::de::Error::custom("is no moment"))
    }
}

/// A map that is read into room enough for all of it, since growing moves a hundred thousand tickets again and again.
pub(super) mod map {
    use super::*;

    /// More entries than this do not fit because the bytes say so, only because they are there.
    const ROOM_MAX: usize = 1 << 20;

    /// A map that can be made with room. One that keeps an order is written and read in it.
    pub(in crate::show) trait Roomy<K, V> {
        fn with_room(entries: usize) -> Self;
        fn put(&mut self, key: K, value: V);
    }

    impl<K: Eq + Hash, V> Roomy<K, V> for HashMap<K, V> {
        fn with_room(entries: usize) -> Self {
            Self::with_capacity(entries)
        }

        fn put(&mut self, key: K, value: V) {
            self.insert(key, value);
        }
    }

    impl<K: Eq + Hash, V> Roomy<K, V> for IndexMap<K, V> {
        fn with_room(entries: usize) -> Self {
            Self::with_capacity(entries)
        }

        fn put(&mut self, key: K, value: V) {
            self.insert(key, value);
        }
    }

    pub(in crate::show) fn serialize<'a, M, K, V, S>(map: &'a M, serializer: S) -> Result<S::Ok, S::Error>
    where
        &'a M: IntoIterator<Item = (&'a K, &'a V), IntoIter: ExactSizeIterator>,
        K: Serialize + 'a,
        V: Serialize + 'a,
        S: Serializer,
    {
        serializer.collect_map(map)
    }

    pub(in crate::show) fn deserialize<'de, M, K, V, D>(reader: D) -> Result<M, D::Error>
    where
        M: Roomy<K, V> + IntoIterator<Item = (K, V)>,
        K: Deserialize<'de>,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        reader.deserialize_map(Entries(PhantomData))
    }

    struct Entries<M, K, V>(PhantomData<(M, K, V)>);

    impl<'de, M: Roomy<K, V>, K: Deserialize<'de>, V: Deserialize<'de>> Visitor<'de> for Entries<M, K, V> {
        type Value = M;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<M, A::Error> {
            let mut map = M::with_room(entries.size_hint().unwrap_or(0).min(ROOM_MAX));
            while let Some((key, value)) = entries.next_entry()? {
                map.put(key, value);
            }
            Ok(map)
        }
    }
}
