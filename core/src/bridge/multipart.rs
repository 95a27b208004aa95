//! `files=`: forms with files (multipart/form-data, RFC 7578), with httpx's shapes.

use super::body::{bytes, open_file, pairs, read as read_all, text, Pairs};
use crate::http::body::{Body, Part};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyMapping, PyTuple};
use std::hash::{BuildHasher, RandomState};

struct File {
    filename: String,
    content: Part,
    content_type: String,
}

/// The body and its Content-Type. `files` is a mapping or a list of (field, file), and a file is text,
/// bytes, something with `read()`, or (filename, content[, content type]). `data` are the other fields.
pub fn multipart(files: &Bound<'_, PyAny>, data: Option<&Bound<'_, PyAny>>) -> PyResult<(Body, String)> {
    let fields = match data {
        Some(data) => pairs(data, "data")?,
        None => Pairs::new(),
    };
    // Nobody chooses the boundary for an attack on a form they make themselves: it only must be rare.
    let chance = RandomState::new();
    let boundary = format!("sonagi-{:016x}{:016x}", chance.hash_one(1), chance.hash_one(2));
    let (mut parts, mut out) = (Vec::new(), Vec::new());
    for (name, value) in &fields {
        begin(&mut out, &boundary, name)?;
        out.extend_from_slice(format!("\r\n\r\n{value}\r\n").as_bytes());
    }
    for (name, file) in entries(files)? {
        let File { filename, content, content_type } = read(&file, &name)?;
        begin(&mut out, &boundary, &name)?;
        out.extend_from_slice(format!("; filename=\"{}\"\r\n", quoted(&filename)).as_bytes());
        out.extend_from_slice(format!("Content-Type: {}\r\n\r\n", one_line(&content_type)?).as_bytes());
        parts.extend([Part::Bytes(std::mem::take(&mut out).into()), content]);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    parts.push(Part::Bytes(out.into()));
    Ok((Body::of(parts), format!("multipart/form-data; boundary={boundary}")))
}

fn begin(out: &mut Vec<u8>, boundary: &str, name: &str) -> PyResult<()> {
    let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", quoted(name));
    out.extend_from_slice(head.as_bytes());
    Ok(())
}

/// As browsers write names (WHATWG HTML, 4.10.21.8).
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

fn one_line(value: &str) -> PyResult<&str> {
    match value.contains(['\r', '\n']) {
        true => Err(PyValueError::new_err(format!("a file's content type has a line break: {value:?}"))),
        false => Ok(value),
    }
}

fn entries<'py>(files: &Bound<'py, PyAny>) -> PyResult<Vec<(String, Bound<'py, PyAny>)>> {
    let items = match files.cast::<PyMapping>() {
        Ok(mapping) => mapping.items()?.into_any(),
        Err(_) => files.clone(),
    };
    let wrong = |_| PyTypeError::new_err("files must be a mapping or a list of (field, file) pairs");
    let mut all = Vec::new();
    for item in items.try_iter().map_err(wrong)? {
        let (name, file): (Bound<'py, PyAny>, Bound<'py, PyAny>) = item?.extract().map_err(wrong)?;
        all.push((text(&name)?, file));
    }
    Ok(all)
}

fn read(file: &Bound<'_, PyAny>, field: &str) -> PyResult<File> {
    let Ok(parts) = file.cast::<PyTuple>() else {
        let filename = match file.getattr(intern!(file.py(), "name")) {
            Ok(path) => base_name(&text(&path)?),
            Err(_) => "upload".to_owned(),
        };
        return Ok(File { content_type: guess(file.py(), &filename)?, content: content(file, field)?, filename });
    };
    if !(2..=3).contains(&parts.len()) {
        return Err(PyTypeError::new_err(format!("file {field:?}: give (filename, content[, content type])")));
    }
    let filename = text(&parts.get_item(0)?)?;
    let content_type = match parts.get_item(2) {
        Ok(kind) => text(&kind)?,
        Err(_) => guess(file.py(), &filename)?,
    };
    Ok(File { content: content(&parts.get_item(1)?, field)?, filename, content_type })
}

fn content(given: &Bound<'_, PyAny>, field: &str) -> PyResult<Part> {
    if let Some(file) = open_file(given)? {
        return Ok(file);
    }
    let raw = read_all(given)?;
    bytes(&raw).map(Part::Bytes).map_err(|_| {
        PyTypeError::new_err(format!("file {field:?}: its content is text, bytes or an open file, not {}", kind(&raw)))
    })
}

fn kind(value: &Bound<'_, PyAny>) -> String {
    value.get_type().name().map_or_else(|_| "that".to_owned(), |name| name.to_string())
}

fn base_name(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

fn guess(py: Python<'_>, filename: &str) -> PyResult<String> {
    let guessed = py.import(intern!(py, "mimetypes"))?.call_method1(intern!(py, "guess_type"), (filename,))?;
    let guessed: (Option<String>, Option<String>) = guessed.extract()?;
    Ok(guessed.0.unwrap_or_else(|| "application/octet-stream".to_owned()))
}
