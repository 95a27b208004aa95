//! Which peers our sockets are connected to: of each pair of addresses, ports run out.

use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

/// A port may be used once from one of our addresses to one of a peer's.
type Route = (Option<IpAddr>, SocketAddr);

/// Open TCP connections of one I/O thread, counted by route. `None` stands for the address that the
/// system chooses.
#[derive(Default)]
pub struct Ports(RefCell<FxHashMap<Route, u32>>);

impl Ports {
    /// One more on this route, until the lease is dropped.
    pub fn lease(self: &Rc<Self>, local: Option<IpAddr>, peer: SocketAddr) -> Lease {
        *self.0.borrow_mut().entry((local, peer)).or_default() += 1;
        Lease { ports: self.clone(), route: (local, peer) }
    }

    /// How many are taken where most are: the first to run out.
    pub fn busiest(&self) -> u32 {
        self.0.borrow().values().copied().max().unwrap_or(0)
    }

    /// How many are open in all.
    pub fn open(&self) -> u64 {
        self.0.borrow().values().map(|count| u64::from(*count)).sum()
    }
}

/// One port in use.
pub struct Lease {
    ports: Rc<Ports>,
    route: Route,
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut routes = self.ports.0.borrow_mut();
        if let Some(count) = routes.get_mut(&self.route) {
            *count -= 1;
            if *count == 0 {
                routes.remove(&self.route);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_counted_by_route_while_their_sockets_live() {
        let ports = Rc::new(Ports::default());
        let peer = |port| SocketAddr::from(([10, 0, 0, 1], port));
        let own = Some(IpAddr::from([10, 0, 0, 9]));
        let leases =
            [(None, 80), (None, 80), (own, 80), (None, 81)].map(|(local, port)| ports.lease(local, peer(port)));
        assert_eq!((ports.busiest(), ports.open()), (2, 4));
        drop(leases);
        assert_eq!((ports.busiest(), ports.open()), (0, 0));
        assert!(ports.0.borrow().is_empty(), "a peer that is gone takes no memory");
    }
}
