//! Bodies and headers from what Python gives: httpx's keywords.

use super::multipart::multipart;
use crate::engine::Credentials;
use crate::http::body::{Body, Part};
use base64::Engine as _;
use bytes::Bytes;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyMapping, PyString, PyTuple};
use std::borrow::Cow;
use std::fs::File;
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use url::form_urlencoded;

pub type Pairs = Vec<(String, String)>;

/// A body and the Content-Type it asks for.
pub type Typed = (Body, Option<Cow<'static, str>>);

/// Files up to this size are sent from memory, in one write with the head.
const IN_MEMORY: u64 = 64 * 1024;

pub const JSON: &str = "application/json";
pub const FORM: &str = "application/x-www-form-urlencoded";

/// At most one of json, data and content may be given; with files only data.
pub fn body(
    json: Option<&Bound<'_, PyAny>>,
    data: Option<&Bound<'_, PyAny>>,
    content: Option<&Bound<'_, PyAny>>,
    files: Option<&Bound<'_, PyAny>>,
) -> PyResult<Typed> {
    if let Some(files) = files {
        if json.is_some() || content.is_some() {
            return Err(PyTypeError::new_err("with files, give the other fields as data"));
        }
        let (body, content_type) = multipart(files, data)?;
        return Ok((body, Some(content_type.into())));
    }
    match (json, data, content) {
        (None, None, None) => Ok((Body::default(), None)),
        (Some(json), None, None) => Ok((Body::Whole(dump(json)?), Some(JSON.into()))),
        (None, Some(data), None) if data.cast::<PyMapping>().is_ok() => {
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(pairs(data, "data")?);
            Ok((Body::Whole(form.finish().into()), Some(FORM.into())))
        }
        (None, Some(raw), None) | (None, None, Some(raw)) => {
            let part = open_file(raw)?.map_or_else(|| bytes(&read(raw)?).map(Part::Bytes), Ok)?;
            Ok((Body::of(vec![part]), None))
        }
        _ => Err(PyTypeError::new_err("give only one of json, data and content")),
    }
}

/// An open file on the disk, if `given` is one: it is read while it is sent. Shorter ones, and what only
/// behaves like a file, are read now.
pub fn open_file(given: &Bound<'_, PyAny>) -> PyResult<Option<Part>> {
    let py = given.py();
    if !given.hasattr(intern!(py, "fileno"))? || given.hasattr(intern!(py, "encoding"))? {
        return Ok(None);
    }
    let fd = given.call_method0(intern!(py, "fileno")).and_then(|fd| fd.extract::<i32>());
    let at = given.call_method0(intern!(py, "tell")).and_then(|at| at.extract::<u64>());
    let (Ok(fd), Ok(from)) = (fd, at) else {
        return Ok(None);
    };
    // SAFETY: the descriptor is the open file's, which lives through this call; ours is a copy.
    let file = File::from(unsafe { BorrowedFd::borrow_raw(fd) }.try_clone_to_owned()?);
    let about = file.metadata()?;
    let length = about.len().saturating_sub(from);
    if !about.is_file() || length <= IN_MEMORY {
        return Ok(None);
    }
    Ok(Some(Part::File { file: Arc::new(file), from, length }))
}

/// What a file-like object has to read; anything else as it is.
pub fn read<'py>(given: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = given.py();
    match given.hasattr(intern!(py, "read"))? {
        true => given.call_method0(intern!(py, "read")),
        false => Ok(given.clone()),
    }
}

pub fn bytes(raw: &Bound<'_, PyAny>) -> PyResult<Bytes> {
    if let Ok(text) = raw.cast::<PyString>() {
        return Ok(Bytes::copy_from_slice(text.to_str()?.as_bytes()));
    }
    if let Ok(raw) = raw.cast::<PyBytes>() {
        return Ok(Bytes::copy_from_slice(raw.as_bytes()));
    }
    match raw.extract::<Vec<u8>>() {
        Ok(raw) => Ok(raw.into()),
        Err(_) => Err(PyTypeError::new_err(format!(
            "a body is str, bytes or an open file, not {}: `await http.spooled(…)` makes a file of what comes in pieces",
            raw.get_type().name()?
        ))),
    }
}

fn dump(value: &Bound<'_, PyAny>) -> PyResult<Bytes> {
    let py = value.py();
    let keywords = PyDict::new(py);
    keywords.set_item("ensure_ascii", false)?;
    keywords.set_item("separators", (",", ":"))?;
    keywords.set_item("allow_nan", false)?;
    let text = py.import(intern!(py, "json"))?.call_method("dumps", (value,), Some(&keywords))?;
    Ok(Bytes::copy_from_slice(text.cast::<PyString>()?.to_str()?.as_bytes()))
}

/// A mapping or a sequence of pairs, values as text; a list of values repeats its key.
pub fn pairs(value: &Bound<'_, PyAny>, what: &str) -> PyResult<Pairs> {
    let wrong = |_| PyTypeError::new_err(format!("{what} must be a mapping or a list of (name, value) pairs"));
    let items = match value.cast::<PyMapping>() {
        Ok(mapping) => mapping.items()?.into_any(),
        Err(_) => value.clone(),
    };
    let mut all = Vec::new();
    for item in items.try_iter().map_err(wrong)? {
        let item = item?;
        let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract().map_err(wrong)?;
        let key = text(&key)?;
        let is_many = value.is_instance_of::<pyo3::types::PyList>() || value.is_instance_of::<PyTuple>();
        if is_many {
            for one in value.try_iter()? {
                all.push((key.clone(), text(&one?)?));
            }
        } else {
            all.push((key, text(&value)?));
        }
    }
    Ok(all)
}

/// Text as httpx writes it: `True` is "true", `None` is "".
pub fn text(value: &Bound<'_, PyAny>) -> PyResult<String> {
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(text.to_str()?.to_owned());
    }
    if let Ok(raw) = value.cast::<PyBytes>() {
        return Ok(String::from_utf8_lossy(raw.as_bytes()).into_owned());
    }
    if value.is_none() {
        return Ok(String::new());
    }
    if let Ok(flag) = value.extract::<bool>() {
        return Ok(if flag { "true" } else { "false" }.to_owned());
    }
    Ok(value.str()?.to_str()?.to_owned())
}

/// Header names are tokens, values hold no line breaks (RFC 9110, 5.1 and 5.5).
pub fn checked_headers(headers: Pairs) -> PyResult<Pairs> {
    for (name, value) in &headers {
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(token) {
            return Err(PyValueError::new_err(format!("{name:?} is no name for a header")));
        }
        if value.bytes().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
            return Err(PyValueError::new_err(format!("the header {name} has a line break in its value: {value:?}")));
        }
    }
    Ok(headers)
}

/// How a request says who asks.
pub enum Authorization {
    /// The value of the header.
    Header(String),
    /// The answer to a challenge of the server.
    Digest(Credentials),
}

/// From `(user, password)`, from what has a `header` such as `http.Bearer`, or from `http.Digest`.
pub fn authorization(auth: &Bound<'_, PyAny>) -> PyResult<Authorization> {
    let py = auth.py();
    if let Ok((user, password)) = auth.extract::<(String, String)>() {
        let secret = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        return Ok(Authorization::Header(format!("Basic {secret}")));
    }
    if let Ok(header) = auth.getattr(intern!(py, "header")) {
        return text(&header).map(Authorization::Header);
    }
    if let Ok(credentials) = auth.getattr(intern!(py, "credentials")) {
        return credentials.extract().map(|credentials| Authorization::Digest(Arc::new(credentials)));
    }
    Err(PyTypeError::new_err("auth must be (user, password), http.Bearer(token) or http.Digest(user, password)"))
}
