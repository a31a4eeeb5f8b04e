"""Text to speech without any service: espeak-ng in a child process. Many languages, Persian too."""

import re

import trio
from attrs import field, frozen
from attrs.validators import gt

from callengine.errors import ProviderRefused, ProviderUnavailable
from callengine.providers.audio import read_wav, write_wav
from callengine.providers.base import Voice

LONGEST_TEXT = 2000
"""Characters: about two minutes of speech."""

_VOICES = {"en": "en-us"}
"""Where the plain language code is not the voice the recogniser knows best."""

_VOICE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+-]*")
"""No slash: espeak-ng also takes paths of voice files."""


@frozen
class EspeakTextToSpeech:
    """A `TextToSpeech` made of espeak-ng (tried with 1.51).

    Attributes:
        executable: its name on the PATH, or a path.
        timeout: seconds after which the child is killed; so it is when the caller is cancelled.
    """

    executable: str = "espeak-ng"
    timeout: float = field(default=10.0, validator=gt(0))

    async def synthesise(self, text: str, voice: Voice) -> bytes:
        """Return a WAV file, mono and 16-bit.

        Raises:
            ProviderRefused: the text is too long, or there is no such voice.
            ProviderUnavailable: espeak-ng is not installed, crashed, took too long or gave no WAV file.
        """
        if len(text) > LONGEST_TEXT:
            raise ProviderRefused(f"a text of {len(text)} characters; espeak-ng is given at most {LONGEST_TEXT}")
        name = voice.name or _VOICES.get(voice.language, voice.language)
        if not _VOICE_NAME.fullmatch(name):
            raise ProviderRefused(f"{name!r} is not the name of a voice")
        command = [self.executable, "-v", name, "-s", str(voice.words_per_minute), "--stdin", "--stdout"]
        spoken = await self._run(command, text.encode("utf-8", "replace"))
        try:
            return write_wav(read_wav(spoken))
        except ValueError as error:
            raise ProviderUnavailable(f"espeak-ng gave no usable WAV file: {error}") from None

    async def _run(self, command: list[str], text: bytes) -> bytes:
        with trio.move_on_after(self.timeout):
            try:
                done = await trio.run_process(
                    command, stdin=text, capture_stdout=True, capture_stderr=True, check=False, deliver_cancel=_kill
                )
            except OSError as error:
                raise ProviderUnavailable(
                    f"{self.executable} cannot be started ({error.strerror}); on Debian: apt-get install espeak-ng"
                ) from None
            if done.returncode == 0:
                return done.stdout
            words = ascii(done.stderr.decode("utf-8", "replace").strip()[:200])
            if done.returncode < 0:
                raise ProviderUnavailable(f"espeak-ng was ended by signal {-done.returncode}: {words}")
            raise ProviderRefused(f"espeak-ng refused ({done.returncode}): {words}")
        raise ProviderUnavailable(f"espeak-ng did not finish within {self.timeout:g} s")


async def _kill(process: trio.Process) -> None:
    process.kill()
