//! What support can do for a customer besides looking. An act is offered where this build has its operation, so one that
//! comes later appears by itself.

use utoipa::openapi::HttpMethod;

use crate::{
    http::operation::Operation,
    pages::{ActInput, SupportAct},
};

/// Every act that the page knows how to ask for. All of them are POST; `support:act` allows them.
const ACTS: [SupportAct; 5] = [
    SupportAct { name: "unlock", path: "/v1/accounts/{id}/unlock", input: ActInput::Reason },
    SupportAct { name: "resend", path: "/v1/accounts/{id}/password-resets", input: ActInput::Nothing },
    SupportAct { name: "lift", path: "/v1/accounts/{id}/lift-suppression", input: ActInput::Reason },
    SupportAct { name: "lock-down", path: "/v1/accounts/{id}/lock-down", input: ActInput::Reason },
    SupportAct { name: "caller", path: "/v1/support/caller-codes", input: ActInput::CallerCode },
];

/// The acts whose operations are in the table.
pub(super) fn offered(operations: &[Operation]) -> Vec<SupportAct> {
    let posts = operations.iter().filter(|operation| (operation.methods)().contains(&HttpMethod::Post));
    offered_at(&posts.map(|operation| (operation.path)()).collect::<Vec<_>>())
}

fn offered_at(addresses: &[String]) -> Vec<SupportAct> {
    ACTS.into_iter().filter(|act| addresses.iter().any(|address| address == act.path)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ad_03_an_act_is_offered_where_its_operation_is_there() {
        let names = |addresses: &[&str]| {
            let addresses: Vec<String> = addresses.iter().map(|address| (*address).to_owned()).collect();
            offered_at(&addresses).into_iter().map(|act| act.name).collect::<Vec<_>>()
        };
        assert!(names(&["/v1/support/diagnosis", "/v1/accounts/{id}"]).is_empty());
        assert_eq!(names(&["/v1/accounts/{id}/unlock"]), ["unlock"]);
        let all = ACTS.map(|act| act.path);
        assert_eq!(names(&all), ["unlock", "resend", "lift", "lock-down", "caller"]);
    }
}
