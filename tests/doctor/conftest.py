"""Programs that stand for ffmpeg and espeak-ng; the real ones are tried in tests/e2e."""

import os
import sys
from pathlib import Path

import pytest

from callengine.doctor.listening import tone
from callengine.providers.audio import at_rate, read_wav, write_wav


@pytest.fixture(autouse=True)
def programs(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Found before any others: each of them gives out a tone, whatever it is given."""
    folder = tmp_path_factory.mktemp("programs")
    (folder / "tone.wav").write_bytes(write_wav(at_rate(read_wav(tone()), 16_000)))
    for name in ("ffmpeg", "espeak-ng"):
        path = folder / name
        give = f"sys.stdin.buffer.read()\nsys.stdout.buffer.write(open({str(folder / 'tone.wav')!r}, 'rb').read())"
        path.write_text(f"#!{sys.executable} -I\nimport sys\n{give}\n", encoding="utf-8")
        path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")  # noqa: TID251 - of what the tests start
    return folder
