//! An operation of the API: one entry of a table registers its route and describes it in the OpenAPI document.
//!
//! The crate `utoipa-actix-web` takes handlers with actix' method attributes. Each of those becomes a resource of its
//! own, which answers other methods with 404. A 405 with `Allow` needs one resource for each address (AP-06).

use actix_web::{Handler, Resource, Route, guard, http::Method, web};
use futures_util::future::LocalBoxFuture;
use utoipa::{
    __dev::{SchemaReferences, Tags},
    Path,
    openapi::{HttpMethod, RefOr, Schema, path},
};

use super::{access::Access, problem::Problem};

/// A handler with the description from its `#[utoipa::path]`.
pub(super) struct Operation {
    /// The address, as a pattern.
    pub(super) path: fn() -> String,
    /// The methods at that address.
    pub(super) methods: fn() -> Vec<HttpMethod>,
    /// The description for the document.
    pub(super) description: fn() -> path::Operation,
    /// Adds the schemas that the description refers to.
    pub(super) add_schemas: fn(&mut Vec<(String, RefOr<Schema>)>),
    /// Who may call it.
    pub(super) access: Access,
    /// Attaches the handler to a route.
    handle: fn(Route) -> Route,
}

impl Operation {
    /// Makes an operation. `Described` is the type that `#[utoipa::path]` generates beside a handler. The macro
    /// [`operations!`] fills it in.
    pub(super) const fn new<Described>(access: Access, handle: fn(Route) -> Route) -> Self
    where
        Described: Path + SchemaReferences + Tags<'static>,
    {
        Self {
            path: Described::path,
            methods: Described::methods,
            description: description::<Described>,
            add_schemas: Described::schemas,
            access,
            handle,
        }
    }
}

/// A handler that takes no memory for its work while its arguments are still being read. A client that sends a body slowly
/// would otherwise hold both (AP-04).
#[derive(Clone)]
pub(super) struct AfterReading<H>(pub(super) H);

impl<Arguments, H> Handler<Arguments> for AfterReading<H>
where
    H: Handler<Arguments>,
    H::Future: 'static,
{
    type Output = H::Output;
    type Future = LocalBoxFuture<'static, H::Output>;

    fn call(&self, arguments: Arguments) -> Self::Future {
        Box::pin(self.0.call(arguments))
    }
}

fn description<Described: Path + Tags<'static>>() -> path::Operation {
    let mut operation = Described::operation();
    operation.tags = Some(Described::tags().into_iter().map(str::to_owned).collect());
    operation
}

/// Makes a table of operations from the names of their handlers, each with who may call it.
macro_rules! operations {
    ($($room:ident::$handler:ident => $access:expr),+ $(,)?) => {
        pastey::paste! {
            &[$(
                $crate::http::operation::Operation::new::<$room::[<__path_ $handler>]>(
                    $access,
                    |route| route.to($crate::http::operation::AfterReading($room::$handler))
                )
            ),+]
        }
    };
}
pub(super) use operations;

/// One resource for each address, in the order of the table: actix takes the first that matches.
pub(super) fn resources<'a>(operations: impl IntoIterator<Item = &'a Operation>) -> Vec<Resource> {
    let mut addresses: Vec<(String, Vec<&Operation>)> = Vec::new();
    for operation in operations {
        let path = (operation.path)();
        match addresses.iter_mut().find(|(address, _)| *address == path) {
            Some((_, there)) => there.push(operation),
            None => addresses.push((path, vec![operation])),
        }
    }
    addresses.into_iter().map(|(path, operations)| resource(&path, &operations)).collect()
}

fn resource(path: &str, operations: &[&Operation]) -> Resource {
    let mut resource = web::resource(path);
    let mut methods = Vec::new();
    for operation in operations {
        for method in (operation.methods)() {
            resource = resource.route(operation.access.guard((operation.handle)(route(&method))));
            methods.push(method);
        }
    }
    methods.sort();
    let allowed: Vec<&str> = methods.iter().flat_map(answered).copied().collect();
    refuse_other_methods(resource, &allowed.join(", "))
}

/// A resource for GET and HEAD that is no operation of the API, such as a page.
pub(super) fn only_get(path: &str, handle: impl FnOnce(Route) -> Route) -> Resource {
    refuse_other_methods(web::resource(path).route(handle(get())), "GET, HEAD")
}

/// A resource that is no operation of the API and answers the methods of its routes. `allowed` names them.
pub(super) fn with_methods(path: &str, allowed: &str, routes: impl FnOnce(Resource) -> Resource) -> Resource {
    refuse_other_methods(routes(web::resource(path)), allowed)
}

/// A route for GET that answers HEAD as well (AP-06). actix omits the body by itself.
pub(super) fn get() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

fn route(method: &HttpMethod) -> Route {
    match method {
        HttpMethod::Get => get(),
        HttpMethod::Head => web::head(),
        HttpMethod::Post => web::post(),
        HttpMethod::Put => web::put(),
        HttpMethod::Patch => web::patch(),
        HttpMethod::Delete => web::delete(),
        HttpMethod::Options => web::method(Method::OPTIONS),
        HttpMethod::Trace => web::trace(),
    }
}

/// The methods that a route for the given method answers, as `Allow` names them.
pub(super) const fn answered(method: &HttpMethod) -> &'static [&'static str] {
    match method {
        HttpMethod::Get => &["GET", "HEAD"],
        HttpMethod::Head => &["HEAD"],
        HttpMethod::Post => &["POST"],
        HttpMethod::Put => &["PUT"],
        HttpMethod::Patch => &["PATCH"],
        HttpMethod::Delete => &["DELETE"],
        HttpMethod::Options => &["OPTIONS"],
        HttpMethod::Trace => &["TRACE"],
    }
}

fn refuse_other_methods(resource: Resource, allowed: &str) -> Resource {
    let allowed = allowed.to_owned();
    resource.default_service(web::to(move || {
        let allow = allowed.clone();
        async move { Err::<&str, Problem>(Problem::MethodNotAllowed { allow }) }
    }))
}
