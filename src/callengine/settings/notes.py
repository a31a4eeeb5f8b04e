"""What of the settings contradicts itself, and what its author may not have expected."""

from collections.abc import Iterator

from callengine.settings.hearing import SttSettings
from callengine.settings.lines import line_specs
from callengine.settings.rosters import RosterEntry
from callengine.settings.sources import Problem
from callengine.settings.tree import Settings
from callengine.settings.wanted import lacking, unheard

_HEEDED = {"deepgram": ("language", "model", "base_url"), "openai": ("language", "model", "base_url", "api_key")}
"""Which settings of speech to text matter to whom."""


def contradictions(settings: Settings) -> Iterator[Problem]:
    """What no engine can run with, though each value by itself is right."""
    if settings.test_mode.on and not settings.test_mode.redirect_number:
        yield Problem(
            "test_mode.redirect_number",
            "APP_TEST_MODE is on without APP_TEST_MODE_REDIRECT_NUMBER: name the number that test calls go to",
        )
    start, end = settings.dialing.window_start, settings.dialing.window_end
    if (start is None) != (end is None):
        there, missing = ("CALL_WINDOW_START", "window_end") if end is None else ("CALL_WINDOW_END", "window_start")
        yield Problem(f"dialing.{missing}", f"{there} stands alone: give CALL_WINDOW_START and CALL_WINDOW_END, or neither")
    if start is not None and start == end:
        yield Problem("dialing.window_end", "CALL_WINDOW_START and CALL_WINDOW_END are the same time: nobody could be called")
    yield from _deliveries(settings)
    yield from _without_key(settings)
    if settings.admin.port and not settings.admin.token and not settings.admin.for_this_machine_alone:
        yield Problem(
            "admin.token",
            f"ADMIN_HOST is {settings.admin.host} without ADMIN_TOKEN: set a token, or listen on 127.0.0.1 alone",
        )
    numbers = [line.number for line in settings.lines]
    for number in sorted({number for number in numbers if numbers.count(number) > 1}):
        yield Problem("lines", f"[[lines]] has several tables for the line {number}: keep one")
    yield from _names_of_two(settings)
    yield from lacking(settings)


def _without_key(settings: Settings) -> Iterator[Problem]:
    """A recogniser that is asked for and cannot be had."""
    stt = settings.stt
    if stt.service == "vira" and not stt.vira_token:
        yield Problem("stt.vira_token", "STT_PROVIDER is vira without VIRA_STT_TOKEN: give the gateway token")
    if stt.service == "vira" and not stt.vira_url:
        yield Problem(
            "stt.vira_url", "Vira's speech to text is asked for without VIRA_STT_URL: give the address it is asked at"
        )
    if stt.service == "deepgram" and not stt.deepgram_api_key:
        yield Problem("stt.deepgram_api_key", "STT_PROVIDER is deepgram without DEEPGRAM_API_KEY: give the key")
    if stt.service == "openai" and stt.at_openai and not stt.key_for_openai(settings.llm.openai_api_key):
        yield Problem(
            "stt.api_key",
            "STT_PROVIDER is openai without OPENAI_API_KEY or STT_API_KEY: give the key, or STT_BASE_URL of another server",
        )


def _deliveries(settings: Settings) -> Iterator[Problem]:
    """What keeps sound from reaching the PBX."""
    media, folders, sftp = settings.media, settings.audio.sound_dir, settings.sftp
    if media.delivery == "folder" and not folders and settings.tts.provider not in {"none", "auto"}:
        yield Problem(
            "audio.sound_dir",
            f"TTS_PROVIDER is {settings.tts.provider} without AST_SOUND_DIR: name the PBX's folder of custom sounds, where"
            " speech is put for it, or another MEDIA_DELIVERY",
        )
    if len({folder.name for folder in folders}) > 1:
        yield Problem(
            "audio.sound_dir",
            "AST_SOUND_DIR names folders that end differently: the same sound has one name, so give such as"
            " /var/lib/asterisk/sounds/custom,/var/lib/asterisk/sounds/en/custom",
        )
    if media.delivery == "http" and not media.base_url:
        yield Problem(
            "media.base_url", "MEDIA_DELIVERY is http without MEDIA_BASE_URL: say where the PBX reaches the HTTP port"
        )
    if media.delivery == "http" and not settings.admin.port:
        yield Problem(
            "admin.port", "MEDIA_DELIVERY is http without ADMIN_PORT: the PBX fetches sound from the engine's HTTP port"
        )
    if media.delivery == "sftp" and not (sftp.host and sftp.user):
        yield Problem(
            "sftp.host", "MEDIA_DELIVERY is sftp without SFTP_HOST and SFTP_USER: name the server and who writes there"
        )
    if media.delivery == "sftp" and sftp.key_file is None and not sftp.password:
        yield Problem("sftp.key_file", "MEDIA_DELIVERY is sftp without SFTP_KEY_FILE or SFTP_PASSWORD: give one of them")


def _names_of_two(settings: Settings) -> Iterator[Problem]:
    """Names that stand for two telephones: nobody could tell which of them is busy."""
    operators = settings.operators
    numbers = (RosterEntry(number, number) for number in operators.mobile_numbers)
    first: dict[str, RosterEntry] = {}
    for entry in dict.fromkeys((*operators.inbound, *operators.outbound, *numbers)):
        known = first.setdefault(entry.name, entry)
        if known is not entry:
            two = f"{known.target} and for {entry.target}"
            yield Problem("operators", f"the operator {entry.name} stands for {two}: give each telephone a name of its own")


def notes_on(settings: Settings) -> tuple[str, ...]:
    """Sentences to say once at start: what is off, and what will not work as its author may expect."""
    services = _services(settings) if settings.pbx_configured else ()
    return (*_telephony(settings), *_lines(settings), *services, *_requests(settings))


def _telephony(settings: Settings) -> Iterator[str]:
    if not settings.pbx_configured:
        yield "No PBX is configured (ARI_BASE_URL): calls run on the simulated PBX"
        if settings.ari.ws_url:
            yield "ARI_WS_URL has no effect without ARI_BASE_URL"
        return
    if not settings.ari.username or not settings.ari.password:
        yield "ARI_USERNAME or ARI_PASSWORD is empty: Asterisk will refuse every request"
    if line_specs(settings) and not settings.dialing.trunk:
        yield "OUTBOUND_TRUNK is empty: no outbound call can be placed"
    if bool(settings.operators.extension) != bool(settings.operators.trunk):
        yield "OPERATOR_EXTENSION and OPERATOR_TRUNK have an effect only together"
    if settings.test_mode.on:
        target = settings.test_mode.redirect_number
        yield f"Test mode: every outbound call goes to {target}, one contact at a time; operator legs take no slot"


def _lines(settings: Settings) -> Iterator[str]:
    specs = line_specs(settings)
    slots = sum(line.limits.concurrent for line in specs)
    if 0 < slots <= (settings.limits.operator_slots or 0):
        yield "RESERVED_OPERATOR_SLOTS leaves one slot to outbound calls: the last one is never reserved"
    for line in specs:
        if not line.limits.concurrent:
            yield f"Line {line.id} may carry no call at all: its limit of concurrent calls is 0"
    for table in settings.lines:
        if table.number not in {line.id for line in specs}:
            yield f"The table [[lines]] of {table.number} has no effect: OUTBOUND_NUMBERS does not name that line"


def _services(settings: Settings) -> Iterator[str]:
    if not settings.panel_configured:
        yield "No panel is configured (PANEL_BASE_URL): contacts come from STATIC_CONTACTS or a file"
    yield from _ears(settings.stt)
    if not settings.llm.api_key and not settings.llm.openai_api_key:
        yield "No language model is configured (GAPGPT_API_KEY): intents come from each scenario's fallback_tokens"
    yield from unheard(settings)


def _ears(stt: SttSettings) -> Iterator[str]:
    if stt.service == "none":
        yield "No speech to text is configured (STT_PROVIDER, VIRA_STT_TOKEN, DEEPGRAM_API_KEY): every reply counts as silence"
    elif stt.provider == "auto":
        key = "VIRA_STT_TOKEN" if stt.service == "vira" else "DEEPGRAM_API_KEY"
        yield f"Speech to text is by {stt.service}, because {key} is set and STT_PROVIDER names nobody"
    if stt.service == "vira" and not stt.verify_ssl:
        yield "VIRA_VERIFY_SSL is off: whoever is on the way to Vira can read the token and hear the customers"
    for name in ("language", "model", "base_url", "api_key"):
        if getattr(stt, name) and name not in _HEEDED.get(stt.service, ()):
            yield f"STT_{name.upper()} has no effect where speech to text is by {stt.service}"


def _requests(settings: Settings) -> Iterator[str]:
    for host in settings.requests.token_of:
        if host not in settings.requests.hosts:
            yield f"REQUEST_TOKENS has no effect for {host}: REQUEST_HOSTS does not name it"
