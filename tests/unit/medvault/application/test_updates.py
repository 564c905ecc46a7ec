"""Releases run side by side: the one before and the next can read what one says in the inbox."""

import json
from typing import cast
from uuid import UUID

import pytest

from medvault.application.updates import read
from medvault.domain.conversation.events import (
    Checked,
    DeliveredLate,
    Event,
    NotDelivered,
    NotFiled,
)
from medvault.domain.identifiers import ReportId
from medvault.domain.media import ACTING, Verdict
from medvault.domain.updates import PendingUpdate, UpdateKind
from medvault.ports import InboundReader

MEDIA, REPORT = UUID(int=7), ReportId(UUID(int=8))
OF_75623F2 = {
    *("clean", "not_scanned", "waiting", "empty", "too_large", "wrong_kind", "damaged"),
    *("encrypted", "unscannable", "infected", "expired", "failed"),
}


def heard(**told: str) -> Verdict:
    content = json.dumps({"media_id": str(MEDIA), **told}).encode()
    update = PendingUpdate(1, UpdateKind.CHECKED, content, 0)
    event = read(cast("InboundReader", None), update).event
    assert isinstance(event, Checked)
    return event.verdict


@pytest.mark.parametrize("verdict", Verdict)
def test_the_release_before_knows_what_it_is_told(verdict: Verdict) -> None:
    assert verdict.broad in OF_75623F2
    assert verdict.broad.accepted is verdict.accepted


@pytest.mark.parametrize("verdict", Verdict)
def test_this_release_hears_the_exact_verdict(verdict: Verdict) -> None:
    assert heard(verdict=verdict.broad.value, exact=verdict.value) is verdict


def test_a_verdict_of_the_release_before_has_no_exact_one() -> None:
    assert heard(verdict="unscannable") is Verdict.UNSCANNABLE


def test_a_verdict_of_a_release_to_come_is_taken_for_the_broad_one() -> None:
    assert heard(verdict="unscannable", exact="has_hologram") is Verdict.UNSCANNABLE


def test_what_acts_is_never_accepted() -> None:
    assert not any(verdict.accepted for verdict in ACTING)
    assert {verdict.broad for verdict in ACTING} == {Verdict.UNSCANNABLE}


@pytest.mark.parametrize(
    ("told", "event"),
    [
        ({}, NotDelivered(REPORT)), ({"late": "yes"}, DeliveredLate()),
        ({"filed": "no"}, NotFiled()),
    ],
)  # fmt: skip
def test_what_is_missed_is_told_in_a_form_that_the_release_before_reads(
    told: dict[str, str], event: Event
) -> None:
    content = json.dumps({"report_id": str(REPORT), "letter": "1", **told}).encode()
    update = PendingUpdate(1, UpdateKind.NOT_DELIVERED, content, 0)
    assert read(cast("InboundReader", None), update) == (event, None, None)
