//! Forgetting what has served its time.

use super::{devices::REMEMBERED_FOR, throttle::ALL_FORGOTTEN_IN};
use crate::{
    app::App,
    store::{StoreError, devices, sign_in_failures},
    types::Fault,
};

/// Forgets devices that were not used for half a year, and failures that count no more.
pub async fn forget(app: &App) -> Result<(), Fault> {
    let now = app.clock.now();
    app.database
        .write(move |connection| -> Result<(), StoreError> {
            devices::delete_unused(connection, now - REMEMBERED_FOR)?;
            sign_in_failures::delete_old(connection, now - ALL_FORGOTTEN_IN)?;
            Ok(())
        })
        .await?;
    Ok(())
}
