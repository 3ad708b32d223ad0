//! The columns, alike in both databases; the migrations say what they mean.

diesel::table! {
    accounts (id) {
        id -> Text,
        customer_number -> Text,
        email -> Nullable<Text>,
        locale -> Text,
        password_hash -> Nullable<Text>,
        password_cost -> Nullable<Text>,
        password_changed_at -> Nullable<Timestamp>,
        session_epoch -> Integer,
        last_sign_in_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        closed_at -> Nullable<Timestamp>,
        closed_reason -> Nullable<Text>,
        closed_by -> Nullable<Text>,
        password_expired_because -> Nullable<Text>,
        expiry_reminders -> Integer,
        email_changed_at -> Nullable<Timestamp>,
        email_confirmed_at -> Nullable<Timestamp>,
        email_cools_off_until -> Nullable<Timestamp>,
        password_expired_at -> Nullable<Timestamp>,
        contested_since -> Nullable<Timestamp>,
        display_name -> Nullable<Text>,
        lasting_cost -> Nullable<Text>,
        feed_email_hash -> Nullable<Text>,
    }
}

diesel::table! {
    hashes_to_wrap (account_id) {
        account_id -> Text,
        imported_at -> Timestamp,
    }
}

diesel::table! {
    imports (id) {
        id -> Text,
        source_hash -> Text,
        actor -> Text,
        started_at -> Timestamp,
        updated_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
        rows_done -> BigInt,
        created -> BigInt,
        changed -> BigInt,
        rejected -> BigInt,
    }
}

diesel::table! {
    email_changes (id) {
        id -> Text,
        account_id -> Text,
        session_id -> Text,
        session_epoch -> Integer,
        old_email -> Nullable<Text>,
        new_email -> Text,
        secret_key_id -> Text,
        confirm_token_hash -> Text,
        withdraw_token_hash -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        ended_because -> Nullable<Text>,
        mismatch_count -> Integer,
    }
}

diesel::table! {
    lock_down_links (mail_id) {
        mail_id -> Text,
        account_id -> Text,
        mailbox -> Text,
        secret_key_id -> Text,
        token_hash -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        ended_because -> Nullable<Text>,
    }
}

diesel::table! {
    caller_codes (id) {
        id -> Text,
        client_id -> Text,
        customer_number -> Text,
        account_id -> Nullable<Text>,
        deliver_to -> Text,
        secret_key_id -> Text,
        mail_id -> Nullable<Text>,
        swallowed_by -> Nullable<Text>,
        tries -> Integer,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        shown_at -> Nullable<Timestamp>,
        ended_at -> Nullable<Timestamp>,
        ended_because -> Nullable<Text>,
    }
}

diesel::table! {
    reset_requests (id) {
        id -> Text,
        customer_number -> Text,
        requested_at -> Timestamp,
        request_id -> Text,
        source -> Nullable<Text>,
        outcome -> Nullable<Text>,
        actor -> Text,
        source_hash -> Nullable<Text>,
        cause -> Nullable<Text>,
    }
}

diesel::table! {
    swallowed_requests (customer_number, hour, outcome) {
        customer_number -> Text,
        hour -> Timestamp,
        outcome -> Text,
        requests -> Integer,
        first_at -> Timestamp,
        last_at -> Timestamp,
    }
}

diesel::table! {
    reset_links (id) {
        id -> Text,
        reset_request_id -> Text,
        customer_number -> Text,
        account_id -> Nullable<Text>,
        secret_key_id -> Text,
        token_hash -> Text,
        created_at -> Timestamp,
        expires_at -> Nullable<Timestamp>,
        mail_finished_at -> Nullable<Timestamp>,
        ended_at -> Nullable<Timestamp>,
        ended_because -> Nullable<Text>,
        mismatch_count -> Integer,
        account_rule_count -> Integer,
        first_looked_at -> Nullable<Timestamp>,
        lives_until -> Nullable<Timestamp>,
    }
}

diesel::table! {
    mails (id) {
        id -> Text,
        kind -> Text,
        account_id -> Nullable<Text>,
        reset_link_id -> Nullable<Text>,
        recipient -> Nullable<Text>,
        last_two_digits -> Text,
        locale -> Text,
        status -> Text,
        attempts -> Integer,
        last_error -> Nullable<Text>,
        created_at -> Timestamp,
        serve_until -> Timestamp,
        finished_at -> Nullable<Timestamp>,
        provider_message_id -> Nullable<Text>,
        session_id -> Nullable<Text>,
        provider -> Nullable<Text>,
        last_tried_at -> Nullable<Timestamp>,
        next_try_at -> Nullable<Timestamp>,
        delivery -> Nullable<Text>,
        delivery_at -> Nullable<Timestamp>,
        smtp_code -> Nullable<Text>,
        held_at -> Nullable<Timestamp>,
        recipient_key -> Nullable<Text>,
        email_change_id -> Nullable<Text>,
        bounce_cause -> Nullable<Text>,
    }
}

diesel::table! {
    mail_events (provider, event_id) {
        provider -> Text,
        event_id -> Text,
        received_at -> Timestamp,
    }
}

diesel::table! {
    suppressions (address, reason) {
        address -> Text,
        reason -> Text,
        since -> Timestamp,
        retry_at -> Nullable<Timestamp>,
        detail -> Nullable<Text>,
        reviewed_at -> Timestamp,
    }
}

diesel::table! {
    suppression_liftings (address) {
        address -> Text,
        lifted_at -> Timestamp,
    }
}

diesel::table! {
    rate_limits (key) {
        key -> Text,
        empty_at -> BigInt,
    }
}

diesel::table! {
    jobs (id) {
        id -> Text,
        payload -> Text,
        run_at -> Timestamp,
        lease_until -> Nullable<Timestamp>,
        attempts -> Integer,
        created_at -> Timestamp,
        priority -> Integer,
        request_id -> Nullable<Text>,
        traceparent -> Nullable<Text>,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        account_id -> Text,
        session_epoch -> Integer,
        created_at -> Timestamp,
        last_used_at -> Timestamp,
        user_agent -> Nullable<Text>,
        source -> Nullable<Text>,
        ended_at -> Nullable<Timestamp>,
        ended_because -> Nullable<Text>,
        device_id -> Nullable<Text>,
    }
}

diesel::table! {
    signing_keys (id) {
        id -> Text,
        generation -> Integer,
        algorithm -> Text,
        secret_key_id -> Text,
        sealed_private_key -> Text,
        created_at -> Timestamp,
        signs_from -> Timestamp,
    }
}

diesel::table! {
    clients (id) {
        id -> Text,
        name -> Text,
        scopes -> Text,
        secret_hash -> Text,
        created_at -> Timestamp,
        created_by -> Text,
        last_used_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
        person -> Nullable<Text>,
        previous_secret_hash -> Nullable<Text>,
        secret_created_at -> Nullable<Timestamp>,
        jwks -> Nullable<Text>,
    }
}

diesel::table! {
    support_sessions (token_hash) {
        token_hash -> Text,
        client_id -> Text,
        started_at -> Timestamp,
        last_used_at -> Timestamp,
    }
}

diesel::table! {
    audit_events (id) {
        id -> Text,
        occurred_at -> Timestamp,
        event -> Text,
        actor -> Text,
        customer_number -> Nullable<Text>,
        account_id -> Nullable<Text>,
        reset_request_id -> Nullable<Text>,
        source -> Nullable<Text>,
        request_id -> Nullable<Text>,
        detail -> Nullable<Text>,
        session_id -> Nullable<Text>,
        device_id -> Nullable<Text>,
    }
}

diesel::table! {
    audit_unsealed (seq) {
        seq -> BigInt,
        event_id -> Text,
        occurred_at -> Timestamp,
    }
}

diesel::table! {
    audit_seals (position) {
        position -> BigInt,
        event_id -> Text,
        salt -> Nullable<Text>,
        commitment -> Text,
        row_hash -> Text,
    }
}

diesel::table! {
    audit_batches (number) {
        number -> BigInt,
        first_position -> BigInt,
        last_position -> BigInt,
        sealed_at -> Timestamp,
        previous_head -> Nullable<Text>,
        previous_key_id -> Nullable<Text>,
        head -> Text,
        key_id -> Text,
        public_key -> Text,
        signature -> Text,
        told_at -> Nullable<Timestamp>,
        cut_by -> Nullable<Text>,
    }
}

diesel::table! {
    audit_erasures (event_id) {
        event_id -> Text,
        erased_by -> Nullable<Text>,
    }
}

diesel::table! {
    events (seq) {
        seq -> BigInt,
        id -> Text,
        event_type -> Text,
        account_id -> Nullable<Text>,
        occurred_at -> Timestamp,
        data -> Text,
        decoy -> Bool,
        position -> Nullable<BigInt>,
    }
}

diesel::table! {
    event_positions (stream) {
        stream -> Text,
        last_position -> BigInt,
    }
}

diesel::table! {
    password_history (id) {
        id -> Text,
        account_id -> Text,
        password_hash -> Text,
        replaced_at -> Timestamp,
    }
}

diesel::table! {
    devices (id) {
        id -> Text,
        account_id -> Text,
        secret_key_id -> Text,
        token_hash -> Text,
        user_agent -> Nullable<Text>,
        source -> Nullable<Text>,
        created_at -> Timestamp,
        last_used_at -> Timestamp,
        name -> Nullable<Text>,
        named_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    former_devices (id) {
        id -> Text,
        account_id -> Text,
        token_hash -> Text,
        user_agent -> Nullable<Text>,
        name -> Nullable<Text>,
        named_at -> Nullable<Timestamp>,
        ended_at -> Timestamp,
    }
}

diesel::table! {
    erased_numbers (number_key) {
        number_key -> Text,
        erased_at -> Timestamp,
    }
}

diesel::table! {
    idempotency_keys (id) {
        id -> Text,
        fingerprint -> Text,
        created_at -> Timestamp,
        lease_until -> Timestamp,
        account_id -> Nullable<Text>,
        secret_key_id -> Nullable<Text>,
        sealed_answer -> Nullable<Text>,
    }
}

diesel::table! {
    failed_sign_ins (customer_number, hour, presented) {
        customer_number -> Text,
        hour -> Timestamp,
        presented -> Text,
        failures -> Integer,
        first_at -> Timestamp,
        last_at -> Timestamp,
        source -> Nullable<Text>,
        several_sources -> Bool,
    }
}

diesel::table! {
    refresh_tokens (token_hash) {
        token_hash -> Text,
        session_id -> Text,
        generation -> Integer,
        created_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
        token_id -> Nullable<Text>,
        secret_key_id -> Nullable<Text>,
        used_by -> Nullable<Text>,
        used_from -> Nullable<Text>,
        reissues -> Integer,
        reissued_at -> Nullable<Timestamp>,
        reissued_elsewhere -> Bool,
    }
}

diesel::table! {
    sign_in_failures (subject) {
        subject -> Text,
        failures -> Integer,
        last_failed_at -> Timestamp,
        refusal_noted -> Bool,
    }
}

diesel::table! {
    spent_proofs (id) {
        id -> Text,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    spent_assertions (id) {
        id -> Text,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    revoked_tokens (jti) {
        jti -> Text,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    pressure_reports (instance) {
        instance -> Text,
        reported_at -> Timestamp,
        failing -> Integer,
        succeeding -> Integer,
        asking -> Integer,
        level -> Integer,
        level_until -> Timestamp,
    }
}

diesel::table! {
    tried_numbers (key, customer_number) {
        key -> Text,
        customer_number -> Text,
        tried_at -> Timestamp,
    }
}

diesel::table! {
    webhook_endpoints (id) {
        id -> Text,
        client_id -> Text,
        url -> Text,
        types -> Text,
        description -> Nullable<Text>,
        state -> Text,
        disabled_reason -> Nullable<Text>,
        signature -> Text,
        created_at -> Timestamp,
        failing_since -> Nullable<Timestamp>,
        failures -> Integer,
        paused_until -> Nullable<Timestamp>,
        lease_until -> Nullable<Timestamp>,
        replay_from -> Nullable<Timestamp>,
        replay_to -> Nullable<Timestamp>,
        replay_type -> Nullable<Text>,
        replay_position -> Nullable<BigInt>,
    }
}

diesel::table! {
    webhook_keys (id) {
        id -> Text,
        endpoint_id -> Text,
        secret_key_id -> Text,
        sealed_secret -> Text,
        sealed_key_pair -> Nullable<Text>,
        public_key -> Nullable<Text>,
        created_at -> Timestamp,
        expires_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    webhook_deliveries (id) {
        id -> Text,
        endpoint_id -> Text,
        event_id -> Text,
        event_type -> Text,
        cause -> Text,
        body -> Nullable<Text>,
        attempts -> Integer,
        created_at -> Timestamp,
        next_try_at -> Timestamp,
    }
}

diesel::table! {
    webhook_attempts (id) {
        id -> Text,
        endpoint_id -> Text,
        event_id -> Text,
        event_type -> Text,
        attempt -> Integer,
        outcome -> Text,
        status -> Nullable<Integer>,
        duration_ms -> Nullable<Integer>,
        attempted_at -> Timestamp,
    }
}

diesel::allow_tables_to_appear_in_same_query!(accounts, sessions);
diesel::allow_tables_to_appear_in_same_query!(clients, revoked_tokens, support_sessions);
diesel::allow_tables_to_appear_in_same_query!(mails, reset_links);
diesel::allow_tables_to_appear_in_same_query!(accounts, hashes_to_wrap);
diesel::allow_tables_to_appear_in_same_query!(clients, webhook_endpoints, webhook_deliveries);
diesel::allow_tables_to_appear_in_same_query!(webhook_endpoints, webhook_keys);
