//! Asking a peer whether it is still there.

use super::traffic::Traffic;
use h2::{Ping, PingPong};
use std::task::Context;

/// Asks the peer whether it is there.
pub struct Pings {
    pings: Option<PingPong>,
    under_way: bool,
}

impl Pings {
    pub fn new(pings: Option<PingPong>) -> Self {
        Self { pings, under_way: false }
    }

    pub fn ask(&mut self, traffic: &Traffic) {
        if traffic.doubted.get() > 0 && !self.under_way {
            self.under_way = self.pings.as_mut().is_some_and(|pings| pings.send_ping(Ping::opaque()).is_ok());
        }
    }

    /// Whether it has said now that it is.
    pub fn answered(&mut self, context: &mut Context<'_>, traffic: &Traffic) -> bool {
        let pings = self.pings.as_mut().filter(|_| self.under_way);
        let answered = pings.is_some_and(|pings| pings.poll_pong(context).is_ready());
        if answered {
            self.under_way = false;
            traffic.doubted.set(0);
        }
        answered
    }
}
