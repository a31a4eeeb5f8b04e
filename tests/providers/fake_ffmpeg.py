"""A script in ffmpeg's place; the real one decodes in tests/e2e."""

import sys
from pathlib import Path

from callengine.providers.audio import Sound, write_wav
from callengine.providers.ffmpeg import Ffmpeg
from tests.providers.test_audio import tone

DECODED = Sound(8000, tone().samples)


def fake_ffmpeg(folder: Path, body: str = "", timeout: float = 10.0) -> Ffmpeg:
    """One that notes its arguments in `told`, runs `body`, and gives out `DECODED`, whatever it is given."""
    (folder / "decoded.wav").write_bytes(write_wav(DECODED))
    path = folder / "fake-ffmpeg"
    lines = (
        f"#!{sys.executable} -I",
        "import pathlib, sys",
        f"here = pathlib.Path({str(folder)!r})",
        "given = sys.stdin.buffer.read()",
        "(here / 'told').write_text(' '.join(sys.argv[1:]))",
        body,
        "sys.stdout.buffer.write((here / 'decoded.wav').read_bytes())",
    )
    path.write_text("\n".join(lines), encoding="utf-8")
    path.chmod(0o755)
    return Ffmpeg(str(path), timeout)


def told(folder: Path) -> str:
    """The arguments of the last one, with blanks at both ends; empty where there was none."""
    path = folder / "told"
    return f" {path.read_text(encoding='utf-8')} " if path.exists() else ""
