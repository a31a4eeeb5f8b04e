"""The folder of one run of Asterisk: configuration, sounds, recordings, logs. Every run has its own and leaves none behind."""

import shutil
from pathlib import Path

from tests.e2e.configuration import Settings, files
from tests.e2e.rootfs import Home
from tests.e2e.speech import prompt

FOLDERS = ("etc", "lib/keys", "data/sounds/en", "data/moh", "spool/recording", "cache", "run", "log")
"""Without `spool/recording` Asterisk answers a bare 500 to every `record`."""

SHARED = ("documentation", "rest-api")
"""Parts of the installed data folder that a run needs as they are; Asterisk refuses options it has no documentation for."""

HOLD_SECONDS = 5.0


def lay_out(home: Home, folder: Path, trunk_port: int, app: str, line_variable: str) -> Settings:
    """Fill the empty folder of a run."""
    for name in FOLDERS:
        (folder / name).mkdir(parents=True)
    share = home.root / "usr/share/asterisk"
    for name in SHARED:
        (folder / "data" / name).symlink_to(home.inside(share / name))
    for beep in share.glob("sounds/en/beep.*"):
        shutil.copy(beep, folder / "data/sounds/en")
    (folder / "data/moh/hold.ulaw").write_bytes(prompt("please hold the line", HOLD_SECONDS))
    settings = Settings(home.inside(folder), modules(home), trunk_port, app, line_variable)
    for name, text in files(settings).items():
        (folder / "etc" / name).write_text(text, encoding="utf-8")
    return settings


def modules(home: Home) -> str:
    """Where this Asterisk's modules are; the folder carries the processor's name on Debian."""
    found = sorted(home.root.glob("usr/lib*/asterisk/modules")) or sorted(home.root.glob("usr/lib/*/asterisk/modules"))
    return home.inside(found[0])


def install_prompt(folder: Path, sound: str, phrase: str, seconds: float) -> None:
    """Put `sound:<sound>` into the run's sounds."""
    path = folder / "data/sounds/en" / f"{sound}.ulaw"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(prompt(phrase, seconds))
    path.chmod(0o644)
