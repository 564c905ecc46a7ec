import re
import tomllib
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from medvault import settings
from medvault.domain.saying.verdicts import FOREIGN, KEPT_WITHOUT, REFUSED
from medvault.domain.saying.wording import CHECK_WAITS
from medvault.observability.metrics import REGISTRY
from medvault.ports import Queue
from medvault_operator.observability import metrics as operator_metrics
from support.patients import Patient
from unit.docs.pages import PAGES, ROOT, blocks, rows

DOCS = ROOT / "docs"
RUN_BY = {
    "simulator.md": "sh",
    "conversation.md": "chat",
    "operations.md": "sh",
    "kubernetes.md": "yaml",
}
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
NAMED = re.compile(r"`((?:services|tests|docs|setup|operator|charts|k8s)/[^`*…<> ]+)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text()
    missing = [link for link in LINK.findall(text) if not (page.parent / link).exists()]
    missing += [name for name in NAMED.findall(text) if not (ROOT / name).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_block_is_marked_as_tested_only_where_a_test_runs_it(page: Path) -> None:
    for block in blocks(page):
        assert not block.tested or RUN_BY.get(page.name) == block.language
        assert block.language in ("sh", "chat", "text", "console", "conf", "json", "sql", "yaml")


def test_the_settings_are_those_of_the_program() -> None:
    regenerate = "run: uv run medvault settings > docs/settings.md"
    assert (DOCS / "settings.md").read_text() == settings.reference() + "\n", regenerate


def metric_rows(registry: CollectorRegistry) -> list[str]:
    found = []
    for metric in registry.collect():
        if metric.name.startswith("medvault_"):
            names = {key for sample in metric.samples for key in sample.labels} - {"le"}
            label = ", ".join(f"`{name}`" for name in sorted(names))
            suffix = "_total" if metric.type == "counter" else ""
            name = f"`{metric.name}{suffix}`"
            found.append(f"| {name} | {metric.type} | {label} | {metric.documentation} |")
    return found


@pytest.mark.parametrize(
    ("page", "registry"),
    [("operations.md", REGISTRY), ("kubernetes.md", operator_metrics.REGISTRY)],
    ids=["services", "operator"],
)
def test_the_metrics_are_those_of_the_program(page: str, registry: CollectorRegistry) -> None:
    written = rows(DOCS / page, "| metric | kind | label | meaning |")
    expected = metric_rows(registry)
    assert written == expected, "the rows should be:\n" + "\n".join(expected)


def test_every_queue_is_described() -> None:
    written = rows(DOCS / "operations.md", "| queue | what is in it | who takes it |")
    assert [row.split("`")[1] for row in written] == [f"medvault.{queue}" for queue in Queue]


def test_every_rule_of_import_is_told() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    told = (DOCS / "architecture.md").read_text()
    for contract in project["tool"]["importlinter"]["contracts"]:
        assert contract["name"] in told


def test_staff_read_the_words_that_patients_read() -> None:
    told = " ".join((DOCS / "conversation.md").read_text().replace("\n> ", " ").split())
    foreign = [words.format(what=what) for words, what in FOREIGN.values()]
    for said in (*foreign, *REFUSED.values(), *KEPT_WITHOUT.values(), CHECK_WAITS):
        assert said in told


def test_the_readme_shows_the_list_as_a_patient_sees_it() -> None:
    patient = Patient()
    patient.files(hospital="City Hospital")
    (reply,) = patient.says("LIST").replies
    (row,) = reply.rows
    told = (ROOT / "README.md").read_text()
    shown = "\n".join(
        [
            f"medvault | {reply.body}",
            f"         | ( {reply.menu} )",
            f"         |   {row.title}",
            f"         |      {row.description}",
        ]
    )
    assert shown in told
