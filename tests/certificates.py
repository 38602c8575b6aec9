"""Certificates for tests, made by openssl: an authority, and certificates of it that are good, expired, or for another host."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc")
#: What the engines and services of tests are reached by.
HERE = "IP:127.0.0.1,DNS:localhost"


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key, as files in PEM."""

    certificate: Path
    key: Path


class Authority:
    """Makes certificates in a folder; `file` is what is to be trusted."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.file = folder / "ca.pem"
        _openssl(
            *("req", "-x509", *_CURVE, "-keyout", folder / "ca.key", "-out", self.file, "-subj", f"/CN={name}", "-days", "2"),
            *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
        )

    def issue(self, name: str, alternatives: str = HERE, days: int = 2) -> Certificate:
        """A certificate for hosts; with `days` below 0 it has expired."""
        own = Certificate(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        request = self._folder / f"{name}.csr"
        _openssl(
            *("req", *_CURVE, "-keyout", own.key, "-out", request, "-subj", f"/CN={name}"),
            *("-addext", f"subjectAltName={alternatives}"),
        )
        _openssl(
            *("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self._folder / "ca.key", "-CAcreateserial"),
            *("-copy_extensions", "copy", "-days", str(days), "-out", own.certificate),
        )
        return own


def _openssl(*arguments: str | Path) -> None:
    done = subprocess.run([shutil.which("openssl") or "openssl", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
