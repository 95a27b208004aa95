//! Secrets of the script: whatever text leaves this process in a frame has them blotted out, and so are
//! name and password of a URL.
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
    let text = match text.contains('@') {
        true => without_userinfo(text),
        false => Cow::Borrowed(text),
    };
    if !ANY.load(Ordering::Acquire) {
        return text;
    }
    let hidden = HIDDEN.read().unwrap_or_else(PoisonError::into_inner);
    hidden.iter().fold(text, |text, secret| match text.contains(&**secret) {
        true => Cow::Owned(text.replace(&**secret, BLOT)),
        false => text,
    })
}

/// `http://name:password@host/` becomes `http://***@host/`, wherever it stands in `text`.
fn without_userinfo(text: &str) -> Cow<'_, str> {
    let ends = |byte: char| byte.is_whitespace() || "/?#\"'<>".contains(byte);
    let mut parts = text.split("://");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for rest in parts {
        out.push_str("://");
        // RFC 3986, 3.2: the authority ends at the first of these; the last @ in it ends the user's part.
        let authority = &rest[..rest.find(ends).unwrap_or(rest.len())];
        match authority.rfind('@') {
            Some(at) => out.extend([BLOT, &rest[at..]]),
            None => out.push_str(rest),
        }
    }
    Cow::Owned(out)
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
    fn name_and_password_of_a_url_are_blotted_out() {
        for (text, shown) in [
            ("http://ada:l0ve@host:81/a@b?c=@", "http://***@host:81/a@b?c=@"),
            ("no \"https://ada@host\" or ws://a:b@c@d/", "no \"https://***@host\" or ws://***@d/"),
            ("ada@example.com", "ada@example.com"),
            ("http://host/ada@example.com", "http://host/ada@example.com"),
            ("http://한:글@서버/", "http://***@서버/"),
        ] {
            assert_eq!(mask(text), shown);
        }
    }
}
