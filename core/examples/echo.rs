//! A WebSocket server that sends every message back: what `benchmarks/websockets.py` measures against.
//!
//! One thread. It says its port, ends when its standard input does, and then says how many messages it
//! had and what CPU they took. For short messages in one frame only.

use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use ring::digest::{digest, SHA1_FOR_LEGACY_USE_ONLY};
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::net::{TcpListener, TcpStream};

static MESSAGES: AtomicU64 = AtomicU64::new(0);

fn main() -> io::Result<()> {
    std::thread::spawn(|| {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: fills in a live timespec.
        unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
        let cpu = time.tv_sec as f64 + time.tv_nsec as f64 / 1e9;
        println!("{{\"messages\": {}, \"cpu_seconds\": {cpu:.6}}}", MESSAGES.load(Ordering::Relaxed));
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("listening on {}", listener.local_addr()?.port());
        loop {
            let (socket, _) = listener.accept().await?;
            socket.set_nodelay(true)?;
            tokio::spawn(async move {
                let _ = serve(&socket).await;
            });
        }
    })
}

async fn serve(socket: &TcpStream) -> io::Result<()> {
    let mut buffer = Vec::new();
    while !buffer.windows(4).any(|window| window == b"\r\n\r\n") {
        read(socket, &mut buffer).await?;
    }
    let head = String::from_utf8_lossy(&buffer).into_owned();
    let key = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().starts_with("sec-websocket-key:").then(|| line[18..].trim()));
    let proof = format!("{}258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key.unwrap_or_default());
    let accept = STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, proof.as_bytes()));
    let answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ";
    write(socket, format!("{answer}{accept}\r\n\r\n").as_bytes()).await?;
    buffer.clear();
    loop {
        read(socket, &mut buffer).await?;
        let (mut answers, mut at) = (Vec::new(), 0);
        // A client's frame: two bytes, four of the mask, the payload.
        while buffer.len() >= at + 6 && buffer.len() >= at + 6 + usize::from(buffer[at + 1] & 0x7f) {
            let length = usize::from(buffer[at + 1] & 0x7f);
            let (mask, payload) = buffer[at + 2..at + 6 + length].split_at(4);
            answers.extend_from_slice(&[buffer[at], length as u8]);
            answers.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
            MESSAGES.fetch_add(u64::from(buffer[at] < 0x88), Ordering::Relaxed);
            at += 6 + length;
        }
        buffer.drain(..at);
        write(socket, &answers).await?;
    }
}

async fn read(socket: &TcpStream, buffer: &mut Vec<u8>) -> io::Result<()> {
    loop {
        socket.readable().await?;
        let mut room = [0; 16 * 1024];
        match socket.try_read(&mut room) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                return {
                    buffer.extend_from_slice(&room[..count]);
                    Ok(())
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

async fn write(socket: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match socket.try_write(bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => socket.writable().await?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
