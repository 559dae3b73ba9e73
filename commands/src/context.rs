//! What a decision may know beside the state: the time, who asks through which channel, and random bits. All of it is
//! values, so that the same command on the same state is decided the same way again.

use std::cell::Cell;

use domain::{codes::CodeSequence, ids::DeviceId, show::Show, text::DoorName, ticket_type::Channel, time::Time};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The circumstances of a command.
#[derive(Debug, Clone)]
pub struct Context {
    /// The later of the clock and the stream's last time.
    pub now: Time,
    /// How it came.
    pub channel: Channel,
    /// Whether a member, key or device of the show's organization asks.
    pub staff: bool,
    /// Whether they may do what managers may.
    pub manager: bool,
    /// The device that asks.
    pub device: Option<DeviceId>,
    /// The gates that this device is bound to, by their names; none: it lets people in at all of them.
    pub device_gates: Option<Vec<DoorName>>,
    /// Whether who asks may admit against the rules: people may, a device where it was paired so.
    pub may_override: bool,
    /// Secret of the show's short codes.
    pub code_key: [u8; 32],
    /// The key that signs tickets now.
    pub kid: String,
    seed: [u8; 32],
    drawn: Cell<u32>,
}

impl Context {
    /// A context whose ids and random numbers all follow from `seed`.
    pub fn new(now: Time, channel: Channel, code_key: [u8; 32], kid: &str, seed: [u8; 32]) -> Self {
        Self {
            now,
            channel,
            staff: false,
            manager: false,
            device: None,
            device_gates: None,
            may_override: true,
            code_key,
            kid: kid.to_owned(),
            seed,
            drawn: Cell::new(0),
        }
    }

    /// A new id: UUIDv7 (RFC 9562 §5.7) of `now`, its random part drawn from the seed.
    pub fn id<T: From<Uuid>>(&self) -> T {
        let random = self.draw();
        let mut bytes = [0; 10];
        bytes.copy_from_slice(&random[..10]);
        let millis = u64::try_from(self.now.timestamp_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid().into()
    }

    /// Random bits.
    pub fn number(&self) -> u64 {
        let random = self.draw();
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&random[..8]);
        u64::from_be_bytes(bytes)
    }

    /// The short codes of a published show.
    pub fn codes(&self, show: &Show) -> Option<CodeSequence> {
        show.code_length.map(|length| CodeSequence::new(self.code_key, length))
    }

    fn draw(&self) -> [u8; 32] {
        let number = self.drawn.get();
        self.drawn.set(number + 1);
        Sha256::new().chain_update(self.seed).chain_update(number.to_be_bytes()).finalize().into()
    }
}
