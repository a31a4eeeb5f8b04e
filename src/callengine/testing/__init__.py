"""What flow authors and developers test with."""

from callengine.testing.callers import Caller
from callengine.testing.campaign import Campaign, Stage, play, simulate
from callengine.testing.cases import Ran, Suite, open_suite, run_case
from callengine.testing.conforming import SECRET, Subject, check_llm, check_messenger, check_stt, check_tts
from callengine.testing.conforming_streams import StreamSubject, check_streaming_stt
from callengine.testing.explore import Explorer
from callengine.testing.socket_wire import SocketWire, Speech, open_socket_wire
from callengine.testing.stores import check_store
from callengine.testing.wire import Reply, Wire, open_wire

__all__ = [
    "SECRET",
    "Caller",
    "Campaign",
    "Explorer",
    "Ran",
    "Reply",
    "SocketWire",
    "Speech",
    "Stage",
    "StreamSubject",
    "Subject",
    "Suite",
    "Wire",
    "check_llm",
    "check_messenger",
    "check_store",
    "check_streaming_stt",
    "check_stt",
    "check_tts",
    "open_socket_wire",
    "open_suite",
    "open_wire",
    "play",
    "run_case",
    "simulate",
]
