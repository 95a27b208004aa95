//! Where a name leads to by the user's word, and where nobody may go: k6's hosts, blockHostnames and
//! blacklistIPs.

use crate::net::failure::{code, Failure, Phase};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// Where a connection leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Internet(SocketAddr),
    /// A socket in the file system.
    Unix(PathBuf),
}

/// Names and addresses in their plan's order; patterns may begin with "*.".
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// (pattern, perhaps with a port; address, perhaps with a port, or "unix:" and a path).
    pub hosts: Vec<(String, String)>,
    pub blocked_names: Vec<String>,
    /// (network, bits of it).
    pub blocked_networks: Vec<(IpAddr, u8)>,
}

impl Overrides {
    /// Where `host` leads to, if the user said so: an exact name wins over a pattern.
    pub fn find(&self, host: &str, port: u16) -> Option<Place> {
        let with_port = format!("{host}:{port}");
        let exact = self.hosts.iter().find(|(name, _)| name.eq_ignore_ascii_case(host) || *name == with_port);
        let found = exact.or_else(|| self.hosts.iter().find(|(pattern, _)| is_like(pattern, host)));
        let (_, target) = found?;
        if let Some(path) = target.strip_prefix("unix:") {
            return Some(Place::Unix(path.into()));
        }
        let address = target.parse().or_else(|_| target.parse().map(|address| SocketAddr::new(address, port)));
        address.ok().map(Place::Internet)
    }

    pub fn check_name(&self, host: &str) -> Result<(), Failure> {
        match self.blocked_names.iter().find(|pattern| pattern.eq_ignore_ascii_case(host) || is_like(pattern, host)) {
            Some(pattern) => {
                let told = format!("hostname {host} is blocked ({pattern})");
                Err(Failure::new(code::BLOCKED_NAME, Phase::Connect, told))
            }
            None => Ok(()),
        }
    }

    pub fn check_address(&self, address: IpAddr) -> Result<(), Failure> {
        match self.blocked_networks.iter().find(|(network, bits)| is_within(address, *network, *bits)) {
            Some((network, bits)) => {
                let told = format!("IP {address} is in the blocked range {network}/{bits}");
                Err(Failure::new(code::BLOCKED_ADDRESS, Phase::Connect, told))
            }
            None => Ok(()),
        }
    }
}

fn is_like(pattern: &str, host: &str) -> bool {
    let Some(end) = pattern.strip_prefix('*') else { return false };
    let (host, end) = (host.to_ascii_lowercase(), end.to_ascii_lowercase());
    host.len() > end.len() && host.ends_with(&end)
}

fn is_within(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    let same = |address: u128, network: u128, width: u32| {
        let shift = width.saturating_sub(u32::from(bits));
        shift >= width || address >> shift == network >> shift
    };
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => same(address.to_bits().into(), network.to_bits().into(), 32),
        (IpAddr::V6(address), IpAddr::V6(network)) => same(address.to_bits(), network.to_bits(), 128),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overrides() -> Overrides {
        let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        Overrides {
            hosts: vec![
                pair("*.shop.test", "10.0.0.1"),
                pair("api.shop.test", "10.0.0.2"),
                pair("api.shop.test:8443", "10.0.0.3:443"),
                pair("six.test", "[::1]:80"),
            ],
            blocked_names: vec!["*.ads.test".into(), "bad.test".into()],
            blocked_networks: vec![("10.1.0.0".parse().unwrap(), 16), ("fd00::".parse().unwrap(), 8)],
        }
    }

    #[test]
    fn a_name_leads_where_the_user_said_and_an_exact_one_wins() {
        let find = |host: &str, port| match overrides().find(host, port) {
            Some(Place::Internet(address)) => Some(address.to_string()),
            Some(Place::Unix(path)) => Some(path.display().to_string()),
            None => None,
        };
        assert_eq!(find("www.shop.test", 80).as_deref(), Some("10.0.0.1:80"));
        assert_eq!(find("API.shop.test", 80).as_deref(), Some("10.0.0.2:80"));
        assert_eq!(find("six.test", 443).as_deref(), Some("[::1]:80"));
        assert_eq!(find("shop.test", 80), None);
        assert_eq!(find("other.test", 80), None);
    }

    #[test]
    fn blocked_names_and_networks_are_refused_with_k6s_codes() {
        let names = |host: &str| overrides().check_name(host).map_err(|failure| failure.code);
        assert_eq!([names("x.ads.test"), names("bad.test"), names("ads.test")], [Err(1111), Err(1111), Ok(())]);
        let check = |address: &str| overrides().check_address(address.parse().unwrap()).map_err(|f| f.code);
        assert_eq!([check("10.1.2.3"), check("fd12::1"), check("10.2.0.1")], [Err(1110), Err(1110), Ok(())]);
        assert!(is_within("1.2.3.4".parse().unwrap(), "0.0.0.0".parse().unwrap(), 0));
    }
}
