"""Misbehaviour on order, and how much of it is left."""

import random
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Times = Annotated[int, Field(ge=1, le=1_000_000)]
Probability = Annotated[float, Field(gt=0, le=1)]
Milliseconds = Annotated[int, Field(ge=0, le=600_000)]
Unclear = Literal["server_error", "cut", "131000"]
StatusName = Literal["sent", "delivered", "read", "failed"]


class _Fault(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Duplicates(_Fault):
    """Webhooks sent more than once, at the same time: `copies` extra ones with `probability`."""

    probability: Probability = 1.0
    copies: Annotated[int, Field(ge=1, le=10)] = 1


class Reorder(_Fault):
    """Updates shuffled within windows of this many, or of what came in `milliseconds`."""

    window: Annotated[int, Field(ge=2, le=1_000)]
    milliseconds: Milliseconds = 250


class Batch(_Fault):
    """POSTs of up to `size` updates, gathered for at most `milliseconds`."""

    size: Annotated[int, Field(ge=1, le=1_000)]
    milliseconds: Milliseconds = 100


class Delay(_Fault):
    """Every update held back by `milliseconds`, and at random up to `spread` more."""

    milliseconds: Milliseconds
    spread: Milliseconds = 0
    only: Literal["messages", "statuses"] | None = None


class DropAnswer(_Fault):
    """The next sends are accepted and never answered: closed at once, or held open."""

    times: Times
    probability: Probability = 1.0
    how: Literal["close", "hang"] = "close"


class UnclearAnswer(_Fault):
    """Calls to the number fail with `probability`, in one of these ways, and tell nobody why.

    `server_error` is an HTTP 500 without an error of Meta's, and never has an effect. `effect` is
    the share of the calls with a connection that is `cut`, or with the answer 131000, that had
    their effect.
    """

    probability: Probability
    kinds: Annotated[list[Unclear], Field(min_length=1)] = ["server_error", "cut", "131000"]
    effect: Annotated[float, Field(ge=0, le=1)] = 0.5


class ErrorAnswer(_Fault):
    """The next calls answer this code; with `effect` a send was accepted all the same."""

    code: Annotated[int, Field(ge=0, le=999_999)]
    times: Times = 1
    effect: bool = False
    on: Literal["messages", "media", "number", "any"] = "messages"


class FailedStatus(_Fault):
    """The next accepted sends fail later, by a status `failed` with this code."""

    code: Annotated[int, Field(ge=0, le=999_999)]
    times: Times = 1


class Faults(_Fault):
    """All misbehaviour at once; absent faults don't happen. `seed` makes the dice repeatable."""

    duplicates: Duplicates | None = None
    reorder: Reorder | None = None
    batch: Batch | None = None
    delay: Delay | None = None
    drop_answer: DropAnswer | None = None
    error: ErrorAnswer | None = None
    unclear: UnclearAnswer | None = None
    failed_status: FailedStatus | None = None
    drop_statuses: list[StatusName] = []
    seed: int | None = None

    @model_validator(mode="after")
    def _one_answer_only(self) -> "Faults":
        if self.drop_answer is not None and self.error is not None:
            message = "drop_answer and error exclude each other: an answer is dropped or an error"
            raise ValueError(message)
        return self


class FaultDice:
    """The faults in force, counted down as they are spent."""

    def __init__(self) -> None:
        self.set(Faults())

    def set(self, faults: Faults) -> None:
        """Replace all faults."""
        self.faults = faults
        self.random = random.Random(faults.seed)  # noqa: S311 (dice, not secrets)
        self._answers = faults.drop_answer.times if faults.drop_answer else 0
        self._errors = faults.error.times if faults.error else 0
        self._failures = faults.failed_status.times if faults.failed_status else 0

    def copies(self) -> int:
        """How many extra times the next webhook is sent."""
        duplicates = self.faults.duplicates
        if duplicates is None or self.random.random() >= duplicates.probability:
            return 0
        return duplicates.copies

    def dropped_answer(self) -> Literal["close", "hang"] | None:
        """How the next answer to a send gets lost, if it does."""
        dropped = self.faults.drop_answer
        if self._answers <= 0 or dropped is None or self.random.random() >= dropped.probability:
            return None
        self._answers -= 1
        return dropped.how

    def unclear(self) -> tuple[Unclear, bool] | None:
        """How the next call to the number fails, if it does, and whether it has its effect."""
        unclear = self.faults.unclear
        if unclear is None or self.random.random() >= unclear.probability:
            return None
        kind = self.random.choice(unclear.kinds)
        return kind, kind != "server_error" and self.random.random() < unclear.effect

    def error(self, on: Literal["messages", "media", "number"]) -> ErrorAnswer | None:
        """The error the next call of this kind answers, if any."""
        error = self.faults.error
        if error is None or self._errors <= 0 or error.on not in (on, "any"):
            return None
        self._errors -= 1
        return error

    def failure(self) -> int | None:
        """The code with which the next accepted send fails later, if it does."""
        if self._failures <= 0 or self.faults.failed_status is None:
            return None
        self._failures -= 1
        return self.faults.failed_status.code

    def drops(self, status: str) -> bool:
        """Whether statuses of this name are withheld."""
        return status in self.faults.drop_statuses

    @property
    def disturb_order(self) -> bool:
        """Whether updates leave otherwise than one by one as they came."""
        return any((self.faults.reorder, self.faults.batch, self.faults.delay))
