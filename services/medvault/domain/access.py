"""Access: a person reads another vault than their own."""

from enum import StrEnum


class Role(StrEnum):
    """A person's part in a vault; each is sealed with the access that was given.

    An owner has all that is in it, as if it were their own: it was theirs under another identity.
    """

    OWNER = "owner"
