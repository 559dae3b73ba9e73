//! NoteCodeGuessing: record that somebody guesses short codes, for whoever has to look into it. Who it is, is the event's
//! actor.

use domain::{
    Organization, OrganizationEvent,
    events::CodeGuessingNoticed,
    ids::{DeviceId, ShowId},
};

use super::OrganizationContext;
use crate::Rejection;

/// Record that somebody guesses short codes.
#[derive(Debug, Clone, PartialEq)]
pub struct NoteCodeGuessing {
    /// At which show.
    pub show: ShowId,
    /// On which device.
    pub device: Option<DeviceId>,
    /// How many unknown codes they tried.
    pub codes: u32,
    /// Whether they are slowed down; a paired device never is.
    pub throttled: bool,
}

impl NoteCodeGuessing {
    pub(super) fn decide(
        &self,
        _: &Organization,
        _: &OrganizationContext,
    ) -> Result<Vec<OrganizationEvent>, Rejection> {
        if self.codes == 0 {
            return Ok(Vec::new());
        }
        Ok(vec![
            CodeGuessingNoticed { show: self.show, device: self.device, codes: self.codes, throttled: self.throttled }
                .into(),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::specification::{device, given, show};

    #[test]
    fn guessing_is_noted_with_its_extent() {
        let note = |codes| NoteCodeGuessing { show: show(1), device: Some(device(1)), codes, throttled: false };
        let expected = CodeGuessingNoticed { show: show(1), device: Some(device(1)), codes: 40, throttled: false };
        given::owned().by_nobody().when(note(40)).then([expected.into()]);
        given::owned().by_nobody().when(note(0)).then([]);
    }
}
