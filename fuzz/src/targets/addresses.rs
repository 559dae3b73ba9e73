//! Where requests come from: a line with the proxies that are trusted, one with the peer, then headers. Nobody who is no
//! trusted proxy is believed, and nothing that a client wrote outweighs what a trusted proxy noted behind it.

use std::net::{IpAddr, Ipv4Addr};

use api::client_address::{ClientAddress, Network, TrustedProxies};
use axum::http::{HeaderMap, HeaderValue};

use super::headers;

/// Noted by the nearest proxy.
const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));

pub fn run(data: &[u8]) {
    let mut lines = data.splitn(3, |byte| *byte == b'\n');
    let mut text = || std::str::from_utf8(lines.next()?).ok();
    let (Some(proxies), Some(peer)) = (text(), text()) else { return };
    let (Ok(proxies), Ok(peer)) = (proxies.parse::<TrustedProxies>(), peer.parse::<IpAddr>()) else { return };
    check(&proxies, peer, headers::of_lines(lines.next().unwrap_or_default()));
}

fn check(proxies: &TrustedProxies, peer: IpAddr, mut headers: HeaderMap) {
    let client = proxies.client(peer, &headers);
    assert_eq!(proxies.client(peer.to_canonical(), &headers), client, "an IPv4 address is one in IPv6, too");
    assert!(!client.may_be_everybody() || peer.to_canonical().is_loopback());
    assert_eq!(Network::of(peer), Network::of(peer.to_canonical()));
    assert_eq!(
        TrustedProxies::default().client(peer, &headers),
        ClientAddress::direct(peer),
        "by default nobody is trusted"
    );
    if !proxies.trust(peer) {
        assert_eq!(client, ClientAddress::direct(peer), "a header of somebody who is not trusted counts");
        return;
    }
    if proxies.trust(CLIENT) {
        return;
    }
    if !headers.contains_key("x-forwarded-for") {
        let mut noted = headers.clone();
        noted.append("forwarded", HeaderValue::from_static("by=10.0.0.9; For=\"203.0.113.9:4711\""));
        assert_eq!(proxies.client(peer, &noted), ClientAddress::direct(CLIENT), "somebody else outweighs the proxy");
    }
    headers.append("x-forwarded-for", HeaderValue::from_static("203.0.113.9"));
    assert_eq!(proxies.client(peer, &headers), ClientAddress::direct(CLIENT), "somebody else outweighs the proxy");
}
