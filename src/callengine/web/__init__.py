"""The engine's own HTTP port, for those who run it."""

from callengine.web.app import Media, Reloadable, application
from callengine.web.port import serve

__all__ = ["Media", "Reloadable", "application", "serve"]
