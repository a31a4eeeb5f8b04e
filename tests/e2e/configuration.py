"""The files of one Asterisk: an ARI user, a manager user that only listens, one trunk, one operator's desk, one way in."""

import secrets
import socket

from attrs import field, frozen

from tests.e2e.processes import free_port

USER = "callengine"
MODULES = "/usr/lib/x86_64-linux-gnu/asterisk/modules"

NOT_LOADED = ("chan_iax2", "chan_unistim", "chan_ooh323", "pbx_dundi", "res_xmpp", "res_resolver_unbound", "res_snmp")
"""Modules that would listen beyond loopback, or talk to somebody there."""


JUDGED = "77"
"""Before the number of a line: whoever calls it so is judged by the PBX's AMD first."""

GREETINGS = "greetings"
"""Folder of sounds that the context `greets` answers with; `judges` says in the log what AMD makes of them."""

DESK_TIMEOUT = 2
"""Seconds without sound after which the desk's telephone is taken for dead. The trunk's never are."""


def udp_port() -> int:
    return free_port(socket.SOCK_DGRAM)


def tcp_port() -> int:
    return free_port(socket.SOCK_STREAM)


@frozen
class Settings:
    """What one run of Asterisk is given.

    Attributes:
        folder: of the run, as Asterisk sees it.
        trunk_port: UDP port of the phones, where the endpoint `trunk` sends every number.
        app: the Stasis application inbound calls enter, with the arguments `inbound` and the number that was called.
        line_variable: the channel variable the manager's events carry along.
        desk_port: UDP port of the operators' telephones that a test starts, and ends, by itself: the endpoint `desk`.
    """

    folder: str
    modules: str
    trunk_port: int
    app: str
    line_variable: str
    password: str = field(factory=lambda: secrets.token_hex(16), repr=False)
    http_port: int = field(factory=tcp_port)
    manager_port: int = field(factory=tcp_port)
    sip_port: int = field(factory=udp_port)
    desk_port: int = field(factory=udp_port)
    rtp_ports: tuple[int, int] = (20000, 20998)


def files(settings: Settings) -> dict[str, str]:
    """File name -> text, for the folder `etc` of the run."""
    return {
        "asterisk.conf": asterisk_conf(settings),
        "modules.conf": "[modules]\nautoload=yes\n" + "".join(f"noload=>{module}.so\n" for module in NOT_LOADED),
        "logger.conf": "[general]\ndateformat=%H:%M:%S.%3q\n[logfiles]\nfull => notice,warning,error,verbose(3)\n",
        "http.conf": f"[general]\nenabled=yes\nbindaddr=127.0.0.1\nbindport={settings.http_port}\nsessionlimit=1000\n",
        "ari.conf": f"[general]\nenabled=yes\n[{USER}]\ntype=user\npassword={settings.password}\n",
        "manager.conf": manager_conf(settings),
        "rtp.conf": "[general]\nrtpstart={}\nrtpend={}\n".format(*settings.rtp_ports),
        "pjsip.conf": pjsip_conf(settings),
        "extensions.conf": extensions_conf(settings),
        "amd.conf": "[general]\n",
        "indications.conf": indications_conf(),
        "musiconhold.conf": "[default]\nmode=files\ndirectory=moh\n",
    }


def asterisk_conf(settings: Settings) -> str:
    places = {
        "astetcdir": "etc",
        "astvarlibdir": "lib",
        "astdbdir": "lib",
        "astkeydir": "lib",
        "astdatadir": "data",
        "astagidir": "lib",
        "astspooldir": "spool",
        "astcachedir": "cache",
        "astrundir": "run",
        "astlogdir": "log",
    }
    lines = [f"{name} => {settings.folder}/{folder}" for name, folder in places.items()]
    return "\n".join(["[directories]", f"astmoddir => {settings.modules}", *lines, ""])


def manager_conf(settings: Settings) -> str:
    return f"""[general]
enabled=yes
bindaddr=127.0.0.1
port={settings.manager_port}
timestampevents=yes
channelvars={settings.line_variable}
[{USER}]
secret={settings.password}
read=call
write=
"""


def pjsip_conf(settings: Settings) -> str:
    return f"""[loopback]
type=transport
protocol=udp
bind=127.0.0.1:{settings.sip_port}
{peer("trunk", settings.trunk_port)}
{peer("desk", settings.desk_port)}
[trunk]
type=identify
endpoint=trunk
match=127.0.0.1
"""


def peer(name: str, port: int) -> str:
    """An endpoint that sends every number to this port of loopback."""
    return f"""[{name}]
type=endpoint
context=inbound
disallow=all
allow=ulaw
direct_media=no
media_address=127.0.0.1
bind_rtp_to_media_address=yes
rtp_timeout={DESK_TIMEOUT if name == "desk" else 0}
aors={name}
[{name}]
type=aor
contact=sip:127.0.0.1:{port}
"""


def extensions_conf(settings: Settings) -> str:
    return f"""[inbound]
exten => _{JUDGED}X.,1,Answer()
 same => n,AMD()
 same => n,Stasis({settings.app},inbound,${{EXTEN:{len(JUDGED)}}})
 same => n,Hangup()
exten => _X.,1,NoOp(call to ${{EXTEN}})
 same => n,Stasis({settings.app},inbound,${{EXTEN}})
 same => n,Hangup()
[greets]
exten => _X.,1,Answer()
 same => n,Playback({GREETINGS}/${{EXTEN}})
 same => n,Hangup()
[judges]
exten => _X.,1,Set(BEGAN=${{STRFTIME(,,%s.%3q)}})
 same => n,AMD(${{FIGURES}})
 same => n,Log(NOTICE,judged ${{EXTEN}} ${{AMDSTATUS}} ${{AMDCAUSE}} ${{BEGAN}} ${{STRFTIME(,,%s.%3q)}})
 same => n,Hangup()
"""


def indications_conf() -> str:
    """The tones of a country: without them Asterisk plays none, and nobody would hear one that is out of place."""
    return """[general]
country=us
[us]
description=United States
ringcadence=2000,4000
dial=350+440
busy=480+620/500,0/500
ring=440+480/2000,0/4000
congestion=480+620/250,0/250
"""
