//! Who is asking, and what a handler needs them to be: its parameter's type says it.
//!
//! `Needs<Seller>` as a handler's first parameter is 401 and 403, and the CSRF check of whoever came by cookie, before
//! anything else is looked at. The types below are the column "who" of the HTTP contract; whether a link opens what the
//! path names, or staff are the show's, is for the handler that knows it.

use std::marker::PhantomData;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, header, request::Parts},
};
use identity::{Caller, Need, session_token};
use uuid::Uuid;

use crate::{app::App, problem::Problem};

/// The header in which changes by cookie repeat the `csrf` of `GET /me`.
pub const CSRF_HEADER: &str = "x-csrf-token";

/// The header that names one of several organizations.
pub const ORGANIZATION_HEADER: &str = "turnout-organization";

/// Who is asking, whoever it is.
#[derive(Debug, Clone)]
pub struct Credentials(pub Caller);

/// Who is asking, and that they may do what `N` says.
#[derive(Debug, Clone)]
pub struct Needs<N> {
    /// Who is asking.
    pub caller: Caller,
    need: PhantomData<N>,
}

/// What is needed, any one of a few.
pub trait NeedSet: Send + Sync + 'static {
    /// Any one of these is enough.
    const NEEDS: &'static [Need];
}

macro_rules! needs {
    ($($(#[$doc:meta])* $name:ident: $($need:ident),+;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl NeedSet for $name {
            const NEEDS: &'static [Need] = &[$(Need::$need),+];
        }
    )*};
}

needs! {
    /// **P**.
    Anybody: Anybody;
    /// **s**.
    Seller: Seller;
    /// **m**.
    Manager: Manager;
    /// **d**.
    Door: Door;
    /// **d m**.
    DoorOrManager: Door, Manager;
    /// Any member, key or device.
    StaffMember: Staff;
    /// **o**.
    Owner: Owner;
    /// **h s**.
    SellerOrLink: Seller, LinkHolder;
    /// **a m**.
    AuditorOrManager: Auditor, Manager;
    /// **d n s**.
    AttendanceReader: Door, Analyst, Seller;
}

impl FromRequestParts<App> for Credentials {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let carried = Carried::of(&parts.headers)?;
        let now = app.clock.now();
        let caller = app.gate.identify(carried.bearer, carried.session, carried.organization, now).await?;
        if !parts.method.is_safe() || parts.method == Method::CONNECT {
            app.gate.check_csrf(&caller, carried.session, carried.csrf)?;
        }
        Ok(Self(caller))
    }
}

impl<N: NeedSet> FromRequestParts<App> for Needs<N> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Credentials(caller) = Credentials::from_request_parts(parts, app).await?;
        caller.require(N::NEEDS)?;
        Ok(Self { caller, need: PhantomData })
    }
}

/// What a request's headers carry.
struct Carried<'a> {
    bearer: Option<&'a str>,
    session: Option<&'a str>,
    csrf: Option<&'a str>,
    organization: Option<Uuid>,
}

impl<'a> Carried<'a> {
    fn of(headers: &'a HeaderMap) -> Result<Self, Problem> {
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
        })
    }
}

/// The session's token in the cookies, which a browser may spread over several headers.
pub(crate) fn session_of(headers: &HeaderMap) -> Option<&str> {
    headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).find_map(session_token)
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
}
