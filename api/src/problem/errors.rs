//! What the errors of other crates mean to whoever asked: the caller's to mend (4xx), later (503), or a defect of ours (500).

use commands::{Rejection, desk::DeskError};
use domain::FieldError;
use event_store::{ReadError, tree::TreeError};
use identity::{AccountError, GateError, PasswordError, SessionError, SignInError};
use projections::{QueryError, WaitError, as_of::MomentError};

use super::Problem;

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::NotFound => Self::not_found(),
            Rejection::Forbidden(detail) => Self::forbidden(detail),
            Rejection::Invalid(errors) => Self::invalid(errors),
            Rejection::Rule { code, detail, mut errors, held_by: _ } => {
                if errors.is_empty() {
                    errors.push(FieldError::at("", detail.clone()));
                }
                Self::rejected(code.as_str(), detail, errors)
            }
        }
    }
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Rejected(rejection) => rejection.into(),
            DeskError::KeyReused => Self::idempotency_key_reused(),
            DeskError::Overloaded | DeskError::Unavailable => Self::overloaded(),
            DeskError::Unreadable(_) => Self::internal(&error),
        }
    }
}

impl From<GateError> for Problem {
    fn from(error: GateError) -> Self {
        match error {
            GateError::Unauthenticated => {
                Self::unauthenticated("Sign in, or send the header Authorization: Bearer with a valid token.")
            }
            GateError::Forbidden => Self::forbidden("Your role may not do this; ask somebody whose role may."),
            GateError::UnknownOrganization => {
                Self::invalid_at("/Turnout-Organization", "names no organization; send the id of one of yours")
            }
            GateError::Csrf => Self::forbidden("Send the header X-CSRF-Token with the csrf of GET /me."),
            GateError::Unavailable(source) => Self::database(&source),
        }
    }
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::WrongCredentials => Self::unauthenticated("The e-mail address or the password is wrong."),
            SignInError::TooMany { retry_after_seconds } => Self::too_many_requests(retry_after_seconds),
            SignInError::Account(source) => source.into(),
            SignInError::Session(SessionError::Database(source)) => Self::database(&source),
            SignInError::Session(source) => Self::internal(&source),
        }
    }
}

impl From<TreeError> for Problem {
    fn from(error: TreeError) -> Self {
        match error {
            TreeError::Database(source) => Self::database(&source),
            TreeError::Damaged(_) => Self::internal(&error),
        }
    }
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::BadCursor => Self::invalid_at("/cursor", "is no `next` of this list"),
            QueryError::Database(source) | QueryError::Vault(ReadError::Database(source)) => Self::database(&source),
            QueryError::Unreadable { position, .. } => {
                tracing::error!(position, "a query asks for what an event that cannot be understood led to");
                Self::read_model_behind()
            }
            QueryError::Vault(_) | QueryError::Corrupt { .. } => Self::internal(&error),
        }
    }
}

impl From<WaitError> for Problem {
    fn from(error: WaitError) -> Self {
        match error {
            WaitError::Behind { .. } => Self::read_model_behind(),
            WaitError::BeyondHead { head, .. } => {
                Self::invalid_at("/Turnout-Position", format!("is beyond the last position of the log, {head}"))
            }
            WaitError::Stopped { position } => {
                tracing::error!(position, "a query waits for read models that stopped");
                Self::read_model_behind()
            }
            WaitError::Query(source) => source.into(),
        }
    }
}

impl From<MomentError> for Problem {
    fn from(error: MomentError) -> Self {
        match error {
            MomentError::BeyondHead { head, .. } => {
                Self::invalid_at("/at", format!("is beyond the last position of the log, {head}"))
            }
            MomentError::InTheFuture { .. } => {
                Self::invalid_at("/as_of", "is still to come; send a time that has been")
            }
            MomentError::Log(source) => QueryError::Vault(source).into(),
        }
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::EmailTaken => {
                let detail = "There is an account with this address already; open the link again.";
                Self::rejected_at("already_member", "/email", detail)
            }
            AccountError::Password(PasswordError::TooMany) => Self::too_many_requests(1),
            AccountError::Password(PasswordError::Broken(_)) => Self::internal(&error),
            AccountError::Database(source) => Self::database(&source),
        }
    }
}

/// Whether the same may work in a moment: no connection, or PostgreSQL's classes 08 (connection), 53 (resources) and
/// 57 (operator, among them a shutdown and a cancelled statement), and 40 (rolled back).
pub(super) fn passes_by_itself(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(refusal) => {
            refusal.code().is_some_and(|code| ["08", "40", "53", "57"].iter().any(|class| code.starts_with(class)))
        }
        _ => false,
    }
}
