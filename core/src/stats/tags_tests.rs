use super::*;
use proptest::prelude::*;

fn pairs(tags: &Tags) -> Vec<(&str, &str)> {
    tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
}

#[test]
fn the_same_tags_are_the_same_set_in_whatever_order() {
    let mut interner = Interner::default();
    let one = interner.with(TagsId::EMPTY, &[("b", "2"), ("a", "1")]);
    let base = interner.with(TagsId::EMPTY, &[("a", "0")]);
    assert_eq!(interner.with(base, &[("a", "1"), ("b", "2")]), one);
    assert_ne!(base, one);
    assert_eq!(interner.with(one, &[]), one);
    assert_eq!(interner.with(TagsId::EMPTY, &[]), TagsId::EMPTY);
}

#[test]
fn names_over_the_limit_become_other_and_what_is_known_stays() {
    let mut interner = Interner::default();
    let name = |interner: &mut Interner, n: usize| {
        let tags = [("name", &*n.to_string()), ("method", "GET"), ("customer", "7")];
        interner.with(TagsId::EMPTY, &tags)
    };
    let known = name(&mut interner, 0);
    for n in 0..MOST_TAG_SETS {
        name(&mut interner, n);
    }
    let over = name(&mut interner, 10_000_001);
    assert!(interner.overflowed());
    assert_eq!(name(&mut interner, 10_000_002), over);
    assert_eq!(name(&mut interner, 0), known);
    assert_eq!(pairs(interner.tags(over)), [("method", "GET"), ("name", OTHER)]);
}

#[test]
fn sets_over_the_limit_keep_their_status_apart() {
    let mut interner = Interner::with_limit(4);
    for name in ["/1", "/2", "/3"] {
        interner.with(TagsId::EMPTY, &[("name", name)]);
    }
    assert!(!interner.overflowed());
    let base = interner.with(TagsId::EMPTY, &[("name", "/a"), ("url", "/a"), ("error", "reset")]);
    let [ok, failed] = ["200", "500"].map(|status| interner.with(base, &[("status", status)]));
    assert_ne!(ok, failed);
    assert_eq!(interner.tags(failed).last(), Some(&("url".into(), OTHER.into())));
    assert!(pairs(interner.tags(failed)).contains(&("status", "500")));
}

#[test]
fn names_of_checks_without_end_fill_no_memory() {
    let mut interner = Interner::with_limit(10);
    let check = |interner: &mut Interner, n: usize| {
        interner.with(TagsId::EMPTY, &[("check", &*n.to_string()), ("scenario", "browse")])
    };
    let sets: std::collections::HashSet<TagsId> = (0..1000).map(|n| check(&mut interner, n)).collect();
    assert!(sets.len() <= 21, "{}", sets.len());
    let over = check(&mut interner, 5000);
    assert_eq!(pairs(interner.tags(over)), [("check", OTHER), ("scenario", "browse")]);
}

#[test]
fn metrics_without_end_share_one_of_their_kind() {
    let mut interner = Interner::default();
    for n in 0..=u32::from(u16::MAX) {
        interner.metric(&n.to_string(), Kind::Trend, Contains::Time);
    }
    let [one, other] = ["x", "y"].map(|name| interner.metric(name, Kind::Rate, Contains::Default));
    assert!(interner.overflowed());
    assert_eq!(one, other);
    assert_eq!((interner.describe(one).name.as_str(), interner.describe(one).kind), ("(other) rate", Kind::Rate));
    assert_eq!(interner.describe(interner.metric_ids["7"]).name, "7");
}

#[test]
fn built_in_metrics_have_the_ids_of_their_constants() {
    let mut interner = Interner::default();
    assert_eq!(interner.describe(builtin::VUS_MAX).name, "vus_max");
    assert_eq!(interner.describe(builtin::HTTP_REQ_DURATION).kind, Kind::Trend);
    for (id, (name, kind, contains)) in (0..).zip(builtin::ALL) {
        assert_eq!(interner.metric(name, *kind, *contains), MetricId(id));
    }
}

#[test]
fn a_known_metric_keeps_its_kind() {
    let mut interner = Interner::default();
    let id = interner.metric("mine", Kind::Trend, Contains::Time);
    assert_eq!(interner.metric("mine", Kind::Counter, Contains::Data), id);
    assert_eq!(interner.describe(id).kind, Kind::Trend);
}

/// Ours of each sort, and two of a user's.
const KEYS: [&str; 7] = ["name", "check", "group", "status", "scenario", "mine", "yours"];

proptest! {
    #[test]
    fn whatever_a_script_makes_up_sets_stay_bounded_and_sorted(
        sets in prop::collection::vec(prop::collection::vec((0..KEYS.len(), 0..5000u32), 0..5), 0..400),
    ) {
        let mut interner = Interner::with_limit(8);
        for set in &sets {
            let set: Vec<(&str, String)> = set.iter().map(|(key, value)| (KEYS[*key], value.to_string())).collect();
            let set: Vec<(&str, &str)> = set.iter().map(|(key, value)| (*key, value.as_str())).collect();
            let id = interner.with(TagsId::EMPTY, &set);
            prop_assert!(interner.tags(id).is_sorted_by(|one, next| one.0 < next.0));
        }
        // Beyond the third limit only which of these five keys there are tells sets apart.
        prop_assert!(interner.sets.len() <= 3 * 8 + 32, "{}", interner.sets.len());
    }
}
