"""The engine's own HTTP port, for those who run it."""

from callengine.web.app import Reloadable, application
from callengine.web.port import serve

__all__ = ["Reloadable", "application", "serve"]
