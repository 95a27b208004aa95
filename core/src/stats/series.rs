//! One metric under one set of tags, as bytes: for whatever a worker sends.

use super::hidden;
use super::metric::{Contains, Kind, Metric};
use super::tags::Tags;
use super::wire::{put_text, put_uint, Bytes};

/// Which metric, and under which tags.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub metric: Metric,
    pub tags: Tags,
}

pub fn put(out: &mut Vec<u8>, metric: &Metric, tags: &Tags) {
    put_text(out, &metric.name);
    out.push(metric.kind as u8);
    out.push(metric.contains as u8);
    put_uint(out, tags.len() as u64);
    for (key, value) in tags {
        put_text(out, key);
        // URLs, names and errors: wherever a script may have put a secret.
        put_text(out, &hidden::mask_tag(key, value));
    }
}

/// Pass over what `put` wrote, whoever wrote it: its bytes, which are the same for the same series, and the kind of
/// its metric.
pub fn skip<'a>(bytes: &mut Bytes<'a>) -> Option<(&'a [u8], Kind)> {
    let whole = bytes.0;
    bytes.skip_text()?;
    let kind = *Kind::ALL.get(usize::from(bytes.byte()?))?;
    bytes.byte()?;
    for _ in 0..bytes.uint()? {
        bytes.skip_text()?;
        bytes.skip_text()?;
    }
    Some((&whole[..whole.len() - bytes.0.len()], kind))
}

/// What `put` wrote; `None` for what no worker writes.
pub fn read(bytes: &mut Bytes<'_>) -> Option<Series> {
    let name = bytes.text()?;
    let kind = *Kind::ALL.get(usize::from(bytes.byte()?))?;
    let contains = *Contains::ALL.get(usize::from(bytes.byte()?))?;
    let mut tags = Tags::new();
    for _ in 0..bytes.uint()? {
        tags.push((bytes.text()?, bytes.text()?));
    }
    // In any other order the same series would be counted as two.
    if !tags.is_sorted_by(|one, next| one.0 < next.0) {
        return None;
    }
    Some(Series { metric: Metric { name, kind, contains }, tags })
}
