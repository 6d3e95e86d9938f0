"""What keeps Stoa from starting: each message is one sentence for the person at the terminal."""


class CannotStart(Exception):
    """Starting stopped for a reason that its reader can do something about."""


class EngineRefused(CannotStart):
    """An embedded engine could not make or open its data folder."""


class AlreadyRunning(CannotStart):
    """Another launcher holds this home."""


class PortTaken(CannotStart):
    """Somebody else listens where one of our processes must."""


class HomeUnusable(CannotStart):
    """The folder for this installation's files cannot be made, written or filled."""


class ProgramFailed(CannotStart):
    """A process ended or stayed silent when it should have become ready."""

    def __init__(self, program: str, sentence: str) -> None:
        super().__init__(sentence)
        self.program = program
