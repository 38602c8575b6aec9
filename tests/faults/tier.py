"""How much of what takes long is run: `small` in `make test`, `middle` in `make faults`, `release` in `make faults-release`."""

import os

TIER = os.environ.get("FAULTS", "small")
