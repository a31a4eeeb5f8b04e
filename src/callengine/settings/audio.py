"""Settings of sound: how it reaches the PBX, what recognisers are given, and which copies are kept."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal, cast

from attrs import field, frozen
from typed_settings.types import Secret

from callengine.settings import kinds
from callengine.settings.about import NOT_SET, about

Enhancing = Literal["auto", "on", "off"]
Delivery = Literal["folder", "http", "sftp"]

_PORTS: Final = range(1, 65536)
_TOKEN: Final = re.compile(r"[0-9A-Za-z_-]{16,128}")


def media_token(value: str | Secret[str]) -> Secret[str]:
    """A part of a path that nobody guesses; empty stands for a fresh one at each start."""
    token = kinds.secret(value)
    if token and not _TOKEN.fullmatch(token.get_secret_value()):
        raise ValueError("give 16 to 128 letters, digits, - and _, such as `openssl rand -hex 16` prints")
    return token


def folders(value: str | Path | Iterable[str | Path]) -> tuple[Path, ...]:
    """A list of folders; one that is named twice counts once."""
    if isinstance(value, Path):
        value = (value,)
    elif isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, (list, tuple)):
        raise ValueError("give a list: folders with commas between them")
    named = (kinds.folder(each) for each in value if str(each).strip())
    return tuple(dict.fromkeys(each for each in named if each is not None))


def enhancing(value: str | bool) -> Enhancing:
    """Whether recordings are enhanced."""
    word = str(value).strip().lower()
    if word == "auto":
        return "auto"
    try:
        return "on" if kinds.flag(word) else "off"
    except ValueError:
        raise ValueError("give auto, on or off") from None


def delivery(value: str) -> Delivery:
    """How sound reaches the PBX."""
    word = str(value).strip().lower()
    if word not in {"folder", "http", "sftp"}:
        raise ValueError("give folder, http or sftp")
    return cast("Delivery", word)


def tcp_port(value: str | int) -> int:
    """A TCP port."""
    number = kinds.at_least_one(value)
    if number not in _PORTS:
        raise ValueError("give a port, 1 to 65535")
    return number


@frozen
class AudioSettings:
    """Prompts on their way to the PBX, and recordings on theirs to the recogniser."""

    sound_dir: tuple[Path, ...] = field(
        default=(),
        converter=folders,
        metadata=about(
            "The PBX's folders of custom sounds, such as /var/lib/asterisk/sounds/custom; speech goes to callengine/ in them",
            "AST_SOUND_DIR",
        ),
    )
    source_dir: Path | None = field(
        default=None,
        converter=kinds.folder,
        metadata=about(
            "Folder of prompts as mp3, wav, ogg or m4a, which are converted and put where the PBX plays them", "AUDIO_SRC_DIR"
        ),
    )
    wav_dir: Path | None = field(
        default=None,
        converter=kinds.folder,
        metadata=about("Folder where converted prompts are kept, as wav of 16 kHz", "AUDIO_WAV_DIR"),
    )
    enhance: Enhancing = field(
        default="auto",
        converter=enhancing,
        metadata=about(
            "Whether ffmpeg takes noise out of recordings before they are recognised: on, off, or auto: where they go to a"
            " service, and not for pocketsphinx",
            "AUDIO_ENHANCE",
        ),
    )
    enhanced_dir: Path | None = field(
        default=None,
        converter=kinds.folder,
        metadata=about("Folder where a copy of everything a recogniser is given is kept. Empty: none is", "AUDIO_ENHANCED_DIR"),
    )
    enhanced_days: int = field(
        default=30,
        converter=kinds.at_least_one,
        metadata=about("Days after which copies in AUDIO_ENHANCED_DIR are deleted", "AUDIO_ENHANCED_DAYS"),
    )
    enhanced_max_mb: int = field(
        default=1000,
        converter=kinds.at_least_one,
        metadata=about("MiB that AUDIO_ENHANCED_DIR may hold; the oldest copies go first", "AUDIO_ENHANCED_MAX_MB"),
    )


@frozen
class MediaSettings:
    """How sound reaches the PBX."""

    delivery: Delivery = field(
        default="folder",
        converter=delivery,
        metadata=about(
            "folder: AST_SOUND_DIR is the PBX's own; http: the PBX fetches from the engine's HTTP port; sftp: files are"
            " uploaded",
            "MEDIA_DELIVERY",
        ),
    )
    base_url: str = field(
        default="",
        converter=kinds.http_url,
        metadata=about(
            "Where the PBX reaches the engine's HTTP port, such as http://10.0.0.5:8090, for http", "MEDIA_BASE_URL"
        ),
    )
    token: Secret[str] = field(
        default=NOT_SET,
        converter=media_token,
        metadata=about(
            "What the path of media begins with, so that nobody guesses it. Empty: a fresh one at each start", "MEDIA_TOKEN"
        ),
    )


@frozen
class SftpSettings:
    """The server that sound is uploaded to, where MEDIA_DELIVERY is sftp."""

    host: str = field(default="", converter=kinds.text, metadata=about("Host of the PBX's SSH server", "SFTP_HOST"))
    port: int = field(default=22, converter=tcp_port, metadata=about("Port of the PBX's SSH server", "SFTP_PORT"))
    user: str = field(default="", converter=kinds.text, metadata=about("User who may write to SFTP_DIR", "SFTP_USER"))
    key_file: Path | None = field(
        default=None,
        converter=kinds.folder,
        metadata=about("File of the user's private key, without a passphrase", "SFTP_KEY_FILE"),
    )
    password: Secret[str] = field(
        default=NOT_SET, converter=kinds.secret, metadata=about("Password of the user, where there is no key", "SFTP_PASSWORD")
    )
    dir: str = field(
        default="/var/lib/asterisk/sounds/custom",
        converter=kinds.text,
        metadata=about("The PBX's folder of custom sounds, as its SFTP server calls it", "SFTP_DIR"),
    )
    known_hosts: Path | None = field(
        default=None,
        converter=kinds.folder,
        metadata=about("File of known host keys. Empty: ~/.ssh/known_hosts", "SFTP_KNOWN_HOSTS"),
    )


@frozen
class TranscriptLogSettings:
    """Files of what customers said and how it was understood. None, unless someone asks for them."""

    dir: Path | None = field(
        default=None,
        converter=kinds.folder,
        metadata=about(
            "Folder for positive_stt.log, negative_stt.log and unknown_stt.log: what customers said, by intent. Empty: none",
            "TRANSCRIPT_LOG_DIR",
        ),
    )
    positive: tuple[str, ...] = field(
        default=("yes",),
        converter=kinds.words,
        metadata=about("Intents that go to positive_stt.log", "TRANSCRIPT_LOG_POSITIVE"),
    )
    negative: tuple[str, ...] = field(
        default=("no",),
        converter=kinds.words,
        metadata=about("Intents that go to negative_stt.log; all others go to unknown_stt.log", "TRANSCRIPT_LOG_NEGATIVE"),
    )
    max_mb: int = field(
        default=10,
        converter=kinds.at_least_one,
        metadata=about("MiB after which a transcript log begins a new file", "TRANSCRIPT_LOG_MAX_MB"),
    )
    files: int = field(
        default=5,
        converter=kinds.at_least_one,
        metadata=about("Full files that are kept of each transcript log", "TRANSCRIPT_LOG_FILES"),
    )
