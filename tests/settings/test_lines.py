"""Which lines the settings describe, and what is said of settings that will not work as hoped."""

from callengine.model import LineId, LineLimits, LineSpec
from callengine.settings import (
    AriSettings,
    DialingSettings,
    LimitSettings,
    LineSettings,
    Settings,
    TestModeSettings,
    line_specs,
    notes_on,
)


def test_lines_take_the_common_limits_but_for_their_own() -> None:
    settings = Settings(
        dialing=DialingSettings(outbound_numbers=("0211", "0212")),
        limits=LimitSettings(concurrent=4, per_day=100),
        lines=(LineSettings(number="0212", per_day=0, display_name="North"),),
    )
    assert line_specs(settings) == (
        LineSpec(LineId("0211"), "0211", LineLimits(concurrent=4, per_minute=10, per_day=100, per_second=1)),
        LineSpec(LineId("0212"), "0212", LineLimits(concurrent=4, per_minute=10, per_day=0, per_second=1), "North"),
    )


def test_tables_name_the_lines_where_the_list_of_numbers_does_not() -> None:
    settings = Settings(lines=(LineSettings(number="0212", caller_id="+98212"),))
    assert [(spec.id, spec.caller_id) for spec in line_specs(settings)] == [("0212", "+98212")]


def test_the_default_caller_id_is_a_line_of_last_resort() -> None:
    assert [spec.id for spec in line_specs(Settings(dialing=DialingSettings(default_caller_id="0211")))] == ["0211"]
    assert line_specs(Settings()) == ()


def test_what_cannot_work_is_said() -> None:
    settings = Settings(
        ari=AriSettings(base_url="http://pbx/ari"),
        dialing=DialingSettings(outbound_numbers=("0211",)),
        limits=LimitSettings(concurrent=1, operator_slots=1),
        lines=(LineSettings(number="0219"),),
    )
    notes = "\n".join(notes_on(settings))
    assert "RESERVED_OPERATOR_SLOTS leaves one slot" in notes
    assert "OUTBOUND_TRUNK is empty" in notes
    assert "[[lines]] of 0219 has no effect" in notes
    assert "ARI_USERNAME or ARI_PASSWORD is empty" in notes


def test_in_test_mode_operator_legs_are_said_to_take_no_slot() -> None:
    settings = Settings(
        ari=AriSettings(base_url="http://pbx/ari"),
        test_mode=TestModeSettings(on=True, redirect_number="0913"),
    )
    assert "operator legs take no slot" in "\n".join(notes_on(settings))


def test_absent_services_are_each_said_once() -> None:
    notes = notes_on(Settings(ari=AriSettings(base_url="http://127.0.0.1:8088/ari")))
    for name in ("PANEL_BASE_URL", "STT_PROVIDER", "GAPGPT_API_KEY"):
        assert sum(name in note for note in notes) == 1


def test_people_of_the_simulated_pbx_are_understood_without_a_provider() -> None:
    [note] = notes_on(Settings())
    assert "ARI_BASE_URL" in note
