//! Names to addresses: the system's resolver off the I/O thread, answers kept for a while.
//!
//! k6's options and defaults: ttl 5 min, select random, policy preferIPv4. When connecting, all addresses
//! are tried in turn, from the selected one on.

use crate::clock::{Nanos, SECOND};
use crate::net::failure::{code, Failure, Phase};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Select {
    First,
    Random,
    RoundRobin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    PreferIpv4,
    PreferIpv6,
    OnlyIpv4,
    OnlyIpv6,
    Any,
}

/// How names are looked up.
#[derive(Clone, Copy, Debug)]
pub struct Lookup {
    /// How long an answer holds; 0 asks for each connection.
    pub ttl: Nanos,
    pub select: Select,
    pub policy: Policy,
}

impl Default for Lookup {
    fn default() -> Self {
        Self { ttl: 300 * SECOND, select: Select::Random, policy: Policy::PreferIpv4 }
    }
}

impl Lookup {
    /// From k6's words; `None` for others.
    pub fn parse(ttl: Nanos, select: &str, policy: &str) -> Option<Self> {
        let select = match select {
            "first" => Select::First,
            "random" => Select::Random,
            "roundRobin" => Select::RoundRobin,
            _ => return None,
        };
        let policy = match policy {
            "preferIPv4" => Policy::PreferIpv4,
            "preferIPv6" => Policy::PreferIpv6,
            "onlyIPv4" => Policy::OnlyIpv4,
            "onlyIPv6" => Policy::OnlyIpv6,
            "any" => Policy::Any,
            _ => return None,
        };
        Some(Self { ttl, select, policy })
    }
}

impl Policy {
    fn apply(self, addresses: &mut Vec<IpAddr>) {
        match self {
            Policy::PreferIpv4 => addresses.sort_by_key(IpAddr::is_ipv6),
            Policy::PreferIpv6 => addresses.sort_by_key(IpAddr::is_ipv4),
            Policy::OnlyIpv4 => addresses.retain(IpAddr::is_ipv4),
            Policy::OnlyIpv6 => addresses.retain(IpAddr::is_ipv6),
            Policy::Any => {}
        }
    }
}

type Answer = Rc<[IpAddr]>;

#[derive(Default)]
pub struct Resolver {
    cache: RefCell<HashMap<Box<str>, (Nanos, Answer)>>,
    turn: Cell<u64>,
}

impl Resolver {
    /// The addresses of `host` without asking anybody: a literal address or a fresh answer.
    pub fn known(&self, host: &str, lookup: &Lookup, now: Nanos) -> Option<Answer> {
        if let Ok(literal) = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
            return Some(Rc::from([literal]));
        }
        let cache = self.cache.borrow();
        let (expires, answer) = cache.get(host)?;
        (now < *expires).then(|| self.select(answer, lookup.select))
    }

    pub async fn ask(&self, host: &str, lookup: &Lookup, now: Nanos) -> Result<Answer, Failure> {
        let found = tokio::net::lookup_host((host, 0)).await;
        let mut addresses: Vec<IpAddr> = match found {
            Ok(all) => all.map(|address: SocketAddr| address.ip()).collect(),
            Err(error) => return Err(refusal(host, &error)),
        };
        lookup.policy.apply(&mut addresses);
        addresses.dedup();
        if addresses.is_empty() {
            return Err(Failure::new(code::NO_SUCH_HOST, Phase::Dns, format!("lookup {host}: no such host")));
        }
        let answer: Answer = addresses.into();
        self.cache.borrow_mut().insert(host.into(), (now.saturating_add(lookup.ttl), answer.clone()));
        Ok(self.select(&answer, lookup.select))
    }

    /// The addresses from the selected one on. Those of the family that is preferred stay in front.
    fn select(&self, answer: &Answer, select: Select) -> Answer {
        let front = answer.iter().take_while(|address| address.is_ipv6() == answer[0].is_ipv6()).count();
        if front < 2 || select == Select::First {
            return answer.clone();
        }
        let turn = self.turn.replace(self.turn.get().wrapping_add(1));
        // Random as a hash of the turn: spread evenly, and no state to share.
        let draw = if select == Select::Random { turn.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33 } else { turn };
        let mut rotated = answer.to_vec();
        rotated[..front].rotate_left((draw % front as u64) as usize);
        rotated.into()
    }
}

fn refusal(host: &str, error: &std::io::Error) -> Failure {
    let text = error.to_string();
    // getaddrinfo's EAI_NONAME and EAI_NODATA reach us only as words.
    let unknown = ["not known", "No address associated", "nodename nor servname"];
    let code = if unknown.iter().any(|words| text.contains(words)) { code::NO_SUCH_HOST } else { code::DNS };
    let reason = if code == code::NO_SUCH_HOST { "no such host".to_owned() } else { text };
    let errno = error.raw_os_error().unwrap_or(0);
    Failure { errno, ..Failure::new(code, Phase::Dns, format!("lookup {host}: {reason}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(text: &[&str]) -> Vec<IpAddr> {
        text.iter().map(|address| address.parse().unwrap()).collect()
    }

    #[test]
    fn a_policy_sorts_or_leaves_out() {
        let cases = [
            ("preferIPv4", vec!["10.0.0.1", "10.0.0.2", "::1"]),
            ("preferIPv6", vec!["::1", "10.0.0.1", "10.0.0.2"]),
            ("onlyIPv4", vec!["10.0.0.1", "10.0.0.2"]),
            ("onlyIPv6", vec!["::1"]),
            ("any", vec!["10.0.0.1", "::1", "10.0.0.2"]),
        ];
        for (policy, expected) in cases {
            let mut all = addresses(&["10.0.0.1", "::1", "10.0.0.2"]);
            Lookup::parse(0, "first", policy).unwrap().policy.apply(&mut all);
            assert_eq!(all, addresses(&expected), "{policy}");
        }
        assert!(Lookup::parse(0, "last", "any").is_none());
    }

    #[test]
    fn round_robin_takes_turns_and_random_takes_all_about_as_often() {
        let answer: Answer = addresses(&["10.0.0.1", "10.0.0.2", "10.0.0.3", "::1"]).into();
        let resolver = Resolver::default();
        let firsts: Vec<String> = (0..4).map(|_| resolver.select(&answer, Select::RoundRobin)[0].to_string()).collect();
        assert_eq!(firsts, ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.1"]);
        let mut counts = HashMap::new();
        for _ in 0..3000 {
            let selected = resolver.select(&answer, Select::Random);
            assert!(selected[3].is_ipv6() && selected.len() == 4);
            *counts.entry(selected[0]).or_insert(0) += 1;
        }
        assert!(counts.len() == 3 && counts.values().all(|count| (900..1100).contains(count)), "{counts:?}");
    }
}
