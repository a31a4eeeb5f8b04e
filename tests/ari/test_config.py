import pytest

from callengine.ari import AriConfig
from callengine.errors import ConfigError
from tests.ari.scripted import SECRET


@pytest.mark.parametrize(
    "base, given, socket",
    [
        ("http://127.0.0.1:8088/ari", "", "ws://127.0.0.1:8088/ari/events"),
        ("https://pbx.example/ari/", "", "wss://pbx.example/ari/events"),
        ("http://127.0.0.1:8088/ari", "ws://10.0.0.1/ari/events", "ws://10.0.0.1/ari/events"),
    ],
)
def test_the_event_socket_lies_beside_the_rest_interface(base: str, given: str, socket: str) -> None:
    config = AriConfig(app="callengine", username="engine", password=SECRET, base_url=base, ws_url=given)
    assert config.events_url == socket


@pytest.mark.parametrize(
    "base",
    [
        "",
        "pbx:8088",
        "ftp://pbx/ari",
        "http:///ari",
        f"http://engine:{SECRET}@pbx/ari",
        f"http://pbx/ari?api_key=engine:{SECRET}",
    ],
)
def test_an_address_that_cannot_be_right_is_refused_without_its_secrets(base: str) -> None:
    with pytest.raises(ConfigError) as caught:
        AriConfig(app="callengine", username="engine", password=SECRET, base_url=base)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("app", ["", "a,b", "a b", "a/b"])
def test_the_application_name_is_plain(app: str) -> None:
    with pytest.raises(ConfigError, match="application name"):
        AriConfig(app=app, username="engine", password=SECRET)


def test_the_password_is_not_shown() -> None:
    assert SECRET not in repr(AriConfig(app="callengine", username="engine", password=SECRET))
