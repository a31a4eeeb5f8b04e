"""Whose number it is: one form for every spelling, and which numbers may be called.

The plans of all countries are those of the library phonenumbers. It is imported when the first number needs it.
"""

from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from callengine.model.contact import decimals_of, digits_of
from callengine.model.ids import Digits

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

ABROAD: Final = "00"
"""What canonical numbers of other countries begin with."""

_UNKNOWN_ZONE: Final = "Etc/Unknown"


def _known_region(_instance: object, _attribute: object, region: str) -> None:
    if region:
        import phonenumbers

        if region not in phonenumbers.SUPPORTED_REGIONS:
            raise ValueError(f"{region!r} is no country with a numbering plan: give two letters, such as IR or DE")


@frozen
class Numbering:
    """The numbering plan that numbers are read by.

    With a region, all spellings of a number are one: the national form with its trunk prefix (`09123456789`) where the number
    is one of the region, else `00` with country and number. Without, a number is its digits as they are written.

    Attributes:
        region: two letters of a country, or empty.
        allowed: prefixes of international numbers, without + and 00, that may be called besides those of the region.

    Raises:
        ValueError: there is no such region.
    """

    region: str = field(default="", validator=_known_region)
    allowed: tuple[str, ...] = ()

    def contact(self, text: str) -> Digits:
        """The one form of a number that may be called.

        Raises:
            ValueError: it is no number of 5 to 15 digits, is impossible, or must not be called; the message says what to do.
        """
        digits, abroad = _read(text)
        if not self.region:
            return self._as_written(text, digits, abroad=abroad)
        number = self._parsed(digits, abroad=abroad)
        reason = "it is no number of any country" if number is None else _impossible(number)
        if number is None or reason:
            raise ValueError(f"{text!r} cannot be called: {reason}")
        self._allow(text, number)
        return self._canonical(text, number)

    def known(self, text: str) -> Digits:
        """The same form for a number that is looked up, blocked, or calls us: every number is allowed.

        What is no number of any plan is its digits.

        Raises:
            ValueError: it is no number of 5 to 15 digits.
        """
        digits, abroad = _read(text)
        if not self.region:
            return digits_of(text)
        number = self._parsed(digits, abroad=abroad)
        if number is None or _impossible(number):
            return digits_of(f"{ABROAD}{digits}" if abroad else digits)
        return self._canonical(text, number)

    def e164(self, number: Digits) -> str:
        """The international form of a canonical number, without +; its digits where no plan knows it."""
        parsed = self._looked_up(number)
        return number if parsed is None else _international(parsed)

    def zones(self, number: Digits) -> tuple[str, ...]:
        """The time zones, by their names in the tz database, in which the number may be; empty where none is known."""
        parsed = self._looked_up(number)
        if parsed is None:
            return ()
        from phonenumbers import timezone

        return tuple(zone for zone in timezone.time_zones_for_number(parsed) if zone != _UNKNOWN_ZONE)

    def _as_written(self, text: str, digits: str, *, abroad: bool) -> Digits:
        if abroad and not digits.startswith(self.allowed):
            raise ValueError(f"{text!r} must not be called: name its country in REGION, or its prefix in ALLOWED_PREFIXES")
        return digits_of(text)

    def _looked_up(self, number: Digits) -> "PhoneNumber | None":
        digits, abroad = _read(number)
        return self._parsed(digits, abroad=abroad) if self.region else None

    def _parsed(self, digits: str, *, abroad: bool) -> "PhoneNumber | None":
        """What the plans make of digits; those that no number of the region can have may begin with a country's code."""
        import phonenumbers

        if abroad:
            return _parsed(f"+{digits}")
        number = _parsed(digits, self.region)
        if number is None or phonenumbers.is_possible_number(number):
            return number
        other = _parsed(f"+{digits}")
        return other if other is not None and phonenumbers.is_valid_number(other) else number

    def _allow(self, text: str, number: "PhoneNumber") -> None:
        if _international(number).startswith(self.allowed):
            return
        if not self._is_home(number):
            shown = f"+{_international(number)}"
            raise ValueError(f"{text!r} must not be called: {shown} is no number of {self.region}; see ALLOWED_PREFIXES")
        if _is_dear(number):
            raise ValueError(f"{text!r} must not be called: it costs extra; name its prefix in ALLOWED_PREFIXES to allow it")

    def _is_home(self, number: "PhoneNumber") -> bool:
        import phonenumbers

        return phonenumbers.region_code_for_number(number) == self.region

    def _canonical(self, text: str, number: "PhoneNumber") -> Digits:
        import phonenumbers

        if self._is_home(number):
            form = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
        else:
            form = ABROAD + _international(number)
        try:
            return digits_of(form)
        except ValueError as error:
            raise ValueError(f"{text!r} cannot be called: {error}") from error


def _read(text: str) -> tuple[str, bool]:
    """The digits of a number, and whether they begin with a country's code because + or 00 stood before them."""
    digits = decimals_of(text)
    abroad = "+" in text or digits.startswith(ABROAD)
    return digits.removeprefix(ABROAD) if abroad else digits, abroad


def _parsed(text: str, region: str | None = None) -> "PhoneNumber | None":
    import phonenumbers

    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None


def _international(number: "PhoneNumber") -> str:
    import phonenumbers

    return f"{number.country_code}{phonenumbers.national_significant_number(number)}"


def _impossible(number: "PhoneNumber") -> str:
    """Why nobody can have this number; empty if somebody can."""
    from phonenumbers import ValidationResult, is_possible_number_with_reason

    result = is_possible_number_with_reason(number)
    if result == ValidationResult.IS_POSSIBLE:
        return ""
    reasons = {
        ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "its area code is missing; write it with it",
        ValidationResult.INVALID_COUNTRY_CODE: "no country has its code",
        ValidationResult.TOO_SHORT: "it is too short for its country",
        ValidationResult.TOO_LONG: "it is too long for its country",
    }
    return reasons.get(result, "no number of its country has that many digits")


def _is_dear(number: "PhoneNumber") -> bool:
    from phonenumbers import PhoneNumberType, number_type

    return number_type(number) in (PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST)
