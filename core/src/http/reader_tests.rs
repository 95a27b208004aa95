use super::*;

const PLAIN: Expect = Expect { head: false, discard_body: false, body_limit: 1 << 20, head_only: false };

fn whole(bytes: &[u8], expect: Expect) -> Result<(Message, usize), Failure> {
    let mut reader = Reader::new(expect);
    match reader.feed(bytes)? {
        Progress::Done { leftover } => Ok((reader.finish(), leftover)),
        Progress::More => reader.end().map(|()| (reader.finish(), 0)),
    }
}

fn byte_by_byte(bytes: &[u8], expect: Expect) -> Result<(Message, usize), Failure> {
    let mut reader = Reader::new(expect);
    for (index, byte) in bytes.iter().enumerate() {
        if let Progress::Done { leftover } = reader.feed(&[*byte])? {
            return Ok((reader.finish(), leftover + bytes.len() - index - 1));
        }
    }
    reader.end().map(|()| (reader.finish(), 0))
}

#[test]
fn a_response_reads_the_same_however_its_bytes_arrive() {
    let cases: [(&str, u16, &str, bool); 8] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 200, "hello", true),
        ("HTTP/1.1 204 No Content\r\n\r\n", 204, "", true),
        ("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, "", true),
        ("HTTP/1.0 200 OK\r\n\r\nto the end", 200, "to the end", false),
        ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi", 200, "hi", false),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 201 C\r\nContent-Length: 0\r\n\r\n", 201, "", true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello", 200, "hello", true),
    ];
    for (wire, status, body, keep_alive) in cases {
        for feed in [whole, byte_by_byte] {
            let (message, leftover) = feed(wire.as_bytes(), PLAIN).unwrap();
            assert_eq!((message.status, leftover), (status, 0), "{wire}");
            assert_eq!(&message.raw[message.head_length..], body.as_bytes(), "{wire}");
            assert_eq!(message.keep_alive, keep_alive, "{wire}");
        }
    }
}

#[test]
fn what_breaks_the_rules_is_an_error() {
    for wire in [
        "SMTP ready\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\ncut short",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "",
    ] {
        assert!(whole(wire.as_bytes(), PLAIN).is_err(), "{wire}");
        assert!(byte_by_byte(wire.as_bytes(), PLAIN).is_err(), "{wire}");
    }
}

#[test]
fn endless_headers_are_cut_off() {
    let mut reader = Reader::new(PLAIN);
    reader.feed(b"HTTP/1.1 200 OK\r\n").unwrap();
    let error = (0..).find_map(|_| reader.feed(&[b'a'; 4096]).err()).unwrap();
    assert!(error.text.contains("head longer"));
}

#[test]
fn a_body_over_the_limit_is_an_error_and_a_discarded_one_is_only_counted() {
    let wire = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    assert!(whole(wire, Expect { body_limit: 4, ..PLAIN }).is_err());
    let (message, _) = whole(wire, Expect { discard_body: true, ..PLAIN }).unwrap();
    assert_eq!((message.body_bytes, message.raw.len()), (5, message.head_length));
}

#[test]
fn bytes_left_over_are_counted_and_both_framings_at_once_end_the_connection() {
    let (_, leftover) = whole(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi!!!", PLAIN).unwrap();
    assert_eq!(leftover, 3);
    let both = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    assert!(!whole(both, PLAIN).unwrap().0.keep_alive);
}

#[test]
fn the_answer_to_head_has_no_body() {
    let wire = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n";
    let (message, _) = whole(wire, Expect { head: true, ..PLAIN }).unwrap();
    assert!(message.keep_alive && message.body_bytes == 0);
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        let _ = byte_by_byte(&bytes, PLAIN);
        let mut wire = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        wire.extend(bytes);
        let _ = whole(&wire, PLAIN);
    }
}
