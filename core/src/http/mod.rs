//! HTTP/1.1 as a client: request heads, reading responses, one exchange.

pub mod body;
pub mod cookies;
pub mod decode;
pub mod exchange;
pub mod framing;
pub mod head;
pub mod reader;
pub mod stamps;
pub mod target;
pub mod websocket;
