use super::*;
use proptest::prelude::*;

/// A server's frame: not masked.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![first];
    match payload.len() {
        short @ 0..=125 => out.push(short as u8),
        medium @ 126..=0xffff => {
            out.push(126);
            out.extend_from_slice(&(medium as u16).to_be_bytes());
        }
        long => {
            out.push(127);
            out.extend_from_slice(&(long as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(payload);
    out
}

fn read(bytes: &[u8]) -> Result<Vec<Message>, Fault> {
    read_in_pieces(bytes, bytes.len().max(1))
}

fn read_in_pieces(bytes: &[u8], size: usize) -> Result<Vec<Message>, Fault> {
    let mut decoder = Decoder::new(1 << 20);
    let mut messages = Vec::new();
    for piece in bytes.chunks(size) {
        decoder.feed(piece, |message| messages.push(message))?;
    }
    Ok(messages)
}

#[test]
fn the_handshake_of_the_rfc_is_accepted() {
    // RFC 6455, 1.3.
    let nonce = STANDARD.decode("dGhlIHNhbXBsZSBub25jZQ==").unwrap();
    let (key, accept) = key(nonce.try_into().unwrap());
    assert_eq!((key.as_str(), accept.as_str()), ("dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    let headers = |protocol: &str| {
        vec![
            ("sec-websocket-accept".to_owned(), accept.clone()),
            ("Sec-WebSocket-Protocol".to_owned(), protocol.to_owned()),
        ]
    };
    assert_eq!(accepted(101, &headers("chat"), &accept, "soap, chat").unwrap(), "chat");
    assert!(accepted(200, &headers("chat"), &accept, "chat").unwrap_err().text.contains("status 200"));
    assert!(accepted(101, &headers("wamp"), &accept, "chat").unwrap_err().text.contains("wamp"));
    assert!(accepted(101, &headers("chat"), "other", "chat").unwrap_err().text.contains("our key"));
}

#[test]
fn the_masked_hello_of_the_rfc_is_what_we_write() {
    let mut out = Vec::new();
    encode(&mut out, Opcode::Text, b"Hello", [0x37, 0xfa, 0x21, 0x3d]);
    assert_eq!(out, [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]);
}

#[test]
fn a_message_in_parts_is_put_together_around_control_frames() {
    let all = [frame(0x01, b"Hel"), frame(0x89, b"?"), frame(0x80, b"lo"), frame(0x82, b"")].concat();
    let messages = vec![Message::Ping(b"?".to_vec()), Message::Text("Hello".to_owned()), Message::Binary(Vec::new())];
    for size in 1..=all.len() {
        assert_eq!(read_in_pieces(&all, size).as_ref(), Ok(&messages));
    }
}

#[test]
fn a_farewell_has_a_code_and_a_reason_or_neither() {
    assert_eq!(read(&frame(0x88, b"\x03\xe8bye")), Ok(vec![Message::Close(1000, "bye".into())]));
    assert_eq!(read(&frame(0x88, b"")), Ok(vec![Message::Close(close::NO_STATUS, String::new())]));
    assert_eq!(close_payload(1000, "안녕"), [&[3, 232][..], "안녕".as_bytes()].concat());
    assert_eq!(close_payload(1000, &"가".repeat(50)).len(), 2 + 41 * 3);
    assert!(close_payload(close::NO_STATUS, "").is_empty());
}

#[test]
fn what_breaks_the_rules_is_answered_with_the_code_of_the_rfc() {
    let long = vec![b'x'; 126];
    let cases: [(&str, Vec<u8>, u16); 12] = [
        ("a reserved bit", frame(0xc1, b""), 1002),
        ("an unknown kind", frame(0x83, b""), 1002),
        ("a masked frame", vec![0x81, 0x80, 0, 0, 0, 0], 1002),
        ("a ping in parts", frame(0x09, b""), 1002),
        ("a long ping", frame(0x89, &long), 1002),
        ("a continuation of nothing", frame(0x80, b""), 1002),
        ("a message inside of another", [frame(0x01, b"a"), frame(0x81, b"b")].concat(), 1002),
        ("half a close code", frame(0x88, b"\x03"), 1002),
        ("a close code nobody may send", frame(0x88, b"\x03\xed"), 1002),
        ("a reason that is not text", frame(0x88, b"\x03\xe8\xff"), 1007),
        ("text that is not UTF-8", frame(0x81, b"\xff"), 1007),
        ("a message of many gigabytes", vec![0x82, 127, 0x7f, 0, 0, 0, 0, 0, 0, 0], 1009),
    ];
    for (what, bytes, code) in cases {
        assert_eq!(read(&bytes).map_err(|(code, _)| code), Err(code), "{what}");
    }
}

proptest! {
    #[test]
    fn what_we_write_is_read_back_however_it_is_cut(
        lengths in prop::collection::vec(prop::sample::select(vec![0usize, 1, 125, 126, 65_535, 65_536]), 1..4),
        mask: [u8; 4],
        size in 1usize..5000,
    ) {
        let payloads: Vec<Vec<u8>> =
            lengths.iter().map(|length| (0..*length).map(|index| (index % 251) as u8).collect()).collect();
        let mut bytes = Vec::new();
        for payload in &payloads {
            let mut masked = Vec::new();
            encode(&mut masked, Opcode::Binary, payload, mask);
            // The server takes the mask off.
            let head = masked.len() - payload.len();
            let plain: Vec<u8> = masked[head..].iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
            masked[1] &= 0x7f;
            bytes.extend_from_slice(&masked[..head - 4]);
            bytes.extend_from_slice(&plain);
        }
        let expected: Vec<Message> = payloads.into_iter().map(Message::Binary).collect();
        prop_assert_eq!(read_in_pieces(&bytes, size), Ok(expected));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, size in 1usize..50) {
        let _ = read_in_pieces(&bytes, size);
    }
}
