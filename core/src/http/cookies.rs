//! A user's cookies (RFC 6265), kept by the `cookie_store` crate and made only when one comes.

use cookie_store::CookieStore;
use url::Url;

#[derive(Default)]
pub struct Jar {
    store: Option<Box<CookieStore>>,
}

impl Jar {
    pub fn clear(&mut self) {
        self.store = None;
    }

    pub fn is_empty(&self) -> bool {
        self.store.is_none()
    }

    pub fn store(&mut self, set_cookie: &str, from: &Url) {
        let store = self.store.get_or_insert_default();
        // What a browser would refuse is refused here too: that is no error of the exchange.
        let _ = store.parse(set_cookie, from);
    }

    /// The Cookie header's value for `url`, empty when there is none; `extra` are the request's own.
    pub fn header(&self, url: &Url, extra: &[(String, String)]) -> String {
        let own = |name: &str| extra.iter().any(|(other, _)| other == name);
        let mut pairs: Vec<String> = extra.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if let Some(store) = &self.store {
            let kept = store.get_request_values(url).filter(|(name, _)| !own(name));
            pairs.extend(kept.map(|(name, value)| format!("{name}={value}")));
        }
        pairs.join("; ")
    }
}
