//! What stands between the server and those who mean ill, in one place: from whom requests come, how often they may, what
//! other origins may, and whom to tell of a hole. Each part is explained in its own module.

use std::time::{Duration, Instant};

use crate::{
    client_address::TrustedProxies,
    cross_origin::CorsOrigins,
    hold_limits::HoldLimits,
    rate_limits::{CodeGuessing, DEFAULTS, RateLimits, Rates, SignInLimits},
    security_txt::SecurityContact,
};

/// Longer than a desk's deadline (5 s) and a query's wait (5 s) with the rest of its work, shorter than proxies wait.
const REQUEST_MAX: Duration = Duration::from_secs(15);

/// What whoever runs the server says about them.
#[derive(Debug, Clone)]
pub struct DefenceSettings {
    /// `TURNOUT_TRUSTED_PROXIES`.
    pub proxies: TrustedProxies,
    /// `TURNOUT_CORS_ORIGINS`.
    pub cors: CorsOrigins,
    /// `TURNOUT_SECURITY_CONTACT`.
    pub security_contact: Option<SecurityContact>,
    /// How often somebody may ask.
    pub rates: Rates,
    /// How long a request may take, its body included, but for seatings and long polls.
    pub request_max: Duration,
}

/// The defences of one node.
#[derive(Debug)]
pub struct Defences {
    /// Who may say for whom they speak.
    pub proxies: TrustedProxies,
    /// How often somebody may ask.
    pub rates: RateLimits,
    /// Failed sign-ins by account, for the handler that signs in.
    pub sign_ins: SignInLimits,
    /// Unknown short codes, for the handlers of check-ins.
    pub code_guessing: CodeGuessing,
    /// Holds and unpaid orders without credentials, for the handlers that make them.
    pub holds: HoldLimits,
    pub(crate) cors: CorsOrigins,
    pub(crate) security_contact: Option<SecurityContact>,
    pub(crate) request_max: Duration,
}

impl Default for DefenceSettings {
    fn default() -> Self {
        Self {
            proxies: TrustedProxies::default(),
            cors: CorsOrigins::default(),
            security_contact: None,
            rates: DEFAULTS,
            request_max: REQUEST_MAX,
        }
    }
}

impl Defences {
    /// Nobody has done anything yet.
    #[must_use]
    pub fn new(settings: DefenceSettings) -> Self {
        let now = Instant::now();
        Self {
            rates: RateLimits::new(&settings.rates, now),
            sign_ins: SignInLimits::new(settings.rates.failed_sign_ins, now),
            code_guessing: CodeGuessing::new(now),
            holds: HoldLimits::default(),
            proxies: settings.proxies,
            cors: settings.cors,
            security_contact: settings.security_contact,
            request_max: settings.request_max,
        }
    }
}
