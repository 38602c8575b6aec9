"""`python -m ops.sbom`: what each service ships, as a CycloneDX SBOM made from its pinned requirements; needs no network.

https://cyclonedx.org/docs/1.6/json/
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: Not shipped: what tests need, and the sum of all.
_NOT_SHIPPED = ("dev", "all", "dictionaries")


def write_sboms(folder: Path) -> list[Path]:
    """One file for each requirements file of a service or an extra; answers them. Raises CalledProcessError when one fails."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for requirements in sorted((ROOT / "requirements").glob("*.txt")):
        if requirements.stem in _NOT_SHIPPED:
            continue
        file = folder / f"dateline-{requirements.stem}.cdx.json"
        command = (sys.executable, "-m", "cyclonedx_py", "requirements", str(requirements), "--sv", "1.6", "--of", "JSON")
        subprocess.run([*command, "--output-reproducible", "-o", str(file)], check=True)  # noqa: S603 - arguments of our own
        written.append(file)
    return written


def main() -> None:
    """Write all into `.dateline/sbom`."""
    for file in write_sboms(ROOT / ".dateline" / "sbom"):
        sys.stdout.write(f"{file.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
