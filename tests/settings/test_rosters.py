"""How rosters of operators are read."""

from pathlib import Path

import pytest

from callengine.errors import ConfigError
from callengine.settings import DialingSettings, OperatorSettings, RosterEntry, Settings, load_settings, over_trunk
from callengine.settings.rosters import operators


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("09121234567", ("09121234567", "09121234567")),
        ("+989121234567", ("+989121234567", "+989121234567")),
        ("PJSIP/200@desk", ("PJSIP/200@desk", "PJSIP/200@desk")),
        (" Sara = 09121234567 ", ("Sara", "09121234567")),
        ("سارا=PJSIP/200", ("سارا", "PJSIP/200")),
        ("PJSIP/desk/sip:200@host;transport=tcp", ("PJSIP/desk/sip:200@host;transport=tcp",) * 2),
        ("Ali=PJSIP/desk/sip:200@host;transport=tcp", ("Ali", "PJSIP/desk/sip:200@host;transport=tcp")),
    ],
)
def test_an_operator_is_a_telephone_with_or_without_a_name(written: str, meant: tuple[str, str]) -> None:
    roster = operators(written)
    assert roster == (RosterEntry(*meant),)
    assert operators(roster) == roster


@pytest.mark.parametrize(
    "bad",
    ["Sara", "Sara=", "Sara=Ali", "=0912", "/200", "PJSIP/", "PJSIP/a b", "0912-345", "PJSIP/1@d&PJSIP/2@d", "PJSIP/${X}"],
)
def test_an_entry_that_is_no_telephone_is_named(bad: str) -> None:
    with pytest.raises(ValueError, match="give") as caught:
        operators(f"09121234567,{bad}")
    assert repr(bad) in str(caught.value)


@pytest.mark.parametrize(
    ("target", "trunk"),
    [
        ("09121234567", True),
        ("pjsip/0912@trunk", True),
        ("PJSIP/trunk/sip:0912@carrier", True),
        ("PJSIP/trunk", True),
        ("PJSIP/200@desk", False),
        ("PJSIP/desk/sip:trunk@host", False),
    ],
)
def test_what_leaves_by_the_trunk_takes_a_slot_however_it_is_written(target: str, trunk: bool) -> None:
    assert over_trunk(target, Settings(dialing=DialingSettings(trunk="trunk"))) is trunk


@pytest.mark.parametrize(
    "setting", [{"endpoint": "200"}, {"endpoint": "PJSIP/1,PJSIP/2"}, {"extension": "20 0"}, {"trunk": "a@b"}]
)
def test_the_last_resorts_are_checked_too(setting: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="give"):
        OperatorSettings(**setting)


def test_the_environment_and_the_file_say_the_same(tmp_path: Path) -> None:
    environ = {
        "INBOUND_OPERATORS": "Sara=09121234567, PJSIP/200@desk, Sara=09121234567",
        "OUTBOUND_OPERATORS": "Sara=09121234567",
        "OPERATOR_WRAP_UP": "20",
        "OPERATOR_WAIT": "45",
        "OPERATOR_SLOT_WAIT": "5",
        "INBOUND_WAIT": "90",
        "INBOUND_WAITING_ROOM": "0",
        "INBOUND_REFUSE_UNKNOWN": "yes",
    }
    said = load_settings(environ, folder=tmp_path)
    (tmp_path / "callengine.toml").write_text(
        """
        [operators]
        inbound = ["Sara=09121234567", "PJSIP/200@desk"]
        outbound = ["Sara=09121234567"]
        wrap_up = 20
        wait = 45
        slot_wait = 5
        [inbound]
        wait = 90
        waiting_room = 0
        refuse_unknown = true
        """
    )
    assert load_settings({}, folder=tmp_path) == said
    assert said.operators.inbound == (RosterEntry("Sara", "09121234567"), RosterEntry("PJSIP/200@desk", "PJSIP/200@desk"))


def test_the_page_about_operators_says_the_same_twice(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "operators.md").read_text(encoding="utf-8")
    for language, name in (("sh", ".env"), ("toml", "callengine.toml")):
        (tmp_path / language).mkdir()
        (tmp_path / language / name).write_text(page.split(f"```{language}\n")[1].split("```")[0], encoding="utf-8")
    dotenv, toml = (load_settings({}, folder=tmp_path / language).operators for language in ("sh", "toml"))
    assert (dotenv.inbound, dotenv.outbound) == (toml.inbound, toml.outbound)
    assert len(toml.inbound) == len(toml.outbound) == 2


@pytest.mark.parametrize(
    "environ",
    [
        {"INBOUND_OPERATORS": "Sara=0912", "OUTBOUND_OPERATORS": "Sara=PJSIP/200@desk"},
        {"OUTBOUND_OPERATORS": "200=PJSIP/200@desk,200"},
        {"INBOUND_OPERATORS": "200=PJSIP/200@desk", "OPERATOR_MOBILE_NUMBERS": "200"},
    ],
)
def test_a_name_stands_for_one_telephone(environ: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"the operator (Sara|200) stands for .* and for .*: give each telephone a name"):
        load_settings(environ, folder=tmp_path)
