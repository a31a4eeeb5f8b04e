"""Asterisk's own account of its channels, read from its manager interface: who was up when, and why each one ended.

A second socket for the engine's Stasis application would take the application over; the manager's events disturb nobody.
"""

from collections.abc import AsyncGenerator

import trio
from attrs import define, field

from tests.e2e.asterisk import LINE_VARIABLE, Asterisk
from tests.e2e.configuration import USER

LARGEST_MESSAGE = 65536

ASKED_TO_END = ("HangupRequest", "SoftHangupRequest", "Hangup")
"""What the manager says first of a channel's end: the far side left, we hang up, it is gone."""


@define
class ChannelRecord:
    """One channel, as the manager's events tell of it.

    Attributes:
        id: the channel's id, which is the one given to `originate`.
        name: Asterisk's, for example `PJSIP/trunk-00000001`.
        inbound: somebody called us.
        line: the number of the line it uses: of an originated channel the variable `CALLENGINE_LINE`, else its caller
            number; of an inbound one the number that was called.
        began: seconds since the epoch, of Asterisk's clock.
        ended: the same, or None while it is up.
        dialled: whom it called, as the dial string says it; "" of an inbound one.
        answered: whether it has been up.
        asked_to_end: when somebody first wanted it hung up, on the same clock; None while nobody has.
        cause: why it ended: 16 normal, 17 busy, 19 no answer, 21 declined; 0 while it is up.
    """

    id: str
    name: str
    inbound: bool
    line: str
    began: float
    dialled: str = ""
    answered: bool = False
    asked_to_end: float | None = None
    ended: float | None = None
    cause: int = 0


@define
class ChannelLog:
    """Every channel since the log was opened, in the order in which they began."""

    channels: dict[str, ChannelRecord] = field(factory=dict)
    _changed: trio.Condition = field(factory=trio.Condition)

    def most_at_once(self, line: str) -> int:
        """The largest number of channels this line ever had at the same time."""
        mine = [record for record in self.channels.values() if record.line == line]
        return max((sum(overlap(other, record.began) for other in mine) for record in mine), default=0)

    async def wait_quiet(self, seconds: float = 10.0) -> None:
        """Wait until no channel is up.

        Raises:
            trio.TooSlowError: some channel still is.
        """
        with trio.fail_after(seconds):
            async with self._changed:
                while any(record.ended is None for record in self.channels.values()):
                    await self._changed.wait()

    async def wait_answered(self, count: int, seconds: float = 20.0) -> None:
        """Wait until so many channels have been answered.

        Raises:
            trio.TooSlowError: there were fewer.
        """
        with trio.fail_after(seconds):
            async with self._changed:
                while sum(record.answered for record in self.channels.values()) < count:
                    await self._changed.wait()

    def calls_to(self, number: str) -> list[ChannelRecord]:
        """The channels that called this number."""
        return [record for record in self.channels.values() if record.dialled == number]

    async def note(self, message: dict[str, str]) -> None:
        """Take one event into account; those that concern no channel change nothing."""
        async with self._changed:
            self._take(message)
            self._changed.notify_all()

    def _take(self, message: dict[str, str]) -> None:
        kind, channel = message.get("Event"), message.get("Uniqueid") or message.get("DestUniqueid", "")
        if kind == "Newchannel":
            inbound = message["Exten"] not in ("", "s")
            line = message["Exten"] if inbound else message["CallerIDNum"]
            self.channels[channel] = ChannelRecord(channel, message["Channel"], inbound, line, float(message["Timestamp"]))
        elif record := self.channels.get(channel):
            if variable := message.get(LINE_VARIABLE):
                record.line = variable
            if kind == "DialBegin":
                record.dialled = message["DialString"].partition("@")[0]
            if message.get("ChannelStateDesc") == "Up":
                record.answered = True
            if kind in ASKED_TO_END and record.asked_to_end is None:
                record.asked_to_end = float(message["Timestamp"])
            if kind == "Hangup":
                record.ended, record.cause = float(message["Timestamp"]), int(message["Cause"])


def overlap(record: ChannelRecord, moment: float) -> bool:
    return record.began <= moment and (record.ended is None or record.ended > moment)


async def follow_channels(asterisk: Asterisk, task_status: trio.TaskStatus[ChannelLog] = trio.TASK_STATUS_IGNORED) -> None:
    """Keep a log of all channels from now on, for `nursery.start`; runs until cancelled."""
    log = ChannelLog()
    login = f"Action: Login\r\nUsername: {USER}\r\nSecret: {asterisk.settings.password}\r\n\r\n"
    async with await trio.open_tcp_stream("127.0.0.1", asterisk.settings.manager_port) as stream:
        await stream.send_all(login.encode())
        async for message in messages(stream):
            if message.get("Response") == "Success":
                task_status.started(log)
            await log.note(message)


async def messages(stream: trio.abc.ReceiveStream) -> AsyncGenerator[dict[str, str], None]:
    """The manager's messages: header -> value. A header `ChanVariable(...): NAME=value` becomes `NAME: value`."""
    buffer = b""
    async for data in stream:
        *whole, buffer = (buffer + data).split(b"\r\n\r\n")
        for text in whole:
            yield dict(header(line) for line in text.decode().split("\r\n") if ": " in line)
        if len(buffer) > LARGEST_MESSAGE:
            raise ValueError(f"a manager message of more than {LARGEST_MESSAGE} bytes")


def header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(": ")
    if name.startswith("ChanVariable"):
        name, _, value = value.partition("=")
    return name, value
