use super::*;
use crate::stats::{Interner, TagsId};
use bytes::Bytes;
use serde_json::Value;

fn names(interner: &mut Interner, names: &mut Names, name: &str) -> NameId {
    let tags = interner.with(TagsId::EMPTY, &[("method", "GET"), ("name", name)]);
    let interner = &*interner;
    names.of(tags, || interner)
}

/// An answer of this body, which came whole.
fn came(body: &Bytes) -> Answer<'_> {
    let bytes = body.len() as u64;
    Answer { status: 200, bytes, announced: Some(bytes), whole: true, body: Body::behind(0, body, None) }
}

/// The beginning of one that was to have `length` bytes.
fn begun(part: &Bytes, length: u64) -> Answer<'_> {
    let body = Body::behind(0, part, Some(length));
    Answer { bytes: part.len() as u64, announced: Some(length), whole: false, body, ..came(part) }
}

/// A list as the concert service sends it; ids grow as it does.
fn concerts(count: usize) -> String {
    let one = |id| format!(r#"{{"concertId":{id},"title":"concert {id}","artist":"somebody","seats":"a, b"}}"#);
    format!(r#"{{"status":"OK","data":[{}]}}"#, (1..=count).map(one).collect::<Vec<_>>().join(","))
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
        let told = self.answers.take(&self.names, true);
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
    let wrong = Bytes::from_static(br#"{"responseStatus":"FAIL","data":null}"#);
    for body in [&wrong, &wrong, &Bytes::from_static(br#"{"data":[1,2,3]}"#), &wrong] {
        fixture.answers.note(id, &came(body));
    }
    let told = fixture.told();
    assert_eq!(told.len(), 1);
    let one = &told[0];
    assert_eq!((&one["method"], &one["name"], &one["status"]), (&"GET".into(), &"/a".into(), &200.into()));
    assert_eq!((&one["count"], &one["kinds"], &one["bytes_sum"]), (&4.into(), &2.into(), &(3 * 37 + 16).into()));
    assert_eq!((&one["bytes_min"], &one["bytes_max"], &one["announced"]), (&16.into(), &37.into(), &37.into()));
    let bodies = one["bodies"].as_array().unwrap();
    let mut counts: Vec<(u64, Option<u64>)> =
        bodies.iter().map(|body| (body["count"].as_u64().unwrap(), body["items"].as_u64())).collect();
    counts.sort_unstable();
    assert_eq!(counts, [(1, Some(3)), (3, None)]);
    assert!(bodies.iter().any(|body| body["sample"].as_str().unwrap().contains("FAIL")));
    fixture.answers.note(id, &came(&wrong));
    assert!(fixture.told()[0]["bodies"][0].get("sample").is_none(), "a sample is told once");
}

#[test]
fn of_an_answer_that_was_cut_off_the_announced_size_and_an_estimate_of_its_items_are_told() {
    let mut fixture = Fixture::new();
    let id = fixture.id("/concerts/", 200);
    // A million would be 94 MB; 5 MB of them came.
    let all = concerts(100_000);
    let length = all.len() as u64;
    let part = Bytes::from(all).slice(..2_000_000);
    fixture.answers.note(id, &begun(&part, length));
    let told = fixture.told();
    let one = &told[0];
    assert_eq!((&one["announced"], &one["cut"], &one["bytes_sum"]), (&length.into(), &1.into(), &2_000_000.into()));
    let items = one["bodies"][0]["items"].as_u64().unwrap();
    assert!((97_000..105_000).contains(&items), "{items}");
    assert_eq!(one["bodies"][0]["exact"], false);
}

#[test]
fn a_short_part_of_a_long_list_tells_how_long_it_was_to_become() {
    let mut fixture = Fixture::new();
    let id = fixture.id("/concerts/", 200);
    let all = Bytes::from(concerts(5000));
    fixture.answers.note(id, &begun(&all.slice(..9000), all.len() as u64));
    assert!(!fixture.answers.is_counting());
    let items = fixture.told()[0]["bodies"][0]["items"].as_u64().unwrap();
    assert!((4800..5500).contains(&items), "{items}");
}

#[test]
fn up_to_a_mebibyte_items_are_counted_exactly_and_above_they_are_estimated() {
    for (count, exact) in [(5000, true), (20_000, false)] {
        let mut fixture = Fixture::new();
        let id = fixture.id("/list", 200);
        let body = Bytes::from(concerts(count));
        assert_eq!(body.len() <= LONGEST, exact);
        fixture.answers.note(id, &came(&body));
        assert!(fixture.answers.is_counting());
        while fixture.answers.count() {}
        let body = &fixture.told()[0]["bodies"][0];
        assert_eq!(body["exact"], exact);
        let off = body["items"].as_f64().unwrap() / count as f64 - 1.0;
        assert!(off.abs() < if exact { 1e-9 } else { 0.05 }, "{off}");
    }
}

#[test]
fn what_is_just_being_counted_is_told_with_the_next_frame_and_before_the_end() {
    let mut fixture = Fixture::new();
    let (list, other) = (fixture.id("/list", 200), fixture.id("/other", 200));
    let body = Bytes::from(concerts(5000));
    fixture.answers.note(list, &came(&body));
    fixture.answers.note(other, &came(&Bytes::from_static(b"{}")));
    let first: Vec<Value> = serde_json::from_str(&fixture.answers.take(&fixture.names, false).unwrap()).unwrap();
    assert_eq!((first.len(), &first[0]["name"]), (1, &"/other".into()));
    fixture.answers.note(list, &came(&body));
    let last = fixture.told();
    assert_eq!((last.len(), &last[0]["count"], &last[0]["bodies"][0]["count"]), (1, &2.into(), &2.into()));
    assert_eq!(last[0]["bodies"][0]["items"], 5000);
}

#[test]
fn when_too_much_waits_to_be_counted_the_beginning_has_to_do() {
    let mut fixture = Fixture::new();
    let id = fixture.id("/list", 200);
    for letter in 'a'..='d' {
        let body = Bytes::from(concerts(10_000).replace("somebody", &letter.to_string().repeat(8)));
        fixture.answers.note(id, &came(&body));
    }
    let told = fixture.told();
    let bodies = told[0]["bodies"].as_array().unwrap();
    assert_eq!(bodies.iter().filter(|body| body["exact"] == true && body["items"] == 10_000).count(), 2);
    let estimates: Vec<f64> =
        bodies.iter().filter(|body| body["exact"] == false).map(|body| body["items"].as_f64().unwrap()).collect();
    assert!(estimates.len() == 2 && estimates.iter().all(|items| (9500.0..11_500.0).contains(items)), "{estimates:?}");
}

#[test]
fn many_answers_are_all_counted_though_few_are_looked_at() {
    let mut fixture = Fixture::new();
    let id = fixture.id("/a", 200);
    let body = Bytes::from_static(b"{}");
    let mut counted = 0;
    for second in 0..5 {
        for _ in 0..20_000 {
            fixture.answers.note(id, &came(&body));
        }
        let told = fixture.told();
        assert_eq!(told[0]["count"], 20_000);
        counted += told[0]["bodies"][0]["count"].as_u64().unwrap();
        let looked = told[0]["looked"].as_u64().unwrap();
        assert!(if second == 0 { (64..2000).contains(&looked) } else { looked < 10_000 }, "{looked}");
    }
    assert_eq!(counted, 100_000);
}

#[test]
fn answers_that_were_not_kept_are_counted_and_measured() {
    let mut fixture = Fixture::new();
    let id = fixture.id("/a", 200);
    fixture.answers.note(id, &Answer { status: 200, bytes: 7, announced: None, whole: true, body: None });
    let told = fixture.told();
    assert_eq!(
        (&told[0]["bytes_max"], &told[0]["announced"], &told[0]["looked"]),
        (&7.into(), &Value::Null, &0.into())
    );
    assert_eq!((&told[0]["bodies"], &told[0]["kinds"]), (&Value::Array(Vec::new()), &0.into()));
}

#[test]
fn so_many_kinds_of_answers_are_told_apart_and_the_rest_together() {
    let mut fixture = Fixture::new();
    let body = Bytes::from_static(b"{}");
    for number in 0..500u16 {
        for status in [200, 200 + number] {
            let id = fixture.id(&format!("/{number}"), status);
            fixture.answers.note(id, &came(&body));
        }
    }
    let told = fixture.told();
    assert_eq!(told.len(), MOST_WITH_OTHERS + 1);
    let all: u64 = told.iter().map(|one| one["count"].as_u64().unwrap()).sum();
    assert_eq!(all, 1000);
}

#[test]
fn a_sample_is_short_and_without_secrets() {
    let mut fixture = Fixture::new();
    let id = fixture.id("/token", 200);
    let body = Bytes::from(format!(r#"{{"password":"hunter2","rest":"{}"}}"#, "x".repeat(5000)));
    fixture.answers.note(id, &came(&body));
    let told = fixture.told();
    let sample = told[0]["bodies"][0]["sample"].as_str().unwrap();
    assert_eq!(sample.len(), SAMPLE);
    assert!(sample.starts_with(r#"{"password":"***","rest":"xx"#), "{sample}");
}

#[test]
fn samples_are_taken_by_and_by_where_there_are_many() {
    let mut fixture = Fixture::new();
    let ids: Vec<AnswerId> = ["/a", "/b", "/c"].iter().map(|name| fixture.id(name, 200)).collect();
    let mut taken = Vec::new();
    for _ in 0..3 {
        for (id, letter) in ids.iter().flat_map(|id| ('a'..='p').map(move |letter| (*id, letter))) {
            fixture.answers.note(id, &came(&Bytes::from(letter.to_string())));
        }
        let told = fixture.told();
        let bodies = told.iter().flat_map(|one| one["bodies"].as_array().unwrap());
        taken.push(bodies.filter(|body| body.get("sample").is_some()).count());
    }
    assert_eq!(taken, [32, 16, 0]);
}
