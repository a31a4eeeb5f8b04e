"""Settings of sound."""

from pathlib import Path

import pytest

from callengine.errors import ConfigError
from callengine.settings import load_settings, secrets_of

HTTP = {"MEDIA_DELIVERY": "http", "MEDIA_BASE_URL": "http://10.0.0.5:8090", "ADMIN_PORT": "8090"}
SFTP = {"MEDIA_DELIVERY": "sftp", "SFTP_HOST": "pbx", "SFTP_USER": "asterisk", "SFTP_PASSWORD": "canary-10"}


def test_one_folder_of_sounds_or_several(tmp_path: Path) -> None:
    one = load_settings({"AST_SOUND_DIR": "/srv/sounds/custom"}, folder=tmp_path)
    two = load_settings({"AST_SOUND_DIR": "/srv/sounds/custom, en/custom, /srv/sounds/custom"}, folder=tmp_path)
    assert one.audio.sound_dir == (Path("/srv/sounds/custom"),)
    assert two.audio.sound_dir == (Path("/srv/sounds/custom"), tmp_path / "en/custom")


def test_the_file_may_name_them_as_a_list(tmp_path: Path) -> None:
    (tmp_path / "callengine.toml").write_text('[audio]\nsound_dir = ["a/custom", "/b/custom"]\n', encoding="utf-8")
    assert load_settings({}, folder=tmp_path).audio.sound_dir == (tmp_path / "a/custom", Path("/b/custom"))


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"AST_SOUND_DIR": "/a/custom,/b/others"}, "AST_SOUND_DIR names folders that end differently"),
        ({"MEDIA_DELIVERY": "pigeon"}, "give folder, http or sftp"),
        ({"AUDIO_ENHANCE": "perhaps"}, "give auto, on or off"),
        ({**HTTP, "MEDIA_BASE_URL": ""}, "without MEDIA_BASE_URL"),
        ({**HTTP, "ADMIN_PORT": ""}, "without ADMIN_PORT"),
        ({**HTTP, "MEDIA_TOKEN": "canary/10"}, "MEDIA_TOKEN is not usable"),
        ({**SFTP, "SFTP_USER": ""}, "without SFTP_HOST and SFTP_USER"),
        ({**SFTP, "SFTP_PASSWORD": ""}, "without SFTP_KEY_FILE or SFTP_PASSWORD"),
        ({**SFTP, "SFTP_PORT": "70000"}, "give a port"),
    ],
)
def test_what_cannot_work_is_told(tmp_path: Path, environ: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        load_settings(environ, folder=tmp_path)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("environ", [HTTP, SFTP])
def test_speech_needs_no_folder_where_sound_goes_another_way(tmp_path: Path, environ: dict[str, str]) -> None:
    assert load_settings({**environ, "TTS_PROVIDER": "local"}, folder=tmp_path).audio.sound_dir == ()


@pytest.mark.parametrize(("said", "meant"), [("on", "on"), ("true", "on"), ("0", "off"), ("AUTO", "auto"), ("", "auto")])
def test_enhancement_may_be_said_as_yes_or_no(tmp_path: Path, said: str, meant: str) -> None:
    assert load_settings({"AUDIO_ENHANCE": said}, folder=tmp_path).audio.enhance == meant


def test_the_path_of_media_is_a_secret_that_is_made_where_none_is_given(tmp_path: Path) -> None:
    first, second = (load_settings(HTTP, folder=tmp_path) for _ in range(2))
    assert first.media.token.get_secret_value() != second.media.token.get_secret_value()
    assert first.media.token.get_secret_value() in secrets_of(first)
    assert len(first.media.token.get_secret_value()) >= 32
    given = load_settings({**HTTP, "MEDIA_TOKEN": "0123456789abcdef"}, folder=tmp_path)
    assert given.media.token.get_secret_value() == "0123456789abcdef"
    assert not load_settings({}, folder=tmp_path).media.token
