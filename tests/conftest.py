"""Options shared by all tests."""

import os
import signal

import pytest
from hypothesis import settings

# Where nobody watches, the examples are the same every time; `make fuzz` looks for new ones.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")

# What is learned in one test must not make up for a fault in another.
os.environ["LOGDIAG_CACHE_DIR"] = ""
# What is configured on this machine must not change what the tests see.
os.environ["LOGDIAG_CONFIG_DIR"] = ""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="rewrite golden files from what the code does now; read them before committing",
    )


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


def pytest_configure() -> None:
    """Let programs that tests start be interrupted: whom a shell puts in the background, it has
    ignore Ctrl-C, and that would be inherited."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
