//! A new connection: name, address, socket, encryption.

use super::flight::Flight;
use super::io::Io;
use crate::clock;
use crate::http::target::Origin;
use crate::net::connection::Connection;
use crate::net::failure::{code, Failure, Phase};
use crate::net::socket::Socket;
use crate::net::tls;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// A new connection to `origin`, within the connect timeout.
pub async fn connect(io: &Io, origin: &Arc<Origin>, flight: &Flight) -> Result<Connection, Failure> {
    let limit = Duration::from_nanos(io.settings().connect_timeout);
    // Boxed: a request that reuses a connection need not carry the room for making one.
    let opened = tokio::time::timeout(limit, Box::pin(open(io, origin, flight))).await;
    opened.unwrap_or_else(|_| {
        let phase = flight.progress.phase.get();
        Err(Failure::new(code::DIAL_TIMEOUT, phase, format!("{}: i/o timeout", phase.name())))
    })
}

async fn open(io: &Io, origin: &Origin, flight: &Flight) -> Result<Connection, Failure> {
    let progress = &flight.progress;
    let started = clock::now();
    let overrides = &io.settings().overrides;
    overrides.check_name(&origin.host)?;
    let told = overrides.find(&origin.host, origin.port);
    let port = told.map_or(origin.port, |address| address.port());
    let addresses = match told {
        Some(address) => Some(Rc::from([address.ip()])),
        None => io.resolver().known(&origin.host, started),
    };
    let addresses = match addresses {
        Some(addresses) => addresses,
        None => {
            progress.phase.set(Phase::Dns);
            progress.stamp(|stamps| stamps.dns.0 = started);
            let answer = io.resolver().ask(&origin.host, started).await?;
            progress.stamp(|stamps| stamps.dns.1 = clock::now());
            answer
        }
    };
    progress.phase.set(Phase::Connect);
    progress.stamp(|stamps| stamps.connect.0 = clock::now());
    let mut refusal = None;
    for address in addresses.iter() {
        if let Err(failure) = overrides.check_address(*address) {
            refusal = Some(failure);
            continue;
        }
        match Socket::connect(SocketAddr::new(*address, port)).await {
            Ok(socket) => {
                let made = clock::now();
                progress.stamp(|stamps| stamps.connect.1 = made);
                let mut connection = Connection::new(socket, io.next_connection(), made);
                if origin.tls {
                    encrypt(io, &mut connection, origin, flight).await?;
                }
                return Ok(connection);
            }
            Err(error) => refusal = Some(Failure::dial(&error)),
        }
    }
    progress.stamp(|stamps| stamps.connect.1 = clock::now());
    Err(refusal.unwrap_or_else(|| Failure::new(code::DIAL, Phase::Connect, "dial: no address")))
}

async fn encrypt(io: &Io, connection: &mut Connection, origin: &Origin, flight: &Flight) -> Result<(), Failure> {
    flight.progress.phase.set(Phase::Tls);
    flight.progress.stamp(|stamps| stamps.tls.0 = clock::now());
    let name = tls::server_name(&origin.host)?;
    let session = rustls::ClientConnection::new(io.tls_config()?, name).map_err(|error| tls::failure(&error))?;
    connection.encrypt(session, io.wire()).await?;
    flight.progress.stamp(|stamps| stamps.tls.1 = clock::now());
    Ok(())
}
