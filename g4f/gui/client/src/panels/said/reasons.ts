/** What one code of the server may stand for: each has a sentence of the page. */
// prettier-ignore
export const REASONS = [
  "refused", "unknown_host", "untrusted", "no_tls", "no_connection", "proxy", "unanswered", "cut", "no_http",
  "web_page", "no_json", "answered", "key_refused", "unpaid", "nothing_there", "no_model", "limited", "not_accepted",
  "moved", "challenge", "broke_off", "empty_answer", "odd_event", "no_list", "list_slow", "connect", "first_byte",
  "idle", "total", "no_address", "no_key", "no_provider", "provider_off", "model_unnamed", "all_failed", "provider_failed",
  "server_failed", "too_large",
  "no_chat", "no_message", "being_written", "no_file", "no_passage", "not_public", "stopping", "crowded",
  "storage_busy", "storage_unusable", "change_slow", "question_slow", "taken_over", "engine_away", "engine_slow",
  "no_sound", "sound_page", "odd_sound", "no_engine", "no_transcriber", "nothing_to_read", "text_long",
  "recording_long", "recording_empty", "page_unread", "page_slow", "page_answered", "page_kind", "search_slow",
  "search_failed", "search_empty",
] as const;
