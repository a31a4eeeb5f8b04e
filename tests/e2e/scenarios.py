"""SIPp scenarios: people as XML. Written for SIPp 3.6.1, which is what Debian 12 ships.

One scenario plays everybody: it reads the dialled number from the request and jumps to that person's part.
"""

from collections.abc import Sequence
from pathlib import Path

from tests.e2e.people import Person, Reply

LONGEST_CALL = 60.0
"""Seconds after which a person hangs up whatever happens, so that no test can hold a phone for ever."""

SDP = """v=0
o=- 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [rtpstream_audio_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000
a=ptime:20
"""

TAG = "tag=[pid]-[call_number]"


OPENING = f"[last_To:];{TAG}"
"""The To header of an answer to a request that opened the dialogue; within it the caller sends our tag along."""


def response(
    status: str,
    *,
    to: str = OPENING,
    cseq: str = "[last_CSeq:]",
    contact: str = "<sip:[local_ip]:[local_port]>",
    sdp: str = "",
) -> str:
    """A `<send>` that answers the last request."""
    final = "" if status.startswith("1") else ' retrans="500"'
    lines = [
        f"SIP/2.0 {status}",
        "[last_Via:]",
        "[last_From:]",
        to,
        "[last_Call-ID:]",
        cseq,
        f"Contact: {contact}",
    ]
    return f"<send{final}>{message(lines, sdp)}</send>"


def message(lines: list[str], sdp: str = "") -> str:
    headers = [*lines, "Content-Type: application/sdp", "Content-Length: [len]"] if sdp else [*lines, "Content-Length: 0"]
    return "<![CDATA[\n\n" + "\n".join(headers) + f"\n\n{sdp}]]>"


def bye(request_uri: str, sender: str, receiver: str, number: int) -> str:
    lines = [
        f"BYE {request_uri} SIP/2.0",
        "Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]",
        f"From:{sender}",
        f"To:{receiver}",
        "Call-ID: [call_id]",
        f"CSeq: {number} BYE",
        "Max-Forwards: 70",
    ]
    return f'<send retrans="500">{message(lines)}</send>'


def milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def goodbye(person: Person) -> int:
    return milliseconds(LONGEST_CALL if person.hangs_up is None else person.hangs_up)


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

HUNG_UP = f"""
<label id="cancelled"/>
{response("200 OK")}
{response(Reply.NEVER.value, cseq="CSeq:[$cseq]")}
<recv request="ACK" next="end"/>
<label id="hung_up"/>
{response("200 OK", to="[last_To:]")}
<nop next="end"/>
<label id="hang_up"/>
{bye("[$peer]", f"[$to];{TAG}", "[$from]", 1)}
<recv response="200"/>
<label id="end"/>
"""


def called(people: Sequence[Person], audio: dict[str, Path]) -> str:
    """The scenario of all who are called; a number nobody has answers 404. `audio`: digits -> what that person sends."""
    numbers = [
        f'<ereg regexp="sip:{person.digits}@" search_in="hdr" header="To:" assign_to="is_{person.digits}"/>'
        for person in people
    ]
    jumps = [f'<nop next="ring_{person.digits}" test="is_{person.digits}"/>' for person in people]
    return document(
        HEARD.format(numbers="\n  ".join(numbers)),
        *jumps,
        response("404 Not Found"),
        '<recv request="ACK" next="end"/>',
        *(part(person, audio) for person in people),
        HUNG_UP,
    )


def part(person: Person, audio: dict[str, Path]) -> str:
    """One person: rings, replies, talks, leaves; hung up on at any moment."""
    digits = person.digits
    patience = LONGEST_CALL if person.reply is Reply.NEVER else person.rings
    ring = f"""
<label id="ring_{digits}"/>
{response("180 Ringing")}
<recv request="CANCEL" timeout="{milliseconds(patience)}" ontimeout="reply_{digits}" next="cancelled"/>
<label id="reply_{digits}"/>
"""
    sound = f'<action><exec rtp_stream="{audio[digits]},1,0"/></action>' if person.sends_sound else ""
    if person.reply is Reply.ANSWER:
        return f"""{ring}
{response(person.reply.value, sdp=SDP)}
<recv request="ACK">{sound}</recv>
<recv request="BYE" timeout="{goodbye(person)}" ontimeout="hang_up" next="hung_up"/>
"""
    contact = "<sip:10099@[local_ip]:[local_port]>" if person.reply is Reply.REDIRECT else "<sip:[local_ip]:[local_port]>"
    return f'{ring}{response(person.reply.value, contact=contact)}<recv request="ACK" next="end"/>'


def caller(person: Person, audio: Path) -> str:
    """The scenario of a person who calls a line: `person.digits` is their own number."""
    sender = f" <sip:{person.digits}@[local_ip]>;{TAG}"
    via = "Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]"
    uri = "sip:[service]@[remote_ip]:[remote_port]"
    common = [f"From:{sender}", "Call-ID: [call_id]", "Max-Forwards: 70", "Contact: <sip:[local_ip]:[local_port]>"]
    invite = message([f"INVITE {uri} SIP/2.0", via, f"To: <{uri}>", "CSeq: 1 INVITE", *common], SDP)
    ack = message([f"ACK {uri} SIP/2.0", via, "To:[$to]", "CSeq: 1 ACK", *common])
    return document(
        f'<send retrans="500">{invite}</send>',
        '<recv response="100" optional="true"/>',
        '<recv response="180" optional="true"/>',
        '<recv response="183" optional="true"/>',
        '<recv response="200"><action><ereg regexp=".*" search_in="hdr" header="To:" assign_to="to"/></action></recv>',
        f"<send>{ack}</send>",
        f'<nop><action><exec rtp_stream="{audio},1,0"/></action></nop>',
        f'<recv request="BYE" timeout="{goodbye(person)}" ontimeout="hang_up" next="hung_up"/>',
        '<label id="hung_up"/>',
        response("200 OK", to="[last_To:]"),
        '<nop next="end"/>',
        '<label id="hang_up"/>',
        bye(uri, sender, "[$to]", 2),
        '<recv response="200"/>',
        '<label id="end"/>',
    )


def document(*parts: str) -> str:
    head = '<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="people">\n'
    return head + "\n".join(parts) + "\n</scenario>\n"
