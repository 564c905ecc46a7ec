"""The two ends that the adapter is tried against."""

from collections.abc import Iterator

import pytest

from support.graph import Graph, planned_graph
from support.simulated import Simulator, simulated_whatsapp


@pytest.fixture
def graph() -> Iterator[Graph]:
    """A Graph API that does as it is told."""
    with planned_graph() as graph:
        yield graph


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """A simulator of its own."""
    with simulated_whatsapp() as simulator:
        yield simulator
