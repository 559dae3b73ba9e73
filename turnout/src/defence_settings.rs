//! Settings of what stands against those who mean ill. Some are for tests and for operators in need, and stand in no help.

use std::time::Duration;

use anyhow::Context as _;
use api::{CorsOrigins, DefenceSettings, client_address::TrustedProxies};
use clap::Args;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::listener::{Limits, Most, Patience};

/// File descriptors beside those of clients' connections: databases, the log, files.
const FILES_ELSE: u64 = 200;

/// How the server defends itself.
#[derive(Args, Clone)]
pub struct DefenceOptions {
    /// Proxies in front of the server, as addresses or networks with commas between them; what they say in X-Forwarded-For or
    /// Forwarded is believed. By default nobody is.
    #[arg(
        long,
        env = "TURNOUT_TRUSTED_PROXIES",
        default_value = "",
        hide_default_value = true,
        value_name = "NETWORKS"
    )]
    trusted_proxies: TrustedProxies,
    /// Origins whose pages may use the API from a browser, such as https://shop.example, with commas between them. By default
    /// only the server's own pages may.
    #[arg(long, env = "TURNOUT_CORS_ORIGINS", default_value = "", hide_default_value = true, value_name = "ORIGINS")]
    cors_origins: CorsOrigins,
    /// Whom to tell of a hole in the server's security, as mailto:security@tickets.example or the address of a page; stands in
    /// /.well-known/security.txt.
    #[arg(long, env = "TURNOUT_SECURITY_CONTACT", value_name = "CONTACT")]
    security_contact: Option<String>,
    /// How long a request may take, its body included.
    #[arg(long, env = "TURNOUT_REQUEST_MILLISECONDS", hide = true)]
    request_milliseconds: Option<u64>,
    /// How long a request's headers may take.
    #[arg(long, env = "TURNOUT_HEADER_MILLISECONDS", hide = true)]
    header_milliseconds: Option<u64>,
    /// How long a connection may wait for its next request.
    #[arg(long, env = "TURNOUT_IDLE_MILLISECONDS", hide = true)]
    idle_milliseconds: Option<u64>,
    /// How long a client may take nothing of its answer.
    #[arg(long, env = "TURNOUT_READING_MILLISECONDS", hide = true)]
    reading_milliseconds: Option<u64>,
    /// Connections in all.
    #[arg(long, env = "TURNOUT_CONNECTIONS", hide = true)]
    connections: Option<usize>,
    /// Connections from one address.
    #[arg(long, env = "TURNOUT_CONNECTIONS_OF_ONE_ADDRESS", hide = true)]
    connections_of_one_address: Option<usize>,
}

impl DefenceOptions {
    /// For the API.
    pub fn of_requests(&self) -> anyhow::Result<DefenceSettings> {
        let contact = self.security_contact.as_deref().filter(|text| !text.is_empty());
        let defaults = DefenceSettings::default();
        Ok(DefenceSettings {
            proxies: self.trusted_proxies.clone(),
            cors: self.cors_origins.clone(),
            security_contact: contact.map(str::parse).transpose().context("TURNOUT_SECURITY_CONTACT cannot be used")?,
            request_max: self.request_milliseconds.map_or(defaults.request_max, Duration::from_millis),
            rates: defaults.rates,
        })
    }

    /// For the listener.
    pub fn of_connections(&self) -> Limits {
        let (patience, most) = (Patience::default(), Most::default());
        let in_all = self.connections.unwrap_or(most.in_all);
        Limits {
            patience: Patience {
                headers: self.header_milliseconds.map_or(patience.headers, Duration::from_millis),
                idle: self.idle_milliseconds.map_or(patience.idle, Duration::from_millis),
                reading: self.reading_milliseconds.map_or(patience.reading, Duration::from_millis),
            },
            connections: Most {
                in_all: within_file_descriptors(in_all),
                of_one_address: self.connections_of_one_address.unwrap_or(most.of_one_address),
            },
            proxies: self.trusted_proxies.clone(),
        }
    }
}

/// As many connections as the system lets the program have; it is asked for as many as it gives.
fn within_file_descriptors(wanted: usize) -> usize {
    let Ok((now, most)) = getrlimit(Resource::RLIMIT_NOFILE) else { return wanted };
    let needed = (wanted as u64).saturating_add(FILES_ELSE).min(most);
    let have = if now < needed && setrlimit(Resource::RLIMIT_NOFILE, needed, most).is_ok() { needed } else { now };
    let possible = usize::try_from(have.saturating_sub(FILES_ELSE)).unwrap_or(usize::MAX).max(1);
    if possible < wanted / 2 {
        tracing::warn!(connections = possible, wanted, "the system's limit of open files allows fewer connections");
    }
    wanted.min(possible)
}
