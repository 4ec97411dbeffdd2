"""`python -m logdiag`."""

from __future__ import annotations

import sys

from logdiag.main import main

if __name__ == "__main__":
    sys.exit(main())
