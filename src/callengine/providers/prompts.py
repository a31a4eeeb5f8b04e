"""Prompts: from the files their author made to what the PBX plays."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, Literal

import msgspec
import trio
from attrs import define, field, frozen

from callengine.errors import ConfigError, ProviderError, ProviderRefused, ProviderUnavailable
from callengine.providers.audio import write_wav
from callengine.providers.ffmpeg import Ffmpeg
from callengine.providers.shelves import Shelf, digest_of
from callengine.providers.shelves.folder import replace, unusable

SOURCES: Final = (".mp3", ".wav", ".ogg", ".m4a")
LARGEST_SOURCE: Final = 64 * 1024 * 1024

WIDE, NARROW = 16_000, 8_000
"""Samples a second. Asterisk reads a `.wav` at 8 kHz alone, and the same at 16 kHz where it is called `.wav16`."""

RATES: Final[Mapping[str, int]] = {".wav": NARROW, ".wav16": WIDE}
"""The files that make up a prompt on a shelf, by ending."""

LIST: Final = ".callengine.json"
"""What is known of the converted files, in their folder."""

_NAME: Final = re.compile(r"[\w-][\w.-]*")
"""What a media URI can carry, between a slash and its end."""

State = Literal["put", "missing", "the same", "failed"]


@frozen
class Placed:
    """What became of a prompt.

    Attributes:
        name: without folder and ending.
        state: `missing` where it would have been put, had it not been for looking alone.
        detail: which files, or why not.
    """

    name: str
    state: State
    detail: str = ""


class Known(msgspec.Struct, frozen=True):
    """What a source was converted to, by SHA-256: the source, the file of 16 kHz, the file of 8 kHz."""

    source: str
    wide: str
    narrow: str


@frozen
class Source:
    """A prompt as its author made it."""

    name: str
    path: Path


def sources(source_dir: Path | None, wav_dir: Path | None) -> tuple[Source, ...]:
    """The prompts there are, by name: the files of `source_dir`, and those of `wav_dir` that were converted from none of them.

    Raises:
        ConfigError: a folder cannot be read, or two files are the same prompt.
    """
    made = _files(source_dir, "AUDIO_SRC_DIR", SOURCES)
    if source_dir is not None and wav_dir is not None and source_dir.resolve() == wav_dir.resolve():
        others = {path.stem for path in made if path.suffix.lower() != ".wav"}
        made = [path for path in made if path.suffix.lower() != ".wav" or path.stem not in others]
    found: dict[str, Path] = {}
    for path in made:
        if path.stem in found:
            raise ConfigError(f"AUDIO_SRC_DIR: {found[path.stem].name} and {path.name} are the same prompt: keep one of them")
        found[path.stem] = path
    for path in _files(wav_dir, "AUDIO_WAV_DIR", (".wav",), must=False):
        found.setdefault(path.stem, path)
    return tuple(Source(name, path) for name, path in sorted(found.items()))


def _files(folder: Path | None, setting: str, endings: tuple[str, ...], *, must: bool = True) -> list[Path]:
    if folder is None or (not must and not folder.exists()):
        return []
    try:
        return sorted(path for path in folder.iterdir() if path.suffix.lower() in endings and path.name[0] != ".")
    except OSError as error:
        raise ConfigError(f"{setting}: {folder} cannot be read: {error.strerror}") from error


@define(eq=False)
class PromptSync:
    """Converts prompts, and puts what has changed where the PBX plays it. Nothing is ever deleted.

    Attributes:
        wav_dir: keeps the converted files; without it every prompt is converted each time.
        shelves: where they go; each gets all.
        ffmpeg: what converts them.
    """

    found: tuple[Source, ...]
    wav_dir: Path | None
    shelves: tuple[Shelf, ...]
    ffmpeg: Ffmpeg

    async def run(self, *, look_only: bool = False, told: Callable[[Placed], None] = lambda _: None) -> tuple[Placed, ...]:
        """Do it.

        Args:
            look_only: change nothing.
            told: of each prompt as it is done.
        """
        known = await trio.to_thread.run_sync(_list_of, self.wav_dir)
        placed: list[Placed] = []
        for source in self.found:
            try:
                prompt = await _converted(source, self.wav_dir, known.get(source.name), self.ffmpeg)
                files = await self._put(prompt, look_only=look_only)
                known[source.name] = prompt.known
                state: State = "the same" if not files else "missing" if look_only else "put"
                placed.append(Placed(source.name, state, ", ".join(files)))
            except ProviderError as error:
                placed.append(Placed(source.name, "failed", str(error)))
            told(placed[-1])
        if self.wav_dir is not None and self.wav_dir.exists() and not look_only:
            await _written(self.wav_dir / LIST, msgspec.json.encode(known))
        return tuple(placed)

    async def _put(self, prompt: "_Prompt", *, look_only: bool) -> list[str]:
        """The files that were put anywhere, or would have been."""
        files: list[str] = []
        for shelf in self.shelves:
            for ending in shelf.endings:
                file = f"{prompt.source.name}{ending}"
                if not await shelf.holds(file, prompt.digest(ending)):
                    files.append(file)
                    if not look_only:
                        await shelf.put(file, await prompt.content(ending))
        if prompt.kept is not None and not await _is(prompt.kept, prompt.known.wide):
            files.append(prompt.kept.name)
            if not look_only:
                await _written(prompt.kept, await prompt.content(".wav16"))
        return list(dict.fromkeys(files))


@define(eq=False)
class _Prompt:
    """A prompt, converted as far as need be.

    Attributes:
        kept: where it is kept, converted; None where it is not.
    """

    source: Source
    kept: Path | None
    known: Known
    ffmpeg: Ffmpeg
    contents: dict[str, bytes] = field(factory=dict)

    def digest(self, ending: str) -> str:
        return self.known.wide if ending == ".wav16" else self.known.narrow

    async def content(self, ending: str) -> bytes:
        if ending not in self.contents:
            self.contents[ending] = await _sound(self.source, RATES[ending], self.ffmpeg)
        return self.contents[ending]


async def _converted(source: Source, wav_dir: Path | None, known: Known | None, ffmpeg: Ffmpeg) -> _Prompt:
    """A prompt with what is known of its files; where its source is new or has changed, that takes converting it.

    Raises:
        ProviderError: it cannot be converted.
    """
    if not _NAME.fullmatch(source.name):
        raise ProviderRefused(f"{source.path.name}: give it a name of letters, digits, - and _, as a media URI needs")
    digest = digest_of(await _read(source.path))
    kept = None if wav_dir is None else wav_dir / f"{source.name}.wav"
    if kept is not None and kept.resolve() == source.path.resolve():
        kept = None  # its author's own
    if known is not None and known.source == digest:
        return _Prompt(source, kept, known, ffmpeg)
    made = {ending: await _sound(source, rate, ffmpeg) for ending, rate in RATES.items()}
    known = Known(digest, digest_of(made[".wav16"]), digest_of(made[".wav"]))
    return _Prompt(source, kept, known, ffmpeg, made)


async def _sound(source: Source, rate: int, ffmpeg: Ffmpeg) -> bytes:
    try:
        return write_wav(await ffmpeg.convert(source.path, rate))
    except ProviderRefused as refusal:
        raise ProviderRefused(f"{source.path}: {refusal}") from None


async def _read(path: Path) -> bytes:
    def read() -> bytes:
        with path.open("rb") as file:
            return file.read(LARGEST_SOURCE + 1)

    try:
        content = await trio.to_thread.run_sync(read)
    except OSError as error:
        raise ProviderUnavailable(f"{path} cannot be read: {error.strerror}") from None
    if len(content) > LARGEST_SOURCE:
        raise ProviderRefused(f"{path} has more than {LARGEST_SOURCE // 2**20} MiB, which is no prompt")
    return content


async def _is(path: Path, digest: str) -> bool:
    return await trio.Path(path).exists() and digest_of(await _read(path)) == digest


async def _written(path: Path, content: bytes) -> None:
    def write() -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(path, content)

    try:
        await trio.to_thread.run_sync(write)
    except OSError as error:
        raise ProviderUnavailable(f"AUDIO_WAV_DIR: {unusable(path.parent, error)}") from None


def _list_of(wav_dir: Path | None) -> dict[str, Known]:
    """What was converted before; nothing where there is no list, or one that cannot be read."""
    if wav_dir is None:
        return {}
    try:
        return msgspec.json.decode((wav_dir / LIST).read_bytes(), type=dict[str, Known])
    except (OSError, msgspec.MsgspecError):
        return {}


def unheard(uris: Iterable[str], folders: Iterable[Path]) -> Iterator[str]:
    """Which media URIs name a custom sound that is in none of the PBX's folders.

    Args:
        folders: of custom sounds, on this machine. Those that cannot be read are passed over.
    """
    there: dict[str, set[str]] = {}
    for folder in folders:
        try:
            here = {path.stem for path in folder.iterdir()}
        except OSError:
            continue
        there.setdefault(folder.name, set()).update(here)
    for uri in dict.fromkeys(uris):
        above, slash, name = uri.removeprefix("sound:").partition("/")
        if uri.startswith("sound:") and slash and above in there and "/" not in name and name not in there[above]:
            yield uri
