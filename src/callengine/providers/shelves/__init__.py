"""Where sound lies until the PBX plays it: in its own folder, on a server we upload to, or with us."""

from callengine.providers.shelves.base import CALLENGINE, KEPT_SECONDS, Shelf, digest_of
from callengine.providers.shelves.folder import FolderShelf
from callengine.providers.shelves.http import HttpShelf

__all__ = ["CALLENGINE", "KEPT_SECONDS", "FolderShelf", "HttpShelf", "Shelf", "digest_of"]
