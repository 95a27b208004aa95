//! HTTP as a client, and HTTP/1.1's own parts: request heads, reading responses, one exchange.

pub mod body;
pub mod cookies;
pub mod decode;
pub mod exchange;
pub mod framing;
pub mod head;
pub mod reader;
pub mod stamps;
pub mod target;
pub mod version;
pub mod websocket;
