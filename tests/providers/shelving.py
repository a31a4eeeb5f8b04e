"""What every shelf must do; `check_shelf` is held against each."""

import pytest

from callengine.providers.shelves import CALLENGINE, Shelf, digest_of

SPEECH = f"{CALLENGINE}/{'0a' * 32}.wav"


async def check_shelf(shelf: Shelf) -> None:
    """An empty shelf keeps, replaces and tells; nothing leads out of it."""
    for file in (SPEECH, "hello.wav"):
        assert not await shelf.take_up(file)
        await shelf.put(file, b"one")
        assert await shelf.take_up(file)
        assert shelf.media(file).startswith("sound:")
    assert not await shelf.holds("bye.wav", digest_of(b"one"))
    assert await shelf.holds("hello.wav", digest_of(b"one"))
    assert not await shelf.holds("hello.wav", digest_of(b"two"))
    await shelf.put("hello.wav", b"two")
    assert await shelf.holds("hello.wav", digest_of(b"two"))
    assert set(shelf.endings) <= {".wav", ".wav16"}
    assert shelf.playable("sound:beep") == "sound:beep"
    assert shelf.playable("tone:ring") == "tone:ring"
    for odd in ("../x.wav", "/etc/x.wav", "a/b/c.wav", ".hidden", "", "x\0.wav", "a/../x.wav"):
        with pytest.raises(ValueError, match="no name of a file"):
            await shelf.put(odd, b"x")
