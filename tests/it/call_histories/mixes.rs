//! What owners do, and how often.

/// One step of an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Ask,
    /// Two callers ask at the same moment.
    AskTwice,
    Verify,
    /// Two callers use one link at the same moment, each with a password of its own.
    UseLink,
    WithdrawLink,
    SignIn,
    SignInWithOldPassword,
    ReadAccount,
    Refresh,
    /// Two callers present one refresh token at the same moment.
    RefreshTwice,
    /// Presents the refresh token before the present one.
    RefreshPreceding,
    /// Uses what was ended.
    UseFormerSession,
    SignOut,
    CloseAndReopen,
    DescribeEndpoint,
}

/// Steps with their weights.
pub(super) type Mix = &'static [(Step, usize)];

/// What owners do through a day. Steps that take a hash are rare, as they are in life: one takes as long as fifty
/// others.
pub(super) const EVERYTHING: Mix = &[
    (Step::Ask, 26),
    (Step::AskTwice, 4),
    (Step::Verify, 16),
    (Step::UseLink, 2),
    (Step::WithdrawLink, 4),
    (Step::SignIn, 1),
    (Step::SignInWithOldPassword, 1),
    (Step::ReadAccount, 24),
    (Step::Refresh, 20),
    (Step::RefreshTwice, 3),
    (Step::RefreshPreceding, 2),
    (Step::UseFormerSession, 4),
    (Step::SignOut, 1),
    (Step::CloseAndReopen, 1),
    (Step::DescribeEndpoint, 2),
];

pub(super) const LINKS: Mix =
    &[(Step::Ask, 3), (Step::Verify, 2), (Step::UseLink, 2), (Step::SignIn, 1), (Step::SignInWithOldPassword, 2)];

pub(super) const SESSIONS: Mix = &[
    (Step::ReadAccount, 4),
    (Step::Refresh, 2),
    (Step::RefreshTwice, 4),
    (Step::UseFormerSession, 4),
    (Step::SignOut, 2),
];

pub(super) const REQUESTS: Mix = &[(Step::Ask, 4), (Step::Verify, 1), (Step::WithdrawLink, 2)];
