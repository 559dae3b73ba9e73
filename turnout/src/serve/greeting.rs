//! What people and scripts wait for: that the server listens, where, and how to come in.

use std::net::SocketAddr;

use crate::{config::ServerRole, metrics};

/// What is printed once the server listens.
pub(super) struct Greeting<'a> {
    listening: SocketAddr,
    public_url: &'a str,
    role: ServerRole,
    /// The password of the demo's account, where there is one.
    pub(super) demo: Option<&'a str>,
    /// The token that sets the installation up, while nobody owns it.
    pub(super) setup_token: Option<&'a str>,
    /// Where metrics have a listener of their own.
    pub(super) metrics: Option<SocketAddr>,
}

impl<'a> Greeting<'a> {
    pub(super) fn new(listening: SocketAddr, public_url: &'a str, role: ServerRole) -> Self {
        Self { listening, public_url, role, demo: None, setup_token: None, metrics: None }
    }

    pub(super) fn print(&self) {
        let Self { listening, public_url, .. } = self;
        println!("listening on http://{listening}");
        if self.role.queries() {
            println!("  the web app:       {public_url}/");
            println!("  the API's manual:  {public_url}/docs");
        }
        if self.role != ServerRole::All {
            println!("  its role:          {}", self.role.as_str());
        }
        if let Some(password) = self.demo {
            println!("  sign in as:        {} with the password {password}", identity::DEMO_EMAIL);
        }
        if let Some(token) = self.setup_token {
            println!("  set it up:         {public_url}/setup#{token}");
            println!("                     (this link works once, for a day; a restart prints another)");
        }
        if let Some(address) = self.metrics {
            println!("  metrics:           http://{address}{}", metrics::PATH);
        }
    }
}
