//! The words by which counters are told apart.

use crate::types::text_enum;

text_enum! {
    /// How a sign-in ended.
    pub enum SignInOutcome {
        /// A session began.
        Success = "success",
        /// The password was wrong, no account had the number, or the account had no password.
        Credentials = "credentials",
        /// The attempt was refused after too many failures.
        Throttled = "throttled",
        /// The attempt was refused for want of a proof of work.
        Challenged = "challenged",
        /// The password was right and access was closed.
        Closed = "closed",
        /// The password was right and had to be changed.
        Expired = "expired",
        /// The service was too busy, or the database was down.
        Busy = "busy",
        /// The service failed.
        Failed = "failed",
    }
}

text_enum! {
    /// How an attempt to hand a mail over ended.
    pub enum MailOutcome {
        /// The mail API took the mail.
        HandedOver = "handed_over",
        /// The mail will be tried again.
        Deferred = "deferred",
        /// The mail is not sent: it was refused, its time was over, or it had no purpose any more.
        GivenUp = "given_up",
        /// Mail to the address is paused.
        Paused = "paused",
        /// The mail had no recipient.
        Decoy = "decoy",
    }
}

text_enum! {
    /// A limit that refuses calls. The text is the label of the metric, and a detail in the audit trail.
    pub enum RefusingLimit {
        /// Reset requests of one source or network.
        Reset = "reset",
        /// Sign-ins of one source.
        SignIn = "sign_in",
        /// Different customer numbers that one source tries.
        Numbers = "numbers",
        /// Failed attempts at the password of one number.
        SignInNumber = "sign_in_number",
        /// Tokens from one source that were never issued.
        UnknownToken = "unknown_token",
        /// Customer numbers that are tried in order to withdraw one reset link.
        Withdrawal = "withdrawal",
        /// Customer numbers that are tried with one link that withdraws a change of the address.
        EmailWithdrawal = "email_withdrawal",
        /// Customer numbers that are tried with one lock-down link, and further lock-downs of one account by link.
        LockDown = "lock_down",
        /// Changes of the address that follow another too soon.
        EmailChange = "email_change",
        /// Failed authentications of one machine client.
        ClientSecret = "client_secret",
        /// Calls of one machine client.
        Client = "client",
        /// Tokens that were never issued, which one machine client introspects.
        Introspection = "introspection",
        /// Address changes, erasures and mailed links that one machine client causes.
        Administration = "administration",
        /// Access tokens that one machine client gets.
        ClientTokens = "client_tokens",
        /// New passwords that one account refuses.
        NewPassword = "new_password",
        /// Diagnoses that one machine client asks for.
        SupportDiagnosis = "support_diagnosis",
        /// Different customer numbers that one machine client asks about.
        SupportNumbers = "support_numbers",
        /// Caller codes of one machine client, or for one customer number. They are swallowed, and not refused.
        CallerCodes = "caller_codes",
        /// Names that one account gives to its devices.
        DeviceNames = "device_names",
        /// Calls of one source that only claim to come from a mail API.
        MailEvents = "mail_events",
    }
}

text_enum! {
    /// What an operator has to look at.
    pub enum Alarm {
        /// One source, or one machine client, goes through many customer numbers.
        Walk = "walk",
        /// One machine client changes many addresses, erases many accounts or has many links mailed.
        Administration = "administration",
        /// Attempts fail on many customer numbers, whatever their sources.
        Spray = "spray",
        /// The budget of reset mails is used up.
        MailBudget = "mail_budget",
        /// No mail goes out through a mail API.
        MailApi = "mail_api",
        /// One source sends delivery events that are not authentic: it forges them, or the secret of the settings is
        /// not that of the mail API.
        MailEvents = "mail_events",
        /// A provider of mailboxes refuses a large share of the mails to its customers.
        MailboxProvider = "mailbox_provider",
        /// An endpoint of webhooks has failed for three days, and is disabled.
        Webhooks = "webhooks",
        /// A task of the upkeep fails, so what it deletes or ends stays.
        Upkeep = "upkeep",
        /// The head of the audit trail is not the one that this service has signed.
        Trail = "trail",
    }
}

text_enum! {
    /// How a batch of periodic work ended.
    pub enum BatchOutcome {
        /// There was nothing to do, or no more.
        Over = "over",
        /// The batch is done, and there may be another one.
        GoesOn = "goes_on",
        /// The batch has failed.
        Failed = "failed",
    }
}

text_enum! {
    /// Why the database has failed a transaction.
    pub enum DatabaseFailure {
        /// No connection could be opened.
        Unreachable = "unreachable",
        /// All connections were in use for too long.
        AllInUse = "all_in_use",
        /// A connection has given no answer.
        Silent = "silent",
        /// The transaction could not be begun or committed.
        Transaction = "transaction",
        /// The work has ended early.
        Aborted = "aborted",
    }
}

text_enum! {
    /// What a job does.
    pub enum JobKind {
        /// It looks the number of a reset request up and makes its link.
        IssueResetLink = "issue_reset_link",
        /// It hands a mail over.
        SendMail = "send_mail",
        /// It is of another version.
        Other = "other",
    }
}

text_enum! {
    /// Whether somebody waits for a job.
    pub enum JobUrgency {
        /// Somebody waits for it, or for the mail that it leads to.
        AtOnce = "at_once",
        /// It is one of many that can wait.
        InBulk = "in_bulk",
    }
}

text_enum! {
    /// How far a job has come.
    pub enum JobState {
        /// Its time lies ahead.
        Scheduled = "scheduled",
        /// Its time has come, and no worker has it.
        Due = "due",
        /// A worker has it.
        Running = "running",
    }
}
