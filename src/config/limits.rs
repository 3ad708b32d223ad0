//! How often what may be done, and why so often.

use chrono::TimeDelta;

use super::reader::Reader;

/// So many at once, and as many again within each period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// How many; at least one.
    pub count: i32,
    /// In how long.
    pub period: TimeDelta,
}

impl Limit {
    const fn minutes(count: i32, minutes: i64) -> Self {
        Self { count, period: TimeDelta::minutes(minutes) }
    }

    /// `COUNT/PERIOD`, such as `30/1h`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (count, period) = text.split_once('/')?;
        let digits = period.trim_end_matches(['s', 'm', 'h', 'd']);
        let unit = match period.strip_prefix(digits)? {
            "" | "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            _ => return None,
        };
        let seconds = i64::from(digits.parse::<u32>().ok()?) * unit;
        let count = count.parse::<i32>().ok()?;
        in_bounds(count, seconds).then_some(Self { count, period: TimeDelta::seconds(seconds) })
    }
}

/// A period of a year is longer than anything here is remembered.
fn in_bounds(count: i32, seconds: i64) -> bool {
    (1..=1_000_000).contains(&count) && (1..=366 * 86_400).contains(&seconds)
}

/// Every limit; `None` is without limit. "Source" is one address, or one /64 of IPv6; "network" one /24 or /56.
#[derive(Debug, Clone, Copy, Default)]
pub struct LimitsConfig {
    /// Off, for load tests, nobody is turned away.
    pub enforced: bool,
    /// Reset requests of a source.
    pub reset_source: Option<Limit>,
    /// Reset requests of a network.
    pub reset_network: Option<Limit>,
    /// Different numbers that a source, in IPv6 a /56, asks a reset for.
    pub reset_numbers: Option<Limit>,
    /// Sign-ins of a source's unknown devices.
    pub sign_in_source: Option<Limit>,
    /// Different numbers that a source's unknown devices, in IPv6 a /56's, try to sign in with.
    pub sign_in_numbers: Option<Limit>,
    /// Links and refresh tokens presented by a source that do not exist.
    pub unknown_tokens: Option<Limit>,
    /// Reset mails of one number, and to one address.
    pub reset_mails: [Option<Limit>; 2],
    /// Reset mails in all.
    pub reset_mails_total: Option<Limit>,
    /// Failing numbers over all sources that begin the proof of work.
    pub spray: Option<Limit>,
    /// Numbers over all sources for which a reset is asked that begin the proof of work.
    pub reset_surge: Option<Limit>,
    /// Diagnoses that one client asks for.
    pub support_diagnosis: Option<Limit>,
}

impl LimitsConfig {
    /// The defaults. Their reasons stand beside their names in [`super::SETTINGS`].
    #[must_use]
    pub const fn standard() -> Self {
        Self {
            enforced: true,
            reset_source: Some(Limit::minutes(60, 60)),
            reset_network: Some(Limit::minutes(300, 60)),
            reset_numbers: Some(Limit::minutes(10, 60)),
            sign_in_source: Some(Limit::minutes(600, 60)),
            sign_in_numbers: Some(Limit::minutes(20, 60)),
            unknown_tokens: Some(Limit::minutes(30, 10)),
            reset_mails: [Some(Limit::minutes(3, 60)), Some(Limit::minutes(6, 24 * 60))],
            reset_mails_total: Some(Limit::minutes(1000, 60)),
            spray: Some(Limit::minutes(100, 10)),
            reset_surge: Some(Limit::minutes(300, 10)),
            support_diagnosis: Some(Limit::minutes(60, 1)),
        }
    }

    pub(super) fn read(reader: &mut Reader, production: bool) -> Self {
        let enforced = reader.switch("STAKIS_LIMITS", true);
        if !enforced && production {
            reader.problem("STAKIS_LIMITS must be on in production");
        }
        let standard = Self::standard();
        let [hourly, daily] = standard.reset_mails;
        let read = Self {
            enforced,
            reset_source: reader.limit("STAKIS_LIMIT_RESET_SOURCE", standard.reset_source),
            reset_network: reader.limit("STAKIS_LIMIT_RESET_NETWORK", standard.reset_network),
            reset_numbers: reader.limit("STAKIS_LIMIT_RESET_NUMBERS", standard.reset_numbers),
            sign_in_source: reader.limit("STAKIS_LIMIT_SIGN_IN_SOURCE", standard.sign_in_source),
            sign_in_numbers: reader.limit("STAKIS_LIMIT_SIGN_IN_NUMBERS", standard.sign_in_numbers),
            unknown_tokens: reader.limit("STAKIS_LIMIT_UNKNOWN_TOKENS", standard.unknown_tokens),
            reset_mails: [
                reader.limit("STAKIS_LIMIT_RESET_MAILS", hourly),
                reader.limit("STAKIS_LIMIT_RESET_MAILS_DAILY", daily),
            ],
            reset_mails_total: reader.limit("STAKIS_LIMIT_RESET_MAILS_TOTAL", standard.reset_mails_total),
            spray: reader.limit("STAKIS_LIMIT_SPRAY", standard.spray),
            reset_surge: reader.limit("STAKIS_LIMIT_RESET_SURGE", standard.reset_surge),
            support_diagnosis: reader.limit("STAKIS_LIMIT_SUPPORT_DIAGNOSIS", standard.support_diagnosis),
        };
        reader.check_limits();
        let periods = [read.spray, read.reset_surge].map(|limit| limit.map(|limit| limit.period));
        if let [Some(spray), Some(surge)] = periods
            && spray != surge
        {
            reader.problem("STAKIS_LIMIT_SPRAY and STAKIS_LIMIT_RESET_SURGE must have the same period");
        }
        if enforced { read } else { Self::default() }
    }
}
