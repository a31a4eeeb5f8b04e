"""`callengine prompts`, as a shell sees it."""

import shutil
from pathlib import Path

import pytest

from callengine.cli import execute
from tests.providers.converting import ffmpeg

FLOW = """
scenario:
  name: sales
  prompts: {{hello: "sound:custom/hello", bye: "sound:custom/{bye}"}}
  flow:
    - {{step: start, type: entry, next: greet}}
    - {{step: greet, type: play_prompt, prompt: hello, next: part}}
    - {{step: part, type: play_prompt, prompt: bye, next: end}}
    - {{step: end, type: hangup}}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("bin", "made", "sounds/custom", "flows"):
        (tmp_path / name).mkdir(parents=True)
    shutil.move(ffmpeg(tmp_path).executable, tmp_path / "bin/ffmpeg")
    (tmp_path / "made/hello.mp3").write_bytes(b"hello")
    (tmp_path / "flows/sales.yaml").write_text(FLOW.format(bye="hello"), encoding="utf-8")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("AUDIO_SRC_DIR", "made")
    monkeypatch.setenv("AUDIO_WAV_DIR", "wav")
    monkeypatch.setenv("AST_SOUND_DIR", "sounds/custom")
    return tmp_path


def test_what_would_change_is_told_then_done_then_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["prompts", "sync", "--check"]) == 1
    out, err = capsys.readouterr()
    assert out == "hello\tmissing\thello.wav16, hello.wav\n1 missing.\n"
    assert "sound:custom/hello is not in AST_SOUND_DIR" in err
    assert not list((folder / "sounds/custom").iterdir())
    assert execute(["prompts", "sync"]) == 0
    assert capsys.readouterr() == ("hello\tput\thello.wav16, hello.wav\n1 put.\n", "")
    for arguments in (["--check"], []):
        assert execute(["prompts", "sync", *arguments]) == 0
        assert capsys.readouterr() == ("hello\tthe same\t\n1 the same.\n", "")


def test_one_that_fails_is_told_with_the_reason(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "made/odd.mp3").write_bytes(b"broken")
    assert execute(["prompts", "sync"]) == 1
    out, _ = capsys.readouterr()
    assert "odd\tfailed\t" in out and "Invalid data found" in out
    assert out.endswith("1 failed, 1 put.\n")


def test_prompts_that_the_pbx_does_not_have_are_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "flows/sales.yaml").write_text(FLOW.format(bye="gone"), encoding="utf-8")
    execute(["prompts", "sync"])
    capsys.readouterr()
    assert execute(["prompts", "check"]) == 1
    assert capsys.readouterr().err == "callengine: scenario sales: sound:custom/gone is not in AST_SOUND_DIR\n"
    (folder / "sounds/custom/gone.gsm").touch()
    assert execute(["prompts", "check"]) == 0
    assert capsys.readouterr().out == "The PBX has every prompt of the scenarios.\n"


def test_what_is_served_is_converted_alone(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("DELIVERY", "http"), ("BASE_URL", "http://10.0.0.5:8090")):
        monkeypatch.setenv(f"MEDIA_{name}", value)
    monkeypatch.setenv("ADMIN_PORT", "8090")
    assert execute(["prompts", "sync"]) == 0
    assert "the running engine serves prompts" in capsys.readouterr().out
    assert (folder / "wav/hello.wav").exists() and not list((folder / "sounds/custom").iterdir())
    assert execute(["prompts", "check"]) == 2


def test_without_folders_there_is_nothing_to_do(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDIO_SRC_DIR", "absent")
    assert execute(["prompts", "sync"]) == 2
    assert "AUDIO_SRC_DIR: " in capsys.readouterr().err
    for name in ("AUDIO_SRC_DIR", "AUDIO_WAV_DIR", "AST_SOUND_DIR"):
        monkeypatch.delenv(name)
    assert execute(["prompts", "sync"]) == 2
    assert execute(["prompts", "check"]) == 2
    assert "AUDIO_SRC_DIR is empty" in capsys.readouterr().err
