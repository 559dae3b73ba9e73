//! What may be asked of an organization: who belongs to it, which keys and devices ask for it, what it has settled, and
//! what it forgets. As with shows: one file a command, decided on the folded state and values.
//!
//! Which role may ask for what is the API's table. Here stands what holds whoever asks: nobody gives what is above them,
//! only owners change who belongs to it, and it is never without one.

pub mod add_member;
pub mod change_member_role;
pub mod change_settings;
mod context;
pub mod end_retention;
pub mod end_text_retention;
pub mod erase_person;
pub mod found_organization;
pub mod invite_member;
pub mod issue_api_key;
pub mod join_organization;
pub mod note_code_guessing;
pub mod note_failed_sign_ins;
pub mod note_sign_ins;
pub mod offer_pairing;
mod organization_command;
pub mod pair_device;
#[cfg(test)]
mod properties;
pub mod remove_member;
pub mod revoke_api_key;
pub mod revoke_device;
pub mod rotate_api_key;
pub mod settings_change;
mod show_list;
#[cfg(test)]
mod specification;

pub use context::OrganizationContext;
pub use organization_command::OrganizationCommand;
