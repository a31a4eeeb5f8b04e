"""Asterisk's own account of its channels, read from its manager interface: who was up when, with whom, and why each one ended.

A second socket for the engine's Stasis application would take the application over; the manager's events disturb nobody.
"""

from collections.abc import AsyncGenerator, Callable

import trio
from attrs import define, field

from tests.e2e.asterisk import LINE_VARIABLE, Asterisk
from tests.e2e.configuration import USER
from tests.e2e.records import ChannelRecord, Period, Stay, shared, slots

LARGEST_MESSAGE = 65536

ASKED_TO_END = ("HangupRequest", "SoftHangupRequest", "Hangup")
"""What the manager says first of a channel's end: the far side left, we hang up, it is gone."""


@define
class ChannelLog:
    """Every channel since the log was opened, and every stay of one in a bridge, in the order in which they began."""

    channels: dict[str, ChannelRecord] = field(factory=dict)
    stays: list[Stay] = field(factory=list)
    _changed: trio.Condition = field(factory=trio.Condition)

    def slots(self, line: str) -> tuple[tuple[float, int], ...]:
        """The slots of this line that were held: every moment of a change, and how many from then on."""
        return slots(record for record in self.channels.values() if record.line == line)

    def most_at_once(self, line: str) -> int:
        """The most slots of this line that were ever held: a caller holds one from our answer on, any other channel at once."""
        return max((held for _, held in self.slots(line)), default=0)

    def bridged(self, number: str, other: str) -> tuple[Period, ...]:
        """When the people with these two numbers were bridged with each other."""
        return shared(self.stays, self._ids(number), self._ids(other))

    async def wait_quiet(self, seconds: float = 10.0) -> None:
        """Wait until no channel is up.

        Raises:
            trio.TooSlowError: some channel still is.
        """
        await self._wait(lambda: all(record.ended is not None for record in self.channels.values()), seconds)

    async def wait_answered(self, count: int, seconds: float = 20.0) -> None:
        """Wait until so many channels have been answered.

        Raises:
            trio.TooSlowError: there were fewer.
        """
        await self._wait(lambda: sum(record.answered_at is not None for record in self.channels.values()) >= count, seconds)

    async def wait_bridged(self, number: str, other: str, seconds: float = 20.0) -> None:
        """Wait until the people with these two numbers are bridged with each other.

        Raises:
            trio.TooSlowError: they were not.
        """
        await self._wait(lambda: any(period.end is None for period in self.bridged(number, other)), seconds)

    def calls_to(self, number: str) -> list[ChannelRecord]:
        """The channels that called this number."""
        return [record for record in self.channels.values() if record.dialled == number]

    def calls_from(self, number: str) -> list[ChannelRecord]:
        """The channels this number called us by."""
        return [record for record in self.channels.values() if record.caller == number]

    def _ids(self, number: str) -> list[str]:
        return [record.id for record in self.channels.values() if record.party == number]

    async def _wait(self, comes_true: Callable[[], bool], seconds: float) -> None:
        with trio.fail_after(seconds):
            async with self._changed:
                while not comes_true():
                    await self._changed.wait()

    async def note(self, message: dict[str, str]) -> None:
        """Take one event into account; those that concern no channel change nothing."""
        async with self._changed:
            self._take(message)
            self._changed.notify_all()

    def _take(self, message: dict[str, str]) -> None:
        kind, channel = message.get("Event"), message.get("Uniqueid") or message.get("DestUniqueid", "")
        if kind == "Newchannel":
            self.channels[channel] = new_record(message)
        elif record := self.channels.get(channel):
            self._note_bridge(message, channel)
            note(record, message)

    def _note_bridge(self, message: dict[str, str], channel: str) -> None:
        if message["Event"] == "BridgeEnter":
            self.stays.append(Stay(message["BridgeUniqueid"], channel, float(message["Timestamp"])))
        if message["Event"] == "BridgeLeave":
            [stay] = [stay for stay in self.stays if stay.channel == channel and stay.left is None]
            stay.left = float(message["Timestamp"])


def new_record(message: dict[str, str]) -> ChannelRecord:
    inbound = message["Exten"] not in ("", "s")
    line, caller = (message["Exten"], message["CallerIDNum"]) if inbound else (message["CallerIDNum"], "")
    return ChannelRecord(message["Uniqueid"], message["Channel"], inbound, line, float(message["Timestamp"]), caller=caller)


def note(record: ChannelRecord, message: dict[str, str]) -> None:
    """Take an event of this channel into account."""
    kind, moment = message["Event"], float(message["Timestamp"])
    if variable := message.get(LINE_VARIABLE):
        record.line = variable
    if kind == "DialBegin":
        record.dialled = message["DialString"].partition("@")[0]
    if message.get("ChannelStateDesc") == "Up" and record.answered_at is None:
        record.answered_at = moment
    if kind in ASKED_TO_END and record.asked_to_end is None:
        record.asked_to_end = moment
    if kind == "Hangup":
        record.ended, record.cause = moment, int(message["Cause"])


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
