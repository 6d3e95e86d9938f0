"""Why a backup or a restore ended: each message is one sentence for the person at the terminal."""


class BackupFailed(Exception):
    """There is no backup."""


class NotABackup(Exception):
    """The folder is not a whole, undamaged backup that this version of Stoa understands."""


class NotRestorable(Exception):
    """The installation is not one that may be restored into."""
