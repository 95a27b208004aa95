use super::*;
use crate::stats::hidden;
use proptest::prelude::*;

fn shown(text: &str) -> String {
    blotted(text.as_bytes(), false, 2048)
}

#[test]
fn values_behind_telling_names_are_blotted_out() {
    for (text, expected) in [
        (r#"{"password":"hunter2","user":"kim"}"#, r#"{"password":"***","user":"kim"}"#),
        (r#"{"Password" : "hun\"ter2", "n": 1}"#, r#"{"Password" : "***", "n": 1}"#),
        (r#"{"access_token":"abc","expires_in":3600}"#, r#"{"access_token":"***","expires_in":3600}"#),
        (r#"{"api-key": 1234567, "a": 2}"#, r#"{"api-key": ***, "a": 2}"#),
        (r#"{"x-api-key":"k","apiKey":"l"}"#, r#"{"x-api-key":"***","apiKey":"***"}"#),
        (r#"{"body":"{\"password\":\"hunter2\",\"n\":1}"}"#, r#"{"body":"{\"password\":\"***\",\"n\":1}"}"#),
        ("{'Cookie': 'sid=abc; theme=dark', 'Host': 'a'}", "{'Cookie': '***', 'Host': 'a'}"),
        (r#"{"cookies": {"sid": "abc"}, "n": 1}"#, r#"{"cookies": ***, "n": 1}"#),
        (r#"{"Set-Cookie":["a=b; Path=/"],"n":1}"#, r#"{"Set-Cookie":***,"n":1}"#),
        ("Cookie: sid=abc; theme=dark\r\nHost: a\r\n", "Cookie: ***\r\nHost: a\r\n"),
        ("Authorization: Basic dXNlcjpwYXNz\nHost: a", "Authorization: ***\nHost: a"),
        ("login?user=kim&password=hunter2&next=/", "login?user=kim&password=***&next=/"),
        ("<user><password>hunter2</password></user>", "<user><password>***</password></user>"),
        (
            r#"<input name="csrf_token" type=hidden><meta name="csrf-token" content="abc">"#,
            r#"<input name="csrf_token" type=hidden><meta name="csrf-token" content="***">"#,
        ),
        ("User(password=hunter2, pin=1234, author=kim)", "User(password=***, pin=***, author=kim)"),
        (r#"{"password":"cut in the midd"#, r#"{"password":"***"#),
    ] {
        assert_eq!(shown(text), expected);
    }
}

#[test]
fn credentials_are_known_by_their_form() {
    for (text, expected) in [
        ("sent Bearer abc.DEF-123 to a", "sent Bearer *** to a"),
        ("postgres://app:hunter2@db:5432/shop failed", "postgres://***@db:5432/shop failed"),
        ("jwt was eyJhbGciOiJIUzI1NiJ9.e30.x", "jwt was ***.e30.x"),
        (r#"{"ticket":"f47ac10b58cc4372a5670e02b2c3d479"}"#, r#"{"ticket":"***"}"#),
        (r#"{"ticket":"aB3dE5gH7jK9mN1pQ3sT"}"#, r#"{"ticket":"***"}"#),
    ] {
        assert_eq!(shown(text), expected);
    }
}

#[test]
fn what_tells_of_an_error_stays_readable() {
    for text in [
        r#"{"code":"SEAT_NOT_FOUND","message":"no such seat","status":404,"path":"/concerts/17/seats"}"#,
        "org.springframework.web.util.NestedServletException: Request processing failed",
        "HikariPool-1 - Connection is not available, request timed out after 30000ms (total=10, active=10)",
        "Basic authentication failed for http://localhost:8000/login",
        r#"{"timestamp":"2026-11-25T09:00:00.000+00:00","error":"Internal Server Error"}"#,
        "비밀번호가 틀렸습니다",
        "io.netty.handler.codec.http2.Http2ConcertsRepository1",
    ] {
        assert_eq!(shown(text), text);
    }
}

#[test]
fn a_secret_of_the_script_is_blotted_out_even_where_the_sample_cuts_it() {
    hidden::hide("the-whole-of-a-secret");
    let text = format!("{}the-whole-of-a-secret, and the-whole-of", "x".repeat(30));
    assert_eq!(blotted(text.as_bytes(), true, 2048), format!("{}***, and ", "x".repeat(30)));
    assert_eq!(blotted(text.as_bytes(), false, 2048), format!("{}***, and the-whole-of", "x".repeat(30)));
}

#[test]
fn a_sample_is_as_long_as_it_may_be_and_ends_with_a_whole_character() {
    assert_eq!(blotted("소나기".as_bytes(), false, 7), "소나");
    assert!(blotted(&[0xff, 0xfe, b'a'], false, 100).ends_with('a'));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic_or_longer_than_it_may_be(
        parts in prop::collection::vec(
            prop_oneof![
                any::<String>(),
                prop::sample::select(vec![
                    "password", "\"", "'", "\\", ":", "=", ">", "[", "{", "}", "Cookie", "://", "@", "Bearer ", "value=", " ",
                    "\n", "소",
                ]).prop_map(str::to_owned),
            ],
            0..20,
        ),
        cut: bool,
        most in 0..200usize,
    ) {
        prop_assert!(blotted(parts.concat().as_bytes(), cut, most).len() <= most);
    }

    #[test]
    fn a_password_never_stays(
        value in "[a-z]{4,30}",
        // A quote or bracket that is open before would take in the name itself.
        before in "[0-9A-Z ,;.!()}<&?-]{0,40}",
        quote in prop::sample::select(vec!["\"", "\\\"", "'"]),
    ) {
        let text = format!("{before} {quote}password{quote}: {quote}{value}{quote}, {quote}n{quote}: 1");
        let shown = blotted(text.as_bytes(), false, 2048);
        prop_assert!(!shown.contains(&value), "{shown}");
    }
}
