//! Secrets of the script: whatever text leaves this process in a frame has them blotted out.
//!
//! One list for the process, because a secret is read wherever a script likes, also before there is
//! an engine. It only ever grows.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

pub const BLOT: &str = "***";

static ANY: AtomicBool = AtomicBool::new(false);
static HIDDEN: RwLock<Vec<Box<str>>> = RwLock::new(Vec::new());

/// Blot out `secret` from here on. Empty text is no secret.
pub fn hide(secret: &str) {
    let mut hidden = HIDDEN.write().unwrap_or_else(PoisonError::into_inner);
    if secret.is_empty() || hidden.iter().any(|known| &**known == secret) {
        return;
    }
    hidden.push(secret.into());
    // The longest first: a secret that holds another is blotted out whole.
    hidden.sort_by_key(|known| std::cmp::Reverse(known.len()));
    ANY.store(true, Ordering::Release);
}

/// `text` without secrets. Costs next to nothing while there are none.
pub fn mask(text: &str) -> Cow<'_, str> {
    if !ANY.load(Ordering::Acquire) {
        return Cow::Borrowed(text);
    }
    let hidden = HIDDEN.read().unwrap_or_else(PoisonError::into_inner);
    hidden.iter().fold(Cow::Borrowed(text), |text, secret| match text.contains(&**secret) {
        true => Cow::Owned(text.replace(&**secret, BLOT)),
        false => text,
    })
}

/// Ends of names whose values are secrets, in lower case without `-` and `_`.
const TELLING: [&str; 13] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "privatekey",
    "authorization",
    "cookie",
    "sessionid",
    "credentials",
];

/// A tag's value without secrets: neither those that are known, nor what its own name or a query in it (`?token=…`)
/// says to be one. A check may well be called "token: is there": only `=` without spaces tells.
pub fn mask_tag<'a>(key: &str, value: &'a str) -> Cow<'a, str> {
    if is_telling(key) && !value.is_empty() {
        return Cow::Borrowed(BLOT);
    }
    let masked = mask(value);
    if !masked.contains('=') {
        return masked;
    }
    let is_part = |char: char| char.is_alphanumeric() || matches!(char, '-' | '_');
    let (mut out, mut rest) = (String::new(), &*masked);
    while let Some((before, behind)) = rest.split_once('=') {
        out.push_str(before);
        out.push('=');
        let name = before
            .rfind(|char| !is_part(char))
            .map_or(before, |at| before[at..].trim_start_matches(|char| !is_part(char)));
        rest = behind;
        if is_telling(name) {
            let end = behind.find(|char: char| char.is_whitespace() || "&;,#\"'<>(){}[]".contains(char));
            let end = end.unwrap_or(behind.len());
            out.push_str(if end > 0 { BLOT } else { "" });
            rest = &behind[end..];
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn is_telling(name: &str) -> bool {
    let plain = name.chars().filter(|char| !matches!(char, '-' | '_')).map(|char| char.to_ascii_lowercase());
    let plain: String = plain.collect();
    plain == "sid" || TELLING.iter().any(|end| plain.ends_with(end))
}

/// The beginning of a text without secrets. `cut`: it goes on, so that a secret may have been halved;
/// then its end goes as well.
pub fn mask_beginning(text: &str, cut: bool) -> Cow<'_, str> {
    if !cut || !ANY.load(Ordering::Acquire) {
        return mask(text);
    }
    let halved = {
        let hidden = HIDDEN.read().unwrap_or_else(PoisonError::into_inner);
        let half =
            |secret: &str| (1..secret.len()).rev().find(|at| text.as_bytes().ends_with(&secret.as_bytes()[..*at]));
        hidden.iter().filter_map(|secret| half(secret)).max().unwrap_or(0)
    };
    let mut end = text.len() - halved;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    mask(&text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_blotted_out_wherever_it_stands_and_the_longest_first() {
        assert_eq!(mask("token hush-1 and hush-1-2"), "token hush-1 and hush-1-2");
        hide("hush-1");
        hide("hush-1-2");
        hide("");
        assert_eq!(mask("token hush-1 and hush-1-2"), "token *** and ***");
        assert_eq!(mask("nothing to hide"), "nothing to hide");
    }

    #[test]
    fn a_tag_s_value_is_blotted_out_where_its_name_or_a_query_tells() {
        for (key, value, masked) in [
            ("name", "http://a/b?x=1&access_token=abc&y=2", "http://a/b?x=1&access_token=***&y=2"),
            ("name", "/login?Password=p=q#top", "/login?Password=***#top"),
            ("name", "/a?sid=1;api-key=2", "/a?sid=***;api-key=***"),
            ("name", "?token=", "?token="),
            ("name", "토큰=1 token=둘 a=b", "토큰=1 token=*** a=b"),
            ("X-Auth-Token", "abc", "***"),
            ("token", "", ""),
            ("check", "token: is there", "token: is there"),
            ("check", "status=200 and side=left", "status=200 and side=left"),
            ("tokens", "many", "many"),
        ] {
            assert_eq!(mask_tag(key, value), masked);
        }
    }
}
