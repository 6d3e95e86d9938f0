"""The words of policy: what is acted on, what is done to it, and how the answer may be."""

from enum import StrEnum


class Kind(StrEnum):
    """What policy speaks of.

    A document, a batch or a passage is a part of its collection, a version or a draft of its
    assistant, a turn or a message of its conversation: what may be done to the whole decides.
    roster: who is in a workspace, and its invites. budget: what a workspace may spend.
    """

    ASSISTANT = "assistant"
    COLLECTION = "collection"
    FILE = "file"
    CONVERSATION = "conversation"
    KEY = "key"
    GROUP = "group"
    WORKSPACE = "workspace"
    ROSTER = "roster"
    LEDGER = "ledger"
    BUDGET = "budget"
    AUDIT = "audit"
    INSTALLATION = "installation"


class Action(StrEnum):
    """What is done to an object.

    see: its name and its settings, of an assistant its draft too. use: ask an assistant; let an
    assistant read a collection. list: the names of a collection's documents and how they fare.
    download: read documents, search among them, fetch files. create: make something in a
    workspace. administer: a workspace's groups, what the installation is told.
    """

    SEE = "see"
    USE = "use"
    LIST = "list"
    DOWNLOAD = "download"
    EDIT = "edit"
    SHARE = "share"
    DELETE = "delete"
    CREATE = "create"
    ADMINISTER = "administer"


class Way(StrEnum):
    """How somebody comes to an object. Each opens some actions; several may hold at once.

    operator: runs the installation. runs: owner or admin of the object's workspace. owns: made it.
    belongs: in the object's workspace. open: its visibility is the whole workspace.
    public: an assistant that is public and published. linked: an assistant with an open door, by
    which they came. The rest are grants to them or their group.
    """

    OPERATOR = "operator"
    RUNS = "runs"
    OWNS = "owns"
    BELONGS = "belongs"
    OPEN = "open"
    PUBLIC = "public"
    LINKED = "linked"
    GRANTED_USE = "granted_use"
    GRANTED_EDIT = "granted_edit"
    GRANTED_DOWNLOAD = "granted_download"


class Verdict(StrEnum):
    """allowed; hidden: as if it did not exist (404); forbidden: seen, but not that (403)."""

    ALLOWED = "allowed"
    HIDDEN = "hidden"
    FORBIDDEN = "forbidden"
