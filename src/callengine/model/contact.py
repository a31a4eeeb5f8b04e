"""A person to call."""

import re
import unicodedata
from collections.abc import Mapping

from attrs import field, frozen

from callengine.model.ids import ContactId, Digits

_PUNCTUATION = re.compile(r"[\s()./-]+")
_LENGTHS = range(5, 16)


def digits_of(text: str) -> Digits:
    """Reduce a telephone number as people write it to its digits.

    Accepts a leading `+` or `00`-style prefix, spaces, dots, hyphens, parentheses, and decimal digits of any script
    (Persian and Arabic panels send their own); refuses everything else, so that no number can smuggle a dial string.

    Raises:
        ValueError: when what remains is not 5 to 15 digits; the message says why.
    """
    bare = _PUNCTUATION.sub("", text.strip()).removeprefix("+")
    if not bare or not all(char.isdecimal() for char in bare):
        raise ValueError(f"{text!r} is not a telephone number: only digits, spaces and + ( ) . / - may stand in it")
    if len(bare) not in _LENGTHS:
        raise ValueError(f"{text!r} has {len(bare)} digits; a telephone number has 5 to 15")
    return Digits("".join(str(unicodedata.decimal(char)) for char in bare))


@frozen
class Contact:
    """A person to call, as a list or the panel gave them.

    Attributes:
        id: ours; unique within a campaign.
        number: what is dialled.
        phone_number: what the source wrote, returned to it verbatim.
        fields: what else the source knows (name, tags ...), by column name. Data, never instructions.
    """

    id: ContactId
    number: Digits
    phone_number: str
    fields: Mapping[str, str] = field(factory=dict)
