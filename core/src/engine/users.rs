//! What the virtual users own on the I/O thread's side: connections, cookies, a standing task.

use super::digest::Challenges;
use super::flight::Request;
use super::inbox::Inbox;
use super::lanes::Lane;
use super::stream::StreamId;
use crate::http::body::Body;
use crate::http::cookies::Jar;
use crate::http::target::{Origin, Target};
use crate::net::connection::Connection;
use rustc_hash::FxHashSet;
use std::cell::{RefCell, RefMut};
use std::rc::Rc;
use std::sync::Arc;
use url::Url;

#[derive(Default)]
struct User {
    standing: Option<Rc<Inbox>>,
    idle: Vec<(Arc<Origin>, Connection)>,
    /// By origin, and by which of the connections to it that a user may have.
    lanes: Vec<(Arc<Origin>, u16, Lane)>,
    /// Counts the requests that look for a lane.
    turn: u16,
    /// Open WebSockets and bodies.
    streams: Vec<StreamId>,
    jar: Jar,
    challenges: Challenges,
    iteration: u64,
    /// Tells it from the next user of its number.
    visit: Option<Rc<()>>,
}

/// All users of this worker, by index. Borrowed for a look or a change, never across a wait.
#[derive(Default)]
pub struct Users {
    users: RefCell<Vec<User>>,
    /// Origins that were asked for HTTP/2 and took HTTP/1.1.
    http1: RefCell<FxHashSet<Arc<Origin>>>,
}

fn same(one: &Arc<Origin>, other: &Arc<Origin>) -> bool {
    Arc::ptr_eq(one, other) || one == other
}

impl Users {
    fn user(&self, index: u32) -> RefMut<'_, User> {
        let index = index as usize;
        RefMut::map(self.users.borrow_mut(), |users| {
            if users.len() <= index {
                users.resize_with(index + 1, User::default);
            }
            &mut users[index]
        })
    }

    /// The user's standing task, if it has one.
    pub fn standing(&self, user: u32) -> Option<Rc<Inbox>> {
        self.user(user).standing.clone()
    }

    /// Give the user a standing task.
    pub fn install(&self, user: u32) -> Rc<Inbox> {
        self.user(user).standing.insert(Rc::default()).clone()
    }

    /// The user is gone: its connections close, its task ends. Gives its open streams.
    pub fn leave(&self, user: u32) -> Vec<StreamId> {
        let gone = std::mem::take(&mut *self.user(user));
        if let Some(inbox) = gone.standing {
            inbox.close();
        }
        gone.streams
    }

    pub fn begin_stream(&self, user: u32, stream: StreamId) {
        self.user(user).streams.push(stream);
    }

    pub fn end_stream(&self, user: u32, stream: StreamId) {
        self.user(user).streams.retain(|other| *other != stream);
    }

    /// Close everything.
    pub fn clear(&self) {
        self.users.take();
    }

    /// A kept connection to `origin` on which nothing happened since.
    pub fn idle_connection(&self, user: u32, origin: &Arc<Origin>) -> Option<Connection> {
        let idle = &mut self.user(user).idle;
        while let Some(at) = idle.iter().rposition(|(other, _)| same(other, origin)) {
            let (_, connection) = idle.swap_remove(at);
            if !connection.is_disturbed() {
                return Some(connection);
            }
        }
        None
    }

    /// Keep a connection for the user's next request to `origin`.
    pub fn keep(&self, user: u32, origin: &Arc<Origin>, connection: Connection) {
        self.user(user).idle.push((origin.clone(), connection));
    }

    /// Which of the `count` connections that the user may have to an origin its next request takes: in turns.
    pub fn next_turn(&self, user: u32, count: u16) -> u16 {
        if count <= 1 {
            return 0;
        }
        let mut user = self.user(user);
        user.turn = user.turn.wrapping_add(1);
        user.turn % count
    }

    /// What the user has as its connection `turn` to `origin`, which its requests share.
    pub fn lane(&self, user: u32, origin: &Arc<Origin>, turn: u16) -> Option<Lane> {
        let user = self.user(user);
        let found = user.lanes.iter().find(|(other, at, _)| *at == turn && same(other, origin));
        found.map(|(_, _, lane)| lane.clone())
    }

    /// From here on, `lane` is what the user has there.
    pub fn set_lane(&self, user: u32, origin: &Arc<Origin>, turn: u16, lane: Option<Lane>) {
        let lanes = &mut self.user(user).lanes;
        lanes.retain(|(other, at, _)| *at != turn || !same(other, origin));
        lanes.extend(lane.map(|lane| (origin.clone(), turn, lane)));
    }

    /// Whether `origin` was asked for HTTP/2 and took HTTP/1.1.
    pub fn speaks_http1(&self, origin: &Arc<Origin>) -> bool {
        self.http1.borrow().contains(origin)
    }

    pub fn note_http1(&self, origin: &Arc<Origin>) {
        self.http1.borrow_mut().insert(origin.clone());
    }

    pub fn note_http2(&self, origin: &Arc<Origin>) {
        self.http1.borrow_mut().remove(origin);
    }

    /// The same as long as the user has not left.
    pub fn visit(&self, user: u32) -> Rc<()> {
        self.user(user).visit.get_or_insert_default().clone()
    }

    /// Let go of kept connections that their server has closed meanwhile.
    pub fn close_ended_connections(&self) {
        for user in self.users.borrow_mut().iter_mut() {
            user.idle.retain(|(_, connection)| !connection.is_disturbed());
            user.lanes.retain(|(_, _, lane)| !matches!(lane, Lane::Open(link) if !link.is_open()));
        }
    }

    /// The Cookie header for a hop to `url`. With `reset`, the first request of an iteration finds an
    /// empty jar, as in k6.
    pub fn cookie_header(&self, request: &Request, url: &Url, reset: bool) -> String {
        let mut user = self.user(request.user);
        if user.iteration != request.iteration {
            user.iteration = request.iteration;
            if reset {
                user.jar.clear();
            }
        }
        if user.jar.is_empty() && request.cookies.is_empty() {
            return String::new();
        }
        user.jar.header(url, &request.cookies)
    }

    /// The header line that answers what `target`'s server asks of this user; empty for none.
    pub fn digest_line(&self, request: &Request, target: &Target, body: &Body) -> String {
        let credentials = request.digest.as_ref();
        let answer = credentials.and_then(|of| self.user(request.user).challenges.answer(target, of, body));
        answer.unwrap_or_default()
    }

    /// Take a challenge out of a 401's headers; whether it can be answered.
    pub fn learn_challenge(&self, request: &Request, target: &Target, headers: &[(String, String)]) -> bool {
        let Some(credentials) = request.digest.as_ref().filter(|_| request.target.origin == target.origin) else {
            return false;
        };
        let named = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("www-authenticate"));
        self.user(request.user).challenges.learn(&target.origin, credentials, named.map(|(_, value)| &**value))
    }

    pub fn store_cookie(&self, request: &Request, set_cookie: &str, from: &Url) {
        self.user(request.user).jar.store(set_cookie, from);
    }
}
