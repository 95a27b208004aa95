use super::*;
use crate::net::failure::{code, Phase};
use crate::stats::{Interner, TagsId};
use std::collections::HashMap;

const MS: Nanos = 1_000_000;

/// Failures of one kind of request, GET /a.
fn told(failed: &[Failed<'_>]) -> Vec<HashMap<String, Value>> {
    let (mut interner, mut names, mut failures) = (Interner::default(), Names::default(), Failures::default());
    let tags = interner.with(TagsId::EMPTY, &[("method", "GET"), ("name", "/a")]);
    let name = names.of(tags, || &interner);
    failed.iter().for_each(|failed| failures.note(name, failed));
    let told = failures.take(&names).unwrap();
    assert_eq!(failures.take(&names), None);
    serde_json::from_str(&told).unwrap()
}

#[test]
fn failures_are_counted_by_what_tells_them_apart() {
    let timeout = Failure::timeout(Phase::Wait);
    let refused = Failure::dial(&std::io::Error::from_raw_os_error(libc::ECONNREFUSED));
    let mut told = told(&[
        Failed::without_answer(&timeout, false),
        Failed::without_answer(&timeout, true),
        Failed::without_answer(&refused, false),
        Failed::without_answer(&timeout, false),
        Failed::for_status(503, 1503),
    ]);
    told.sort_by_key(|entry| entry["kind"].to_string());
    let short: Vec<String> = told
        .iter()
        .map(|entry| {
            let of = |key: &str| entry[key].to_string().replace('"', "");
            ["kind", "method", "name", "status", "code", "errno", "text", "count"].map(of).join(" ")
        })
        .collect();
    assert_eq!(
        short,
        [
            "cut_off GET /a 0 1050 0 request timeout 1".to_owned(),
            format!("refused GET /a 0 1212 {} dial: connection refused 1", libc::ECONNREFUSED),
            "status GET /a 503 1503 0  1".to_owned(),
            "timeout GET /a 0 1050 0 request timeout 2".to_owned(),
        ]
    );
}

#[test]
fn the_age_of_a_connection_and_how_long_it_idled_are_kept() {
    let reset = Failure::ended("EOF");
    let on = |reused| Failed {
        carrier: Some(Carrier { reused, born: 5 * MS, idle_since: 20 * MS }),
        began: 1020 * MS,
        ended: 1025 * MS,
        ..Failed::without_answer(&reset, false)
    };
    let [entry] = &told(&[on(true), on(false)])[..] else { panic!("one way to fail") };
    assert_eq!((&entry["count"], &entry["reused"]), (&json!(2), &json!(1)));
    assert_eq!(entry["idle_ms"], json!([1000.0]), "only a connection that had served before was idle");
    assert_eq!((&entry["age_ms"], &entry["duration_ms"]), (&json!([1020.0, 1020.0]), &json!([5.0, 5.0])));
}

#[test]
fn of_many_values_a_few_are_kept_from_all_over_the_second() {
    let mut few = Few::default();
    (0..1000).for_each(|value| few.add(f64::from(value)));
    assert_eq!(few.values.len(), FEW);
    assert!(few.values.iter().any(|value| *value > 500.0) && few.values.iter().any(|value| *value < 500.0));
}

#[test]
fn failures_that_are_all_different_are_put_together_by_kind() {
    let texts: Vec<Failure> =
        (0..1000).map(|n| Failure::new(code::GENERIC, Phase::Read, format!("malformed: {n}"))).collect();
    let failed: Vec<Failed<'_>> = texts.iter().map(|failure| Failed::without_answer(failure, true)).collect();
    let told = told(&failed);
    assert_eq!(told.len(), MOST + 1);
    let count: u64 = told.iter().map(|entry| entry["count"].as_u64().unwrap()).sum();
    let [rest] = &told.iter().filter(|entry| entry["name"] == OTHER).collect::<Vec<_>>()[..] else { panic!("a rest") };
    assert_eq!((count, &rest["kind"], &rest["text"]), (1000, &json!("protocol"), &json!("")));
}
