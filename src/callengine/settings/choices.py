"""Settings that are one of a few words: which words, and how they are read.

As in `kinds`, every function accepts its own result again and raises ValueError with a sentence that says what to give instead.
"""

from typing import Literal, cast, get_args

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
LogFormat = Literal["auto", "console", "json"]
SttProvider = Literal["auto", "none", "local", "vira", "deepgram", "openai"]
TtsProvider = Literal["auto", "none", "local", "vira", "cartesia", "openai"]
SpeechFormat = Literal["wav", "mp3"]
SmsProvider = Literal["auto", "melipayamak", "webhook"]
Structured = Literal["auto", "on", "off"]
PacingMode = Literal["agentless", "progressive", "power", "predictive"]
WindowZone = Literal["here", "contact"]


def log_level(value: str) -> LogLevel:
    """A level of the standard library, in any case."""
    return cast("LogLevel", _one_of(get_args(LogLevel), str(value).strip().upper()))


def log_format(value: str) -> LogFormat:
    """How log lines look."""
    return cast("LogFormat", _one_of(get_args(LogFormat), str(value).strip().lower()))


def stt_provider(value: str) -> SttProvider:
    """Who turns speech into text."""
    return cast("SttProvider", _one_of(get_args(SttProvider), str(value).strip().lower()))


def tts_provider(value: str) -> TtsProvider:
    """Who turns text into speech."""
    return cast("TtsProvider", _one_of(get_args(TtsProvider), str(value).strip().lower()))


def speech_format(value: str) -> SpeechFormat:
    """What speech is sent as."""
    return cast("SpeechFormat", _one_of(get_args(SpeechFormat), str(value).strip().lower()))


def sms_provider(value: str) -> SmsProvider:
    """Who sends short messages."""
    return cast("SmsProvider", _one_of(get_args(SmsProvider), str(value).strip().lower()))


def structured(value: str) -> Structured:
    """Whether a language model is asked to answer in a form."""
    return cast("Structured", _one_of(get_args(Structured), str(value).strip().lower()))


def pacing_mode(value: str) -> PacingMode:
    """How many calls are placed for the operators there are."""
    return cast("PacingMode", _one_of(get_args(PacingMode), str(value).strip().lower()))


def window_zone(value: str) -> WindowZone:
    """Whose clock the calling hours go by."""
    return cast("WindowZone", _one_of(get_args(WindowZone), str(value).strip().lower()))


def _one_of(names: tuple[str, ...], name: str) -> str:
    if name not in names:
        raise ValueError(f"give one of {', '.join(names)}")
    return name
