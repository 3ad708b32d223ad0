//! Whose hashes are computed first (CH-10).

use super::source_limits::SourcePrefix;
use crate::{app::App, crypto::HashCaller, types::RequestContext};

/// A caller who has shown nothing that the service handed out. Strangers wait in turn by their source; where limits are
/// not enforced, all of them are one.
pub(in crate::identity) fn stranger(app: &App, context: &RequestContext) -> HashCaller {
    let source = context.source.filter(|_| app.config.limits.enforced);
    HashCaller::stranger(source.map(|source| SourcePrefix::Site.of(source)).as_deref())
}
