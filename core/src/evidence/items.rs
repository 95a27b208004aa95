//! How many items the longest list of a JSON body has, without making anything of the rest.
//!
//! One pass, piece by piece, over what comes. What is no JSON gives no number or a wrong one, never more
//! than a wrong one: it is a count of commas.

/// Lists further down are not counted: `{"data": {"concerts": [ … ]}}` is on the third level.
const LEVELS: usize = 4;

#[derive(Clone, Debug, Default)]
pub struct Counter {
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// A list has begun, and nothing of it has come.
    fresh: bool,
    /// By level: whether it is a list, and its items so far.
    levels: [Level; LEVELS],
    longest: Option<u64>,
    begun: bool,
    /// It began with something else than a list or an object.
    foreign: bool,
    fed: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Level {
    list: bool,
    items: u64,
}

impl Counter {
    /// Take in the next piece.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.fed += bytes.len() as u64;
        let mut at = 0;
        while at < bytes.len() && !self.foreign {
            if self.in_string {
                at += self.skip_string(&bytes[at..]);
                continue;
            }
            let byte = bytes[at];
            at += 1;
            match CLASSES[byte as usize] {
                OTHER if !self.fresh && self.begun => {}
                SPACE => {}
                class => {
                    self.foreign = !self.begun && !matches!(class, OPEN_LIST | OPEN_OBJECT);
                    self.begun = true;
                    self.take(class);
                }
            }
        }
    }

    fn take(&mut self, class: u8) {
        if std::mem::take(&mut self.fresh) && class != CLOSE {
            if let Some(level) = self.level() {
                level.items = 1;
            }
        }
        match class {
            QUOTE => self.in_string = true,
            OPEN_LIST | OPEN_OBJECT => {
                self.depth += 1;
                let list = class == OPEN_LIST;
                if let Some(level) = self.level() {
                    *level = Level { list, items: 0 };
                    self.fresh = list;
                }
            }
            CLOSE => {
                let ended = self.level().filter(|level| level.list).map(|level| level.items);
                self.longest = self.longest.max(ended);
                self.depth = self.depth.saturating_sub(1);
            }
            COMMA => {
                if let Some(level) = self.level() {
                    level.items += 1;
                }
            }
            _ => {}
        }
    }

    /// The level we are on, if it is one that counts.
    fn level(&mut self) -> Option<&mut Level> {
        self.depth.checked_sub(1).and_then(|at| self.levels.get_mut(at))
    }

    /// Go on to behind the string's end; gives how many bytes that were.
    fn skip_string(&mut self, bytes: &[u8]) -> usize {
        for (at, byte) in bytes.iter().enumerate() {
            if std::mem::take(&mut self.escaped) {
                continue;
            }
            match byte {
                b'\\' => self.escaped = true,
                b'"' => {
                    self.in_string = false;
                    return at + 1;
                }
                _ => {}
            }
        }
        bytes.len()
    }

    /// How many items, and whether that is exact. `part_of`: the body goes on to this length. No items for a
    /// body without a list.
    pub fn items(&self, part_of: Option<u64>) -> (Option<u64>, bool) {
        match part_of {
            None => (self.exact(), true),
            Some(length) => (self.estimate(length), false),
        }
    }

    /// Of a body that was taken in whole.
    fn exact(&self) -> Option<u64> {
        self.longest.max(self.open())
    }

    /// Of a body of `length` bytes the beginning of which was taken in: a list that is still open goes on
    /// as it began.
    fn estimate(&self, length: u64) -> Option<u64> {
        let open = self.open().map(|items| match self.fed {
            0 => items,
            fed => (items as f64 * length.max(fed) as f64 / fed as f64).round() as u64,
        });
        self.longest.max(open)
    }

    /// Items so far of the longest list that has not ended.
    fn open(&self) -> Option<u64> {
        let levels = &self.levels[..self.depth.min(LEVELS)];
        levels.iter().filter(|level| level.list).map(|level| level.items).max()
    }
}

const OTHER: u8 = 0;
const SPACE: u8 = 1;
const QUOTE: u8 = 2;
const OPEN_LIST: u8 = 3;
const OPEN_OBJECT: u8 = 4;
const CLOSE: u8 = 5;
const COMMA: u8 = 6;

const CLASSES: [u8; 256] = {
    let mut classes = [OTHER; 256];
    classes[b' ' as usize] = SPACE;
    classes[b'\t' as usize] = SPACE;
    classes[b'\r' as usize] = SPACE;
    classes[b'\n' as usize] = SPACE;
    classes[b'"' as usize] = QUOTE;
    classes[b'[' as usize] = OPEN_LIST;
    classes[b'{' as usize] = OPEN_OBJECT;
    classes[b']' as usize] = CLOSE;
    classes[b'}' as usize] = CLOSE;
    classes[b',' as usize] = COMMA;
    classes
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn counted(body: &str) -> Option<u64> {
        let mut counter = Counter::default();
        counter.feed(body.as_bytes());
        counter.exact()
    }

    #[test]
    fn the_longest_list_of_the_first_levels_counts() {
        for (body, items) in [
            ("[]", Some(0)),
            (" [ ] ", Some(0)),
            ("[1]", Some(1)),
            (r#"[{"a":1,"b":[1,2,3]},{"a":2}]"#, Some(3)),
            (r#"{"count":3,"data":{"concerts":[{"n":"a,b]\"["},{},{"x":[]}]}}"#, Some(3)),
            (r#"{"a":[1,2],"b":[1,2,3,4],"c":[1]}"#, Some(4)),
            (r#"{"a":{"b":{"c":{"d":[1,2,3]}}}}"#, None),
            (r#"["\\",",","\",",[[[[[1,2,3,4,5,6]]]]]]"#, Some(4)),
            (r#"{"error":"none, at all"}"#, None),
            ("<html>[1,2,3]</html>", None),
            ("\"[1,2,3]\"", None),
            ("", None),
            ("]]]},,,", None),
        ] {
            assert_eq!(counted(body), items, "{body}");
        }
    }

    #[test]
    fn a_list_that_was_not_read_to_its_end_goes_on_as_it_began() {
        let item = r#"{"id":17,"title":"a concert"},"#;
        let mut counter = Counter::default();
        counter.feed(b"[");
        (0..100).for_each(|_| counter.feed(item.as_bytes()));
        let length = 1 + 1000 * item.len() as u64;
        assert!((990..=1010).contains(&counter.estimate(length).unwrap()));
        assert_eq!(counter.estimate(0), counter.exact());
        let mut ended = Counter::default();
        ended.feed(br#"{"list":[1,2,3],"text":"#);
        assert_eq!(ended.estimate(1_000_000), Some(3));
    }

    /// The longest list on the first levels, by way of a real parser.
    fn longest(value: &Value, level: usize) -> Option<u64> {
        if level > LEVELS {
            return None;
        }
        match value {
            Value::Array(items) => {
                let below = items.iter().filter_map(|item| longest(item, level + 1)).max();
                below.max(Some(items.len() as u64))
            }
            Value::Object(fields) => fields.values().filter_map(|field| longest(field, level + 1)).max(),
            _ => None,
        }
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf =
            prop_oneof![Just(Value::Null), any::<i32>().prop_map(Value::from), any::<String>().prop_map(Value::from)];
        leaf.prop_recursive(6, 64, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::hash_map(any::<String>(), inner, 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_counts_as_a_parser_does_in_whatever_pieces(value in json(), pretty: bool, cut: prop::sample::Index) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            let (one, other) = text.as_bytes().split_at(cut.index(text.len() + 1));
            let mut counter = Counter::default();
            counter.feed(one);
            counter.feed(other);
            prop_assert_eq!(counter.exact(), longest(&value, 1));
        }

        #[test]
        fn no_bytes_make_it_panic(pieces: Vec<Vec<u8>>, length: u64) {
            let mut counter = Counter::default();
            pieces.iter().for_each(|piece| counter.feed(piece));
            let _ = (counter.exact(), counter.estimate(length));
        }
    }
}
