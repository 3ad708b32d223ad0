//! A service on one database, with what calls it.

use std::time::Duration;

use futures_util::future::join_all;

use super::{
    connection::Connection,
    customers::{self, Sessions},
    load::{CONNECTIONS, Round, measure},
    machines::{self, Partner},
    names,
    operation::Operation,
    statements::Statements,
};
use crate::service::Service;

/// A service with what calls it.
pub(super) struct Side {
    pub(super) service: Service,
    /// The operations, in the same order on each side.
    pub(super) operations: Vec<Operation>,
    connections: Vec<Connection>,
    pub(super) statements: Statements,
}

/// The place of the operation that has no counterpart on the other side.
pub(super) const SPARE_PLACE: u32 = 14;

impl Side {
    pub(super) async fn new(service: Service, accounts: u32) -> Self {
        let sessions = Sessions::begin(&service).await;
        let partner = Partner::register(&service).await;
        let mut operations = vec![
            customers::verify(0),
            customers::own(names::ACCOUNT, 1, "/v1/account", &sessions),
            customers::own(names::ACTIVITY, 2, "/v1/account/activity", &sessions),
            customers::refresh(3, &sessions),
            customers::sign_in(4),
            machines::search(5, &partner, accounts),
            machines::diagnosis(6, &partner, accounts),
            machines::token_by_secret(7, &partner),
            machines::token_by_key(8, &service).await,
            machines::introspection(9, &partner, &sessions),
        ];
        // The last ones, since their mails are on their way soon after.
        operations.push(customers::reset_unknown(10, accounts));
        let connections = join_all((0..CONNECTIONS).map(|_| Connection::open(&service.url))).await;
        let statements = Statements::watch(&service);
        Self { service, operations, connections, statements }
    }

    pub(super) async fn measure(&mut self, operation: &Operation, [warm_up, counted]: [Duration; 2]) -> Round {
        measure(&self.service, operation, &mut self.connections, warm_up, counted).await
    }
}
