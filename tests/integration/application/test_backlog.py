"""More files than a conversation's state names: each is fetched, asked about in turn and filed."""

from datetime import timedelta

import pytest

from medvault.bootstrap import inbound
from medvault.bootstrap.inbound import make_inbound
from medvault.domain.conversation import backlog
from medvault.domain.media import Verdict
from medvault.domain.quotas import Bucket, Quotas
from medvault.domain.saying import wording
from medvault.ports import Queue
from support.clinic import webhooks
from support.clinic.clinic import Clinic

ANNA = "IN.anna"
ANSWERS = ("2 May 2019", "Apollo Clinic", "Lab test", "YES")


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has a state name four files, and take up two at once."""
    monkeypatch.setattr(backlog, "MAX_NAMED", 4)
    monkeypatch.setattr(backlog, "AT_ONCE", 2)


def sends(clinic: Clinic, files: int) -> None:
    """An album, handled and fetched."""
    names = [f"report-{n}.pdf" for n in range(files)]
    clinic.receive(*(webhooks.document(ANNA, clinic.wamid(), "7", filename=n) for n in names))
    clinic.inbound.handle([clinic.subject(ANNA)])


def states(clinic: Clinic) -> list[str]:
    return clinic.tables.column("SELECT state FROM media ORDER BY id")


def test_a_whole_binder_is_fetched_and_none_of_it_refused(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        inbound, "make_quotas", lambda _: Quotas(Bucket(0, timedelta(minutes=1)), 0)
    )
    clinic.inbound = make_inbound(clinic.base, clinic.cache, clinic.waker)
    files = backlog.MAX_NAMED + 30
    sends(clinic, files)
    clinic.settle()
    assert states(clinic) == ["checked"] * files
    assert sum(wording.BACKLOG in text for text in clinic.said(ANNA)) == 1
    clinic.hears(ANNA, *["CANCEL"] * (files - 1))
    clinic.settle()
    assert "report-129.pdf" in clinic.said(ANNA)[-1]
    clinic.hears(ANNA, *ANSWERS)
    clinic.settle()
    assert states(clinic) == ["discarded"] * (files - 1) + ["filed"]
    assert clinic.state(ANNA).filing.backlog is None


@pytest.mark.usefixtures("narrow")
def test_an_album_is_filed_in_its_order_whenever_its_files_are_checked(clinic: Clinic) -> None:
    sends(clinic, 9)
    assert clinic.state(ANNA).filing.backlog is not None
    for _ in range(9):
        clinic.settle()
        clinic.hears(ANNA, *ANSWERS)
    clinic.settle()
    assert states(clinic) == ["filed"] * 9
    asked = [text for text in clinic.said(ANNA) if "What date" in text]
    assert [f"report-{n}.pdf" in text for n, text in enumerate(asked)] == [True] * 9


@pytest.mark.usefixtures("narrow")
def test_a_refused_file_of_the_backlog_is_told_by_name_when_its_turn_comes(clinic: Clinic) -> None:
    sends(clinic, 7)
    files = clinic.waker.take(Queue.MEDIA)
    for number, id in enumerate(files):
        clinic.examiner.verdict = Verdict.ENCRYPTED if number == 6 else Verdict.CLEAN
        assert clinic.media().process(id)
    clinic.settle()
    clinic.hears(ANNA, *["CANCEL"] * 4)
    told = [text for text in clinic.said(ANNA) if wording.REFUSED[Verdict.ENCRYPTED] in text]
    assert len(told) == 1
    assert "report-6.pdf" in told[0]


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("word", ["STOP", "silence"])
def test_what_is_dropped_is_dropped_whole_and_what_comes_later_is_kept(
    clinic: Clinic, word: str
) -> None:
    sends(clinic, 9)
    clinic.settle()
    if word == "STOP":
        stop = webhooks.text(ANNA, clinic.wamid(), "STOP")
        clinic.receive(stop, webhooks.document(ANNA, clinic.wamid(), "7"))
        clinic.inbound.handle([clinic.subject(ANNA)])
    else:
        clinic.let_time_pass(ANNA, timedelta(hours=1))
        clinic.maintenance().tick()
        clinic.settle()
        sends(clinic, 1)
    clinic.settle()
    assert states(clinic) == ["discarded"] * 9 + ["checked"]
    assert clinic.state(ANNA).filing.backlog is None


@pytest.mark.usefixtures("narrow")
def test_one_album_is_handled_with_the_answers_that_drop_it(clinic: Clinic) -> None:
    album = [webhooks.document(ANNA, clinic.wamid(), "7") for _ in range(8)]
    cancels = [webhooks.text(ANNA, clinic.wamid(), "CANCEL") for _ in range(6)]
    clinic.receive(*album, *cancels)
    clinic.inbound.handle([clinic.subject(ANNA)])
    clinic.settle()
    for _ in range(3):
        clinic.hears(ANNA, "CANCEL")
    assert states(clinic) == ["discarded"] * 8
    assert clinic.state(ANNA).filing.draft is None
