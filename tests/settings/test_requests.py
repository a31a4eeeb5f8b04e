"""Which web services the settings let flows ask."""

from pathlib import Path

import pytest

from callengine.errors import ConfigError
from callengine.settings import Settings, load_settings, notes_on, secrets_of
from callengine.settings.requests import host, tokens

TOKEN = "canary=7f3a+/"


def loaded(folder: Path, **environ: str) -> Settings:
    return load_settings(environ, folder=folder)


def test_none_unless_somebody_says_so(tmp_path: Path) -> None:
    assert loaded(tmp_path).requests.hosts == ()
    assert loaded(tmp_path).requests.token_of == {}


def test_hosts_and_their_tokens(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        REQUEST_HOSTS="CRM.example.com, intern:8080,[::1]:9,crm.example.com",
        REQUEST_TOKENS=f"Crm.Example.com={TOKEN}, intern:8080=other-token",
    )
    assert settings.requests.hosts == ("crm.example.com", "intern:8080", "[::1]:9")
    assert settings.requests.token_of == {"crm.example.com": TOKEN, "intern:8080": "other-token"}
    assert {TOKEN, "other-token"} <= set(secrets_of(settings))
    assert TOKEN not in repr(settings)


def test_a_table_of_tokens(tmp_path: Path) -> None:
    (tmp_path / "callengine.toml").write_text(
        f'[requests]\nhosts = ["crm.example.com"]\ntokens = {{"crm.example.com" = "{TOKEN}"}}\n'
    )
    assert loaded(tmp_path).requests.token_of == {"crm.example.com": TOKEN}
    secret = loaded(tmp_path).requests.tokens
    assert tokens(secret) is secret


@pytest.mark.parametrize(
    "name", ["https://crm.example.com", "crm.example.com/path", "*.example.com", "a b", "user@host", "host:", "host:0", "::1"]
)
def test_what_is_no_host(name: str) -> None:
    with pytest.raises(ValueError, match="give a host"):
        host(name)


@pytest.mark.parametrize(
    "pairs", ["crm.example.com", TOKEN.replace("=", ""), f"=={TOKEN}", f"a={TOKEN} x", f"https://a={TOKEN}", "a="]
)
def test_a_wrong_token_is_told_without_it(pairs: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="REQUEST_TOKENS") as caught:
        loaded(tmp_path, REQUEST_TOKENS=pairs)
    assert "canary" not in str(caught.value)


def test_a_token_of_a_host_that_may_not_be_asked_is_told_of(tmp_path: Path) -> None:
    settings = loaded(tmp_path, REQUEST_HOSTS="a.test", REQUEST_TOKENS=f"a.test={TOKEN},b.test={TOKEN}")
    [note] = [note for note in notes_on(settings) if "REQUEST" in note]
    assert note == "REQUEST_TOKENS has no effect for b.test: REQUEST_HOSTS does not name it"
