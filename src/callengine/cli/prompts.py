"""`callengine prompts`: what callers hear, on its way to the PBX."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from cyclopts import App

from callengine.cli.bar import bar_over
from callengine.cli.complaint import complain
from callengine.cli.tables import show
from callengine.cli.verdict import told
from callengine.engine.sound import open_shelf, sync_prompts, unheard_prompts
from callengine.errors import ConfigError
from callengine.fsm import Scenario, load
from callengine.providers.prompts import Placed, sources
from callengine.scenarios import read, reason, scenario_files
from callengine.settings import Settings, load_settings

app = App(name="prompts", help="What callers hear, on its way to the PBX.")


@app.command
async def sync(*, check: bool = False, config: Path | None = None) -> int:
    """Convert the prompts of AUDIO_SRC_DIR, and put what has changed where the PBX plays it.

    The exit code is 1 if a prompt could not be put there, or, with --check, if one would be; 2 if a setting is wrong.

    Parameters
    ----------
    check
        Change nothing, and say what would change.
    config
        The configuration file, instead of callengine.toml in the working folder.
    """
    with told() as verdict:
        settings = load_settings(config=config)
        if settings.audio.source_dir is None and settings.audio.wav_dir is None:
            raise ConfigError("AUDIO_SRC_DIR is empty: name the folder of prompts")
        placed = await _synced(settings, look_only=check)
        show(("prompt", "state", "files, or why not"), ((each.name, each.state, each.detail) for each in placed))
        _summarise(placed, settings)
        _warn_of_unheard(settings)
        verdict.code = int(any(each.state in {"failed", "missing"} for each in placed))
    return verdict.code


@app.command
async def check(*, config: Path | None = None) -> int:
    """Say which prompts of the scenarios the PBX does not have. The exit code is 1 if there are any.

    Parameters
    ----------
    config
        The configuration file, instead of callengine.toml in the working folder.
    """
    with told() as verdict:
        settings = load_settings(config=config)
        if settings.media.delivery != "folder" or not settings.audio.sound_dir:
            raise ConfigError("the PBX's folder of sounds is not on this machine (AST_SOUND_DIR): it cannot be looked into")
        absent = _warn_of_unheard(settings)
        verdict.code = int(absent > 0)
        if not absent:
            print("The PBX has every prompt of the scenarios.")
    return verdict.code


async def _synced(settings: Settings, *, look_only: bool) -> tuple[Placed, ...]:
    count = len(sources(settings.audio.source_dir, settings.audio.wav_dir))
    with bar_over(count, "prompts") as bar:
        if settings.media.delivery == "http":  # the engine serves them itself, from its own memory
            return await sync_prompts(settings, None, look_only=look_only, told=lambda _: bar.advance())
        async with open_shelf(settings) as shelf:
            return await sync_prompts(settings, shelf, look_only=look_only, told=lambda _: bar.advance())


def _summarise(placed: tuple[Placed, ...], settings: Settings) -> None:
    if settings.media.delivery == "http":
        print("MEDIA_DELIVERY is http: the running engine serves prompts; they were converted alone.")
    elif settings.media.delivery == "folder" and not settings.audio.sound_dir:
        print("AST_SOUND_DIR is empty: prompts were converted alone.")
    counts = Counter(each.state for each in placed)
    print(
        ", ".join(f"{count:,} {state}" for state, count in sorted(counts.items())) + "." if counts else "There are no prompts."
    )


def _warn_of_unheard(settings: Settings) -> int:
    """Name the prompts that nobody will hear, and return how many there are."""
    absent = [(scenario.name, uri) for scenario in _scenarios(settings) for uri in unheard_prompts((scenario,), settings)]
    for name, uri in absent:
        complain(f"scenario {name}: {uri} is not in AST_SOUND_DIR")
    return len(absent)


def _scenarios(settings: Settings) -> Iterator[Scenario]:
    """The scenarios of the settings, as far as they can be read: what is wrong with the others is for `lint` to say."""
    path = settings.scenarios.dir
    if path is None or not path.is_dir():
        return
    try:
        for file in scenario_files(path):
            scenario = load(read(file), str(file)).scenario
            if scenario is not None and (not settings.company or scenario.company in ("", settings.company)):
                yield scenario
    except OSError as error:
        raise ConfigError(f"SCENARIOS_DIR: {error.filename} cannot be read: {reason(error)}") from error
