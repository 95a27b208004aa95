use super::*;
use crate::stats::metric::{Contains, Kind};

fn samples(tags: &[(&str, &str)]) -> Samples {
    let metric = Metric { name: "http_req_duration".to_owned(), kind: Kind::Trend, contains: Contains::Time };
    let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Samples {
        series: vec![Series { metric, tags }],
        taken: vec![(0, 1_795_423_121_431_788_816, 0.415089), (0, 1_795_423_122_000_000_000, 2.0)],
    }
}

fn text(form: Form, samples: &Samples) -> String {
    String::from_utf8(Lines::new(form, FxHashMap::default()).render(samples)).unwrap()
}

#[test]
fn a_json_line_is_k6s_and_a_metric_is_told_once_before_its_first_point() {
    let text = text(Form::Json, &samples(&[("method", "GET"), ("name", "/\"x\"")]));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    let told: Value = serde_json::from_str(lines[0]).unwrap();
    assert_eq!(told["type"], "Metric");
    assert_eq!(told["data"]["contains"], "time");
    assert_eq!(told["data"]["thresholds"], json!([]));
    assert_eq!(told["data"]["submetrics"], Value::Null);
    assert_eq!(
        lines[1],
        r#"{"metric":"http_req_duration","type":"Point","data":{"time":"2026-11-23T08:38:41.431788816Z","value":0.415089,"tags":{"method":"GET","name":"/\"x\""}}}"#
    );
    assert!(lines[2].contains(r#""time":"2026-11-23T08:38:42Z","value":2,"#));
}

#[test]
fn thresholds_stand_in_the_line_of_their_metric() {
    let own = r#""thresholds":["p(95)<500"],"submetrics":[{"suffix":"scenario:a"}]"#;
    let thresholds = FxHashMap::from_iter([("http_req_duration".to_owned(), own.to_owned())]);
    let text = Lines::new(Form::Json, thresholds).render(&samples(&[]));
    let told: Value = serde_json::from_str(std::str::from_utf8(&text).unwrap().lines().next().unwrap()).unwrap();
    assert_eq!(told["data"]["thresholds"], json!(["p(95)<500"]));
    assert_eq!(told["data"]["submetrics"][0]["suffix"], "scenario:a");
}

#[test]
fn a_csv_row_has_k6s_columns_and_quotes_what_needs_it() {
    let unix = Form::Csv(Stamp::from_name("unix").unwrap());
    let head = Lines::new(unix, FxHashMap::default()).head();
    let row = text(unix, &samples(&[("a", "1"), ("b", "2"), ("error", "no, \"x\""), ("status", "200")]));
    let row = row.lines().next().unwrap();
    assert_eq!(row, r#"http_req_duration,1795423121,0.415089,,"no, ""x""",,,,,,,,,200,,,,a=1&b=2,"#);
    assert_eq!(head.trim_end().split(',').count(), 19);
}

#[test]
fn each_time_format_of_k6_is_written() {
    let shown = |name| Stamp::from_name(name).unwrap().of(1_795_423_121_431_788_816);
    assert_eq!(shown("unix"), "1795423121");
    assert_eq!(shown("unix_milli"), "1795423121431");
    assert_eq!(shown("unix_micro"), "1795423121431788");
    assert_eq!(shown("unix_nano"), "1795423121431788816");
    assert_eq!(shown("rfc3339"), "2026-11-23T08:38:41Z");
    assert_eq!(shown("rfc3339_nano"), "2026-11-23T08:38:41.431788816Z");
    assert_eq!(Stamp::from_name("iso"), None);
}
