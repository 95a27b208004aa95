//! Kinds of requests: method and name, whatever other tags there are.

use crate::stats::{Interner, TagsId};
use rustc_hash::FxHashMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NameId(u32);

/// Method and name.
type Name = (String, String);

/// As many as there are sets of tags at most, which the interner bounds.
#[derive(Default)]
pub struct Names {
    by_tags: FxHashMap<TagsId, NameId>,
    ids: FxHashMap<Name, NameId>,
    names: Vec<Name>,
}

impl Names {
    /// `interner` is asked for only when the tags are new.
    pub fn of<I>(&mut self, tags: TagsId, interner: impl FnOnce() -> I) -> NameId
    where
        I: std::ops::Deref<Target = Interner>,
    {
        if let Some(id) = self.by_tags.get(&tags) {
            return *id;
        }
        let name = {
            let interner = interner();
            let tag = |wanted: &str| {
                let found = interner.tags(tags).iter().find(|(key, _)| key == wanted);
                found.map_or_else(String::new, |(_, value)| value.clone())
            };
            (tag("method"), tag("name"))
        };
        let names = &mut self.names;
        let id = *self.ids.entry(name).or_insert_with_key(|name| {
            names.push(name.clone());
            NameId(names.len() as u32 - 1)
        });
        self.by_tags.insert(tags, id);
        id
    }

    /// Method and name.
    pub fn get(&self, id: NameId) -> (&str, &str) {
        let (method, name) = &self.names[id.0 as usize];
        (method, name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_tags_make_no_other_kind_of_request() {
        let (mut interner, mut names) = (Interner::default(), Names::default());
        let own = [("method", "GET"), ("name", "/a")];
        let one = interner.with(TagsId::EMPTY, &own);
        let other = interner.with(one, &[("scenario", "browse")]);
        let post = interner.with(other, &[("method", "POST")]);
        let [one, other, post, none] = [one, other, post, TagsId::EMPTY].map(|tags| names.of(tags, || &interner));
        assert_eq!(one, other);
        assert_eq!((names.get(one), names.get(post), names.get(none)), (("GET", "/a"), ("POST", "/a"), ("", "")));
        let known = names.of(TagsId::EMPTY, || -> &Interner { panic!("these tags are known") });
        assert_eq!(known, none);
    }
}
