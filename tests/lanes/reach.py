"""Which tests a change reaches, by who imports whom; fixtures and started processes count too."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[2]
SOURCES = ("services", "operator", "tests")
PACKAGES = (
    "medvault",
    "medvault_operator",
    "support",
    "chaos",
    "contract",
    "integration",
    "security",
    "unit",
)
UNIT, MORE = ("unit.",), ("contract.", "integration.", "security.")
"""Tests that need no servers, and tests that do. Those that kill and freeze are never chosen."""
STARTED = {
    "medvault.adapters.sandbox.child": "medvault.examine",
    "support.stack.service": "medvault.cli",
    "support.demo": "medvault.cli",
    "support.scripted_worker": "medvault.worker.app",
    "integration.chaos.test_command": "chaos.checker.__main__",
}
"""The modules that another module starts as a process of their own."""
BESIDE = {
    "charts/": ("integration.chart", "unit.medvault_operator.api.test_definition"),
    "k8s/": ("integration.chart",),
    "docs/": ("unit.docs",),
    "docs/simulator.md": ("integration.demo.test_examples",),
    "README.md": ("unit.docs",),
    "services/Dockerfile": ("unit.images",),
    "operator/Dockerfile": ("unit.images",),
    "setup/": ("unit.images",),
    "setup/messages": ("unit.medvault.locales",),
    "skaffold.yaml": ("unit.images",),
    ".ci/": ("unit.test_ci",),
}
"""Files that no module imports, with the tests that read them."""
EVERYTHING = (
    "pyproject.toml", "uv.lock", "Makefile", "tests/conftest.py", "tests/lanes/",
    "tests/support/servers/",
)  # fmt: skip


class Reach:
    """The graph of imports of this checkout."""

    def __init__(self) -> None:
        self._graph = grimp.build_graph(*PACKAGES, cache_dir=str(ROOT / ".import_linter_cache"))
        self._tests = {
            module
            for module in self._graph.modules
            if module.startswith(UNIT + MORE) and module.rpartition(".")[2].startswith("test_")
        }
        for test in self._tests:
            for fixtures in self._fixtures(test):
                self._graph.add_import(importer=test, imported=fixtures)
        for starter, started in STARTED.items():
            self._graph.add_import(importer=starter, imported=started)

    def tests(self, changed: Iterable[str], rooms: tuple[str, ...] = MORE) -> list[str]:
        """The files of tests in some rooms that these changed files reach; paths from the root."""
        reached: set[str] = set()
        for path in changed:
            if path.startswith(EVERYTHING):
                reached |= self._tests
            for module in self._modules(path):
                reached |= {module} | self._graph.find_downstream_modules(module)
        found = {module for module in reached & self._tests if module.startswith(rooms)}
        return sorted(map(_path, found))

    def _fixtures(self, test: str) -> Iterator[str]:
        """The conftest modules of a test's folders."""
        folder = test.rpartition(".")[0]
        while folder:
            if (found := f"{folder}.conftest") in self._graph.modules:
                yield found
            folder = folder.rpartition(".")[0]

    def _modules(self, path: str) -> set[str]:
        """The modules that a file is, or lies beside."""
        readers = tuple(
            test for place, tests in BESIDE.items() if path.startswith(place) for test in tests
        )
        if readers:
            return {found for found in self._tests if found.startswith(readers)}
        source, _, rest = path.partition("/")
        if source not in SOURCES:
            return set()
        module = rest.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        if path.endswith(".py") and module in self._graph.modules:
            return {module}
        folder = rest.rpartition("/")[0].replace("/", ".")
        while folder and folder not in self._graph.modules:
            folder = folder.rpartition(".")[0]
        return {found for found in self._graph.modules if found.startswith(f"{folder}.")}


def _path(module: str) -> str:
    return f"tests/{module.replace('.', '/')}.py"
