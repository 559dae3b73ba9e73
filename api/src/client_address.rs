//! Where a request comes from: the peer of the connection, or, behind proxies that the installation trusts, whoever they
//! say it was.
//!
//! A header is believed only as far as trusted proxies wrote it: from the right, the first address that is none of theirs.
//! Without `TURNOUT_TRUSTED_PROXIES` no header counts, so nobody can choose an address. Addresses are used in memory only,
//! to count by; none is stored and none is logged.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, header, request::Parts},
};
use ipnet::IpNet;

/// What nginx and most others write: one address after the other, the nearest last.
const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// An entry of those headers is at most an IPv6 address in brackets with a port; whatever is longer is none.
const ENTRY_BYTES_MAX: usize = 64;

/// Networks whose hosts may say for whom they speak; none by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

/// The text names no networks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no network; write addresses or networks with commas between them, such as 10.0.0.0/8,::1")]
pub struct NotNetworks(String);

/// Where a request comes from. A parameter of handlers, and an extension of every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress {
    ip: IpAddr,
    unproxied_loopback: bool,
}

/// What is counted as one client: an IPv4 address, or the /64 of an IPv6 address, which is what one line is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Network(IpAddr);

impl FromStr for TrustedProxies {
    type Err = NotNetworks;

    fn from_str(text: &str) -> Result<Self, NotNetworks> {
        let network = |part: &str| {
            let alone = || part.parse::<IpAddr>().ok().map(IpNet::from);
            part.parse::<IpNet>().ok().or_else(alone).ok_or_else(|| NotNetworks(part.to_owned()))
        };
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(network).collect::<Result<_, _>>().map(Self)
    }
}

impl TrustedProxies {
    /// Whether this host may say for whom it speaks.
    #[must_use]
    pub fn trust(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.0.iter().any(|network| network.contains(&ip))
    }

    /// Where a request over a connection from `peer`, with these headers, comes from.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> ClientAddress {
        let peer = peer.to_canonical();
        if !self.trust(peer) {
            return ClientAddress { ip: peer, unproxied_loopback: peer.is_loopback() };
        }
        let mut ip = peer;
        for entry in forwarded(headers) {
            // Behind an entry that cannot be read nothing can be known.
            let Some(before) = entry else { break };
            ip = before;
            if !self.trust(ip) {
                break;
            }
        }
        ClientAddress { ip, unproxied_loopback: ip == peer && peer.is_loopback() }
    }
}

/// The addresses that proxies noted, the nearest first. A proxy of today's kind writes `X-Forwarded-For`; one that writes
/// only `Forwarded` has to take the other away from what it passes on.
fn forwarded(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let listed = |name: &str| -> Vec<String> {
        let values = headers.get_all(name).iter();
        values.flat_map(|value| value.to_str().unwrap_or("unreadable").split(',').map(str::to_owned)).collect()
    };
    let plain = listed(X_FORWARDED_FOR);
    if !plain.is_empty() {
        return plain.iter().rev().map(|entry| address(entry.trim())).collect();
    }
    listed(header::FORWARDED.as_str()).iter().rev().map(|entry| for_whom(entry)).collect()
}

/// `for` of one element of `Forwarded` (RFC 7239).
fn for_whom(element: &str) -> Option<IpAddr> {
    let pairs = element.split(';').filter_map(|pair| pair.trim().split_once('='));
    let mut fors = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    let (_, value) = fors.next()?;
    address(value.trim().trim_matches('"'))
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:4711`.
fn address(text: &str) -> Option<IpAddr> {
    if text.len() > ENTRY_BYTES_MAX {
        return None;
    }
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
    text.parse().ok().or_else(with_port).or_else(bracketed).map(|ip: IpAddr| ip.to_canonical())
}

impl ClientAddress {
    /// One that comes straight from a host.
    #[must_use]
    pub fn direct(ip: IpAddr) -> Self {
        TrustedProxies::default().client(ip, &HeaderMap::new())
    }

    /// What it is counted as.
    #[must_use]
    pub fn network(self) -> Network {
        Network::of(self.ip)
    }

    /// Whether the request comes from this machine, as far as anybody can tell. It may also be everybody, behind a proxy
    /// that nobody named in `TURNOUT_TRUSTED_PROXIES`: whoever counts ordinary requests leaves these out.
    #[must_use]
    pub fn may_be_everybody(self) -> bool {
        self.unproxied_loopback
    }
}

impl Network {
    /// The network that an address is counted as.
    #[must_use]
    pub fn of(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V4(ip) => Self(IpAddr::V4(ip)),
            IpAddr::V6(ip) => Self(IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64)))),
        }
    }
}

/// The address of a request that no server of ours accepted, as in unit tests of a handler.
const NOWHERE: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

/// Where a request comes from.
pub(crate) fn of_request(
    proxies: &TrustedProxies,
    extensions: &axum::http::Extensions,
    headers: &HeaderMap,
) -> ClientAddress {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map_or(NOWHERE, |ConnectInfo(peer)| peer.ip());
    proxies.client(peer, headers)
}

/// Where a request comes from that the layer of addresses has seen.
pub(crate) fn of_extensions(extensions: &axum::http::Extensions) -> ClientAddress {
    extensions.get().copied().unwrap_or_else(|| ClientAddress::direct(NOWHERE))
}

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(of_extensions(&parts.extensions))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(entries: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in entries {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        headers
    }

    fn client(proxies: &str, peer: &str, entries: &[(&'static str, &'static str)]) -> ClientAddress {
        proxies.parse::<TrustedProxies>().unwrap().client(peer.parse().unwrap(), &headers(entries))
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn without_trusted_proxies_no_header_counts() {
        let told = [("x-forwarded-for", "203.0.113.9"), ("forwarded", "for=203.0.113.9")];
        assert_eq!(client("", "198.51.100.7", &told).ip, ip("198.51.100.7"));
        let local = client("", "127.0.0.1", &told);
        assert_eq!(local.ip, ip("127.0.0.1"));
        assert!(local.may_be_everybody());
    }

    #[test]
    fn the_rightmost_address_that_is_no_trusted_proxy_is_the_client() {
        let proxies = "10.0.0.0/8, ::1";
        for (told, expected) in [
            ("203.0.113.9", "203.0.113.9"),
            ("1.2.3.4, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
            ("203.0.113.9:4711,10.0.0.2", "203.0.113.9"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("10.0.0.3", "10.0.0.3"),
            ("203.0.113.9, unknown", "10.0.0.1"),
            ("203.0.113.9, unknown, 10.0.0.2", "10.0.0.2"),
            ("", "10.0.0.1"),
        ] {
            let found = client(proxies, "10.0.0.1", &[("x-forwarded-for", told)]);
            assert_eq!(found.ip, ip(expected), "{told:?}");
            assert!(!found.may_be_everybody());
        }
        assert_eq!(
            client(proxies, "::ffff:10.0.0.1", &[("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "203.0.113.9")])
                .ip,
            ip("203.0.113.9"),
            "several headers are one list"
        );
        assert_eq!(client(proxies, "192.0.2.1", &[("x-forwarded-for", "203.0.113.9")]).ip, ip("192.0.2.1"));
    }

    #[test]
    fn forwarded_counts_where_the_other_header_is_not() {
        let told = [("forwarded", r#"for=1.2.3.4, For="[2001:db8::7]:4711";proto=https;by=10.0.0.9"#)];
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", &told).ip, ip("2001:db8::7"));
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", &[("forwarded", "for=_hidden")]).ip, ip("10.0.0.1"));
        let both = [("forwarded", "for=1.2.3.4"), ("x-forwarded-for", "203.0.113.9")];
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", &both).ip, ip("203.0.113.9"));
    }

    #[test]
    fn behind_a_trusted_local_proxy_nobody_is_local() {
        assert!(!client("127.0.0.1", "127.0.0.1", &[("x-forwarded-for", "203.0.113.9")]).may_be_everybody());
        assert!(client("127.0.0.1", "127.0.0.1", &[]).may_be_everybody(), "a health check on the machine itself");
    }

    #[test]
    fn one_line_is_one_client() {
        assert_eq!(Network::of(ip("2001:db8:1:2:3::4")), Network::of(ip("2001:db8:1:2:ffff::1")));
        assert_ne!(Network::of(ip("2001:db8:1:2::")), Network::of(ip("2001:db8:1:3::")));
        assert_ne!(Network::of(ip("192.0.2.1")), Network::of(ip("192.0.2.2")));
        assert_eq!(Network::of(ip("::ffff:192.0.2.1")), Network::of(ip("192.0.2.1")));
    }

    #[test]
    fn what_names_no_network_is_told() {
        let error = "10.0.0.0/8, proxy.example".parse::<TrustedProxies>().unwrap_err();
        assert!(error.to_string().contains("proxy.example"), "{error}");
        assert!("10.0.0.0/33".parse::<TrustedProxies>().is_err());
        assert_eq!("".parse::<TrustedProxies>().unwrap(), TrustedProxies::default());
    }
}
