//! A server whose real timings are known: what `make fidelity` and `make bench` measure against.
//!
//! HTTP/1.1 keep-alive on one thread and one epoll. Each request is answered after its own service
//! time, independently of all others (an infinite server), or at once. The kernel stamps each
//! request's arrival; the departure is read right before the answer is written. The truth is
//! departure − arrival. At SIGTERM the pairs go to `--log` and the totals to standard output.
//!
//! Linux only.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::Write;
use std::os::fd::{AsRawFd, RawFd};

const SECOND: u64 = 1_000_000_000;
const LISTENER: u64 = u64::MAX;
const TIMER: u64 = u64::MAX - 1;
/// The log holds at most so many requests: 160 MB.
const MOST_LOGGED: usize = 10_000_000;

#[derive(Clone, Copy)]
enum Service {
    None,
    Constant(f64),
    Exponential(f64),
    /// Two times, and the share of the first.
    Bimodal(f64, f64, f64),
}

impl Service {
    fn parse(text: &str) -> Self {
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        let numbers: Vec<f64> = rest
            .split(',')
            .filter(|part| !part.is_empty())
            .map(|part| match part.strip_suffix("ms") {
                Some(ms) => ms.parse::<f64>().expect("a number of ms") * 1e6,
                None => part.parse().expect("a number"),
            })
            .collect();
        match (kind, numbers.as_slice()) {
            ("none", []) => Service::None,
            ("constant", [time]) => Service::Constant(*time),
            ("exponential", [mean]) => Service::Exponential(*mean),
            ("bimodal", [fast, slow, share]) => Service::Bimodal(*fast, *slow, *share),
            _ => panic!("--service none | constant:5ms | exponential:5ms | bimodal:2ms,20ms,0.9"),
        }
    }

    /// Nanoseconds for the next request, from a uniform draw.
    fn draw(self, uniform: f64) -> Option<u64> {
        match self {
            Service::None => None,
            Service::Constant(time) => Some(time as u64),
            Service::Exponential(mean) => Some((-mean * (1.0 - uniform).ln()) as u64),
            Service::Bimodal(fast, slow, share) => Some(if uniform < share { fast } else { slow } as u64),
        }
    }
}

/// splitmix64 (Steele, Lea, Flood 2014): enough to draw service times from a seed.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) as f64 / u64::MAX as f64
    }
}

struct Server {
    epoll: RawFd,
    timer: RawFd,
    timer_set_to: u64,
    service: Service,
    random: Random,
    answer: Vec<u8>,
    /// (monotonic due, connection, arrival)
    due: BinaryHeap<Reverse<(u64, RawFd, u64)>>,
    /// Bytes of a request that is not whole yet.
    partial: Vec<Vec<u8>>,
    log: Option<Vec<(u64, u64)>>,
    requests: u64,
}

fn clock(id: libc::clockid_t) -> u64 {
    let mut ts = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: fills in a live timespec.
    unsafe { libc::clock_gettime(id, &mut ts) };
    ts.tv_sec as u64 * SECOND + ts.tv_nsec as u64
}

fn main() {
    let mut options = [("--port", "0"), ("--service", "none"), ("--seed", "1"), ("--body", "128"), ("--log", "")]
        .map(|(name, default)| (name, default.to_owned()));
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    for pair in arguments.chunks(2) {
        let option = options.iter_mut().find(|(name, _)| *name == pair[0]).expect("a known option");
        option.1.clone_from(&pair[1]);
    }
    let [port, service, seed, body, log] = options.map(|(_, value)| value);
    let listener = listen(port.parse().expect("a port"));
    let body = "x".repeat(body.parse().expect("a length"));
    let answer = format!(
        "HTTP/1.1 200 OK\r\nServer: truth\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    // SAFETY: plain system calls whose descriptors live until the process ends.
    let (epoll, timer) = unsafe {
        libc::prctl(libc::PR_SET_TIMERSLACK, 1, 0, 0, 0);
        (libc::epoll_create1(0), libc::timerfd_create(libc::CLOCK_MONOTONIC, libc::TFD_NONBLOCK))
    };
    let mut server = Server {
        epoll,
        timer,
        timer_set_to: 0,
        service: Service::parse(&service),
        random: Random(seed.parse().expect("a seed")),
        answer: answer.into_bytes(),
        due: BinaryHeap::new(),
        partial: Vec::new(),
        log: (!log.is_empty()).then(|| Vec::with_capacity(1 << 20)),
        requests: 0,
    };
    server.watch(listener.as_raw_fd(), LISTENER);
    server.watch(timer, TIMER);
    // Before the port is told: whoever knows it may end us in the same moment.
    let signals = block_signals();
    server.watch(signals, signals as u64);
    println!("listening on {}", listener.local_addr().expect("an address").as_socket().expect("an address").port());
    server.serve(&listener, signals);
    server.finish(&log);
}

fn listen(port: u16) -> socket2::Socket {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
    socket.set_reuse_address(true).expect("an option");
    socket.set_nonblocking(true).expect("an option");
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], port));
    socket.bind(&address.into()).expect("a free port");
    socket.listen(4096).expect("to listen");
    socket
}

/// SIGTERM and SIGINT as something to read.
fn block_signals() -> RawFd {
    // SAFETY: the set is initialised by sigemptyset before it is used.
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        libc::sigaddset(&mut set, libc::SIGTERM);
        libc::sigaddset(&mut set, libc::SIGINT);
        libc::sigprocmask(libc::SIG_BLOCK, &set, std::ptr::null_mut());
        libc::signalfd(-1, &set, libc::SFD_NONBLOCK)
    }
}

impl Server {
    fn watch(&self, fd: RawFd, token: u64) {
        let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: token };
        // SAFETY: `event` lives through the call.
        unsafe { libc::epoll_ctl(self.epoll, libc::EPOLL_CTL_ADD, fd, &mut event) };
    }

    fn serve(&mut self, listener: &socket2::Socket, signals: RawFd) {
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; 512];
        loop {
            // SAFETY: the kernel fills in at most as many events as there is room for.
            let count = unsafe { libc::epoll_wait(self.epoll, events.as_mut_ptr(), events.len() as i32, -1) };
            for event in &events[..count.max(0) as usize] {
                let token = event.u64;
                match token {
                    LISTENER => self.accept(listener),
                    TIMER => self.timer_set_to = 0,
                    _ if token == signals as u64 => return,
                    _ => self.read(token as RawFd),
                }
            }
            self.answer_due();
        }
    }

    fn accept(&mut self, listener: &socket2::Socket) {
        while let Ok((socket, _)) = listener.accept() {
            let _ = socket.set_nonblocking(true);
            let _ = socket.set_tcp_nodelay(true);
            let fd = std::os::fd::IntoRawFd::into_raw_fd(socket);
            let on: libc::c_int = 1;
            // SAFETY: sets an integer option from a live integer.
            unsafe {
                let (level, option) = (libc::SOL_SOCKET, libc::SO_TIMESTAMPNS);
                libc::setsockopt(fd, level, option, (&raw const on).cast(), 4);
            }
            if self.partial.len() <= fd as usize {
                self.partial.resize_with(fd as usize + 1, Vec::new);
            }
            self.partial[fd as usize].clear();
            self.watch(fd, fd as u64);
        }
    }

    fn read(&mut self, fd: RawFd) {
        let mut buffer = [0u8; 16 * 1024];
        let (count, arrival) = receive(fd, &mut buffer);
        if count <= 0 {
            if count == 0 || std::io::Error::last_os_error().kind() != std::io::ErrorKind::WouldBlock {
                // SAFETY: closes a descriptor that we accepted and use no more.
                unsafe { libc::close(fd) };
            }
            return;
        }
        let bytes = &buffer[..count as usize];
        let partial = &mut self.partial[fd as usize];
        let mut whole = 0;
        if partial.is_empty() && bytes.ends_with(b"\r\n\r\n") {
            whole = bytes.windows(4).filter(|window| window == b"\r\n\r\n").count();
        } else {
            partial.extend_from_slice(bytes);
            while let Some(end) = partial.windows(4).position(|window| window == b"\r\n\r\n") {
                partial.drain(..end + 4);
                whole += 1;
            }
        }
        for _ in 0..whole {
            self.requests += 1;
            match self.service.draw(self.random.uniform()) {
                None => self.answer(fd, arrival),
                Some(time) => {
                    // The service time runs from the arrival, not from when we looked.
                    let late = clock(libc::CLOCK_REALTIME).saturating_sub(arrival);
                    let at = clock(libc::CLOCK_MONOTONIC) + time.saturating_sub(late);
                    self.due.push(Reverse((at, fd, arrival)));
                }
            }
        }
    }

    fn answer_due(&mut self) {
        while let Some(Reverse((at, fd, arrival))) = self.due.peek().copied() {
            if at > clock(libc::CLOCK_MONOTONIC) {
                if self.timer_set_to != at {
                    self.timer_set_to = at;
                    let time = |ns: u64| libc::timespec { tv_sec: (ns / SECOND) as _, tv_nsec: (ns % SECOND) as _ };
                    let spec = libc::itimerspec { it_interval: time(0), it_value: time(at) };
                    let absolute = libc::TFD_TIMER_ABSTIME;
                    // SAFETY: `spec` lives through the call.
                    unsafe { libc::timerfd_settime(self.timer, absolute, &spec, std::ptr::null_mut()) };
                }
                return;
            }
            self.due.pop();
            self.answer(fd, arrival);
        }
    }

    fn answer(&mut self, fd: RawFd, arrival: u64) {
        if let Some(log) = self.log.as_mut().filter(|log| log.len() < MOST_LOGGED) {
            log.push((arrival, clock(libc::CLOCK_REALTIME)));
        }
        // SAFETY: sends from a live buffer; a client that left costs nothing.
        unsafe { libc::send(fd, self.answer.as_ptr().cast(), self.answer.len(), libc::MSG_NOSIGNAL) };
    }

    fn finish(&self, path: &str) {
        if let Some(log) = &self.log {
            let mut file = std::io::BufWriter::new(std::fs::File::create(path).expect("a log that can be written"));
            for (arrival, departure) in log {
                file.write_all(&arrival.to_le_bytes()).expect("room for the log");
                file.write_all(&departure.to_le_bytes()).expect("room for the log");
            }
            file.flush().expect("room for the log");
        }
        let cpu = clock(libc::CLOCK_PROCESS_CPUTIME_ID) as f64 / 1e9;
        println!("{{\"requests\": {}, \"cpu_seconds\": {cpu:.6}}}", self.requests);
    }
}

/// Bytes read (or −1) and the kernel's stamp of their arrival, wall clock.
fn receive(fd: RawFd, buffer: &mut [u8]) -> (isize, u64) {
    let mut control = [0u64; 8];
    let mut part = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
    // SAFETY: a zeroed msghdr is valid; all it points to outlives the call; the CMSG macros stay inside.
    unsafe {
        let mut message: libc::msghdr = std::mem::zeroed();
        message.msg_iov = &mut part;
        message.msg_iovlen = 1;
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = std::mem::size_of_val(&control);
        let count = libc::recvmsg(fd, &mut message, libc::MSG_DONTWAIT);
        let header = libc::CMSG_FIRSTHDR(&message);
        if count <= 0 || header.is_null() {
            return (count, clock(libc::CLOCK_REALTIME));
        }
        let ts: libc::timespec = std::ptr::read_unaligned(libc::CMSG_DATA(header).cast());
        (count, ts.tv_sec as u64 * SECOND + ts.tv_nsec as u64)
    }
}
