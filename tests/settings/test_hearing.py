"""Speech to text: who listens, what is missing, what is said at start."""

from pathlib import Path

import pytest

from callengine.errors import ConfigError
from callengine.settings import AriSettings, Secret, Settings, SttSettings, load_settings, notes_on

KEY = Secret("canary-1")
PBX = AriSettings(base_url="http://pbx/ari", username="u", password=KEY)


def notes(stt: SttSettings) -> list[str]:
    return [
        note for note in notes_on(Settings(ari=PBX, stt=stt)) if "STT" in note or "speech" in note.lower() or "VIRA" in note
    ]


@pytest.mark.parametrize(
    ("environ", "service"),
    [
        ({}, "none"),
        ({"VIRA_STT_URL": "https://vira.test"}, "none"),
        ({"VIRA_STT_URL": "https://vira.test", "VIRA_STT_TOKEN": "t"}, "vira"),
        ({"VIRA_STT_URL": "https://vira.test", "VIRA_STT_TOKEN": "t", "DEEPGRAM_API_KEY": "k"}, "vira"),
        ({"VIRA_STT_URL": "https://vira.test", "VIRA_STT_TOKEN": "t", "STT_PROVIDER": "none"}, "none"),
        ({"DEEPGRAM_API_KEY": "k"}, "deepgram"),
        ({"STT_PROVIDER": "openai", "OPENAI_API_KEY": "k"}, "openai"),
        ({"STT_PROVIDER": "openai", "STT_API_KEY": "k"}, "openai"),
        ({"STT_PROVIDER": "openai", "STT_BASE_URL": "http://127.0.0.1:8000/v1"}, "openai"),
        ({"OPENAI_API_KEY": "k"}, "none"),
    ],
)
def test_who_listens_follows_from_what_is_set(environ: dict[str, str], service: str, tmp_path: Path) -> None:
    assert load_settings(environ, folder=tmp_path).stt.service == service


@pytest.mark.parametrize(
    ("environ", "complaint"),
    [
        ({"STT_PROVIDER": "vira", "VIRA_STT_URL": "https://vira.test"}, "without VIRA_STT_TOKEN: give"),
        ({"STT_PROVIDER": "vira", "VIRA_STT_TOKEN": "t"}, "without VIRA_STT_URL: give"),
        ({"VIRA_STT_TOKEN": "t"}, "without VIRA_STT_URL: give"),
        ({"STT_PROVIDER": "deepgram"}, "without DEEPGRAM_API_KEY: give"),
        ({"STT_PROVIDER": "openai"}, "without OPENAI_API_KEY or STT_API_KEY: give"),
        ({"STT_PROVIDER": "openai", "STT_BASE_URL": "https://api.openai.com/v1"}, "without OPENAI_API_KEY"),
    ],
)
def test_a_provider_without_what_it_needs_is_no_setting(environ: dict[str, str], complaint: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=complaint):
        load_settings(environ, folder=tmp_path)


def test_who_listens_is_said_once_where_nobody_was_named() -> None:
    vira = SttSettings(vira_token=KEY, vira_url="https://vira.test")
    assert notes(vira) == ["Speech to text is by vira, because VIRA_STT_TOKEN is set and STT_PROVIDER names nobody"]
    [note] = notes(SttSettings(deepgram_api_key=KEY))
    assert "deepgram, because DEEPGRAM_API_KEY" in note
    assert notes(SttSettings(provider="deepgram", deepgram_api_key=KEY, language="fa", model="nova-2")) == []


def test_what_matters_to_nobody_is_named() -> None:
    named = SttSettings(provider="vira", vira_token=KEY, vira_url="https://vira.test", language="en", api_key=KEY)
    assert notes(named) == [
        "STT_LANGUAGE has no effect where speech to text is by vira",
        "STT_API_KEY has no effect where speech to text is by vira",
    ]


def test_unchecked_certificates_are_told_of() -> None:
    [note] = notes(SttSettings(provider="vira", vira_token=KEY, vira_url="https://vira.test", verify_ssl=False))
    assert "VIRA_VERIFY_SSL is off" in note
