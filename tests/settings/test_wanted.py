"""Services that are asked for without what they need, told of at start."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from callengine.errors import ConfigError
from callengine.settings import AriSettings, AudioSettings, Secret, Settings, SmsSettings, TtsSettings, load_settings, notes_on
from callengine.settings.wanted import unheard

FOLDER = {"AST_SOUND_DIR": "/srv/sounds/custom"}
KEY = Secret("canary-6620")


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"TTS_PROVIDER": "vira"}, ("VIRA_TTS_TOKEN",)),
        ({"TTS_PROVIDER": "cartesia"}, ("CARTESIA_API_KEY", "TTS_VOICE")),
        ({"TTS_PROVIDER": "cartesia", "CARTESIA_API_KEY": "k"}, ("TTS_VOICE",)),
        ({"TTS_PROVIDER": "openai"}, ("TTS_API_KEY", "OPENAI_API_KEY")),
        ({"SMS_PROVIDER": "melipayamak", "SMS_FROM": "50004"}, ("SMS_API_KEY",)),
        ({"SMS_PROVIDER": "melipayamak", "SMS_API_KEY": "k"}, ("SMS_FROM",)),
        ({"SMS_PROVIDER": "webhook", "SMS_WEBHOOK_TOKEN": "t"}, ("SMS_WEBHOOK_URL",)),
        ({"TTS_SPEED": "2"}, ("TTS_SPEED", "0.6 to 1.5")),
        ({"TTS_SPEED": "nan"}, ("TTS_SPEED", "0.6 to 1.5")),
        ({"TTS_FORMAT": "opus"}, ("TTS_FORMAT", "wav, mp3")),
        ({"TTS_PROVIDER": "festival"}, ("TTS_PROVIDER", "auto, none, local, vira, cartesia, openai")),
        ({"SMS_PROVIDER": "twilio"}, ("SMS_PROVIDER", "auto, melipayamak, webhook")),
        ({"TTS_BASE_URL": "speech.example.com"}, ("TTS_BASE_URL",)),
    ],
)
def test_what_is_missing_or_wrong_is_named(tmp_path: Path, environ: Mapping[str, str], told: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError) as raised:
        load_settings({**FOLDER, **environ}, folder=tmp_path)
    assert all(name in str(raised.value) for name in told)


@pytest.mark.parametrize(
    "environ",
    [
        {"TTS_PROVIDER": "vira", "VIRA_TTS_TOKEN": "t"},
        {"TTS_PROVIDER": "cartesia", "CARTESIA_API_KEY": "k", "TTS_VOICE": "v", "TTS_SPEED": "0.6"},
        {"TTS_PROVIDER": "openai", "OPENAI_API_KEY": "k"},
        {"TTS_PROVIDER": "openai", "TTS_API_KEY": "k", "TTS_FORMAT": "MP3"},
        {"TTS_PROVIDER": "openai", "TTS_BASE_URL": "http://127.0.0.1:8880/v1"},
        {"SMS_PROVIDER": "melipayamak", "SMS_API_KEY": "k", "SMS_FROM": "50004"},
        {"SMS_PROVIDER": "webhook", "SMS_WEBHOOK_URL": "https://gateway.example/send"},
        {"TTS_PROVIDER": "auto", "SMS_PROVIDER": "auto"},
    ],
)
def test_what_is_enough_is_taken(tmp_path: Path, environ: Mapping[str, str]) -> None:
    assert load_settings({**FOLDER, **environ}, folder=tmp_path).audio.sound_dir


def test_speech_that_is_named_needs_a_folder_and_speech_that_may_be_does_not(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="TTS_PROVIDER is vira without AST_SOUND_DIR"):
        load_settings({"TTS_PROVIDER": "vira", "VIRA_TTS_TOKEN": "t"}, folder=tmp_path)
    assert load_settings({"VIRA_TTS_TOKEN": "t"}, folder=tmp_path).tts.chosen == "vira"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (Settings(tts=TtsSettings(cartesia_api_key=KEY)), "TTS_VOICE"),
        (Settings(tts=TtsSettings(vira_token=KEY)), "AST_SOUND_DIR"),
        (Settings(sms=SmsSettings(webhook_token=KEY)), "SMS_WEBHOOK_TOKEN has no effect"),
        (Settings(sms=SmsSettings("auto", KEY, "50004", "https://a.test", KEY)), "SMS_WEBHOOK_TOKEN has no effect"),
    ],
)
def test_a_token_that_does_nothing_is_told_of_once_at_start(settings: Settings, told: str) -> None:
    [note] = unheard(settings)
    assert told in note
    assert KEY.get_secret_value() not in note


def test_tokens_that_work_are_not_mentioned(tmp_path: Path) -> None:
    settings = Settings(
        ari=AriSettings(base_url="http://127.0.0.1:8088/ari"),
        audio=AudioSettings(sound_dir=tmp_path),
        tts=TtsSettings(vira_token=KEY, cartesia_api_key=KEY),
        sms=SmsSettings(webhook_url="https://gateway.example", webhook_token=KEY),
    )
    assert not list(unheard(settings))
    assert "no effect" not in "\n".join(notes_on(settings))
    assert "CARTESIA_API_KEY" in "\n".join(notes_on(Settings(ari=settings.ari, tts=TtsSettings(cartesia_api_key=KEY))))
