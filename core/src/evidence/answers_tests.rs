use super::*;
use crate::stats::{Interner, TagsId};
use serde_json::Value;

fn names(interner: &mut Interner, names: &mut Names, name: &str) -> NameId {
    let tags = interner.with(TagsId::EMPTY, &[("method", "GET"), ("name", name)]);
    let interner = &*interner;
    names.of(tags, || interner)
}

fn answer(status: u16, bytes: &[u8]) -> Answer<'_> {
    let body = Some(Body { bytes, length: bytes.len() as u64 });
    Answer { status, bytes: bytes.len() as u64, announced: None, whole: true, body }
}

struct Fixture {
    names: Names,
    interner: Interner,
    answers: Answers,
}

impl Fixture {
    fn new() -> Self {
        Self { names: Names::default(), interner: Interner::default(), answers: Answers::default() }
    }

    fn id(&mut self, name: &str, status: u16) -> AnswerId {
        let name = names(&mut self.interner, &mut self.names, name);
        self.answers.open(name, status)
    }

    fn told(&mut self) -> Vec<Value> {
        let told = self.answers.take(&self.names);
        told.map_or_else(Vec::new, |json| serde_json::from_str(&json).unwrap())
    }
}

#[test]
fn a_second_without_answers_tells_nothing() {
    let mut fixture = Fixture::new();
    fixture.id("/a", 200);
    assert_eq!(fixture.told(), Vec::<Value>::new());
}

#[test]
fn sizes_counts_and_bodies_of_a_second_are_told_once() {
    let mut fixture = Fixture::new();
    let id = fixture.id("/a", 200);
    for _ in 0..3 {
        fixture.answers.note(id, &answer(200, br#"{"responseStatus":"FAIL","data":null}"#));
    }
    fixture.answers.note(id, &answer(200, br#"{"data":[1,2,3]}"#));
    let told = fixture.told();
    assert_eq!(told.len(), 1);
    let one = &told[0];
    assert_eq!((&one["method"], &one["name"], &one["status"]), (&"GET".into(), &"/a".into(), &200.into()));
    assert_eq!((&one["count"], &one["kinds"], &one["bytes_sum"]), (&4.into(), &2.into(), &(3 * 37 + 16).into()));
    assert_eq!((&one["bytes_min"], &one["bytes_max"]), (&16.into(), &37.into()));
    let bodies = one["bodies"].as_array().unwrap();
    let mut counts: Vec<(u64, Option<u64>)> =
        bodies.iter().map(|body| (body["count"].as_u64().unwrap(), body["items"].as_u64())).collect();
    counts.sort_unstable();
    assert_eq!(counts, [(1, Some(3)), (3, None)]);
    assert!(bodies.iter().any(|body| body["sample"].as_str().unwrap().contains("FAIL")));
    fixture.answers.note(id, &answer(200, br#"{"responseStatus":"FAIL","data":null}"#));
    assert!(fixture.told()[0]["bodies"][0].get("sample").is_none(), "a sample is told once");
}

#[test]
fn of_an_answer_that_was_cut_off_the_announced_size_and_an_estimate_of_its_items_are_told() {
    let mut fixture = Fixture::new();
    let id = fixture.id("/concerts/", 200);
    let item = r#"{"concertId":1,"title":"A concert","artist":"Somebody"},"#;
    let begun = format!("{{\"data\":[{}", item.repeat(500));
    let length = (item.len() * 1_000_000) as u64;
    let body = Some(Body { bytes: begun.as_bytes(), length });
    let part = Answer { status: 200, bytes: begun.len() as u64, announced: Some(length), whole: false, body };
    fixture.answers.note(id, &part);
    let told = fixture.told();
    assert_eq!((&told[0]["announced"], &told[0]["cut"]), (&length.into(), &1.into()));
    let items = told[0]["bodies"][0]["items"].as_u64().unwrap();
    assert!((990_000..1_010_000).contains(&items), "{items}");
    assert_eq!(told[0]["bodies"][0]["exact"], false);
}

#[test]
fn a_long_body_is_counted_exactly_by_and_by() {
    let mut fixture = Fixture::new();
    let id = fixture.id("/list", 200);
    let body = format!("[{}]", vec![r#"{"id":17,"title":"seat"}"#; 5000].join(","));
    fixture.answers.note(id, &answer(200, body.as_bytes()));
    assert!(fixture.answers.is_counting());
    while fixture.answers.count() {}
    let told = fixture.told();
    let body = &told[0]["bodies"][0];
    assert_eq!((&body["items"], &body["exact"]), (&5000.into(), &true.into()));
}

#[test]
fn many_answers_are_all_counted_though_few_are_looked_at() {
    let mut fixture = Fixture::new();
    let id = fixture.id("/a", 200);
    let mut counted = 0;
    for second in 0..5 {
        for _ in 0..20_000 {
            fixture.answers.note(id, &answer(200, b"{}"));
        }
        let told = fixture.told();
        assert_eq!(told[0]["count"], 20_000);
        counted += told[0]["bodies"][0]["count"].as_u64().unwrap();
        assert!(second == 0 || told[0]["looked"].as_u64().unwrap() < 10_000);
    }
    assert_eq!(counted, 100_000);
}

#[test]
fn so_many_kinds_of_answers_are_told_apart_and_the_rest_together() {
    let mut fixture = Fixture::new();
    for number in 0..500 {
        let id = fixture.id(&format!("/{number}"), 200);
        fixture.answers.note(id, &answer(200, b"{}"));
    }
    let told = fixture.told();
    assert!(told.len() <= MOST_WITH_OTHERS);
    let all: u64 = told.iter().map(|one| one["count"].as_u64().unwrap()).sum();
    assert_eq!(all, 500);
}
