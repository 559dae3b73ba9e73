//! What was held up at the door, looked at: nothing that a person shows is ever an error, only another ticket or none.

use commands::check_in::{Shown, Token};
use domain::{
    codes::ShortCode,
    ids::{ShowId, TicketId},
};
use uuid::Uuid;

use super::scan::Presented;
use crate::app::CommandSide;

/// What it is, for a show of `organization`.
pub(super) async fn shown(app: &CommandSide, organization: Option<Uuid>, show: ShowId, presented: Presented) -> Shown {
    match presented {
        Presented::ShortCode(text) => Shown::ShortCode(ShortCode::try_from(text.trim()).ok()),
        Presented::Token(text) => Shown::Token(token(app, organization, show, text.trim()).await),
        // What is no id is nobody's ticket; nor is the nil id.
        Presented::Ticket(text) => Shown::Ticket(TicketId(Uuid::try_parse(text.trim()).unwrap_or_default())),
    }
}

async fn token(app: &CommandSide, organization: Option<Uuid>, show: ShowId, text: &str) -> Token {
    let Ok(claims) = app.ticket_keys.verify(text) else { return Token::Forged };
    if claims.show == show.0 {
        return Token::Ours { ticket: TicketId(claims.ticket), issue: claims.issue_number };
    }
    // The other show's name is a courtesy: nobody waits at the door because it cannot be looked up now.
    let other = app.desks.find(ShowId(claims.show)).await.unwrap_or_default();
    Token::OfOtherShow(other.filter(|other| Some(other.organization) == organization).map(|other| other.name))
}
