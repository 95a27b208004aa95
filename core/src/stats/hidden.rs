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
}
