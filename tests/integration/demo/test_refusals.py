"""A demo that can't begin says so in its last line, and what to do."""

import socket
from pathlib import Path

import pytest
import urllib3

from support.demo import DemoCommand


@pytest.mark.parametrize("taken", ["api", "simulator"])
def test_a_taken_port_is_named_with_the_option_that_chooses_another(
    tmp_path: Path, taken: str
) -> None:
    demo = DemoCommand(tmp_path / "data")
    port = {"api": demo.api_port, "simulator": demo.simulator_port}[taken]
    with socket.create_server(("127.0.0.1", port)):
        assert demo.launch().ended() == 2
    said = demo.printed.splitlines()[-1]
    assert said.startswith(f"Port {port} can't be listened on")
    assert said.endswith(f"choose another one with --{taken}-port.")
    assert "Traceback" not in demo.printed
    assert not demo.folder.exists(), "nothing was begun"


def test_a_second_demo_over_the_same_folder_is_refused(demo: DemoCommand) -> None:
    second = DemoCommand(demo.folder).launch()
    assert second.ended() == 2
    said = second.printed.splitlines()
    assert said[-1].startswith(f"Another demo runs on {demo.folder}")
    assert "Traceback" not in second.printed
    assert urllib3.request("GET", f"{demo.api_url}/ready").status == 200


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    demo = DemoCommand(tmp_path / "data").launch()
    assert demo.ended() == 2
    assert demo.printed.splitlines()[-1].startswith(f"{demo.folder} can't be used")
    assert "Traceback" not in demo.printed
