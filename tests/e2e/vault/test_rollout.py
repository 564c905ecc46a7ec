"""A new image is rolled out while patients write, and the API never fails to answer."""

import time
from collections.abc import Callable

import pytest

from support import pdfs
from support.cluster.images import LoadedImage
from support.cluster.reactions import Reactions
from support.cluster.site import Clinic, wait_telling
from support.cluster.target import Say
from support.stack.filing import file_pdf, list_one

pytestmark = pytest.mark.timeout(1800)
RATE, IN_PLACE = 10.0, 600.0
"""Webhooks a second, and seconds for the whole of it."""


def test_a_rolling_update_under_traffic_fails_no_webhook(
    clinic: Clinic, newer: LoadedImage, say: Say, figures: Callable[..., None]
) -> None:
    phone, pdf = clinic.phone(), pdfs.written(pdfs.report())
    file_pdf(phone, pdf)
    with Reactions(clinic.meta, RATE) as traffic:
        traffic.enough(20)
        began = time.monotonic()
        clinic.vault.patch({"image": newer.name})
        wait_telling(clinic.vault, say, seconds=IN_PLACE)
        took = time.monotonic() - began
        traffic.enough(20)
        answered = traffic.finish()
    figures(
        rollout_s=round(took, 1),
        webhooks=sum(answered.statuses.values()),
        failed=answered.failed,
        slowest_s=answered.slowest,
    )
    assert answered.failed == 0, answered.statuses
    assert clinic.images() == {newer.name}
    list_one(phone)
    assert phone.download(phone.say("GET 1", "City Hospital")) == pdf
