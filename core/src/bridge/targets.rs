//! Targets that were made before: by method, URL and headers, with the tags they are counted under.

use crate::http::target::{name_of, parse_url, Target};
use crate::net::failure::Failure;
use crate::stats::{Interner, TagsId};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// More than these, and the script makes a new URL each time: keeping them is no use.
const MOST: usize = 4096;

pub struct Known {
    pub target: Arc<Target>,
    name: String,
    /// Tags of the scope → tags of a request to this target in it.
    tags: FxHashMap<TagsId, TagsId>,
}

impl Known {
    /// The tags of a plain request to this target.
    pub fn tags(&mut self, scope: TagsId, interner: impl FnOnce(&[(&str, &str)]) -> TagsId) -> TagsId {
        let (target, name) = (&self.target, &self.name);
        *self.tags.entry(scope).or_insert_with(|| interner(&[("method", &target.method), ("name", name)]))
    }

    /// The tags of a request with a name or tags of its own.
    pub fn own_tags(
        &self,
        scope: TagsId,
        name: Option<&str>,
        tags: &[(String, String)],
        interner: &mut Interner,
    ) -> TagsId {
        let mut all = vec![("method", &*self.target.method), ("name", name.unwrap_or(&self.name))];
        all.extend(tags.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        interner.with(scope, &all)
    }
}

#[derive(Default)]
pub struct Targets {
    places: FxHashMap<Box<str>, usize>,
    known: Vec<Known>,
    key: String,
    made: u32,
}

impl Targets {
    pub fn find(
        &mut self,
        method: &str,
        url: &str,
        headers: &[(String, String)],
        user_agent: impl FnOnce() -> Arc<str>,
    ) -> Result<&mut Known, Failure> {
        self.key.clear();
        for part in [method, " ", url] {
            self.key.push_str(part);
        }
        for (name, value) in headers {
            for part in ["\n", name, ":", value] {
                self.key.push_str(part);
            }
        }
        let place = match self.places.get(self.key.as_str()) {
            Some(place) => *place,
            None => self.learn(method, url, headers, user_agent())?,
        };
        Ok(&mut self.known[place])
    }

    fn learn(
        &mut self,
        method: &str,
        url: &str,
        headers: &[(String, String)],
        user_agent: Arc<str>,
    ) -> Result<usize, Failure> {
        let parsed = parse_url(url)?;
        let name = name_of(&parsed);
        self.made += 1;
        let target = Target::new(self.made, method.into(), parsed, headers.into(), user_agent)?;
        if self.known.len() >= MOST {
            self.places.clear();
            self.known.clear();
        }
        self.known.push(Known { target: Arc::new(target), name, tags: FxHashMap::default() });
        self.places.insert(self.key.as_str().into(), self.known.len() - 1);
        Ok(self.known.len() - 1)
    }
}
