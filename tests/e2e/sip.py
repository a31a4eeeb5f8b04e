"""The pieces SIPp scenarios are made of. Written for SIPp 3.6.1, which is what Debian 12 ships."""

from collections.abc import Sequence

LONGEST_CALL = 60.0
"""Seconds after which a person hangs up whatever happens, so that no test can hold a phone for ever."""

OWN_PORT = "[rtpstream_audio_port]"
"""The port SIPp sends sound from, and throws away what arrives at."""

TAG = "tag=[pid]-[call_number]"

OPENING = f"[last_To:];{TAG}"
"""The To header of an answer to a request that opened the dialogue; within it the caller sends our tag along."""

VIA = "Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]"
CONTACT = "<sip:[local_ip]:[local_port]>"


def sdp(port: str = OWN_PORT) -> str:
    """An offer or an answer of u-law alone, received at this port."""
    return f"""v=0
o=- 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio {port} RTP/AVP 0
a=rtpmap:0 PCMU/8000
a=ptime:20
"""


def response(
    status: str,
    *,
    to: str = OPENING,
    cseq: str = "[last_CSeq:]",
    contact: str = CONTACT,
    media: str = "",
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
    return f"<send{final}>{message(lines, media)}</send>"


def message(lines: Sequence[str], body: str = "", content: str = "application/sdp") -> str:
    headers = [*lines, f"Content-Type: {content}", "Content-Length: [len]"] if body else [*lines, "Content-Length: 0"]
    return "<![CDATA[\n\n" + "\n".join(headers) + f"\n\n{body}]]>"


def request(method: str, number: int, body: str = "", content: str = "", *, uri: str, sender: str, receiver: str) -> str:
    """A `<send>` of a request within the dialogue: `sender` and `receiver` are what stands behind From and To."""
    again = "" if method == "ACK" else ' retrans="500"'
    lines = [
        f"{method} {uri} SIP/2.0",
        VIA,
        f"From:{sender}",
        f"To:{receiver}",
        "Call-ID: [call_id]",
        f"CSeq: {number} {method}",
        "Max-Forwards: 70",
    ]
    return f"<send{again}>{message(lines, body, content)}</send>"


def milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def stream(audio: object) -> str:
    """The action that begins to send this file of raw u-law, once.

    It belongs to what is received: a BYE that comes while a `<nop>` is at work is unexpected, and ends the telephone.
    """
    return f'<exec rtp_stream="{audio},1,0"/>'


def document(*parts: str) -> str:
    head = '<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="people">\n'
    return head + "\n".join(parts) + "\n</scenario>\n"
