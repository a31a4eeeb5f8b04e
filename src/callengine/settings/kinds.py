"""How each kind of value is read and checked.

Every function takes what an environment, a TOML file or a program gives, returns the value as the engine uses it, and
accepts its own result again. It raises ValueError with a sentence that says what to give instead; the sentence about a
secret never repeats it.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import time
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from typed_settings.types import Secret

from callengine.model import FAILED, PANEL_RESULTS, Result, RetryRule

_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})
TELEPHONE: Final = re.compile(r"\+?[0-9]{1,20}")
_ENDPOINT_PART = re.compile(r"[0-9A-Za-z_+*#.-]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_REGION = re.compile(r"[A-Z]{2}")
_PREFIX = re.compile(r"[0-9]{1,15}")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_STORES = ("sqlite:///", "postgresql://", "postgresql+psycopg://", "postgres://")
_TEMPLATE_FIELD = re.compile(r"\{([^{}]*)\}")
_DIAL_STRING = re.compile(r"[0-9A-Za-z+*#_.-]*")
_JOINERS = str.maketrans("", "", "\u200c\u200d")
"""Zero-width joiners, which Persian names need though Python does not call them printable."""


def text(value: str | int) -> str:
    """A line of text without control and invisible characters."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise ValueError("give text")
    stripped = str(value).strip()
    if not stripped.translate(_JOINERS).isprintable():
        raise ValueError("remove the control or invisible characters")
    return stripped


def secret(value: str | int | Secret[str]) -> Secret[str]:
    """Text that neither repr nor str shows."""
    return value if isinstance(value, Secret) else Secret(text(value))


def words(value: str | Iterable[str | int]) -> tuple[str, ...]:
    """A list: comma-separated text, or an array."""
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, (list, tuple)):
        raise ValueError("give a list: values with commas between them")
    return tuple(word for word in map(text, value) if word)


def telephone(value: str | int) -> str:
    """A telephone or extension number, kept as written; empty stands for none."""
    number = text(value)
    if number and not TELEPHONE.fullmatch(number):
        raise ValueError("give a telephone number: digits 0-9, with + in front if need be")
    return number


def endpoint_part(value: str | int) -> str:
    """An extension or the name of an endpoint; empty stands for none."""
    part = text(value)
    if part and not _ENDPOINT_PART.fullmatch(part):
        raise ValueError("give one word of letters, digits and _ + * # . -")
    return part


def telephones(value: str | Iterable[str | int]) -> tuple[str, ...]:
    """A list of telephone numbers; one that is named twice counts once."""
    return tuple(dict.fromkeys(map(telephone, words(value))))


def whole(value: str | int) -> int:
    """A whole number, 0 or more."""
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value.strip())
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("give a whole number, 0 or more")
    return value


def whole_or_none(value: str | int | None) -> int | None:
    """A whole number, 0 or more, or None where the engine is to decide."""
    return None if value is None else whole(value)


def at_least_one(value: str | int) -> int:
    """A whole number, 1 or more."""
    try:
        number = whole(value)
    except ValueError:
        number = 0
    if number < 1:
        raise ValueError("give a whole number, 1 or more")
    return number


def seconds_or_zero(value: str | float) -> float:
    """A time in seconds, 0 or more."""
    try:
        number = -1.0 if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = -1.0
    if not 0 <= number < float("inf"):
        raise ValueError("give a number of seconds, 0 or more, such as 30 or 2.5")
    return number


def seconds(value: str | float) -> float:
    """A time in seconds, more than none."""
    try:
        number = seconds_or_zero(value)
    except ValueError:
        number = 0.0
    if not number:
        raise ValueError("give a number of seconds, more than 0, such as 30 or 2.5")
    return number


def flag(value: str | bool | int) -> bool:
    """Yes or no."""
    word = str(value).strip().lower()
    if word not in _TRUE | _FALSE:
        raise ValueError("give true or false (1, 0, yes, no, on and off do as well)")
    return word in _TRUE


def _url(value: str, schemes: tuple[str, ...]) -> str:
    address = text(value).rstrip("/")
    if not address:
        return ""
    try:
        parts = urlsplit(address)
        usable = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(f"give a URL that begins with {' or '.join(f'{scheme}://' for scheme in schemes)} and names a host")
    return address


def http_url(value: str) -> str:
    """An http or https URL without a slash at its end; empty stands for none."""
    return _url(value, ("http", "https"))


def socket_url(value: str) -> str:
    """A ws or wss URL without a slash at its end; empty stands for none."""
    return _url(value, ("ws", "wss"))


def folder(value: str | Path | None) -> Path | None:
    """A path of the file system, `~` understood."""
    if value is None or isinstance(value, Path):
        return value
    return Path(text(value)).expanduser()


def clock_time(value: str | time | None) -> time | None:
    """A time of day, written HH:MM."""
    if value is None or isinstance(value, time):
        return value
    try:
        hour, minute = str(value).strip().split(":")
        return time(int(hour), int(minute))
    except ValueError:
        raise ValueError("give a time of day as HH:MM, such as 09:00") from None


def zone(value: str) -> str:
    """A time zone by its name in the tz database; empty stands for none."""
    name = text(value)
    try:
        if name:
            ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise ValueError("give a time zone by its name, such as Asia/Tehran or Europe/Berlin") from None
    return name


def region(value: str) -> str:
    """A country by its two letters; empty stands for none."""
    code = text(value).upper()
    if code and not _REGION.fullmatch(code):
        raise ValueError("give the two letters of a country, such as IR or DE")
    return code


def prefixes(value: str | Iterable[str | int]) -> tuple[str, ...]:
    """Prefixes of international numbers, with or without + or 00 in front."""
    bare = tuple(word.removeprefix("+").removeprefix("00") for word in words(value))
    if not all(_PREFIX.fullmatch(prefix) for prefix in bare):
        raise ValueError("give prefixes of international numbers: +49, 4930")
    return tuple(dict.fromkeys(bare))


def weekdays(value: str | Iterable[str | int]) -> tuple[int, ...]:
    """Days of the week, 0 for Monday: `mon-fri, sun`, or numbers of a list."""
    if isinstance(value, (list, tuple)) and all(isinstance(day, int) and 0 <= day < len(_DAYS) for day in value):
        return tuple(value)
    found: list[int] = []
    for word in words(value):
        first, dash, last = word.lower().partition("-")
        if first not in _DAYS or (dash and last not in _DAYS):
            raise ValueError("give days of the week: mon, tue, wed, thu, fri, sat, sun, or spans of them such as mon-fri")
        begin, end = _DAYS.index(first), _DAYS.index(last if dash else first)
        found += [(begin + offset) % 7 for offset in range((end - begin) % 7 + 1)]
    return tuple(sorted(set(found)))


def retries(value: str | Mapping[str, str] | Mapping[Result, RetryRule]) -> Mapping[Result, RetryRule]:
    """When contacts are called again, by result: a TOML table, or `missed=3/3600, busy=5/600`."""
    if isinstance(value, str):
        value = dict(map(_result_entry, words(value)))
    if not isinstance(value, Mapping):
        raise ValueError("give pairs of result and rule, such as missed=3/3600, busy=5/600")
    table: dict[Result, RetryRule] = {}
    for result, rule in value.items():
        if result not in PANEL_RESULTS and not str(result).startswith(FAILED):
            raise ValueError(f"{result!r} is no result: give one of {', '.join(PANEL_RESULTS)} or failed:<reason>")
        table[Result(result)] = rule if isinstance(rule, RetryRule) else _retry_rule(rule)
    return table


def _retry_rule(rule: str) -> RetryRule:
    most, slash, delay = str(rule).partition("/")
    try:
        made = RetryRule(at_least_one(most), seconds(delay)) if slash else None
    except ValueError:
        made = None
    if made is None:
        raise ValueError(f"{rule!r} is no rule: give <attempts in all>/<seconds between two>, such as 3/3600")
    return made


def share(value: str | float) -> float:
    """A share of a whole, more than 0 and at most 1."""
    try:
        number = -1.0 if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = -1.0
    if not 0 < number <= 1:
        raise ValueError("give a share, more than 0 and at most 1, such as 0.025")
    return number


def factor(value: str | float) -> float:
    """A factor, 1 or more."""
    try:
        number = 0.0 if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = 0.0
    if not 1 <= number <= 100:
        raise ValueError("give a number from 1 to 100, such as 1.5")
    return number


def speed(value: str | float) -> float:
    """How many times as fast as usual; what every synthesiser can do and every customer follow."""
    try:
        number = 0.0 if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = 0.0
    if not 0.6 <= number <= 1.5:
        raise ValueError("give a number from 0.6 to 1.5, such as 0.9")
    return number


def store_url(value: str | Secret[str]) -> Secret[str]:
    """The address of a database; empty stands for a file in the working folder. It may hold a password."""
    address = secret(value)
    plain = address.get_secret_value()
    if plain and not plain.startswith(_STORES):
        raise ValueError("give sqlite:///PATH or postgresql://USER@HOST/DATABASE")
    return address


def language(value: str) -> str:
    """A language by its code, with a region if need be."""
    code = text(value)
    if not _LANGUAGE.fullmatch(code):
        raise ValueError("give the code of a language, such as en, fa or pt-br")
    return code


def language_or_none(value: str) -> str:
    """A language likewise; empty stands for none."""
    return language(value) if text(value) else ""


def dial_string(value: str) -> str:
    """A template of what is dialled, with the placeholders {number}, {e164}, {line} and {line_last4}."""
    template = text(value)
    fields = _TEMPLATE_FIELD.findall(template)
    plain = _TEMPLATE_FIELD.sub("", template)
    who = {"number", "e164"} & set(fields)
    if not who or not set(fields) <= who | {"line", "line_last4"} or not _DIAL_STRING.fullmatch(plain):
        raise ValueError("give a template with {number} or {e164} and, if need be, {line} or {line_last4}, such as 9{number}")
    return template


def _result_entry(entry: str) -> tuple[str, str]:
    cause, _, result = entry.partition("=")
    return cause.strip(), result.strip()


def results(value: str | Mapping[str, str] | Mapping[int, Result]) -> Mapping[int, Result]:
    """Results by Q.850 cause: a TOML table, or `19=power_off, 21=missed`."""
    if isinstance(value, str):
        value = dict(map(_result_entry, words(value)))
    if not isinstance(value, Mapping):
        raise ValueError("give pairs of cause and result, such as 19=power_off, 21=missed")
    table: dict[int, Result] = {}
    for cause, result in value.items():
        if not str(cause).isdecimal() or int(cause) > 127:
            raise ValueError(f"{str(cause)!r} is no Q.850 cause: give a number from 0 to 127")
        if result not in PANEL_RESULTS and not str(result).startswith(FAILED):
            raise ValueError(f"{result!r} is no result: give one of {', '.join(PANEL_RESULTS)} or failed:<reason>")
        table[int(cause)] = Result(result)
    return table
