//! Accounts: people who sign in, of whichever organizations.
//!
//! An account is an e-mail address with a password's hash and a name for screens. What its owner may do is not here: that
//! is a membership, an event of an organization. An account that no organization knows any more is forgotten. Second
//! factors, passkeys and OpenID Connect (a later step) are further ways to the same account.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::email::Email;
use crate::password::{PasswordError, Passwords};

/// Somebody who signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id, which events name.
    pub account: Uuid,
    /// The address to sign in with, in lower case.
    pub email: String,
    /// Its owner's name, for screens.
    pub name: String,
    /// Whether its owner set the installation up, and may make organizations.
    pub installation_owner: bool,
}

/// Somebody who will sign in.
#[derive(Clone)]
pub struct NewAccount<'a> {
    /// Its id.
    pub account: Uuid,
    /// The address to sign in with.
    pub email: &'a Email,
    /// Its owner's name.
    pub name: &'a str,
    /// The password, judged by [`crate::judge_password`].
    pub password: &'a str,
    /// Whether its owner set the installation up.
    pub installation_owner: bool,
}

/// Why there is no account.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Somebody signs in with this address already.
    #[error("there is an account with this address")]
    EmailTaken,
    /// The password could not be hashed or compared.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The database did not answer, or refused.
    #[error("accounts could not be read or stored")]
    Database(#[source] sqlx::Error),
}

/// Accounts of the installation.
#[derive(Debug)]
pub struct Accounts {
    pool: PgPool,
    passwords: Passwords,
}

impl From<sqlx::Error> for AccountError {
    fn from(error: sqlx::Error) -> Self {
        let constraint = error.as_database_error().and_then(|error| error.constraint());
        if constraint == Some("accounts_email_unique") { Self::EmailTaken } else { Self::Database(error) }
    }
}

impl Accounts {
    /// Those in `identity.accounts`; the pool's role is `turnout_identity`.
    #[must_use]
    pub fn new(pool: PgPool) -> Self {
        Self { pool, passwords: Passwords::default() }
    }

    /// The account with this address and password. Nobody can tell from the answer, nor from its time, which was wrong.
    ///
    /// # Errors
    /// [`AccountError::Password`] when too many are trying, or the database does not answer.
    pub async fn verify(&self, email: &Email, password: &str) -> Result<Option<Account>, AccountError> {
        let found = sqlx::query!(
            "SELECT account, email, name, installation_owner, password FROM identity.accounts WHERE email = $1",
            email.folded()
        )
        .fetch_optional(&self.pool)
        .await?;
        let same = self.passwords.is(password, found.as_ref().map(|found| found.password.as_str())).await?;
        Ok(found.filter(|_| same).map(|found| Account {
            account: found.account,
            email: found.email,
            name: found.name,
            installation_owner: found.installation_owner,
        }))
    }

    /// The account with this address.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(&self, email: &Email) -> Result<Option<Account>, AccountError> {
        let found = sqlx::query_as!(
            Account,
            "SELECT account, email, name, installation_owner FROM identity.accounts WHERE email = $1",
            email.folded()
        );
        Ok(found.fetch_optional(&self.pool).await?)
    }

    /// Makes an account.
    ///
    /// # Errors
    /// [`AccountError::EmailTaken`], or when it cannot be stored.
    pub async fn create(&self, new: &NewAccount<'_>, now: DateTime<Utc>) -> Result<Account, AccountError> {
        let hash = self.passwords.hash(new.password).await?;
        let account = sqlx::query_as!(
            Account,
            "INSERT INTO identity.accounts (account, email, name, password, installation_owner, created_at)
             VALUES ($1, $2, $3, $4, $5, $6) RETURNING account, email, name, installation_owner",
            new.account,
            new.email.folded(),
            new.name,
            hash,
            new.installation_owner,
            now
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(account)
    }

    /// Makes the account, or gives the one with this address that name and password: for whoever runs the installation.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn establish(&self, new: &NewAccount<'_>, now: DateTime<Utc>) -> Result<Account, AccountError> {
        let hash = self.passwords.hash(new.password).await?;
        let mut connection = self.pool.acquire().await?;
        Ok(establish(&mut connection, new, &hash, now).await?)
    }

    /// The same by a set-up link, which is used up by it; nothing where the link is none, used or too old.
    ///
    /// # Errors
    /// When it cannot be stored; the link is as it was then.
    pub async fn establish_by_link(
        &self,
        link: &[u8; 32],
        new: &NewAccount<'_>,
        now: DateTime<Utc>,
    ) -> Result<Option<Account>, AccountError> {
        let hash = self.passwords.hash(new.password).await?;
        let mut transaction = self.pool.begin().await?;
        let used = sqlx::query!(
            "DELETE FROM identity.links WHERE hash = $1 AND kind = 'setup' AND expires_at > $2",
            link,
            now
        );
        if used.execute(&mut *transaction).await?.rows_affected() == 0 {
            return Ok(None);
        }
        let account = establish(&mut transaction, new, &hash, now).await?;
        transaction.commit().await?;
        Ok(Some(account))
    }

    /// Sets a new password and ends all sessions of the account but `kept`.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn set_password(&self, account: Uuid, password: &str, kept: Option<Uuid>) -> Result<(), AccountError> {
        let hash = self.passwords.hash(password).await?;
        let mut transaction = self.pool.begin().await?;
        replace_password(&mut transaction, account, &hash, kept).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The same by a link, which is used up by it; answers whose it was, or nothing where it is none, used or too old.
    ///
    /// # Errors
    /// When it cannot be stored; the link is as it was then.
    pub async fn set_password_by_link(
        &self,
        link: &[u8; 32],
        password: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Uuid>, AccountError> {
        let hash = self.passwords.hash(password).await?;
        let mut transaction = self.pool.begin().await?;
        let used = sqlx::query_scalar!(
            r#"DELETE FROM identity.links WHERE hash = $1 AND kind = 'password_reset' AND expires_at > $2
               RETURNING account AS "account!""#,
            link,
            now
        );
        let Some(account) = used.fetch_optional(&mut *transaction).await? else { return Ok(None) };
        replace_password(&mut transaction, account, &hash, None).await?;
        sqlx::query!("DELETE FROM identity.links WHERE account = $1", account).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(Some(account))
    }

    /// Gives an account's owner another name.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn rename(&self, account: Uuid, name: &str) -> Result<(), AccountError> {
        sqlx::query!("UPDATE identity.accounts SET name = $2 WHERE account = $1", account, name)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Forgets an account of which no organization knows any more; says whether it was so.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_if_unknown(&self, account: Uuid) -> Result<bool, AccountError> {
        let forgotten = sqlx::query_scalar!(r#"SELECT identity.forget_account($1) AS "forgotten!""#, account);
        Ok(forgotten.fetch_one(&self.pool).await?)
    }
}

async fn establish(
    connection: &mut PgConnection,
    new: &NewAccount<'_>,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<Account, sqlx::Error> {
    sqlx::query_as!(
        Account,
        "INSERT INTO identity.accounts AS a (account, email, name, password, installation_owner, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT ON CONSTRAINT accounts_email_unique
         DO UPDATE SET name = excluded.name, password = excluded.password,
                       installation_owner = a.installation_owner OR excluded.installation_owner
         RETURNING account, email, name, installation_owner",
        new.account,
        new.email.folded(),
        new.name,
        hash,
        new.installation_owner,
        now
    )
    .fetch_one(connection)
    .await
}

async fn replace_password(
    connection: &mut PgConnection,
    account: Uuid,
    hash: &str,
    kept: Option<Uuid>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE identity.accounts SET password = $2 WHERE account = $1", account, hash)
        .execute(&mut *connection)
        .await?;
    sqlx::query!("DELETE FROM identity.sessions WHERE account = $1 AND session IS DISTINCT FROM $2", account, kept)
        .execute(connection)
        .await?;
    Ok(())
}
