//! `http.get` and its kin: one call makes one lazy request.

use super::body::{authorization, body, checked_headers, pairs, text, Authorization, Pairs};
use super::operation::Operation;
use super::spec::{More, Spec};
use super::work::Work;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyString;
use std::borrow::Cow;

/// The keywords that all methods share.
#[derive(Default)]
struct Keywords<'py> {
    params: Option<Bound<'py, PyAny>>,
    headers: Option<Bound<'py, PyAny>>,
    json: Option<Bound<'py, PyAny>>,
    data: Option<Bound<'py, PyAny>>,
    content: Option<Bound<'py, PyAny>>,
    files: Option<Bound<'py, PyAny>>,
    cookies: Option<Bound<'py, PyAny>>,
    auth: Option<Bound<'py, PyAny>>,
    timeout: Option<Bound<'py, PyAny>>,
    follow_redirects: Option<bool>,
    name: Option<String>,
    tags: Option<Bound<'py, PyAny>>,
    raise_on_error: Option<bool>,
}

/// A request of these keywords.
fn spec(method: Cow<'static, str>, url: &Bound<'_, PyString>, keywords: Keywords<'_>) -> PyResult<Spec> {
    let url = match &keywords.params {
        None => url.clone().unbind(),
        Some(params) => {
            let mut text = url.to_str()?.to_owned();
            append_query(&mut text, &pairs(params, "params")?);
            PyString::new(url.py(), &text).unbind()
        }
    };
    let mut headers = match &keywords.headers {
        Some(headers) => checked_headers(pairs(headers, "headers")?)?,
        None => Pairs::new(),
    };
    let has = |headers: &Pairs, name: &str| headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
    let (json, data) = (keywords.json.as_ref(), keywords.data.as_ref());
    let (body, content_type) = body(json, data, keywords.content.as_ref(), keywords.files.as_ref())?;
    if let Some(content_type) = content_type.filter(|_| !has(&headers, "content-type")) {
        headers.push(("Content-Type".to_owned(), content_type.into_owned()));
    }
    let mut digest = None;
    if let Some(auth) = keywords.auth.as_ref().filter(|_| !has(&headers, "authorization")) {
        match authorization(auth)? {
            Authorization::Header(value) => {
                headers.push(("Authorization".to_owned(), value));
                headers = checked_headers(headers)?;
            }
            Authorization::Digest(credentials) => digest = Some(credentials),
        }
    }
    let raise_on_error = keywords.raise_on_error;
    let more = keywords.more()?;
    Ok(Spec { method, url, headers, body, digest, more, raise_on_error, streaming: None })
}

impl Keywords<'_> {
    fn more(self) -> PyResult<Option<Box<More>>> {
        let none = self.cookies.is_none()
            && self.name.is_none()
            && self.tags.is_none()
            && self.timeout.is_none()
            && self.follow_redirects.is_none();
        if none {
            return Ok(None);
        }
        let of = |value: &Option<Bound<'_, PyAny>>, what: &str| match value {
            Some(value) => pairs(value, what),
            None => Ok(Pairs::new()),
        };
        Ok(Some(Box::new(More {
            cookies: of(&self.cookies, "cookies")?,
            tags: of(&self.tags, "tags")?,
            timeout: self.timeout.as_ref().map(seconds).transpose()?,
            name: self.name,
            follow_redirects: self.follow_redirects,
        })))
    }
}

/// Seconds as a number, or k6's "10s".
fn seconds(value: &Bound<'_, PyAny>) -> PyResult<f64> {
    let seconds: f64 = match value.cast::<PyString>() {
        Ok(_) => {
            let parse = value.py().import("sonagi.plan.duration")?.getattr("parse_duration")?;
            parse.call1((value,))?.extract()?
        }
        Err(_) => value.extract()?,
    };
    if seconds.is_finite() && seconds > 0.0 {
        return Ok(seconds);
    }
    Err(PyValueError::new_err(format!("timeout={}: give more than 0 seconds", text(value)?)))
}

fn append_query(url: &mut String, params: &Pairs) {
    if params.is_empty() {
        return;
    }
    let fragment = url.find('#').map(|at| url.split_off(at)).unwrap_or_default();
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(params);
    url.push(if url.contains('?') { '&' } else { '?' });
    url.push_str(&query.finish());
    url.push_str(&fragment);
}

macro_rules! verbs {
    ($($name:ident $method:literal)*) => {
        $(
            #[pyfunction]
            #[allow(clippy::too_many_arguments)] // httpx's keywords
            #[pyo3(signature = (url, *, params=None, headers=None, json=None, data=None, content=None, files=None, cookies=None,
                                auth=None, timeout=None, follow_redirects=None, name=None, tags=None,
                                raise_on_error=None))]
            fn $name<'py>(
                url: &Bound<'py, PyString>,
                params: Option<Bound<'py, PyAny>>,
                headers: Option<Bound<'py, PyAny>>,
                json: Option<Bound<'py, PyAny>>,
                data: Option<Bound<'py, PyAny>>,
                content: Option<Bound<'py, PyAny>>,
                files: Option<Bound<'py, PyAny>>,
                cookies: Option<Bound<'py, PyAny>>,
                auth: Option<Bound<'py, PyAny>>,
                timeout: Option<Bound<'py, PyAny>>,
                follow_redirects: Option<bool>,
                name: Option<String>,
                tags: Option<Bound<'py, PyAny>>,
                raise_on_error: Option<bool>,
            ) -> PyResult<Operation> {
                let keywords = Keywords { params, headers, json, data, content, files, cookies, auth, timeout,
                                          follow_redirects, name, tags, raise_on_error };
                Ok(Operation::new(Work::Request(Box::new(spec(Cow::Borrowed($method), url, keywords)?))))
            }
        )*

        pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
            $(module.add_function(wrap_pyfunction!($name, module)?)?;)*
            module.add_function(wrap_pyfunction!(request, module)?)
        }
    };
}

verbs! {
    get "GET"
    head "HEAD"
    options "OPTIONS"
    delete "DELETE"
    post "POST"
    put "PUT"
    patch "PATCH"
}

#[pyfunction]
#[allow(clippy::too_many_arguments)] // httpx's keywords
#[pyo3(signature = (method, url, *, params=None, headers=None, json=None, data=None, content=None, files=None, cookies=None,
                    auth=None, timeout=None, follow_redirects=None, name=None, tags=None, raise_on_error=None))]
fn request<'py>(
    method: &str,
    url: &Bound<'py, PyString>,
    params: Option<Bound<'py, PyAny>>,
    headers: Option<Bound<'py, PyAny>>,
    json: Option<Bound<'py, PyAny>>,
    data: Option<Bound<'py, PyAny>>,
    content: Option<Bound<'py, PyAny>>,
    files: Option<Bound<'py, PyAny>>,
    cookies: Option<Bound<'py, PyAny>>,
    auth: Option<Bound<'py, PyAny>>,
    timeout: Option<Bound<'py, PyAny>>,
    follow_redirects: Option<bool>,
    name: Option<String>,
    tags: Option<Bound<'py, PyAny>>,
    raise_on_error: Option<bool>,
) -> PyResult<Operation> {
    if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(PyTypeError::new_err(format!("{method:?} is no HTTP method")));
    }
    let keywords = Keywords {
        params,
        headers,
        json,
        data,
        content,
        files,
        cookies,
        auth,
        timeout,
        follow_redirects,
        name,
        tags,
        raise_on_error,
    };
    let method = Cow::Owned(method.to_ascii_uppercase());
    Ok(Operation::new(Work::Request(Box::new(spec(method, url, keywords)?))))
}
