//! Who: people, members, keys and devices by what they are called now, as far as the reader may know.

use domain::ids::{PersonId, TextId};
use uuid::Uuid;

use super::telling::{Telling, say};

impl Telling<'_> {
    fn entry(&self, id: Uuid) -> String {
        let found = self.known(|of| &mut of.vault, id).map(|known| known.vault.get(&id));
        // A text may have lines; a sentence has one.
        let one_line = |text: &String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        found.flatten().map_or_else(|| say!(self, "erased"), one_line)
    }

    /// The name of somebody.
    pub fn person(&self, person: PersonId) -> String {
        if self.reading.names { self.entry(person.0) } else { say!(self, "somebody") }
    }

    /// What somebody typed, as a message of its own; nothing where nothing was typed, or the reader may not see it.
    pub fn typed(&self, id: &str, text: Option<TextId>) -> String {
        let text = text.filter(|_| self.reading.names).map(|text| self.entry(text.0));
        text.map_or_else(String::new, |text| say!(self, id, text: text))
    }

    /// Why, in somebody's words.
    pub fn reason(&self, text: Option<TextId>) -> String {
        self.typed("reason", text)
    }

    /// Who works here.
    pub fn member(&self, member: Uuid) -> String {
        if !self.reading.staff {
            return say!(self, "actor-staff");
        }
        say!(self, "member", name: self.member_name(member))
    }

    fn member_name(&self, member: Uuid) -> String {
        self.known(|of| &mut of.members, member);
        self.entry(member)
    }

    /// What a key or a device is called, by the entry of the vault that its event names.
    pub fn named(&self, name: TextId) -> String {
        if self.reading.staff { self.entry(name.0) } else { say!(self, "somebody") }
    }

    /// What a key or a device is called.
    pub fn credential(&self, credential: Uuid) -> String {
        if !self.reading.staff {
            return say!(self, "somebody");
        }
        let found = self.known(|of| &mut of.credentials, credential);
        let name = found.and_then(|known| known.credentials.get(&credential));
        name.map_or_else(|| say!(self, "erased"), |name| self.entry(*name))
    }

    /// Who acted, in words.
    pub fn actor(&self, actor: &str) -> String {
        let (kind, id) = actor.split_once(':').unwrap_or((actor, ""));
        match (kind, id.parse::<Uuid>()) {
            ("member" | "key" | "device", _) if !self.reading.staff => say!(self, "actor-staff"),
            ("member", Ok(id)) => say!(self, "actor-member", name: self.member_name(id)),
            ("key", Ok(id)) => say!(self, "actor-key", name: self.credential(id)),
            ("device", Ok(id)) => say!(self, "actor-device", name: self.credential(id)),
            ("anonymous" | "hold" | "order", _) => say!(self, "actor-buyer"),
            ("admin", _) => say!(self, "actor-admin"),
            ("turnout", _) => say!(self, "actor-system"),
            ("demo", _) => say!(self, "actor-demo"),
            _ => say!(self, "actor-other", name: actor),
        }
    }
}
