"""Whether ffmpeg is there and can do what it is asked to."""

from typing import Final

from callengine.doctor.finding import Sheet
from callengine.doctor.listening import tone
from callengine.doctor.patient import Patient
from callengine.errors import ProviderError
from callengine.providers.ffmpeg import REMEDY, TELEPHONE_CHAIN, Ffmpeg

WHAT: Final = "ffmpeg"

_RATE: Final = 16_000


async def check_ffmpeg(patient: Patient, sheet: Sheet) -> None:  # noqa: ARG001 - as the others
    """Have it clean a tone by the filters that recordings go through."""
    ffmpeg = Ffmpeg(timeout=15.0)
    if not ffmpeg.installed:
        sheet.warn(
            WHAT,
            "It is not installed: recordings are recognised with their noise, and prompts and speech that are no plain WAV"
            " cannot be converted",
            f"Install it; {REMEDY}",
        )
        return
    try:
        await ffmpeg.convert(tone(), _RATE, TELEPHONE_CHAIN)
    except ProviderError as error:
        sheet.fail(
            WHAT,
            str(error),
            "Install an ffmpeg that has the filters highpass, lowpass, afftdn and loudnorm, as distributions do",
        )
    else:
        sheet.ok(WHAT, "It is installed, and has the filters that recordings go through")
