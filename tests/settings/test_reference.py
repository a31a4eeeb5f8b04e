"""The files that list all settings are complete and current."""

from pathlib import Path

from dotenv import dotenv_values

from callengine.settings import load_settings
from callengine.settings.reference import env_example, rows, settings_page

ROOT = Path(__file__).parents[2]

IN_DEPLOYMENTS = """
ARI_BASE_URL ARI_WS_URL ARI_APP_NAME ARI_USERNAME ARI_PASSWORD ARI_TIMEOUT OUTBOUND_TRUNK OUTBOUND_NUMBERS DEFAULT_CALLER_ID
ORIGINATION_TIMEOUT MAX_CONCURRENT_CALLS MAX_CALLS_PER_MINUTE MAX_CALLS_PER_DAY MAX_ORIGINATIONS_PER_SECOND
MAX_CONCURRENT_OUTBOUND_CALLS MAX_CONCURRENT_INBOUND_CALLS DIALER_BATCH_SIZE DIALER_DEFAULT_RETRY STATIC_CONTACTS
CALL_WINDOW_START CALL_WINDOW_END PANEL_BASE_URL PANEL_API_TOKEN COMPANY SCENARIOS_DIR GAPGPT_BASE_URL GAPGPT_API_KEY
VIRA_STT_TOKEN VIRA_TTS_TOKEN VIRA_STT_URL VIRA_TTS_URL VIRA_VERIFY_SSL OPERATOR_EXTENSION OPERATOR_TRUNK OPERATOR_CALLER_ID
OPERATOR_TIMEOUT OPERATOR_ENDPOINT OPERATOR_MOBILE_NUMBERS HTTP_MAX_CONNECTIONS HTTP_TIMEOUT STT_TIMEOUT TTS_TIMEOUT
LLM_TIMEOUT MAX_PARALLEL_STT MAX_PARALLEL_TTS MAX_PARALLEL_LLM SMS_API_KEY SMS_FROM SMS_ADMINS FAIL_ALERT_THRESHOLD
AST_SOUND_DIR AUDIO_SRC_DIR AUDIO_WAV_DIR LOG_LEVEL APP_TEST_MODE APP_TEST_MODE_REDIRECT_NUMBER OPENAI_API_KEY
DEEPGRAM_API_KEY CARTESIA_API_KEY
"""
OURS = """
PROVIDER_ATTEMPTS PROVIDER_HEDGE_SECONDS PROVIDER_FAILURES PROVIDER_REST_SECONDS
ADMIN_HOST ADMIN_PORT ADMIN_TOKEN SCENARIOS_WATCH
CALL_MAX_SECONDS CALL_MAX_STEPS CALL_RESULTS CONTACTS_FILE DIAL_STRING DRAIN_SECONDS INBOUND_OPERATORS INBOUND_REFUSE_UNKNOWN
INBOUND_WAIT INBOUND_WAITING_ROOM KEEP_RECORDINGS KEEP_TRANSCRIPTS LLM_MODEL LLM_STRUCTURED LOG_DIR LOG_FORMAT
MAX_ORIGINATIONS_PER_SECOND_PER_LINE OPERATOR_SLOT_WAIT OPERATOR_WAIT OPERATOR_WRAP_UP OUTBOUND_OPERATORS
RESERVED_OPERATOR_SLOTS STT_PROVIDER STT_LANGUAGE STT_MODEL STT_BASE_URL STT_API_KEY TTS_LANGUAGE TTS_PROVIDER
TTS_VOICE TTS_SPEED TTS_MODEL TTS_BASE_URL TTS_API_KEY TTS_FORMAT SMS_PROVIDER SMS_WEBHOOK_URL SMS_WEBHOOK_TOKEN
REQUEST_HOSTS REQUEST_TOKENS MAX_PARALLEL_REQUESTS
CAMPAIGN REGION ALLOWED_PREFIXES RETRIES CALL_WINDOW_ZONE CALL_DAYS CALL_HOLIDAYS RESUME_PROBE_SECONDS LINES_ZONE
PACING_MODE DIAL_LEVEL ABANDON_TARGET ABANDON_AFTER STORE_URL STORE_MIN_FREE_MB
KEEP_RECORDINGS_DAYS KEEP_TRANSCRIPTS_DAYS PANEL_OLD_FIELDS PANEL_USER_MESSAGE
"""


def test_the_example_lists_every_name_and_no_other() -> None:
    assert sorted(dotenv_values(ROOT / ".env.example")) == sorted(f"{IN_DEPLOYMENTS} {OURS}".split())


def test_the_files_are_what_the_classes_say() -> None:
    hint = "run `python -m callengine.settings.reference`"
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == env_example(), hint
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == settings_page(), hint


def test_a_copied_example_changes_nothing(tmp_path: Path) -> None:
    bare = load_settings({}, folder=tmp_path)
    (tmp_path / ".env").write_text(env_example(), encoding="utf-8")
    assert load_settings({}, folder=tmp_path) == bare


def test_documented_defaults_are_accepted_as_values(tmp_path: Path) -> None:
    environ = {row.name: row.default for row in rows() if row.name}
    assert load_settings(environ, folder=tmp_path) == load_settings({}, folder=tmp_path)


def test_every_setting_has_a_meaning_and_each_name_stands_once() -> None:
    names = [row.name for row in rows() if row.name]
    assert all(row.meaning for row in rows())
    assert len(set(names)) == len(names)
