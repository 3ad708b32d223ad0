//! What support can do for a customer besides looking. An act is offered where this build has its operation, and to a person
//! whose token has the scope that the table of operations names for it.

use utoipa::openapi::HttpMethod;

use crate::{
    http::{access::Access, operation::Operation},
    pages::{ActInput, ActMethod, SupportAct},
    types::Scope,
};

/// An act that the page knows how to ask for.
struct KnownAct {
    /// The name, which is also the last part of the keys of its texts.
    name: &'static str,
    method: ActMethod,
    /// The address of its operation.
    path: &'static str,
    input: ActInput,
}

const fn post(name: &'static str, path: &'static str, input: ActInput) -> KnownAct {
    KnownAct { name, method: ActMethod::Post, path, input }
}

/// Every act that the page knows, in the order in which it shows them.
const KNOWN: [KnownAct; 6] = [
    post("caller", "/v1/support/caller-codes", ActInput::CallerCode),
    post("resend", "/v1/accounts/{id}/password-resets", ActInput::Nothing),
    post("unlock", "/v1/accounts/{id}/unlock", ActInput::Reason),
    post("lift", "/v1/accounts/{id}/lift-suppression", ActInput::Reason),
    KnownAct {
        name: "sign-out",
        method: ActMethod::Delete,
        path: "/v1/accounts/{id}/sessions",
        input: ActInput::Nothing,
    },
    post("lock-down", "/v1/accounts/{id}/lock-down", ActInput::Reason),
];

/// The acts whose operations are in the table, each with its scope. An operation that is not for machine clients is no act.
pub(super) fn offered(operations: &[Operation]) -> Vec<SupportAct> {
    let machines = operations.iter().filter_map(|operation| match operation.access {
        Access::Machine(scope) => Some(((operation.path)(), (operation.methods)(), scope)),
        _ => None,
    });
    offered_of(&machines.collect::<Vec<_>>())
}

fn offered_of(operations: &[(String, Vec<HttpMethod>, Scope)]) -> Vec<SupportAct> {
    let act = |KnownAct { name, method, path, input }| {
        let wanted = match method {
            ActMethod::Post => HttpMethod::Post,
            ActMethod::Delete => HttpMethod::Delete,
        };
        let (_, _, scope) =
            operations.iter().find(|(address, methods, _)| address == path && methods.contains(&wanted))?;
        Some(SupportAct { name, method, path, scope: *scope, input })
    };
    KNOWN.into_iter().filter_map(act).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::api::OPERATIONS;

    #[test]
    fn ad_03_an_act_is_offered_where_its_operation_is_there() {
        let names = |operations: &[(&str, HttpMethod)]| {
            let operations: Vec<_> = operations
                .iter()
                .map(|(path, method)| ((*path).to_owned(), vec![method.clone()], Scope::SupportAct))
                .collect();
            offered_of(&operations).into_iter().map(|act| act.name).collect::<Vec<_>>()
        };
        assert!(
            names(&[("/v1/support/diagnosis", HttpMethod::Post), ("/v1/accounts/{id}", HttpMethod::Get)])
                .is_empty()
        );
        assert_eq!(names(&[("/v1/accounts/{id}/unlock", HttpMethod::Post)]), ["unlock"]);
        assert!(names(&[("/v1/accounts/{id}/sessions", HttpMethod::Post)]).is_empty(), "another method");
        assert_eq!(names(&[("/v1/accounts/{id}/sessions", HttpMethod::Delete)]), ["sign-out"]);
    }

    #[test]
    fn ad_03_this_build_has_every_act_under_the_scope_of_a_person() {
        let acts = offered(OPERATIONS);
        assert_eq!(
            acts.iter().map(|act| act.name).collect::<Vec<_>>(),
            ["caller", "resend", "unlock", "lift", "sign-out", "lock-down"]
        );
        assert!(acts.iter().all(|act| act.scope == Scope::SupportAct));
    }
}
