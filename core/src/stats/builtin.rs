//! The metrics that every run has, with k6's names and meanings where k6 has them.
//!
//! All times are milliseconds. `src/sonagi/model/metrics.py` lists the same; a test compares them.

use super::tags::{Contains, Kind, MetricId};

macro_rules! builtins {
    ($($constant:ident $name:literal $kind:ident $contains:ident)*) => {
        /// In the order of their ids.
        pub const ALL: &[(&str, Kind, Contains)] = &[$(($name, Kind::$kind, Contains::$contains)),*];
        builtins!(@ids 0u16; $($constant)*);
    };
    (@ids $id:expr; $constant:ident $($rest:ident)*) => {
        pub const $constant: MetricId = MetricId($id);
        builtins!(@ids $id + 1; $($rest)*);
    };
    (@ids $id:expr;) => {};
}

builtins! {
    HTTP_REQS "http_reqs" Counter Default
    HTTP_REQ_FAILED "http_req_failed" Rate Default
    HTTP_REQ_BLOCKED "http_req_blocked" Trend Time
    HTTP_REQ_LOOKING_UP "http_req_looking_up" Trend Time
    HTTP_REQ_CONNECTING "http_req_connecting" Trend Time
    HTTP_REQ_TLS_HANDSHAKING "http_req_tls_handshaking" Trend Time
    HTTP_REQ_SENDING "http_req_sending" Trend Time
    HTTP_REQ_WAITING "http_req_waiting" Trend Time
    HTTP_REQ_RECEIVING "http_req_receiving" Trend Time
    HTTP_REQ_DURATION "http_req_duration" Trend Time
    HTTP_REQ_TOTAL "http_req_total" Trend Time
    HTTP_REQ_INTENDED_DURATION "http_req_intended_duration" Trend Time
    HTTP_REQS_RETRIED "http_reqs_retried" Counter Default
    HTTP_REQS_INTERRUPTED "http_reqs_interrupted" Counter Default
    WS_SESSIONS "ws_sessions" Counter Default
    WS_SESSION_FAILED "ws_session_failed" Rate Default
    WS_CONNECTING "ws_connecting" Trend Time
    WS_SESSION_DURATION "ws_session_duration" Trend Time
    WS_MSGS_SENT "ws_msgs_sent" Counter Default
    WS_MSGS_RECEIVED "ws_msgs_received" Counter Default
    WS_PING "ws_ping" Trend Time
    SSE_EVENTS "sse_events" Counter Default
    DATA_SENT "data_sent" Counter Data
    DATA_RECEIVED "data_received" Counter Data
    ITERATIONS "iterations" Counter Default
    ITERATION_DURATION "iteration_duration" Trend Time
    ITERATION_LATENESS "iteration_lateness" Trend Time
    ITERATIONS_LATE "iterations_late" Counter Default
    DROPPED_ITERATIONS "dropped_iterations" Counter Default
    DROPPED_ITERATION_WAIT "dropped_iteration_wait" Trend Time
    CHECKS "checks" Rate Default
    GROUP_DURATION "group_duration" Trend Time
    MEASURE_DURATION "measure_duration" Trend Time
    MEASURE_FAILED "measure_failed" Rate Default
    GENERATOR_LAG "generator_lag" Trend Time
    VUS "vus" Gauge Default
    VUS_MAX "vus_max" Gauge Default
}
