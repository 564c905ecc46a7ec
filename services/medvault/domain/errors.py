"""The errors, on two axes: whether the user is at fault, and whether trying again helps."""


class MedvaultError(Exception):
    """The root of every error that medvault raises on purpose."""


class Transient(MedvaultError):
    """Not the user's fault and passing: the same call may work later."""


class Unavailable(Transient):
    """A dependency does not answer: wait and probe, no attempt is used up."""

    def __init__(self, dependency: str, advice: str = "") -> None:
        super().__init__(f"{dependency} does not answer{advice and ': '}{advice}")
        self.dependency = dependency


class Refused(Unavailable):
    """A dependency answers, and does not let us in: it is as if away until somebody acts.

    `reason` is a word, such as `login`.
    """

    def __init__(self, dependency: str, meaning: str, reason: str) -> None:
        MedvaultError.__init__(self, f"the {dependency} {meaning}")
        self.dependency = dependency
        self.reason = reason


class PutOff(Transient):
    """A file's scan takes long, and others do already: try it later, no attempt is used up."""


class OutOfTime(Transient):
    """A file took too long by the clock, which a busy machine can cause.

    `alone` says that it may take less without its neighbours in this process.
    """

    alone = True


class ScanOverran(OutOfTime):
    """The scanner is there, and took too long for this file; our neighbours have no part in it."""

    alone = False


class Permanent(MedvaultError):
    """Not the user's fault, and no later try can work."""


class Misplaced(Permanent):
    """Something sealed was damaged, or lies where it was not sealed for."""


class Rejected(MedvaultError):
    """The user's fault: they are told why, nobody is alarmed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MissingObject(Permanent):
    """The object store holds nothing under that key."""


class Expired(Permanent):
    """The channel no longer has the file."""
