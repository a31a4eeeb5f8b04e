"""SIPp scenarios of the people who are called, as XML.

One scenario plays everybody: it reads the dialled number from the request and jumps to that person's part.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import attrs

from tests.e2e.people import Person, Reply
from tests.e2e.sip import CONTACT, LONGEST_CALL, TAG, document, milliseconds, request, response, sdp, stream

HEARD = """
<recv request="INVITE">
 <action>
  <ereg regexp=".*" search_in="hdr" header="CSeq:" assign_to="cseq"/>
  <ereg regexp=".*" search_in="hdr" header="From:" assign_to="from"/>
  <ereg regexp=".*" search_in="hdr" header="To:" assign_to="to"/>
  <ereg regexp="sip:[^&gt;]*" search_in="hdr" header="Contact:" assign_to="peer"/>
  {numbers}
 </action>
</recv>
"""

LAST_REQUEST = 100
"""The number of the BYE, above that of any request before it."""

NOBODY = "00000"
"""A number that stands for any."""

PRESSED = 160
"""Milliseconds a key is held down."""


within = partial(request, uri="[$peer]", sender=f"[$to];{TAG}", receiver="[$from]")
"""A request of the person who was called."""


HUNG_UP = f"""
<label id="cancelled"/>
{response("200 OK")}
{response(Reply.NEVER.value, cseq="CSeq:[$cseq]")}
<recv request="ACK" next="end"/>
<label id="hung_up"/>
{response("200 OK", to="[last_To:]")}
<nop next="end"/>
<label id="hang_up"/>
{within("BYE", LAST_REQUEST)}
<recv response="200"/>
<label id="end"/>
"""


def called(people: Sequence[Person], audio: dict[str, Path]) -> str:
    """The scenario of all who are called; a number nobody has answers 404. `audio`: digits -> what that person sends.

    Those who are alike but for the number share a part: SIPp reads no scenario of more than 64 KiB.
    """
    groups: dict[Person, list[Person]] = {}
    for person in people:
        groups.setdefault(attrs.evolve(person, digits=NOBODY), []).append(person)
    numbers, jumps = [], []
    for first, *others in groups.values():
        digits = "|".join(person.digits for person in (first, *others))
        numbers.append(f'<ereg regexp="sip:({digits})@" search_in="hdr" header="To:" assign_to="is_{first.digits}"/>')
        jumps.append(f'<nop next="ring_{first.digits}" test="is_{first.digits}"/>')
    return document(
        HEARD.format(numbers="\n  ".join(numbers)),
        *jumps,
        response("404 Not Found"),
        '<recv request="ACK" next="end"/>',
        *("\n".join(part(first, audio)) for first, *_ in groups.values()),
        HUNG_UP,
    )


def part(person: Person, audio: dict[str, Path]) -> Iterator[str]:
    """One person: rings, is heard early, replies, talks, presses keys, leaves; hung up on at any moment."""
    digits, sound = person.digits, stream(audio[person.digits]) if person.sends_sound else ""
    yield f'<label id="ring_{digits}"/>'
    yield response("180 Ringing")
    yield unless_cancelled(LONGEST_CALL if person.reply is Reply.NEVER else person.rings, f"ringing_over_{digits}")
    if person.early:
        yield f"<nop><action>{sound}</action></nop>"
        yield response("183 Session Progress", media=sdp())
        yield unless_cancelled(person.early, f"early_over_{digits}")
    if person.reply is not Reply.ANSWER:
        contact = CONTACT.replace("sip:", "sip:10099@") if person.reply is Reply.REDIRECT else CONTACT
        yield response(person.reply.value, contact=contact)
        yield '<recv request="ACK" next="end"/>'
        return
    yield response(person.reply.value, media=sdp())
    yield '<recv request="ACK"/>' if person.early else f'<recv request="ACK"><action>{sound}</action></recv>'
    yield from talk(person, within)


def unless_cancelled(seconds: float, label: str) -> str:
    return f"""<recv request="CANCEL" timeout="{milliseconds(seconds)}" ontimeout="{label}" next="cancelled"/>
<label id="{label}"/>"""


def talk(person: Person, within: Callable[[str, int, str, str], str]) -> Iterator[str]:
    """From the answer to the end: the keys that are pressed, then the person's own goodbye.

    A key is a SIP INFO. `within` makes a request of this person's.
    """
    now = 0.0
    for number, press in enumerate(person.presses, start=2):
        label = f"press_{person.digits}_{number}"
        yield f'<recv request="BYE" timeout="{milliseconds(press.after - now)}" ontimeout="{label}" next="hung_up"/>'
        yield f'<label id="{label}"/>'
        yield within("INFO", number, f"Signal={press.key}\nDuration={PRESSED}\n", "application/dtmf-relay")
        yield '<recv request="BYE" optional="true" next="hung_up"/>'
        yield '<recv response="200"/>'
        now = press.after
    stays = (LONGEST_CALL if person.hangs_up is None else person.hangs_up) - now
    yield f'<recv request="BYE" timeout="{milliseconds(stays)}" ontimeout="hang_up" next="hung_up"/>'
