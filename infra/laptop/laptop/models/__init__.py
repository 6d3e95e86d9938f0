"""Models without a model hub: catalogue, fetching, checking. Needs only the standard library.

`rich` draws the bars and `httpx2` reaches a hub, each imported only when it is used, so models can
be fetched while pip is still installing the rest.
"""

from laptop.models.catalogue import ModelEntry, entry_named, read_catalogue
from laptop.models.conversion import embedding_folder
from laptop.models.errors import ModelUnavailable
from laptop.models.fetching import fetch, is_present
from laptop.models.progress import Progress, Silent

__all__ = [
    "ModelEntry",
    "ModelUnavailable",
    "Progress",
    "Silent",
    "embedding_folder",
    "entry_named",
    "fetch",
    "is_present",
    "read_catalogue",
]
