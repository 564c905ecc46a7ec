import re

from medvault.observability import metrics
from medvault.observability.metrics import REGISTRY, render_metrics
from medvault.ports import Queue


def test_names_start_with_medvault_and_have_at_most_one_label() -> None:
    ours = [found for found in REGISTRY.collect() if not found.name.startswith("process_")]
    assert len(ours) >= 20
    for found in ours:
        assert re.fullmatch(r"medvault(_[a-z]+)+", found.name)
        for sample in found.samples:
            assert len(sample.labels.keys() - {"le"}) <= 1


def test_every_series_exists_before_anything_happens() -> None:
    body, _ = render_metrics(None)
    for series in (
        b'medvault_webhook_updates_total{kind="message"}',
        b'medvault_media_checked_total{verdict="infected"}',
        b'medvault_deliveries_total{outcome="accepted"}',
        b'medvault_breaker_open{dependency="cache"}',
    ):
        assert series in body


def test_the_queues_are_those_of_the_ports() -> None:
    assert set(metrics.QUEUES) == set(Queue)
