//! Names to addresses: the system's resolver off the I/O thread, answers kept five minutes.
//!
//! k6's defaults: ttl 5 min, IPv4 preferred. All addresses are tried in turn when connecting.

use crate::clock::{Nanos, SECOND};
use crate::net::failure::{code, Failure, Phase};
use std::cell::RefCell;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

const TTL: Nanos = 300 * SECOND;

type Answer = Rc<[IpAddr]>;

#[derive(Default)]
pub struct Resolver {
    cache: RefCell<HashMap<Box<str>, (Nanos, Answer)>>,
}

impl Resolver {
    /// The addresses of `host` without asking anybody: a literal address or a fresh answer.
    pub fn known(&self, host: &str, now: Nanos) -> Option<Answer> {
        if let Ok(literal) = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
            return Some(Rc::from([literal]));
        }
        let cache = self.cache.borrow();
        let (expires, answer) = cache.get(host)?;
        (now < *expires).then(|| answer.clone())
    }

    pub async fn ask(&self, host: &str, now: Nanos) -> Result<Answer, Failure> {
        let found = tokio::net::lookup_host((host, 0)).await;
        let mut addresses: Vec<IpAddr> = match found {
            Ok(all) => all.map(|address: SocketAddr| address.ip()).collect(),
            Err(error) => return Err(refusal(host, &error)),
        };
        addresses.sort_by_key(IpAddr::is_ipv6);
        addresses.dedup();
        if addresses.is_empty() {
            return Err(Failure::new(code::NO_SUCH_HOST, Phase::Dns, format!("lookup {host}: no such host")));
        }
        let answer: Answer = addresses.into();
        self.cache.borrow_mut().insert(host.into(), (now + TTL, answer.clone()));
        Ok(answer)
    }
}

fn refusal(host: &str, error: &std::io::Error) -> Failure {
    let text = error.to_string();
    // getaddrinfo's EAI_NONAME and EAI_NODATA reach us only as words.
    let unknown = ["not known", "No address associated", "nodename nor servname"];
    let code = if unknown.iter().any(|words| text.contains(words)) { code::NO_SUCH_HOST } else { code::DNS };
    let reason = if code == code::NO_SUCH_HOST { "no such host".to_owned() } else { text };
    Failure::new(code, Phase::Dns, format!("lookup {host}: {reason}"))
}
