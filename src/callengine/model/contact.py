"""A person to call."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from enum import Enum

from attrs import field, frozen

from callengine.model.ids import ContactId, Digits, Result

_PUNCTUATION = re.compile(r"[\s()./-]+")
_LENGTHS = range(5, 16)


def decimals_of(text: str) -> str:
    """Reduce a telephone number as people write it to ASCII digits, however many; a leading `+` is dropped.

    Raises:
        ValueError: something else than digits and punctuation stands in it; the message says so.
    """
    bare = _PUNCTUATION.sub("", text.strip()).removeprefix("+")
    if not bare or not bare.isdecimal():
        raise ValueError(f"{text!r} is not a telephone number: only digits, spaces and + ( ) . / - may stand in it")
    return bare if bare.isascii() else "".join(str(unicodedata.decimal(char)) for char in bare)


def digits_of(text: str) -> Digits:
    """Reduce a telephone number as people write it to its digits.

    Accepts a leading `+` or `00`-style prefix, spaces, dots, hyphens, parentheses, and decimal digits of any script
    (Persian and Arabic panels send their own); refuses everything else, so that no number can smuggle a dial string.

    Raises:
        ValueError: when what remains is not 5 to 15 digits; the message says why.
    """
    digits = decimals_of(text)
    if len(digits) not in _LENGTHS:
        raise ValueError(f"{text!r} has {len(digits)} digits; a telephone number has 5 to 15")
    return Digits(digits)


class Source(Enum):
    """Where a contact came from."""

    LIST = "list"
    """A file, STATIC_CONTACTS, an import."""
    PANEL = "panel"
    CALLBACK = "callback"
    """The person asked for it in an earlier call."""


class ContactState(Enum):
    """Where a contact is on the way to being called."""

    PENDING = "pending"
    """To be called, now or at a later time."""
    DIALLING = "dialling"
    """An attempt is under way: its intent is written and its outcome is not."""
    DONE = "done"
    """Has the last outcome it will get."""


@frozen
class Contact:
    """One intent to call a person, as a list, the panel or the person gave it.

    Attributes:
        id: ours; unique.
        number: what is dialled; the same for every spelling of a person's number.
        phone_number: what the source wrote, returned to it verbatim.
        fields: what else the source knows (name, tags ...), by column name. Data, never instructions.
        campaign: that it belongs to.
        intent: unique within the campaign: whoever gives the same intent again gives no new contact. Empty stands for the
            number: a list names everybody once.
        source: where it came from.
        reference: what the panel knows it by, as JSON text (`17` or `"a17"`); empty where it came from elsewhere.
        batch: of the panel that it came in.
        priority: a larger one is called first.
        not_before: it is not called before this moment; None for at any time.
        scenario: that it must be called with; empty where the engine chooses.
        tried: attempts so far that were placed.
    """

    id: ContactId
    number: Digits
    phone_number: str
    fields: Mapping[str, str] = field(factory=dict)
    campaign: str = ""
    intent: str = ""
    source: Source = Source.LIST
    reference: str = ""
    batch: str = ""
    priority: int = 0
    not_before: datetime | None = None
    scenario: str = ""
    tried: int = 0


@frozen
class Listed:
    """A contact as it stands in the store.

    Attributes:
        serial: its place among all contacts, in the order in which they were added; for paging.
        due_at: when it may be called (again).
        result: of the last attempt; None before the first is over.
    """

    contact: Contact
    serial: int
    state: ContactState
    due_at: datetime
    result: Result | None = None
