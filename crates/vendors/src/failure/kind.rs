//! Which kind of failure it is.

use assize_llm::ErrorKind;

use super::said::Said;

/// The kind, from the vendor's codes first, then from its words, then from the status; the first that is certain decides.
///
/// A body's words count only where the status leaves the kind open: that a prompt is too long is no matter of a 429, which
/// speaks of tokens as well.
pub(super) fn of(status: Option<u16>, said: &Said) -> ErrorKind {
    let status = status.or(said.status);
    let is = |all: &[u16]| status.is_none_or(|status| all.contains(&status));
    if is(&[400, 403, 422, 451, 500]) && is_filtered(said) {
        return ErrorKind::ContentFilter;
    }
    if status == Some(413) || (is(&[400, 404, 422, 429, 500]) && is_too_long(status, said)) {
        return ErrorKind::ContextTooLong;
    }
    if status == Some(402) || said.is_spent || is_spent(said) {
        return ErrorKind::Quota;
    }
    if matches!(status, Some(401 | 403)) || (is(&[400]) && is_unknown_key(said)) {
        return ErrorKind::Auth;
    }
    if is(&[429, 500, 503, 529, 400]) && is_overloaded(said) {
        return ErrorKind::Overloaded;
    }
    let by_code = by_code(said);
    match status {
        Some(429) => ErrorKind::RateLimited,
        Some(408 | 504 | 522 | 524) => ErrorKind::TimedOut,
        // 498: Groq's capacity for flexible calls is used up.
        Some(498 | 503 | 529) => ErrorKind::Overloaded,
        // The clients of the vendors repeat 409; 425 asks for it; 499 is Google's word for a call that it dropped.
        Some(409 | 425 | 499) => ErrorKind::Server,
        Some(500..) => by_code.filter(|kind| kind.is_transient()).unwrap_or(ErrorKind::Server),
        Some(_) => by_code.filter(|kind| *kind != ErrorKind::Server).unwrap_or(ErrorKind::BadRequest),
        None => by_code.unwrap_or(ErrorKind::Server),
    }
}

/// What the codes alone say.
fn by_code(said: &Said) -> Option<ErrorKind> {
    let table: [(ErrorKind, &[&str]); 7] = [
        (
            ErrorKind::Auth,
            &[
                "authentication_error",
                "permission_error",
                "permission_denied",
                "unauthenticated",
                "unauthorized",
                "forbidden",
                "invalid_api_key",
                "invalid_authentication",
                "AuthenticationError",
                "PermissionDeniedError",
            ],
        ),
        (ErrorKind::TimedOut, &["timeout_error", "deadline_exceeded", "timeout", "request_timeout"]),
        (
            ErrorKind::RateLimited,
            &[
                "rate_limit_error",
                "rate_limit_exceeded",
                "rate_limited",
                "rate_limit",
                "too_many_requests",
                "resource_exhausted",
                "throttling_error",
                "RateLimitError",
            ],
        ),
        (ErrorKind::Overloaded, &["unavailable", "unavailable_error", "service_unavailable"]),
        (
            ErrorKind::Server,
            &["api_error", "server_error", "internal_error", "internal", "unknown", "internal_server_error"],
        ),
        (
            ErrorKind::BadRequest,
            &[
                "invalid_request_error",
                "invalid_argument",
                "not_found_error",
                "not_found",
                "model_not_found",
                "failed_precondition",
                "out_of_range",
                "invalid_prompt",
                "BadRequestError",
                "NotFoundError",
            ],
        ),
        (ErrorKind::Quota, &["billing_error"]),
    ];
    table.into_iter().find(|(_, codes)| said.has_code(codes)).map(|(kind, _)| kind)
}

fn is_filtered(said: &Said) -> bool {
    said.has_code(&[
        "content_filter",
        "content_filter_error",
        "content_policy_violation",
        "ResponsibleAIPolicyViolation",
        "moderation_blocked",
        "data_inspection_failed",
        "flagged_input",
        "cyber_policy_violation",
    ]) || said.has_phrase(&[
        "content filtering policy",
        "content management policy",
        "content exists risk",
        "usage guidelines",
        "violating our usage policy",
        "rejected as a result of our safety system",
        "requires moderation",
        "input was flagged",
    ])
}

fn is_too_long(status: Option<u16>, said: &Said) -> bool {
    // A request that is larger than what a minute may hold is too large however long one waits.
    let too_large = said.has_phrase(&["request too large"]) || said.has_code(&["request_too_large"]);
    if status == Some(429) {
        return too_large;
    }
    too_large
        || said.has_code(&[
            "context_length_exceeded",
            "context_window_exceeded",
            "exceed_context_size_error",
            "model_context_window_exceeded",
            "string_above_max_length",
        ])
        || said.has_phrase(&[
            "available context size",
            "context length",
            "context limit",
            "context window",
            "input is too long",
            "input token count",
            "is too large to process",
            "maximum model length",
            "maximum number of tokens allowed",
            "maximum prompt length",
            "prompt is too long",
            "prompt too long",
            "reduce the length of the messages",
            "too many tokens: total number of tokens in the prompt",
        ])
}

fn is_spent(said: &Said) -> bool {
    said.has_code(&[
        "insufficient_quota",
        "insufficient_balance",
        "billing_error",
        "billing_hard_limit_reached",
        "billing_not_active",
        "budget_exceeded",
        "exceeded_current_quota_error",
    ]) || said.has_phrase(&[
        "account is not active",
        "available credits",
        "billing hard limit",
        "budget has been exceeded",
        "credit balance",
        "enable billing",
        "free-models-per-day",
        "insufficient balance",
        "insufficient credits",
        "more credits",
        "out of credits",
        "spend limit",
        "spending limit",
        "you have reached your specified api usage limits",
    ]) || (
        // Gemini says so of every limit, those of a minute included.
        !said.has_code(&["resource_exhausted"]) && said.has_phrase(&["exceeded your current quota"])
    )
}

fn is_unknown_key(said: &Said) -> bool {
    // LiteLLM without a database knows its master key alone, and says `no_db_connection` of any other.
    said.has_code(&["API_KEY_INVALID", "invalid_api_key", "authentication_error", "no_db_connection"])
        || said.has_phrase(&["incorrect api key", "invalid api key", "api key not valid", "api key expired"])
}

fn is_overloaded(said: &Said) -> bool {
    said.has_code(&[
        "overloaded_error",
        "engine_overloaded",
        "model_overloaded",
        "server_overloaded",
        "slow_down",
    ]) || said.has_phrase(&["overloaded", "server busy", "at capacity", "model is currently loading"])
}
