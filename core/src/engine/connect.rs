//! A new connection: name, address, socket, encryption.

use super::flight::Flight;
use super::io::Io;
use crate::clock;
use crate::http::exchange::tunnel;
use crate::http::target::Origin;
use crate::net::connection::Connection;
use crate::net::failure::{code, Failure, Phase};
use crate::net::overrides::Place;
use crate::net::proxy::Proxy;
use crate::net::socket::Socket;
use crate::net::tls;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// What a connection is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Requests,
    /// Requests in HTTP/2, without asking the server first.
    PriorKnowledge,
    WebSocket,
}

/// A new connection to `origin`, within the connect timeout.
///
/// A proxy reads plain requests of HTTP/1.1, and asks itself; else it only leads there.
pub async fn connect(io: &Io, origin: &Arc<Origin>, flight: &Flight, purpose: Purpose) -> Result<Connection, Failure> {
    let limit = Duration::from_nanos(io.settings().connect_timeout);
    // Boxed: a request that reuses a connection need not carry the room for making one.
    let opened = tokio::time::timeout(limit, Box::pin(open(io, origin, flight, purpose))).await;
    opened.unwrap_or_else(|_| {
        let phase = flight.progress.phase.get();
        Err(Failure::new(code::DIAL_TIMEOUT, phase, format!("{}: i/o timeout", phase.name())))
    })
}

async fn open(io: &Io, origin: &Origin, flight: &Flight, purpose: Purpose) -> Result<Connection, Failure> {
    let settings = io.settings();
    settings.overrides.check_name(&origin.host)?;
    let proxy = settings.proxies.of(origin.tls, &origin.host);
    let (host, port) = proxy.map_or((&origin.host, origin.port), |proxy| (&proxy.host, proxy.port));
    let reached = match settings.overrides.find(host, port) {
        Some(Place::Unix(path)) => {
            begin(flight);
            Socket::connect_unix(&path).await.map_err(|error| Failure::dial(&error))
        }
        Some(Place::Internet(address)) => reach(io, &[address.ip()], address.port(), flight).await,
        None => match resolve(io, host, flight).await {
            Ok(addresses) => reach(io, &addresses, port, flight).await,
            Err(failure) => Err(failure),
        },
    };
    let socket = reached.map_err(|failure| match proxy {
        Some(proxy) => failure.at(&format!("proxy {}:{}", proxy.host, proxy.port)),
        None => failure,
    })?;
    let made = clock::now();
    flight.progress.stamp(|stamps| stamps.connect.1 = made);
    let mut connection = Connection::new(socket, io.next_connection(), made);
    match proxy {
        Some(proxy) if origin.tls || purpose != Purpose::Requests => dig(io, &mut connection, origin, proxy).await?,
        Some(proxy) => connection.forward = Some(proxy.header.clone()),
        None => {}
    }
    if origin.tls {
        encrypt(io, &mut connection, origin, flight, purpose).await?;
    }
    Ok(connection)
}

async fn resolve(io: &Io, host: &str, flight: &Flight) -> Result<Rc<[IpAddr]>, Failure> {
    let (lookup, started) = (&io.settings().lookup, clock::now());
    if let Some(known) = io.resolver().known(host, lookup, started) {
        return Ok(known);
    }
    flight.progress.phase.set(Phase::Dns);
    flight.progress.stamp(|stamps| stamps.dns.0 = started);
    let answer = io.resolver().ask(host, lookup, started).await?;
    flight.progress.stamp(|stamps| stamps.dns.1 = clock::now());
    Ok(answer)
}

fn begin(flight: &Flight) {
    flight.progress.phase.set(Phase::Connect);
    flight.progress.stamp(|stamps| stamps.connect.0 = clock::now());
}

/// A connection to the first of `addresses` that takes one.
async fn reach(io: &Io, addresses: &[IpAddr], port: u16, flight: &Flight) -> Result<Socket, Failure> {
    begin(flight);
    let settings = io.settings();
    let own = &settings.local_ips;
    let local = (!own.is_empty()).then(|| own[flight.user as usize % own.len()]);
    let mut refusal = None;
    for address in addresses {
        if let Err(failure) = settings.overrides.check_address(*address) {
            refusal = Some(failure);
            continue;
        }
        match Socket::connect(SocketAddr::new(*address, port), local, io.ports()).await {
            Ok(socket) => return Ok(socket),
            Err(error) => refusal = Some(Failure::dial(&error)),
        }
    }
    flight.progress.stamp(|stamps| stamps.connect.1 = clock::now());
    Err(refusal.unwrap_or_else(|| Failure::new(code::DIAL, Phase::Connect, "dial: no address")))
}

/// Have the proxy lead on to `origin` (RFC 9110, 9.3.6).
async fn dig(io: &Io, connection: &mut Connection, origin: &Origin, proxy: &Proxy) -> Result<(), Failure> {
    let place = format!("{}:{}", origin.host, origin.port);
    let head = format!("CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n{}\r\n", proxy.header);
    let status = tunnel(connection, io.wire(), head.as_bytes()).await?;
    if (200..300).contains(&status) {
        return Ok(());
    }
    let text = format!("proxy {}:{}: CONNECT {place} was answered with status {status}", proxy.host, proxy.port);
    Err(Failure::new(code::DIAL, Phase::Connect, text))
}

async fn encrypt(
    io: &Io,
    connection: &mut Connection,
    origin: &Origin,
    flight: &Flight,
    purpose: Purpose,
) -> Result<(), Failure> {
    flight.progress.phase.set(Phase::Tls);
    flight.progress.stamp(|stamps| stamps.tls.0 = clock::now());
    let name = tls::server_name(&origin.host)?;
    let config = if purpose == Purpose::WebSocket { io.tls_config_of_http1()? } else { io.tls_config()? };
    let session = rustls::ClientConnection::new(config, name).map_err(|error| tls::failure(&error))?;
    connection.encrypt(session, io.wire()).await?;
    flight.progress.stamp(|stamps| stamps.tls.1 = clock::now());
    Ok(())
}
