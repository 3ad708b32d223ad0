//! What the metrics are told of the use cases: [`read_stored`] reads what the tables hold when they are asked for, and
//! [`expect_tasks`] names the periodic work, whose series start at 0.

mod stored;
mod tasks;

pub use stored::read_stored;
pub use tasks::expect_tasks;
