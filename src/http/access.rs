//! Who may call an operation. The table of operations says it once for each: from it follow what the route lets in and
//! what the OpenAPI document says (AD-03).
//!
//! A route that asks for a bearer token checks it before its handler runs, and hands on who is calling. A handler takes the
//! caller from there alone: one that wants a customer or a machine client where the table lets in somebody else gets none
//! and fails.

use actix_web::{
    Error, FromRequest as _, HttpMessage as _, Route,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::{Next, from_fn},
    web,
};
use utoipa::openapi::security::SecurityRequirement;

use super::{
    door::{
        actor_slot::ActorSlot,
        caller::{BearerToken, Caller},
        quota::{Policy, QuotaSlot},
    },
    problem::Problem,
};
use crate::{
    app::App,
    identity::{
        clients::{self, Metered},
        passwords::Bearer,
        sessions,
    },
    types::{Actor, Scope},
};

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Anyone. What authorizes the call, such as the token of a link, is in its body.
    Anyone,
    /// A customer with the access token of a live session.
    Customer,
    /// A customer with such an access token or with a change token.
    CustomerOrChangeToken,
    /// A machine client that authenticates itself (RFC 6749 §2.3). The handler reads its credentials.
    Client,
    /// A machine client with an access token that grants the scope.
    Machine(Scope),
    /// The mail API, by its signature or by HTTP Basic. The handler checks it over the raw body.
    MailApi,
}

/// The names of the security schemes in the OpenAPI document.
pub(super) mod scheme {
    pub(in crate::http) const CUSTOMER: &str = "customer";
    pub(in crate::http) const CHANGE: &str = "change";
    pub(in crate::http) const CLIENT: &str = "client";
    pub(in crate::http) const MACHINE: &str = "machine";
}

impl Access {
    /// The alternatives that the document names, one of which a call fulfils.
    pub(super) fn requirements(self) -> Vec<SecurityRequirement> {
        let plain = |scheme: &str| SecurityRequirement::new(scheme, [""; 0]);
        match self {
            Self::Anyone | Self::MailApi => Vec::new(),
            Self::Customer => vec![plain(scheme::CUSTOMER)],
            Self::CustomerOrChangeToken => vec![plain(scheme::CUSTOMER), plain(scheme::CHANGE)],
            Self::Client => vec![plain(scheme::CLIENT)],
            Self::Machine(scope) => vec![SecurityRequirement::new(scheme::MACHINE, [scope.as_str()])],
        }
    }

    /// The route that lets in whom the operation is for.
    pub(super) fn guard(self, route: Route) -> Route {
        match self {
            Self::Anyone | Self::MailApi | Self::Client => route,
            Self::Customer => route.wrap(from_fn(admit_customer)),
            Self::CustomerOrChangeToken => route.wrap(from_fn(admit_password_owner)),
            Self::Machine(scope) => {
                route.wrap(from_fn(move |request, next: Next<BoxBody>| admit_machine(scope, request, next)))
            }
        }
    }
}

async fn admit_customer(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let (app, token) = token_of(&mut request).await?;
    let customer = sessions::authenticate(&app, &token).await.map_err(Problem::from)?;
    ActorSlot::of(&request).set(Actor::Customer);
    request.extensions_mut().insert(customer);
    next.call(request).await
}

async fn admit_password_owner(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let (app, token) = token_of(&mut request).await?;
    let bearer = Bearer::authenticate(&app, &token).await.map_err(Problem::from)?;
    ActorSlot::of(&request).set(Actor::Customer);
    request.extensions_mut().insert(bearer);
    next.call(request).await
}

async fn admit_machine(
    scope: Scope,
    mut request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let (app, token) = token_of(&mut request).await?;
    let (plain, payload) = request.parts_mut();
    let Caller(context) = Caller::from_request(plain, payload).await?;
    let Metered { outcome, quota } = clients::authenticate(&app, &context, &token, scope).await;
    QuotaSlot::of(&request).set(Policy::Calls, quota);
    let machine = outcome.map_err(Problem::from)?;
    ActorSlot::of(&request).set(Actor::Client(machine.client_id.clone()));
    request.extensions_mut().insert(machine);
    next.call(request).await
}

async fn token_of(request: &mut ServiceRequest) -> Result<(web::Data<App>, String), Problem> {
    let app = request.app_data::<web::Data<App>>().cloned().ok_or(Problem::InternalError)?;
    let (request, payload) = request.parts_mut();
    let BearerToken(token) = BearerToken::from_request(request, payload).await?;
    Ok((app, token))
}

#[cfg(test)]
mod tests {
    use actix_web::{
        App,
        dev::Service as _,
        http::{StatusCode, header},
        rt::System,
        test::{TestRequest, call_service, init_service},
    };

    use super::*;
    use crate::{
        http::door::caller::{Authenticated, MachineCaller},
        identity::clients::Machine,
        types::{ClientId, Scopes},
    };

    async fn for_customers(_: Authenticated) -> &'static str {
        "a customer is here"
    }

    async fn for_machines(_: MachineCaller) -> &'static str {
        "a machine client is here"
    }

    /// What a handler answers where the route has let in somebody of its own choice.
    async fn answered(route: Route, let_in: Option<Machine>) -> StatusCode {
        let app = App::new()
            .wrap_fn(move |request, service| {
                if let Some(machine) = &let_in {
                    request.extensions_mut().insert(machine.clone());
                }
                service.call(request)
            })
            .route("/", route);
        let service = init_service(app).await;
        // The headers of every caller do not replace the route.
        let call = TestRequest::get().uri("/").insert_header((header::AUTHORIZATION, "Bearer x"));
        call_service(&service, call.to_request()).await.status()
    }

    #[test]
    fn ad_03_a_handler_whose_row_lets_in_somebody_else_gets_no_caller() {
        let machine = Machine {
            client_id: ClientId::mint(),
            name: "Partner d.o.o.".to_owned(),
            scopes: Scopes::parse("support:act").unwrap(),
        };
        System::new().block_on(async {
            for access in [Access::Anyone, Access::MailApi, Access::Client] {
                for route in [web::get().to(for_customers), web::get().to(for_machines)] {
                    let status = answered(access.guard(route), None).await;
                    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{access:?}");
                }
            }
            let status = answered(web::get().to(for_customers), Some(machine)).await;
            assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "a machine client is no customer");
        });
    }

    #[test]
    fn ad_03_the_document_says_what_the_route_does() {
        let named = |access: Access| serde_json::to_value(access.requirements()).unwrap();
        assert_eq!(named(Access::Anyone), serde_json::json!([]));
        assert_eq!(named(Access::Customer), serde_json::json!([{ "customer": [] }]));
        assert_eq!(named(Access::CustomerOrChangeToken), serde_json::json!([{ "customer": [] }, { "change": [] }]));
        assert_eq!(named(Access::Machine(Scope::SupportAct)), serde_json::json!([{ "machine": ["support:act"] }]));
    }
}
