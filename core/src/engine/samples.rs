//! What failed requests were answered: of each kind the first one's beginning, with secrets blotted out.

use super::shared::{lock, Shared};
use crate::stats::{hidden, TagsId};
use rustc_hash::FxHashSet;

/// Kinds of failed requests that a sample is kept of.
const KINDS: usize = 100;
/// Characters of an answer.
const LONGEST: usize = 200;

#[derive(Default)]
pub struct Samples(FxHashSet<(TagsId, u16)>);

impl Samples {
    /// A request under `tags` was answered with `status` and `body`.
    pub fn note(&mut self, shared: &Shared, tags: TagsId, status: u16, body: &[u8]) {
        if body.is_empty() || self.0.len() >= KINDS || !self.0.insert((tags, status)) {
            return;
        }
        let interner = lock(&shared.interner);
        let of = |wanted: &str| {
            let found = interner.tags(tags).iter().find(|(name, _)| &**name == wanted);
            found.map_or("", |(_, value)| &**value).to_owned()
        };
        // A secret that the cut would halve could not be recognised: blotted out first.
        let text = String::from_utf8_lossy(&body[..body.len().min(LONGEST * 8)]);
        let text: String = hidden::mask(&text).chars().take(LONGEST).collect();
        let sample = serde_json::json!({"method": of("method"), "name": hidden::mask_tag("name", &of("name")), "status": status, "body": text});
        shared.note("sample", sample.to_string());
    }
}
