//! Who is asking, and that they may: a handler's first parameter.
//!
//! `Needs<may::IssueTicket>` is 401 and 403 by the table of permissions, and the CSRF check of whoever came by cookie, before
//! anything else is looked at. Every request is counted here; what cannot be told from a made-up cookie, before the database
//! is asked about it. Whether a link opens what the path names, or staff are the show's, is for the handler that
//! knows it.

use std::{future::Future, marker::PhantomData, pin::Pin, time::Instant};

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderMap, Method, header, request::Parts},
};
use identity::{Asking, Caller, GateError, session_token};
use uuid::Uuid;

use crate::{
    app::App,
    client_address,
    permissions::{Operation, Reach},
    problem::Problem,
};

/// The header in which changes by cookie repeat the `csrf` of `GET /me`.
pub const CSRF_HEADER: &str = "x-csrf-token";

/// The header that names one of several organizations.
pub const ORGANIZATION_HEADER: &str = "turnout-organization";

/// The cookie that names it for what a browser asks without headers of ours: images, event streams.
const ORGANIZATION_COOKIE: &str = "turnout_organization";

/// Who is asking, whoever it is.
#[derive(Debug, Clone)]
pub struct Credentials(pub Caller);

/// Who is asking, and that they may do `O`.
#[derive(Debug, Clone)]
pub struct Needs<O> {
    /// Who is asking.
    pub caller: Caller,
    operation: PhantomData<O>,
}

impl<S> FromRequestParts<S> for Credentials
where
    S: Send + Sync,
    App: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, side: &S) -> Result<Self, Problem> {
        let app = App::from_ref(side);
        let carried = Carried::of(&parts.headers)?;
        let client = client_address::of_extensions(&parts.extensions);
        let rates = &app.defences.rates;
        let cookie = carried.session.filter(|_| carried.bearer.is_none());
        let strange = cookie.map(|cookie| rates.strange_cookie(cookie, client, &parts.method, Instant::now()));
        let strange = strange.transpose()?.flatten();
        let caller = app.gate.identify(carried.asking(), app.clock.now()).await?;
        match strange {
            Some(strange) => strange.turned_out(&caller, Instant::now())?,
            None => rates.of_caller(&caller, client, &parts.method, Instant::now())?,
        }
        if !parts.method.is_safe() || parts.method == Method::CONNECT {
            app.gate.check_csrf(&caller, carried.session, carried.csrf)?;
        }
        Ok(Self(caller))
    }
}

impl<O, S> FromRequestParts<S> for Needs<O>
where
    O: Operation,
    S: Send + Sync,
    App: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, side: &S) -> Result<Self, Problem> {
        let caller = if O::PERMISSION.reach == Reach::Everybody {
            let client = client_address::of_extensions(&parts.extensions);
            App::from_ref(side).defences.rates.of_caller(&Caller::Anonymous, client, &parts.method, Instant::now())?;
            Caller::Anonymous
        } else {
            Credentials::from_request_parts(parts, side).await?.0
        };
        O::PERMISSION.check(&caller)?;
        Ok(Self { caller, operation: PhantomData })
    }
}

/// Asks again, while an answer goes on, whether somebody still is who they were: a revocation also ends streams and polls.
#[derive(Debug, Clone)]
pub struct StillThere(
    // Callers without a login have none to lose, and ten thousand of them shall not keep their headers.
    Option<Box<(HeaderMap, Caller)>>,
);

impl StillThere {
    /// Of a request and whoever sent it.
    #[must_use]
    pub fn new(headers: &HeaderMap, caller: &Caller) -> Self {
        Self(caller.staff().map(|_| Box::new((headers.clone(), caller.clone()))))
    }

    /// Returns when the credentials stand for somebody else, or nobody; never for callers without a login.
    pub fn until_gone<S>(self, side: &S) -> Pin<Box<dyn Future<Output = ()> + Send>>
    where
        App: FromRef<S>,
    {
        match self.0 {
            None => Box::pin(std::future::pending()),
            Some(known) => Box::pin(until_another(known.0, known.1, App::from_ref(side))),
        }
    }
}

async fn until_another(headers: HeaderMap, known: Caller, app: App) {
    loop {
        tokio::time::sleep(identity::BELIEVED_FOR).await;
        let Ok(carried) = Carried::of(&headers) else { return };
        match app.gate.identify(carried.asking(), app.clock.now()).await {
            Ok(caller) if caller == known => {}
            // That they cannot be checked now says nothing about them.
            Err(GateError::Unavailable(_)) => {}
            Ok(_) | Err(_) => return,
        }
    }
}

/// What a request's headers carry.
struct Carried<'a> {
    bearer: Option<&'a str>,
    session: Option<&'a str>,
    csrf: Option<&'a str>,
    organization: Option<Uuid>,
    preferred: Option<Uuid>,
}

impl<'a> Carried<'a> {
    fn asking(&self) -> Asking<'a> {
        let Self { bearer, session, organization, preferred, .. } = *self;
        Asking { bearer, session, organization, preferred }
    }

    fn of(headers: &'a HeaderMap) -> Result<Self, Problem> {
        // A proxy may look at the one and we at the other.
        if headers.get_all(header::AUTHORIZATION).iter().count() > 1 {
            return Err(Problem::unauthenticated("The header Authorization stands there more than once."));
        }
        if headers.get_all(ORGANIZATION_HEADER).iter().count() > 1 {
            return Err(Problem::invalid_at("/Turnout-Organization", "stands there more than once"));
        }
        let organization = match headers.get(ORGANIZATION_HEADER) {
            None => None,
            Some(value) => {
                let id = value.to_str().ok().and_then(|text| Uuid::try_parse(text).ok());
                Some(id.ok_or_else(|| {
                    Problem::invalid_at("/Turnout-Organization", "is no id; send the id of one of your organizations")
                })?)
            }
        };
        Ok(Self {
            bearer: headers.get(header::AUTHORIZATION).map(|value| bearer(value.to_str().ok())).transpose()?,
            session: session_of(headers),
            csrf: headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok()),
            organization,
            preferred: cookies(headers)
                .find_map(|cookie| identity::cookie_value(cookie, ORGANIZATION_COOKIE)?.parse().ok()),
        })
    }
}

/// What a request's headers carry, for the targets of `fuzz`.
///
/// # Errors
/// 401 or 422.
#[cfg(feature = "fuzzing")]
pub fn asking(headers: &HeaderMap) -> Result<Asking<'_>, Problem> {
    Carried::of(headers).map(|carried| carried.asking())
}

/// The session's token in the cookies, which a browser may spread over several headers.
pub(crate) fn session_of(headers: &HeaderMap) -> Option<&str> {
    cookies(headers).find_map(session_token)
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok())
}

/// The token of `Bearer <token>`; another scheme is bad credentials, not none.
fn bearer(value: Option<&str>) -> Result<&str, Problem> {
    value
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or_else(|| Problem::unauthenticated("The header Authorization has to be Bearer and a token."))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_a_bearer_is_a_bearer() {
        assert_eq!(bearer(Some("bearer  abc")).unwrap(), "abc");
        for bad in [Some("Basic YTpi"), Some("abc"), Some(""), None] {
            assert_eq!(bearer(bad).unwrap_err().code(), "unauthenticated");
        }
    }

    #[test]
    fn an_organization_that_is_no_id_is_422() {
        let headers = HeaderMap::from_iter([(
            ORGANIZATION_HEADER.parse::<axum::http::HeaderName>().unwrap(),
            HeaderValue::from_static("mine"),
        )]);
        assert_eq!(Carried::of(&headers).err().unwrap().code(), "invalid");
    }

    #[test]
    fn credentials_that_stand_there_twice_are_none() {
        let mut headers = HeaderMap::new();
        for token in ["Bearer one", "Bearer other"] {
            headers.append(header::AUTHORIZATION, HeaderValue::from_static(token));
        }
        assert_eq!(Carried::of(&headers).err().unwrap().code(), "unauthenticated");
    }
}
