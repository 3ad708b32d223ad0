//! Every row about a customer, as it is handed out (DP-06). `account` has the access itself, `sign_ins` who signed in and
//! who tried, and `mails` resets, mails and addresses. `exported` defines a row. No hash, no token and no key is in a row:
//! they tell nothing of the customer, and would open what they protect.

mod account;
mod exported;
mod mails;
mod sign_ins;

pub use account::{
    ExportedAccount, ExportedCallerCode, ExportedPassword, ExportedRepeatedCall, ExportedWaitingHash, account,
    caller_codes, earlier_passwords, repeated_calls, waiting_hashes,
};
pub use mails::{
    ExportedEmailChange, ExportedLockDownLink, ExportedMail, ExportedResetLink, ExportedResetRequest,
    ExportedSuppression, ExportedSuppressionLifting, ExportedSwallowedRequest, email_changes, lock_down_links,
    mails, reset_links, reset_requests, suppression_liftings, suppressions, swallowed_requests,
};
pub use sign_ins::{
    ExportedDevice, ExportedFailedSignIns, ExportedFailureCount, ExportedFormerDevice, ExportedRefresh,
    ExportedSession, devices, failed_sign_ins, failure_counts, former_devices, refreshes, sessions,
};
