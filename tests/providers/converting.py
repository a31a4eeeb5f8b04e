"""A program of our own that stands for ffmpeg; the real one is tried in tests/e2e."""

from pathlib import Path

from callengine.providers.ffmpeg import Ffmpeg
from tests.providers.test_espeak import program

MAKES = """
import io, wave
arguments = sys.argv[1:]
source = arguments[arguments.index("-i") + 1]
given = sys.stdin.buffer.read() if source == "pipe:0" else open(source.removeprefix("file:"), "rb").read()
if b"broken" in given:
    sys.exit("Invalid data found when processing input")
with open({counted!r}, "a") as runs:
    runs.write(" ".join(arguments) + "\\n")
rate = int(arguments[arguments.index("-ar") + 1])
loud = b"" if b"vanishes" in given else given[-4:]
wav = io.BytesIO()
with wave.open(wav, "wb") as writer:
    writer.setparams((1, 2, rate, 0, "NONE", ""))
    writer.writeframes((loud.rjust(2, b"\\x10")[-2:] if loud else b"\\0\\0") * rate)
sys.stdout.buffer.write(wav.getvalue())
"""
"""A second of sound at the rate that is asked for, which depends on what it is given."""


def ffmpeg(folder: Path, body: str = MAKES, timeout: float = 10.0) -> Ffmpeg:
    """An ffmpeg that does this; `runs(folder)` are its command lines."""
    return Ffmpeg(program(folder, body.replace("{counted!r}", repr(str(folder / "runs")))), timeout=timeout)


def runs(folder: Path) -> list[str]:
    """The command lines of those that did not fail."""
    path = folder / "runs"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
