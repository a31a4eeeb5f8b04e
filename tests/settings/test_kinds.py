"""How each kind of value is read."""

from collections.abc import Callable
from datetime import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from callengine.settings import choices, kinds


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        (kinds.text, "a\nb"),
        (kinds.text, "a\u202eb"),
        (kinds.whole, "-1"),
        (kinds.whole, "1.5"),
        (kinds.whole, "٣"),
        (kinds.at_least_one, "0"),
        (kinds.seconds, "0"),
        (kinds.seconds, "nan"),
        (kinds.seconds, "inf"),
        (kinds.seconds_or_zero, "-1"),
        (kinds.seconds_or_zero, "soon"),
        (kinds.flag, "maybe"),
        (kinds.http_url, "ws://host"),
        (kinds.http_url, "http://"),
        (kinds.http_url, "http://host:port"),
        (kinds.socket_url, "http://host"),
        (kinds.clock_time, "25:00"),
        (kinds.clock_time, "9"),
        (choices.log_level, "loud"),
        (choices.log_format, "xml"),
        (kinds.language, "en us"),
        (kinds.language_or_none, "en us"),
        (choices.stt_provider, "sphinx"),
        (choices.tts_provider, "festival"),
        (kinds.telephone, "SIP/1"),
        (kinds.telephones, "0211,SIP"),
        (kinds.dial_string, "{line}"),
        (kinds.dial_string, "{number}@evil"),
        (kinds.dial_string, "{number}{who}"),
        (kinds.results, "busy"),
        (kinds.results, "200=busy"),
        (kinds.results, "19=bsy"),
    ],
)
def test_what_cannot_be_meant_is_refused(kind: Callable[[str], object], bad: str) -> None:
    with pytest.raises(ValueError, match=r"give|remove") as caught:
        kind(bad)
    assert str(caught.value)


@pytest.mark.parametrize(
    ("kind", "written", "meant"),
    [
        (kinds.text, " نیم\u200cفاصله ", "نیم\u200cفاصله"),
        (kinds.whole, " 0 ", 0),
        (kinds.telephones, "0211, 0212, 0211", ("0211", "0212")),
        (kinds.seconds, "2.5", 2.5),
        (kinds.seconds_or_zero, "0", 0),
        (kinds.flag, "YES", True),
        (kinds.flag, "0", False),
        (kinds.http_url, "https://[::1]:8088/ari/", "https://[::1]:8088/ari"),
        (kinds.clock_time, "09:30", time(9, 30)),
        (choices.log_level, "debug", "DEBUG"),
        (kinds.language, " pt-br ", "pt-br"),
        (kinds.language_or_none, " ", ""),
        (kinds.language_or_none, "fa", "fa"),
        (choices.stt_provider, "Vira", "vira"),
        (choices.tts_provider, "Local", "local"),
        (kinds.dial_string, "{line_last4}{number}", "{line_last4}{number}"),
        (kinds.results, "19=power_off, 21=failed:refused", {19: "power_off", 21: "failed:refused"}),
    ],
)
def test_what_people_write_is_understood(kind: Callable[[object], object], written: str, meant: object) -> None:
    assert kind(written) == meant
    assert kind(meant) == meant


@given(st.lists(st.text(st.characters(categories=("L", "N")), min_size=1)))
def test_lists_survive_spaces_and_commas(values: list[str]) -> None:
    assert kinds.words(" , ".join(values) + ",") == tuple(values)


@given(st.text())
@example("0\x1f")
def test_no_text_makes_a_kind_fail_otherwise(value: str) -> None:
    for kind in (kinds.seconds, kinds.whole, kinds.flag, kinds.http_url, kinds.clock_time, kinds.results, kinds.dial_string):
        try:
            kind(value)
        except ValueError as error:
            assert "give" in str(error) or "remove" in str(error)
