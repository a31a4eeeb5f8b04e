from callengine.lines import LineLoad, least_loaded
from callengine.model import LineId, LineLimits, LineSpec


def load(name: str, in_use: int, *, concurrent: int = 4, minute: int = 0, day: int = 0) -> LineLoad:
    limits = LineLimits(concurrent=concurrent)
    return LineLoad(LineSpec(LineId(name), caller_id=name, limits=limits), in_use=in_use, minute=minute, day=day)


def test_the_smaller_share_of_slots_wins_not_the_smaller_number() -> None:
    assert least_loaded([load("small", 1, concurrent=2), load("big", 3, concurrent=10)]) == "big"


def test_ties_go_to_the_quieter_minute_then_the_quieter_day_then_the_first_declared() -> None:
    assert least_loaded([load("a", 1, minute=3), load("b", 1, minute=2)]) == "b"
    assert least_loaded([load("a", 1, day=9), load("b", 1, day=8)]) == "b"
    assert least_loaded([load("a", 1), load("b", 1)]) == "a"


def test_no_eligible_line_is_no_choice() -> None:
    assert least_loaded([]) is None
