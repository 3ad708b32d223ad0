//! Which answers the metrics expect of each route: their series are there before the first one.

use super::{
    api::OPERATIONS,
    operation::{Operation, answered},
    parts::Parts,
    routes, support_page,
};
use crate::metrics::HttpMetrics;

/// What an address that is no operation answers with, beside what every route may answer.
const OF_A_PAGE: [u16; 7] = [200, 301, 302, 303, 304, 307, 308];

/// Expects the answers of the public listener.
pub(super) fn expect_answers(metrics: &HttpMetrics, parts: Parts) {
    expect_operations(metrics, OPERATIONS.iter());
    for address in routes::other_addresses(parts) {
        metrics.expect(address, &["GET"], OF_A_PAGE);
    }
}

/// Expects the answers of the support page.
pub(super) fn expect_answers_of_support_page(metrics: &HttpMetrics) {
    expect_operations(metrics, OPERATIONS.iter().filter(|operation| support_page::is_served(&(operation.path)())));
    for (address, methods) in support_page::ADDRESSES {
        metrics.expect(address, methods, OF_A_PAGE);
    }
}

fn expect_operations<'a>(metrics: &HttpMetrics, operations: impl Iterator<Item = &'a Operation>) {
    for operation in operations {
        let responses = (operation.description)().responses.responses;
        let methods: Vec<&str> = (operation.methods)().iter().flat_map(answered).copied().collect();
        metrics.expect(&(operation.path)(), &methods, responses.keys().filter_map(|status| status.parse().ok()));
    }
}
