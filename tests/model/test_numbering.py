"""One form for every spelling of a number, and nothing called that is not allowed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callengine.model import Digits, Numbering

IRAN = Numbering("IR", ("49",))
SPELLINGS = (
    "09123456789",
    "+98 912 345 67-89",
    "0098(912)3456789",
    "989123456789",
    "9123456789",
    "۰۹۱۲۳۴۵۶۷۸۹",
    " 0912.345.6789 ",
)

subscribers = st.integers(min_value=10_000_000, max_value=99_999_999).map("91{}".format)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_a_number_of_the_region_is_one(spelling: str) -> None:
    assert IRAN.contact(spelling) == IRAN.known(spelling) == "09123456789"


@pytest.mark.parametrize("spelling", ["+4930123456", "004930123456", "+49 (30) 123456"])
def test_numbers_of_other_countries_keep_their_code(spelling: str) -> None:
    assert IRAN.contact(spelling) == "004930123456"


def test_a_bare_code_of_another_country_is_understood_where_no_number_of_the_region_is_that_long() -> None:
    assert IRAN.contact("491701234567") == "00491701234567"


@given(subscribers)
def test_all_spellings_agree_and_the_form_is_its_own(subscriber: str) -> None:
    forms = {IRAN.contact(prefix + subscriber) for prefix in ("", "0", "98", "+98", "0098")}
    assert forms == {Digits("0" + subscriber)}
    assert IRAN.contact(forms.pop()) == "0" + subscriber


@given(st.from_regex(r"(\+|00)?[0-9]{5,13}", fullmatch=True), st.sampled_from(["", "IR", "DE", "US", "IT", "AR", "HU"]))
def test_the_form_of_a_form_is_itself(text: str, region: str) -> None:
    numbering = Numbering(region)
    try:
        form = numbering.known(text)
    except ValueError:
        return
    assert 5 <= len(form) <= 15
    assert numbering.known(form) == form


@given(st.from_regex(r"(\+|00)?[0-9]{1,15}", fullmatch=True), st.sampled_from(["IR", "US", "IT"]))
def test_what_may_be_called_is_looked_up_under_the_same_form(text: str, region: str) -> None:
    numbering = Numbering(region, ("44", "1"))
    try:
        form = numbering.contact(text)
    except ValueError:
        return
    assert numbering.known(text) == form == numbering.contact(form)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("PJSIP/x", "only digits"),
        ("123@evil&PJSIP/x", "only digits"),
        ("+1 202 555 0123", r"\+12025550123 is no number of IR; see ALLOWED_PREFIXES"),
        ("0044 20 7946 0000", "ALLOWED_PREFIXES"),
        ("+999 123 456 789", "no number of any country"),
        ("091234567890", "too long"),
        ("98912345678", "that many digits"),
        ("88776655", "area code"),
    ],
)
def test_nothing_else_may_be_called(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        IRAN.contact(text)


@pytest.mark.parametrize(("region", "premium", "prefix"), [("DE", "0900 1234567", "49900"), ("GB", "0845 4640000", "44845")])
def test_numbers_that_cost_extra_need_a_prefix(region: str, premium: str, prefix: str) -> None:
    with pytest.raises(ValueError, match="costs extra; name its prefix in ALLOWED_PREFIXES"):
        Numbering(region).contact(premium)
    assert Numbering(region, (prefix,)).contact(premium) == premium.replace(" ", "")


def test_a_neighbour_with_the_same_country_code_is_another_country() -> None:
    """Calls to the Caribbean cost far more than those to the United States, under the same +1."""
    assert Numbering("US").contact("+1 202 555 0123") == "2025550123"
    with pytest.raises(ValueError, match="no number of US"):
        Numbering("US").contact("876 555 0123")
    assert Numbering("US", ("1876",)).contact("876 555 0123") == "0018765550123"


def test_without_a_region_digits_are_as_written_and_going_abroad_needs_a_prefix() -> None:
    assert Numbering().contact("0912 345 6789") == "09123456789"
    assert Numbering("", ("98",)).contact("+98 912 345 6789") == "989123456789"
    for text in ("+98 912 345 6789", "0098 912 345 6789"):
        with pytest.raises(ValueError, match="REGION, or its prefix in ALLOWED_PREFIXES"):
            Numbering("", ("49",)).contact(text)


def test_what_no_plan_knows_is_looked_up_by_its_digits() -> None:
    assert IRAN.known("88776655") == "88776655"
    assert IRAN.known("+999 123 456 789") == "00999123456789"
    with pytest.raises(ValueError, match="2 digits"):
        IRAN.known("12")


def test_the_international_form_and_the_zones() -> None:
    assert IRAN.e164(Digits("09123456789")) == "989123456789"
    assert IRAN.e164(Digits("004930123456")) == "4930123456"
    assert Numbering().e164(Digits("09123456789")) == "09123456789"
    assert IRAN.zones(Digits("09123456789")) == ("Asia/Tehran",)
    assert IRAN.zones(Digits("004930123456")) == ("Europe/Berlin",)
    assert len(Numbering("US").zones(Digits("8005550123"))) > 1
    assert IRAN.zones(Digits("4930123456")) == ()
    assert Numbering().zones(Digits("09123456789")) == ()


def test_a_region_that_is_none_is_said() -> None:
    with pytest.raises(ValueError, match="'QQ' is no country"):
        Numbering("QQ")
