"""What Python's `logging` puts before a message: when it was said, how loud, and by whom."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_LEVEL = r"(?:DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL|FATAL|NOTSET|TRACE|SUCCESS)"
# The name of a logger has small letters: `LOSSES: ` begins a message.
_LOGGER = r"(?=[^ :|]*[a-z])[^ :|]+"
_PREFIX = re.compile(
    r"\[?(?P<stamp>[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[,.][0-9]{1,6})?)\]?"
    rf"(?: \| {_LEVEL} *\| (?:{_LOGGER} *\| )?"
    rf"| \[?{_LEVEL}\]? +(?:{_LOGGER}: )?| {_LOGGER} \[?{_LEVEL}\]?:? "
    rf"| - {_LOGGER} - {_LEVEL} +- | - {_LEVEL} +- |: | )"
    rf"|{_LEVEL}:[^ :]+:|{_LEVEL}: |\[{_LEVEL}\] "
)


def prefix(line: str) -> re.Match[str] | None:
    """The prefix of a line, with its `stamp` where it has one; None for a line that was printed."""
    return _PREFIX.match(line)


def moment(stamp: str) -> datetime | None:
    """A stamp as an aware time; logging tells no zone, and UTC is assumed. None for no date."""
    try:
        return datetime.fromisoformat(stamp.replace(",", ".")).replace(tzinfo=UTC)
    except ValueError:
        return None
