//! The I/O thread's state, and its turns.

use super::channel::Channel;
use super::flight::{Cause, Completion, Flight, Order, Outcome, Request, Token};
use super::frames::{self, Frames};
use super::generator::Generator;
use super::hit::{self, Hits};
use super::pace::Pace;
use super::record::{HttpRecorder, HttpSample};
use super::request::{carry_out, serve};
use super::samples::Samples;
use super::shared::{lock, Settings, Shared};
use super::slots::Slots;
use super::stream::{Act, Stream, StreamId, Streaming};
use super::users::Users;
use super::websocket;
use crate::clock::{self, Nanos};
use crate::evidence::{Answer, Failed};
use crate::http::stamps::Stamps;
use crate::http::target::{name_of, Target};
use crate::http::version::Speech;
use crate::net::connection::Wire;
use crate::net::dns::Resolver;
use crate::net::failure::{code, Failure, Phase};
use crate::net::ports::Ports;
use crate::net::tls;
use crate::stats::{builtin, MetricId, SeriesId, TagsId};
use crate::timer::{Alarm, Due, Timers};
use rustc_hash::FxHashMap;
use std::cell::{Cell, OnceCell, RefCell, RefMut};
use std::os::fd::RawFd;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// Between two slices of long bodies that are counted: one of them takes 40 µs.
const COUNT_EACH: Nanos = clock::MILLISECOND / 4;

pub struct Io {
    shared: Arc<Shared>,
    worker: u32,
    channel: Channel,
    wire: Rc<Wire>,
    resolver: Resolver,
    settings: OnceCell<Settings>,
    tls: OnceCell<Result<Arc<rustls::ClientConfig>, String>>,
    /// The same for what only HTTP/1.1 can do.
    tls_http1: OnceCell<Arc<rustls::ClientConfig>>,
    users: Users,
    slots: Slots,
    timers: RefCell<Timers>,
    alarm: Alarm,
    orders: RefCell<Vec<Order>>,
    completions: RefCell<Vec<Completion>>,
    http: RefCell<HttpRecorder>,
    taken_lag: SeriesId,
    frames: Frames,
    generator: Generator,
    pace: Pace,
    hits: RefCell<Vec<Rc<Hits>>>,
    samples: RefCell<Samples>,
    streams: RefCell<FxHashMap<StreamId, Rc<dyn Stream>>>,
    ports: Rc<Ports>,
    /// Connections made, and exchanges begun on one that had served before.
    connections: Cell<u64>,
    reuses: Cell<u64>,
    overflow_told: Cell<bool>,
    stopping: Notify,
}

impl Io {
    pub fn new(shared: Arc<Shared>, worker: u32, channel: RawFd) -> std::io::Result<Self> {
        let mut http = HttpRecorder::default();
        let taken_lag = {
            let mut interner = lock(&shared.interner);
            let tags = interner.with(TagsId::EMPTY, &[("phase", "taken")]);
            http.recorder().series(builtin::GENERATOR_LAG, tags, &interner)
        };
        Ok(Self {
            shared,
            worker,
            channel: Channel::new(channel)?,
            wire: Rc::default(),
            resolver: Resolver::default(),
            settings: OnceCell::new(),
            tls: OnceCell::new(),
            tls_http1: OnceCell::new(),
            users: Users::default(),
            slots: Slots::default(),
            timers: RefCell::default(),
            alarm: Alarm::new()?,
            orders: RefCell::default(),
            completions: RefCell::default(),
            http: RefCell::new(http),
            taken_lag,
            frames: Frames::default(),
            generator: Generator::default(),
            pace: Pace::default(),
            hits: RefCell::default(),
            samples: RefCell::default(),
            streams: RefCell::default(),
            ports: Rc::default(),
            connections: Cell::new(0),
            reuses: Cell::new(0),
            overflow_told: Cell::new(false),
            stopping: Notify::new(),
        })
    }

    // --- turns ---

    /// All that is not waiting for a socket: what is due, what is ordered, what is done. Called
    /// whenever the thread is woken, and before it goes to sleep.
    pub fn turn(self: &Rc<Self>) {
        loop {
            self.ring(clock::now());
            self.take_orders();
            let now = clock::now();
            let completed = self.completions.borrow().len();
            let undelivered = self.shared.complete(&mut self.completions.borrow_mut(), now);
            let nap = self.pace.nap(now, completed, self.slots.airborne() + undelivered);
            if nap > 0 {
                std::thread::sleep(Duration::from_nanos(nap));
            } else if self.shared.may_sleep(self.timers.borrow().earliest().unwrap_or(Nanos::MAX)) {
                break;
            }
        }
        if let Some(earliest) = self.timers.borrow().earliest() {
            self.alarm.set(earliest);
        }
    }

    fn ring(self: &Rc<Self>, now: Nanos) {
        loop {
            let Some((when, due)) = self.timers.borrow_mut().pop_due(now) else {
                return;
            };
            match due {
                Due::Sleep { slot, generation } => {
                    self.complete(Completion::Slept { token: Token { slot, generation }, due: when });
                }
                Due::Deadline { slot } => self.look_at(slot, now),
                Due::Hits => {
                    self.hits.borrow_mut().retain(|hits| hits.look(now));
                    if !self.hits.borrow().is_empty() {
                        self.at(now + hit::LOOK, Due::Hits);
                    }
                }
                Due::Frame => frames::tick(self, now),
                Due::Watch => frames::watch(self, when, now),
                Due::Count => {
                    if self.http.borrow_mut().count() {
                        self.at(now + COUNT_EACH, Due::Count);
                    }
                }
            }
        }
    }

    fn take_orders(self: &Rc<Self>) {
        let mut orders = self.orders.take();
        self.shared.take_orders(&mut orders);
        if !orders.is_empty() {
            let now = clock::now();
            orders.drain(..).for_each(|order| self.obey(order, now));
        }
        self.orders.replace(orders);
    }

    fn obey(self: &Rc<Self>, order: Order, now: Nanos) {
        match order {
            Order::Request(request) => self.take_off(request, now),
            Order::Hit(hit) => {
                if self.hits.borrow().is_empty() {
                    self.at(now + hit::LOOK, Due::Hits);
                }
                let hits = hit::begin(self, *hit);
                self.hits.borrow_mut().push(hits);
            }
            Order::Stillborn { token, tags, failure } => self.stillborn(token, tags, failure, now),
            Order::Sleep { token: Token { slot, generation }, until } => {
                self.at(until, Due::Sleep { slot, generation });
            }
            Order::Abort(token) => {
                if let Some(flight) = self.slots.find(token) {
                    flight.cancel(Cause::Abort);
                }
                self.hits.borrow().iter().for_each(|hits| hits.abort(token));
            }
            Order::EndHits => {
                self.hits.borrow().iter().for_each(|hits| hits.end());
            }
            Order::Act { stream, act } => self.act(stream, act),
            Order::Leave { user } => {
                for stream in self.users.leave(user) {
                    self.act(stream, Act::Cut);
                }
            }
            Order::KeepSamples => self.http.borrow_mut().recorder().keep_samples(),
            Order::Frame => frames::send(self, true),
            Order::FramesFrom(at) => frames::restart(self, at),
            Order::Send { kind, payload } => self.channel.send(kind, &payload),
            Order::Stop => self.stopping.notify_one(),
        }
    }

    // --- requests under way ---

    fn take_off(self: &Rc<Self>, request: Box<Request>, now: Nanos) {
        let flight = Rc::new(Flight::new(&request, now));
        if let Some(when) = self.slots.take_off(&flight) {
            self.at(when, Due::Deadline { slot: request.token.slot });
        }
        if let Some(Streaming::WebSocket(upgrade)) = request.streaming.clone() {
            tokio::task::spawn_local(websocket::open(self.clone(), request, upgrade, flight));
            return;
        }
        let Some(inbox) = self.users.standing(request.user) else {
            let inbox = self.users.install(request.user);
            tokio::task::spawn_local(serve(self.clone(), inbox, (request, flight)));
            return;
        };
        if let Err((request, flight)) = inbox.offer((request, flight)) {
            tokio::task::spawn_local(carry_out(self.clone(), request, flight));
        }
    }

    fn look_at(&self, slot: u32, now: Nanos) {
        if let Some(when) = self.slots.look(slot, now) {
            self.at(when, Due::Deadline { slot });
        }
    }

    fn stillborn(&self, token: Token, tags: TagsId, failure: Failure, now: Nanos) {
        let failed = Failed { taken: now, ended: now, ..Failed::without_answer(&failure, false) };
        self.record(&HttpSample {
            tags,
            status: 0,
            expected: false,
            error_code: failure.code,
            error: &failure.text,
            version: Default::default(),
            timings: Default::default(),
            sent: 0,
            received: 0,
            failed: Some(failed),
        });
        let outcome = Outcome { failure: Some(Box::new(failure)), last_byte: now, ..Outcome::default() };
        self.complete(Completion::Response { token, outcome: Box::new(outcome) });
    }

    // --- streams ---

    pub fn begin_stream(&self, user: u32, id: StreamId, stream: Rc<dyn Stream>) {
        self.users.begin_stream(user, id);
        self.streams.borrow_mut().insert(id, stream);
    }

    pub fn end_stream(&self, user: u32, id: StreamId) {
        self.users.end_stream(user, id);
        self.streams.borrow_mut().remove(&id);
    }

    /// A stream that has ended meanwhile needs nothing any more.
    fn act(&self, stream: StreamId, act: Act) {
        let stream = self.streams.borrow().get(&stream).cloned();
        if let Some(stream) = stream {
            stream.act(self, act);
        }
    }

    pub fn complete(&self, completion: Completion) {
        self.completions.borrow_mut().push(completion);
    }

    // --- recording ---

    pub fn record(&self, sample: &HttpSample<'_>) {
        let refused = (sample.error_code == code::REFUSED).then_some(sample.error);
        self.frames.note_exchange(refused);
        self.http.borrow_mut().record(sample, || lock(&self.shared.interner));
    }

    /// Something failed that is no exchange of its own.
    pub fn note_failed(&self, tags: TagsId, failed: &Failed<'_>) {
        let interner = lock(&self.shared.interner);
        self.http.borrow_mut().note_failed(tags, failed, &interner);
    }

    /// What the exchange that was recorded last was answered. Long bodies are counted between other work.
    pub fn note_answer(&self, answer: &Answer<'_>) {
        let mut http = self.http.borrow_mut();
        let was_counting = http.is_counting();
        http.note_answer(answer);
        if !was_counting && http.is_counting() {
            self.at(clock::now() + COUNT_EACH, Due::Count);
        }
    }

    /// What has come of an answer that will never be whole.
    pub fn note_part(&self, tags: TagsId, answer: &Answer<'_>) {
        let interner = lock(&self.shared.interner);
        self.http.borrow_mut().note_part(tags, answer, &interner);
    }

    /// The generator's own delay before a request: asked by user code, taken here.
    pub fn record_taken(&self, stamps: &Stamps) {
        if stamps.asked > 0 {
            let lag = clock::ms(stamps.asked, stamps.taken);
            self.add(self.taken_lag, lag);
        }
    }

    pub fn series(&self, metric: MetricId, tags: TagsId) -> SeriesId {
        let interner = lock(&self.shared.interner);
        self.http.borrow_mut().recorder().series(metric, tags, &interner)
    }

    pub fn count(&self, metric: MetricId, tags: TagsId) {
        let interner = lock(&self.shared.interner);
        let mut http = self.http.borrow_mut();
        let recorder = http.recorder();
        let series = recorder.series(metric, tags, &interner);
        recorder.add(series, 1.0);
    }

    /// A request was answered with a status of 400 or more.
    pub fn note_refusal(&self, tags: TagsId, status: u16, body: &[u8]) {
        self.samples.borrow_mut().note(&self.shared, tags, status, body);
    }

    pub fn add(&self, series: SeriesId, value: f64) {
        self.http.borrow_mut().recorder().add(series, value);
    }

    pub fn with_tags(&self, tags: TagsId, more: &[(&str, &str)]) -> TagsId {
        lock(&self.shared.interner).with(tags, more)
    }

    /// The tags of a redirect's next hop: its own method, and its own name unless one was given.
    pub fn hop_tags(&self, request: &Request, target: &Target) -> TagsId {
        let name = name_of(&target.url);
        let mut tags = vec![("method", &*target.method)];
        if !request.named {
            tags.push(("name", name.as_str()));
        }
        self.with_tags(request.tags, &tags)
    }

    // --- parts ---

    pub fn at(&self, when: Nanos, due: Due) {
        self.timers.borrow_mut().add(when, due);
    }

    pub fn users(&self) -> &Users {
        &self.users
    }

    pub fn slots(&self) -> &Slots {
        &self.slots
    }

    pub fn wire(&self) -> &Wire {
        &self.wire
    }

    pub fn shared_wire(&self) -> Rc<Wire> {
        self.wire.clone()
    }

    pub fn resolver(&self) -> &Resolver {
        &self.resolver
    }

    /// Fixed by the first request: they are set while the run is prepared.
    pub fn settings(&self) -> &Settings {
        self.settings.get_or_init(|| lock(&self.shared.settings).clone())
    }

    pub fn tls_config(&self) -> Result<Arc<rustls::ClientConfig>, Failure> {
        let settings = self.settings();
        let made = self.tls.get_or_init(|| tls::config(&settings.trust, settings.speech.alpn()));
        made.clone().map_err(|text| Failure::new(code::TLS, Phase::Tls, format!("tls: {text}")))
    }

    /// For a WebSocket, which HTTP/1.1 opens.
    pub fn tls_config_of_http1(&self) -> Result<Arc<rustls::ClientConfig>, Failure> {
        let all = self.tls_config()?;
        let made = self.tls_http1.get_or_init(|| {
            let mut config = (*all).clone();
            config.alpn_protocols = Speech::Http1.alpn();
            Arc::new(config)
        });
        Ok(made.clone())
    }

    pub fn next_connection(&self) -> u64 {
        self.connections.replace(self.connections.get() + 1)
    }

    /// An exchange begins on a connection that has served before.
    pub fn note_reuse(&self) {
        self.reuses.set(self.reuses.get() + 1);
    }

    /// Connections made, and exchanges begun on one that had served before, since the start.
    pub fn connections(&self) -> (u64, u64) {
        (self.connections.get(), self.reuses.get())
    }

    pub fn ports(&self) -> &Rc<Ports> {
        &self.ports
    }

    pub fn generator(&self) -> &Generator {
        &self.generator
    }

    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    pub fn worker(&self) -> u32 {
        self.worker
    }

    pub fn frames(&self) -> &Frames {
        &self.frames
    }

    pub fn alarm(&self) -> &Alarm {
        &self.alarm
    }

    /// Told when the thread shall end.
    pub fn stopping(&self) -> &Notify {
        &self.stopping
    }

    pub fn channel(&self) -> &Channel {
        &self.channel
    }

    pub fn http_recorder(&self) -> RefMut<'_, HttpRecorder> {
        self.http.borrow_mut()
    }

    pub fn overflow_was_told(&self) -> bool {
        self.overflow_told.replace(true)
    }
}
