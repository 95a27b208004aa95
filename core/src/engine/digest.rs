//! Digest authentication (RFC 7616): a server's challenge is answered, and kept for the user's next
//! requests, which then carry an answer from the start.

use crate::http::body::Body;
use crate::http::target::{Origin, Target};
use http_auth::parser::ChallengeParser;
use http_auth::{DigestClient, PasswordParams};
use std::sync::Arc;

/// User name and password.
pub type Credentials = Arc<(String, String)>;

/// Bodies up to this size can be part of an answer (`qop=auth-int`).
const BODY: usize = 1 << 20;

/// Where a hop stands with its server's challenge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Challenge {
    #[default]
    None,
    /// It came, and the request is to be made once more.
    Came,
    /// It was answered: another one is a refusal.
    Answered,
}

struct Known {
    origin: Arc<Origin>,
    credentials: Credentials,
    client: DigestClient,
}

/// The last challenge of each server, for one user.
#[derive(Default)]
pub struct Challenges(Vec<Known>);

impl Challenges {
    /// Take the challenge out of a 401's WWW-Authenticate headers. False if there is none that can be answered.
    pub fn learn<'a>(
        &mut self,
        origin: &Arc<Origin>,
        credentials: &Credentials,
        mut headers: impl Iterator<Item = &'a str>,
    ) -> bool {
        let Some(client) = headers.find_map(client) else {
            return false;
        };
        self.0.retain(|known| !known.is_for(origin, credentials));
        self.0.push(Known { origin: origin.clone(), credentials: credentials.clone(), client });
        true
    }

    /// The header line for a request to `target`, if its server has challenged this user before.
    pub fn answer(&mut self, target: &Target, credentials: &Credentials, body: &Body) -> Option<String> {
        let known = self.0.iter_mut().find(|known| known.is_for(&target.origin, credentials))?;
        let uri = &target.url[url::Position::BeforePath..url::Position::AfterQuery];
        let (username, password) = &**credentials;
        let asked = PasswordParams { username, password, uri, method: &target.method, body: body.small(BODY) };
        known.client.respond(&asked).ok().map(|answer| format!("Authorization: {answer}\r\n"))
    }
}

impl Known {
    fn is_for(&self, origin: &Arc<Origin>, credentials: &Credentials) -> bool {
        self.origin == *origin && self.credentials == *credentials
    }
}

/// The first Digest challenge of a header that can be answered: servers name what they like best first.
fn client(header: &str) -> Option<DigestClient> {
    ChallengeParser::new(header)
        .map_while(Result::ok)
        .filter(|challenge| challenge.scheme.eq_ignore_ascii_case("digest"))
        .find_map(|challenge| DigestClient::try_from(&challenge).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    fn target(url: &str) -> Target {
        Target::new(0, "GET".into(), Url::parse(url).unwrap(), [].into(), "x".into()).unwrap()
    }

    #[test]
    fn a_challenge_is_answered_for_its_server_and_its_user_and_counted() {
        let there = target("http://a/dir/index.html?q=1");
        let who: Credentials = Arc::new(("Mufasa".into(), "Circle of Life".into()));
        let mut challenges = Challenges::default();
        assert_eq!(challenges.answer(&there, &who, &Body::default()), None);
        let header = r#"Basic realm="x", Digest realm="http-auth@example.org", qop="auth", algorithm=SHA-256, nonce="n1", opaque="o1""#;
        assert!(challenges.learn(&there.origin, &who, [header].into_iter()));
        let answer = challenges.answer(&there, &who, &Body::default()).unwrap();
        for part in [r#"username="Mufasa""#, r#"uri="/dir/index.html?q=1""#, "algorithm=SHA-256", "nc=00000001"] {
            assert!(answer.contains(part), "{answer} has no {part}");
        }
        assert!(challenges.answer(&there, &who, &Body::default()).unwrap().contains("nc=00000002"));
        assert_eq!(challenges.answer(&target("http://b/"), &who, &Body::default()), None);
        let another = Arc::new(("Scar".into(), "x".into()));
        assert_eq!(challenges.answer(&there, &another, &Body::default()), None);
    }

    #[test]
    fn what_cannot_be_answered_is_no_challenge() {
        let (there, who) = (target("http://a/"), Arc::new(("a".into(), "b".into())));
        for header in ["", "Basic realm=\"x\"", "Digest", "Digest realm=x, nonce=y, algorithm=MD4", "Digest \u{1}"] {
            assert!(!Challenges::default().learn(&there.origin, &who, [header].into_iter()), "{header}");
        }
    }
}
