"""Where values come from, which of them wins, and what is said of wrong ones."""

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callengine.errors import ConfigError
from callengine.settings import LineSettings, Settings, load_settings, secrets_of

CANARY = "canary-7f3a"


def load(folder: Path, environ: Mapping[str, str] | None = None, toml: str = "", dotenv: str = "") -> Settings:
    (folder / "callengine.toml").write_text(toml, encoding="utf-8")
    (folder / ".env").write_text(dotenv, encoding="utf-8")
    return load_settings(environ or {}, folder=folder)


def complaint(folder: Path, environ: Mapping[str, str] | None = None, toml: str = "", dotenv: str = "") -> str:
    with pytest.raises(ConfigError) as caught:
        load(folder, environ, toml, dotenv)
    return str(caught.value)


def test_nothing_configured_gives_the_documented_defaults(tmp_path: Path) -> None:
    found = load_settings({}, folder=tmp_path)
    assert not found.pbx_configured and not found.panel_configured
    assert (found.limits.concurrent, found.limits.per_minute, found.limits.per_day) == (2, 10, 200)
    assert (found.limits.overall_per_second, found.limits.per_second) == (3, 1)
    assert (found.dialing.origination_timeout, found.stt.timeout, found.llm.timeout, found.ari.timeout) == (30, 30, 20, 10)
    assert found.panel.poll_seconds == 60
    assert secrets_of(found) == ()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | st.integers(1, 999), min_size=4, max_size=4))
def test_the_nearest_source_that_says_something_wins(values: list[int | None]) -> None:
    toml, dotenv, environ, option = values
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "callengine.toml").write_text("" if toml is None else f"[limits]\nper_day = {toml}\n")
        (folder / ".env").write_text(f"MAX_CALLS_PER_DAY={dotenv or ''}\n")
        found = load_settings({"MAX_CALLS_PER_DAY": str(environ or "")}, folder=folder, overrides={"limits.per_day": option})
    said = [value for value in (option, environ, dotenv, toml) if value is not None]
    assert found.limits.per_day == (said[0] if said else 200)


def test_empty_and_foreign_environment_values_change_nothing(tmp_path: Path) -> None:
    environ = {"PANEL_BASE_URL": "", "ARI_TIMEOUT": "  ", "PATH": "/bin", "ARI_TIMEOT": "5"}
    assert load_settings(environ, folder=tmp_path) == load_settings({}, folder=tmp_path)


def test_lists_and_switches_are_read_as_people_write_them(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        {
            "OUTBOUND_NUMBERS": " 02191000001, +982191000002 ,",
            "STATIC_CONTACTS": "0912 345 6789,,۰۹۱۲",
            "VIRA_VERIFY_SSL": "Off",
        },
    )
    assert found.dialing.outbound_numbers == ("02191000001", "+982191000002")
    assert found.contacts.static == ("0912 345 6789", "۰۹۱۲")
    assert found.stt.verify_ssl is False


def test_toml_groups_lines_and_results(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        toml="""
        company = "acme"
        [ari]
        base_url = "https://pbx.example/asterisk/ari"
        [calls.results]
        19 = "power_off"
        [[lines]]
        number = "0219"
        per_day = 0
        """,
    )
    assert found.company == "acme"
    assert found.ari.ws_url == "wss://pbx.example/asterisk/ari/events"
    assert found.calls.results == {19: "power_off"}
    assert found.lines == (LineSettings(number="0219", per_day=0),)


def test_every_problem_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    said = complaint(
        tmp_path,
        {"ARI_TIMEOUT": "ten", "OUTBOUND_NUMBERS": "123@evil&PJSIP/x", "APP_TEST_MODE": "on", "CALL_WINDOW_START": "09:00"},
        toml='panel = 1\n[ari]\nbase_ulr = "x"\n[limits]\nper_day = true\n[[lines]]\nper_day = -1\n',
        dotenv="PANEL_BASE_URL=panel.example\n",
    )
    assert said.splitlines() == [
        "10 settings are wrong:",
        "- callengine.toml: panel is a single value: write a table [panel]",
        "- callengine.toml: unknown key 'ari.base_ulr'; did you mean 'ari.base_url'?",
        "- callengine.toml: limits.per_day is True: give a whole number, 0 or more",
        "- callengine.toml: lines.1.per_day is -1: give a whole number, 0 or more",
        "- callengine.toml: lines.1.number is missing: name the line's number",
        "- .env: PANEL_BASE_URL is 'panel.example': give a URL that begins with http:// or https:// and names a host",
        "- environment: ARI_TIMEOUT is 'ten': give a number of seconds, more than 0, such as 30 or 2.5",
        "- environment: OUTBOUND_NUMBERS is '123@evil&PJSIP/x': "
        "give a telephone number: digits 0-9, with + in front if need be",
        "- APP_TEST_MODE is on without APP_TEST_MODE_REDIRECT_NUMBER: name the number that test calls go to",
        "- CALL_WINDOW_START stands alone: give CALL_WINDOW_START and CALL_WINDOW_END, or neither",
    ]


def test_what_follows_from_a_wrong_value_is_not_told_besides(tmp_path: Path) -> None:
    said = complaint(tmp_path, {"APP_TEST_MODE": "1", "APP_TEST_MODE_REDIRECT_NUMBER": "me"})
    assert said.startswith("environment: APP_TEST_MODE_REDIRECT_NUMBER is 'me'")


def test_a_window_of_no_length_and_a_line_of_two_tables_are_contradictions(tmp_path: Path) -> None:
    said = complaint(
        tmp_path,
        toml="""
        dialing = { window_start = 09:00:00, window_end = "09:00" }
        lines = [{ number = "0211" }, { number = "0211" }]
        """,
    )
    assert "are the same time" in said
    assert "several tables for the line 0211" in said


def test_speech_needs_a_folder_that_the_pbx_plays_from(tmp_path: Path) -> None:
    assert complaint(tmp_path, {"TTS_PROVIDER": "local"}) == (
        "TTS_PROVIDER is local without AST_SOUND_DIR: name the PBX's folder of custom sounds, where speech is put for it, or"
        " another MEDIA_DELIVERY"
    )
    found = load(tmp_path, {"TTS_PROVIDER": "local", "AST_SOUND_DIR": "/srv/sounds/custom", "TTS_LANGUAGE": "fa"})
    assert (found.tts.provider, found.tts.language, found.audio.sound_dir) == ("local", "fa", (Path("/srv/sounds/custom"),))


@pytest.mark.parametrize(
    ("host", "port", "token", "told"),
    [
        ("0.0.0.0", "8090", "", "ADMIN_HOST is 0.0.0.0 without ADMIN_TOKEN: set a token, or listen on 127.0.0.1 alone"),
        ("engine.example", "8090", "", "without ADMIN_TOKEN"),
        ("0.0.0.0", "8090", "s3cret", ""),
        ("0.0.0.0", "0", "", ""),
        ("::1", "8090", "", ""),
        ("localhost", "8090", "", ""),
        ("", "65536", "", "ADMIN_PORT is '65536': give a port, 1 to 65535, or 0 for none"),
    ],
)
def test_a_port_that_others_reach_needs_a_token(tmp_path: Path, host: str, port: str, token: str, told: str) -> None:
    environ = {"ADMIN_HOST": host, "ADMIN_PORT": port, "ADMIN_TOKEN": token}
    if told:
        assert told in complaint(tmp_path, environ)
    else:
        assert load(tmp_path, environ).admin.port == int(port)


@pytest.mark.parametrize(
    ("toml", "hint"),
    [
        ("[limits]\nper_dya = 1\n", "did you mean 'limits.per_day'?"),
        ("[dialing]\nper_day = 1\n", "did you mean 'limits.per_day'?"),
        ("[limit]\nper_day = 1\n", "did you mean 'limits'?"),
        ("[[lines]]\nnumber = '021'\nper_dya = 1\n", "did you mean 'lines.1.per_day'?"),
        ("lines = 3\n", "write [[lines]]"),
        ("[calls.results]\n19 = 'of'\n", "'of' is no result"),
    ],
)
def test_a_slip_in_the_file_is_met_with_a_suggestion(tmp_path: Path, toml: str, hint: str) -> None:
    assert hint in complaint(tmp_path, toml=toml)


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    assert "callengine.toml is not TOML" in complaint(tmp_path, toml="[ari\n")
    with pytest.raises(ConfigError, match=r"missing\.toml cannot be read"):
        load_settings({}, folder=tmp_path, config=Path("missing.toml"))
    (tmp_path / ".env").write_bytes(b"COMPANY=\xff\n")
    (tmp_path / "callengine.toml").unlink()
    with pytest.raises(ConfigError, match=r"\.env cannot be read"):
        load_settings({}, folder=tmp_path)


def test_an_unknown_option_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"command line: unknown key 'contacts\.fil'"):
        load_settings({}, folder=tmp_path, overrides={"contacts.fil": "x"})


def test_secrets_show_in_no_repr_and_no_message(tmp_path: Path) -> None:
    names = ["ARI_PASSWORD", "PANEL_API_TOKEN", "GAPGPT_API_KEY", "OPENAI_API_KEY", "VIRA_STT_TOKEN", "VIRA_TTS_TOKEN"]
    names += ["SMS_API_KEY", "STT_API_KEY", "DEEPGRAM_API_KEY", "CARTESIA_API_KEY"]
    environ = {name: f"{CANARY}-{name}" for name in names}
    found = load(tmp_path, environ | {"VIRA_STT_URL": "https://vira.test"})
    assert CANARY not in f"{found!r} {found}"
    basic = b64encode(f":{environ['ARI_PASSWORD']}".encode()).decode()
    assert sorted(secrets_of(found)) == sorted([*environ.values(), basic])
    assert CANARY not in complaint(tmp_path, dict.fromkeys(names, f"{CANARY}\x07"))
    assert CANARY not in complaint(tmp_path, {"ARI_WS_URL": f"http://u:{CANARY}@h/?app=x&api_key=u:{CANARY}"})


def test_credentials_leave_the_urls_of_the_pbx(tmp_path: Path) -> None:
    environ = {"ARI_BASE_URL": "http://pbx:8088/", "ARI_WS_URL": f"ws://pbx:8088/ari/events?app=salehi&api_key=bob:{CANARY}"}
    ari = load(tmp_path, environ).ari
    assert (ari.base_url, ari.ws_url) == ("http://pbx:8088/ari", "ws://pbx:8088/ari/events")
    assert (ari.app, ari.username, ari.password.get_secret_value()) == ("salehi", "bob", CANARY)
    named = load(tmp_path, environ | {"ARI_USERNAME": "eve", "ARI_PASSWORD": "other", "ARI_APP_NAME": "app"}).ari
    assert (named.app, named.username, named.password.get_secret_value()) == ("app", "eve", "other")


def test_paths_are_relative_to_who_wrote_them(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "engine.toml").write_text("[audio]\nsource_dir = 'mp3'\n")
    found = load_settings({"AUDIO_WAV_DIR": "wav"}, folder=tmp_path, config=Path("etc/engine.toml"))
    assert (found.audio.source_dir, found.audio.wav_dir) == (tmp_path / "etc" / "mp3", tmp_path / "wav")


def test_scenarios_are_where_deployments_keep_them(tmp_path: Path) -> None:
    assert load_settings({}, folder=tmp_path).scenarios.dir == tmp_path / "flows"
    (tmp_path / "config" / "scenarios").mkdir(parents=True)
    assert load_settings({}, folder=tmp_path).scenarios.dir == tmp_path / "config" / "scenarios"
    assert load_settings({"SCENARIOS_DIR": "mine"}, folder=tmp_path).scenarios.dir == tmp_path / "mine"


def test_the_environment_of_the_process_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPANY", "acme")
    assert load_settings(folder=tmp_path).company == "acme"
