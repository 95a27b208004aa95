//! A user's ways to its servers that several of its requests share: connections that speak HTTP/2, by origin.

use super::connect::{connect, Purpose};
use super::flight::Flight;
use super::io::Io;
use crate::http::target::Origin;
use crate::http::version::Speech;
use crate::http2::Link;
use crate::net::connection::Connection;
use crate::net::failure::{code, Failure, Phase};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use tokio::sync::Notify;

/// What a user has towards an origin.
#[derive(Clone)]
pub enum Lane {
    /// A connection is being made; what it will speak is not known yet.
    Making(Rc<Making>),
    Open(Rc<Link>),
}

impl Lane {
    fn is_of_use(&self) -> bool {
        match self {
            Self::Making(_) => true,
            Self::Open(link) => link.is_open(),
        }
    }
}

/// Requests that came while a connection was made wait here for what becomes of it.
#[derive(Default)]
pub struct Making {
    made: RefCell<Option<Made>>,
    done: Notify,
}

#[derive(Clone)]
enum Made {
    Http2(Rc<Link>),
    /// It carries one exchange at a time: each of the others makes its own.
    Http1,
    Failed(Failure),
    /// Whoever made it was cut off.
    Nothing,
}

/// What carries an exchange.
#[allow(clippy::large_enum_variant)] // a box would cost each request of HTTP/1.1 an allocation
pub enum Way {
    Http1 { connection: Connection, reused: bool },
    Http2(Rc<Link>),
}

/// Ends the making, whatever happens to whoever makes.
struct Maker<'a> {
    io: &'a Io,
    user: u32,
    origin: &'a Arc<Origin>,
    turn: u16,
    making: Rc<Making>,
}

impl<'a> Maker<'a> {
    fn new(io: &'a Io, user: u32, origin: &'a Arc<Origin>, turn: u16) -> Self {
        let making = Rc::<Making>::default();
        io.users().set_lane(user, origin, turn, Some(Lane::Making(making.clone())));
        Self { io, user, origin, turn, making }
    }

    fn end(&self, made: Made) {
        let lane = match &made {
            Made::Http2(link) => Some(Lane::Open(link.clone())),
            _ => None,
        };
        self.making.made.replace(Some(made));
        // The user may have left meanwhile: what the next one of its number has there is not ours to change.
        let now = self.io.users().lane(self.user, self.origin, self.turn);
        if matches!(now, Some(Lane::Making(making)) if Rc::ptr_eq(&making, &self.making)) {
            self.io.users().set_lane(self.user, self.origin, self.turn, lane);
        }
        self.making.done.notify_waiters();
    }
}

impl Drop for Maker<'_> {
    fn drop(&mut self) {
        if self.making.made.borrow().is_none() {
            self.end(Made::Nothing);
        }
    }
}

/// A way to `origin` that may come to be one of HTTP/2. With `fresh` no kept connection of HTTP/1.1: one such has
/// just failed.
pub async fn way(io: &Io, user: u32, origin: &Arc<Origin>, flight: &Flight, fresh: bool) -> Result<Way, Failure> {
    let keeps = io.settings().reuse_connections;
    let turn = io.users().next_turn(user, io.settings().http2_connections);
    loop {
        match io.users().lane(user, origin, turn).filter(|_| keeps) {
            None => break,
            Some(Lane::Open(link)) if link.is_open() => {
                if link.is_alive().await {
                    return Ok(Way::Http2(link));
                }
            }
            Some(Lane::Open(_)) => io.users().set_lane(user, origin, turn, None),
            Some(Lane::Making(making)) => {
                let done = making.done.notified();
                if making.made.borrow().is_none() {
                    flight.progress.phase.set(Phase::Connect);
                    done.await;
                }
                let made = making.made.borrow().clone();
                match made {
                    Some(Made::Http2(link)) if link.is_open() => return Ok(Way::Http2(link)),
                    Some(Made::Failed(failure)) => return Err(failure),
                    Some(Made::Http1) => break,
                    _ => {}
                }
            }
        }
    }
    let kept = if fresh { None } else { io.users().idle_connection(user, origin) };
    if let Some(connection) = kept {
        return Ok(Way::Http1 { connection, reused: true });
    }
    if !keeps {
        return make(io, origin, flight).await;
    }
    if io.users().speaks_http1(origin) {
        let visit = io.users().visit(user);
        let made = make(io, origin, flight).await;
        if let Ok(Way::Http2(link)) = &made {
            // Not all servers behind this name are alike, or they have learned it since.
            io.users().note_http2(origin);
            let is_free = !io.users().lane(user, origin, turn).is_some_and(|lane| lane.is_of_use());
            if is_free && Rc::ptr_eq(&visit, &io.users().visit(user)) {
                io.users().set_lane(user, origin, turn, Some(Lane::Open(link.clone())));
            }
        }
        return made;
    }
    let maker = Maker::new(io, user, origin, turn);
    let made = make(io, origin, flight).await;
    maker.end(match &made {
        Ok(Way::Http2(link)) => Made::Http2(link.clone()),
        Ok(Way::Http1 { .. }) => {
            io.users().note_http1(origin);
            Made::Http1
        }
        Err(failure) => Made::Failed(failure.clone()),
    });
    made
}

async fn make(io: &Io, origin: &Arc<Origin>, flight: &Flight) -> Result<Way, Failure> {
    let only = io.settings().speech == Speech::Http2;
    let by_knowledge = only && !origin.tls;
    let purpose = if by_knowledge { Purpose::PriorKnowledge } else { Purpose::Requests };
    let connection = connect(io, origin, flight, purpose).await?;
    if by_knowledge || connection.speaks_http2() {
        return Ok(Way::Http2(Link::open(connection, io.shared_wire()).await?));
    }
    if only {
        let text = "tls: the server did not settle on HTTP/2 (ALPN), and http_version asks for it";
        return Err(Failure::new(code::TLS, Phase::Tls, text));
    }
    Ok(Way::Http1 { connection, reused: false })
}
