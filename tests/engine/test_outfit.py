"""Which providers the settings ask for."""

from pathlib import Path

import pytest

from callengine.engine import outfit_of
from callengine.errors import ProviderRefused
from callengine.providers import WebRequest
from callengine.providers.audio import read_wav
from callengine.settings import AudioSettings, RequestSettings, Secret, Settings, SmsSettings, TtsSettings
from tests.providers.test_espeak import SPEAK, program


async def test_nothing_is_asked_for_by_default() -> None:
    async with outfit_of(Settings()) as outfit:
        assert outfit.ears is None
        assert outfit.speaker is None
        assert outfit.messenger is None
        assert outfit.web is None


async def test_local_speech_reaches_the_pbx_in_the_language_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = Path(program(tmp_path, f"open({str(tmp_path / 'told')!r}, 'w').write(sys.argv[2])\n{SPEAK}"))
    fake.rename(tmp_path / "espeak-ng")
    monkeypatch.setenv("PATH", str(tmp_path))
    settings = Settings(tts=TtsSettings(provider="local", language="fa"), audio=AudioSettings(sound_dir=tmp_path))
    async with outfit_of(settings) as outfit:
        assert outfit.speaker is not None
        media = await outfit.speaker.media("سلام")
    assert (tmp_path / "told").read_text() == "fa"
    assert read_wav((tmp_path.parent / f"{media.removeprefix('sound:')}.wav").read_bytes()).rate == 8000


async def test_web_services_are_those_of_the_settings() -> None:
    requests = RequestSettings(hosts=("crm.example.com",), tokens=Secret("crm.example.com=canary-8812"))
    async with outfit_of(Settings(requests=requests)) as outfit:
        assert outfit.web is not None
        assert outfit.hosts is not None
        assert outfit.hosts.allow("https://crm.example.com/")
        with pytest.raises(ProviderRefused, match="REQUEST_HOSTS"):
            await outfit.web.ask(WebRequest("GET", "https://evil.test/", None, 5.0))
        assert "canary-8812" not in repr(outfit)


async def test_short_messages_need_a_key_and_a_sender() -> None:
    key = Secret("canary-3391")
    async with outfit_of(Settings(sms=SmsSettings(api_key=key))) as outfit:
        assert outfit.messenger is None
    async with outfit_of(Settings(sms=SmsSettings(api_key=key, sender="50004"))) as outfit:
        assert outfit.messenger is not None
        assert "canary-3391" not in repr(outfit)
