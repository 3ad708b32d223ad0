//! The cookie that keeps the token of a page session.

use actix_web::http::header::{self, HeaderMap};

use super::line::Line;

/// The name and the attributes of the cookie. Scripts do not see it, and no other site makes the browser send it. By https
/// the prefix `__Host-` keeps other hosts of the domain from setting it. On this machine itself, where there is no https,
/// every port would get a cookie for `/`, so it is one for `/support`.
const fn form(line: Line) -> (&'static str, &'static str) {
    match line {
        Line::Https => ("__Host-stakis-support", "Path=/; HttpOnly; SameSite=Strict; Secure"),
        Line::Loopback => ("stakis-support", "Path=/support; HttpOnly; SameSite=Strict"),
    }
}

/// The header that gives the browser a token. It ends with the browser.
pub(super) fn with_token(line: Line, token: &str) -> String {
    let (name, attributes) = form(line);
    format!("{name}={token}; {attributes}")
}

/// The header that takes the token away.
pub(super) fn without_token(line: Line) -> String {
    let (name, attributes) = form(line);
    format!("{name}=; {attributes}; Max-Age=0")
}

/// The token that the browser sends. Of several cookies of the name none counts.
pub(super) fn find_token(headers: &HeaderMap, line: Line) -> Option<&str> {
    let (wanted, _) = form(line);
    let lines = headers.get_all(header::COOKIE).filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut tokens = pairs.filter(|(name, _)| *name == wanted).map(|(_, value)| value);
    let (token, None) = (tokens.next()?, tokens.next()) else { return None };
    Some(token)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn the_one_cookie_of_the_name_is_read() {
        for (lines, token) in [
            (&["stakis-support=a-b"][..], Some("a-b")),
            (&["x=1; stakis-support=a; y"], Some("a")),
            (&["x=1", "stakis-support=a"], Some("a")),
            (&["stakis-support=a; stakis-support=b"], None),
            (&["__Host-stakis-support=a", "stakis-support-2=b"], None),
            (&[], None),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::COOKIE, HeaderValue::from_static(line));
            }
            assert_eq!(find_token(&headers, Line::Loopback), token, "{lines:?}");
        }
    }
}
