//! Who may call the support page at all. The operations listener stands in an inner network, where every browser of the
//! house, and every page in it, can reach it.

use actix_web::{
    Error, HttpMessage as _,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Uri,
        header::{self, HeaderMap},
    },
    middleware::Next,
    web::Data,
};

use super::line::Line;
use crate::{app::App, http::problem::Problem};

/// The names of this machine itself.
const OWN_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Lets a call in that comes under a known name, on a line that nobody else can read, and from no page of another origin.
pub(super) async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let line = check(&request)?;
    request.extensions_mut().insert(line);
    next.call(request).await
}

fn check(request: &ServiceRequest) -> Result<Line, Problem> {
    let app = request.app_data::<Data<App>>().ok_or(Problem::InternalError)?;
    let headers = request.headers();
    let host = host_of(request.uri(), headers).ok_or(Problem::NotFound)?;
    let listed = app.config.support_page.as_ref().map_or(&[][..], |page| &page.hosts);
    if !is_known(&host, listed) {
        return Err(refuse(Problem::NotFound, "its name is not one of STAKIS_SUPPORT_HOSTS"));
    }
    let peer = request.peer_addr().ok_or(Problem::Forbidden)?;
    let line = Line::find(peer.ip(), headers, &app.config);
    let unprotected = "it comes neither from this machine nor by https through a trusted proxy";
    let line = line.ok_or_else(|| refuse(Problem::Forbidden, unprotected))?;
    // Tunnels use the machine's own names. Under a listed one a call comes through a proxy, which may have said nothing.
    if line == Line::Loopback && !is_known(&host, &[]) {
        return Err(refuse(Problem::Forbidden, "a name of STAKIS_SUPPORT_HOSTS counts by https alone"));
    }
    if is_of_another_origin(headers, line, &host) {
        return Err(refuse(Problem::Forbidden, "it comes from another origin, or a proxy has changed its `Host`"));
    }
    Ok(line)
}

/// Tells an operator who sets a proxy up why a call is refused. The log repeats nothing of the call.
fn refuse(problem: Problem, because: &'static str) -> Problem {
    tracing::warn!(because, "a call to the support page is refused");
    problem
}

/// The host that the call names, in small letters, with its port. A call names one.
fn host_of(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let mut hosts = headers.get_all(header::HOST);
    let (host, None) = (hosts.next()?, hosts.next()) else { return None };
    let host = host.to_str().ok()?.to_ascii_lowercase();
    let in_target = uri.authority().map(|authority| authority.as_str().to_ascii_lowercase());
    in_target.is_none_or(|target| target == host).then_some(host)
}

/// Whether the name is that of this machine or a listed one. The port does not matter: a tunnel may begin at any.
fn is_known(host: &str, listed: &[String]) -> bool {
    let is_port = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let name = match host.rsplit_once(':') {
        Some((name, port)) if is_port(port) => name,
        _ => host,
    };
    OWN_NAMES.contains(&name) || listed.iter().any(|known| known == name)
}

/// Whether a page of another origin makes the call. Browsers name the origin in every call that could change anything;
/// programs name none. Another port of this machine is another origin, though cookies do not tell it apart.
fn is_of_another_origin(headers: &HeaderMap, line: Line, host: &str) -> bool {
    let own = format!("{}://{host}", line.scheme());
    headers.get_all(header::ORIGIN).any(|origin| origin.as_bytes() != own.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::is_known;

    #[test]
    fn ad_02_a_name_is_known_whatever_its_port() {
        let listed = ["support.example.com".to_owned()];
        for host in ["localhost", "localhost:9090", "127.0.0.1:1", "[::1]", "[::1]:9090", "support.example.com:443"]
        {
            assert!(is_known(host, &listed), "{host}");
        }
        for host in [
            "",
            ":9090",
            "localhost.",
            "localhost.example.com",
            "example.com",
            "127.0.0.2",
            "127.0.0.1.example.com",
            "support.example.com.evil.example",
            "[::1",
            "::1",
            "localhost:",
            "localhost:x",
            "user@localhost",
        ] {
            assert!(!is_known(host, &listed), "{host}");
        }
    }
}
