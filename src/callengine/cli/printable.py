"""Text that came from elsewhere, made fit for a terminal."""


def printable(text: str) -> str:
    """The same text with control characters and line ends escaped; joiners stay, since Persian is written with them."""
    return "".join(
        each if each.isprintable() or each in "\u200c\u200d" else each.encode("unicode_escape").decode("ascii") for each in text
    )
