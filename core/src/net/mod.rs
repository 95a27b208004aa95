//! Names, sockets, encryption: bytes with stamps. Knows nothing of HTTP.

pub mod connection;
pub mod dns;
pub mod failure;
pub mod overrides;
pub mod ports;
pub mod proxy;
pub mod socket;
pub mod stamp;
pub mod tls;
