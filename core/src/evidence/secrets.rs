//! What looks like a secret in the text of an answer is blotted out before anybody sees a sample of it.
//!
//! Three passes: values that stand behind a telling name (`"password": "…"`, `Cookie: …`), credentials of
//! a form of their own (`Bearer …`, `//user:password@`), and words that look like tokens. It rather blots
//! out too much: a sample shows what kind of answer it was, and no more.

use crate::stats::hidden::{mask_beginning, BLOT};

/// Parts of names whose values are secrets, in lower case without `-` and `_`.
const NAMES: [&str; 16] = [
    "password",
    "passwd",
    "passphrase",
    "passwort",
    "pwd",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "privatekey",
    "authorization",
    "cookie",
    "session",
    "credential",
    "csrf",
    "jwt",
];
/// Names that are telling only as a whole.
const WHOLE_NAMES: [&str; 4] = ["auth", "sid", "otp", "pin"];
/// Attributes in which a form's field or a page's `meta` has the value of its name.
const ATTRIBUTES: [&str; 2] = ["value=", "content="];
/// A word of letters of both cases and digits of this length, or of hexadecimal digits of the second, is a token.
const TOKEN: usize = 20;
const HEXADECIMAL: usize = 32;

/// The beginning of a body as text without secrets, `most` bytes at most. `cut`: the body goes on.
pub fn blotted(body: &[u8], cut: bool, most: usize) -> String {
    let text = String::from_utf8_lossy(body);
    let text = mask_beginning(&text, cut);
    let text = without_tokens(&without_logins(&without_named(&text)));
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// `text` with byte ranges blotted out, given in their order.
fn without(text: &str, ranges: impl Iterator<Item = (usize, usize)>) -> String {
    let (mut out, mut done) = (String::new(), 0);
    for (from, to) in ranges {
        out.push_str(&text[done..from]);
        out.push_str(BLOT);
        done = to;
    }
    out.push_str(&text[done..]);
    out
}

/// The words of `text`: where they begin and end.
fn words(text: &str, is_part: fn(u8) -> bool) -> impl Iterator<Item = (usize, usize)> + '_ {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let from = at + bytes[at..].iter().position(|byte| is_part(*byte))?;
        let length = bytes[from..].iter().position(|byte| !is_part(*byte));
        at = length.map_or(bytes.len(), |length| from + length);
        Some((from, at))
    })
}

fn without_named(text: &str) -> String {
    let mut done = 0;
    let ranges = words(text, is_word).filter_map(|(from, to)| {
        if from < done || !is_telling(&text[from..to]) {
            return None;
        }
        let (begin, end) = value_behind(text, to)?;
        done = end;
        (end > begin).then_some((begin, end))
    });
    without(text, ranges)
}

fn is_telling(name: &str) -> bool {
    let plain: String =
        name.chars().filter(|char| !matches!(char, '-' | '_')).map(|char| char.to_ascii_lowercase()).collect();
    NAMES.iter().any(|part| plain.contains(part)) || WHOLE_NAMES.contains(&&*plain)
}

/// Where the value lies that belongs to the name that ends at `at`, if one does.
fn value_behind(text: &str, at: usize) -> Option<(usize, usize)> {
    let rest = &text[at..];
    let behind_name = rest.trim_start_matches(['"', '\'', '\\']);
    let unspaced = behind_name.trim_start();
    let attribute = ATTRIBUTES.iter().find_map(|attribute| unspaced.strip_prefix(attribute));
    let behind_sign = attribute.or_else(|| unspaced.strip_prefix([':', '=', '>']))?;
    let value = behind_sign.trim_start_matches(['>', ' ', '\t']);
    let begin = text.len() - value.len();
    let header = ["authorization", "cookie"].iter().any(|name| ends_with(&text[..at], name));
    let length = match value.as_bytes() {
        [open @ (b'[' | b'{'), ..] => bracketed(value, *open),
        [b'\\', quote @ (b'"' | b'\''), ..] => {
            let inner = &value[2..];
            return Some((begin + 2, begin + 2 + inner.find(['\\', char::from(*quote)]).unwrap_or(inner.len())));
        }
        [quote @ (b'"' | b'\''), ..] => return Some((begin + 1, begin + 1 + quoted(&value[1..], *quote))),
        // A header's value ends with its line, or with what it was quoted in.
        _ if header => value.find(['\r', '\n', '"', '<']).unwrap_or(value.len()),
        _ => value.find(|char: char| char.is_whitespace() || ",;&\"'<>(){}[]".contains(char)).unwrap_or(value.len()),
    };
    Some((begin, begin + length))
}

fn ends_with(text: &str, name: &str) -> bool {
    let tail = text.as_bytes().get(text.len().saturating_sub(name.len())..);
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case(name.as_bytes()))
}

/// Up to the closing quote, or to the end.
fn quoted(value: &str, quote: u8) -> usize {
    let mut escaped = false;
    let end = value.bytes().position(|byte| {
        let closes = byte == quote && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    });
    end.unwrap_or(value.len())
}

/// Up to behind the bracket that closes the first one.
fn bracketed(value: &str, open: u8) -> usize {
    let close = if open == b'[' { b']' } else { b'}' };
    let mut depth = 0;
    let end = value.bytes().position(|byte| {
        depth += i32::from(byte == open) - i32::from(byte == close);
        depth == 0
    });
    end.map_or(value.len(), |end| end + 1)
}

/// `Bearer …` and `Basic …` (RFC 9110, 11.4), and the user's part of a URL (RFC 3986, 3.2.1).
fn without_logins(text: &str) -> String {
    let mut done = 0;
    let ranges = words(text, is_word).filter_map(|(from, to)| {
        let rest = &text[to..];
        let found = match &text[from..to] {
            scheme if ["bearer", "basic", "digest"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) => {
                let value = rest.strip_prefix(' ')?;
                let length = value.find(|char: char| char.is_whitespace() || "\"'<>\\,;".contains(char));
                let length = length.unwrap_or(value.len());
                // "Basic authentication failed" names no credentials.
                let telling = length > 6 && value[..length].bytes().any(|byte| !byte.is_ascii_lowercase());
                telling.then_some((to + 1, to + 1 + length))
            }
            _ if rest.starts_with("://") => {
                let place = &rest[3..];
                let end = place.find(|char: char| char.is_whitespace() || "/?#\"'<>".contains(char));
                let at = place[..end.unwrap_or(place.len())].rfind('@')?;
                Some((to + 3, to + 3 + at))
            }
            _ => None,
        };
        let (begin, end) = found.filter(|(begin, _)| *begin >= done)?;
        done = end;
        Some((begin, end))
    });
    without(text, ranges)
}

fn without_tokens(text: &str) -> String {
    let is_part = |byte: u8| is_word(byte) || matches!(byte, b'+' | b'=');
    without(text, words(text, is_part).filter(|(from, to)| is_token(&text.as_bytes()[*from..*to])))
}

fn is_token(word: &[u8]) -> bool {
    let count = |is: fn(&u8) -> bool| word.iter().filter(|byte| is(byte)).count();
    let digits = count(u8::is_ascii_digit);
    let hexadecimal =
        word.len() >= HEXADECIMAL && digits > 2 && word.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-');
    // "http2.Http2ConcertsRepository1" has both cases and a digit, too: tokens have more of each.
    let mixed =
        word.len() >= TOKEN && digits > 2 && count(u8::is_ascii_lowercase) > 2 && count(u8::is_ascii_uppercase) > 2;
    // A JSON Web Token's parts begin with `{"` in base64 (RFC 7519).
    hexadecimal || mixed || word.starts_with(b"eyJ")
}

#[cfg(test)]
#[path = "secrets_tests.rs"]
mod tests;
