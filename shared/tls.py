"""TLS towards Kafka and Elasticsearch, made in one place: certificates are always checked, and that they are for the host asked."""

import socket
import ssl
from typing import Protocol


class TlsFiles(Protocol):
    """The settings of a group that say whom to trust, and who we are."""

    @property
    def ca_file(self) -> str | None: ...

    @property
    def client_certificate_file(self) -> str | None: ...

    @property
    def client_key_file(self) -> str | None: ...


def build_tls_context(files: TlsFiles) -> ssl.SSLContext:
    """What the clients of one engine make connections with: TLS 1.2 or newer, trusting the CA file, or else what the system trusts.

    Raises ValueError that names the file which cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=files.ca_file)
    except (OSError, ValueError) as error:
        raise ValueError(f"CA_FILE: {files.ca_file} cannot be read as certificates in PEM: {error}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if files.client_certificate_file is not None:
        try:
            # A key that is locked by a password is refused: OpenSSL would ask for it on the terminal.
            context.load_cert_chain(files.client_certificate_file, files.client_key_file, password="")
        except (OSError, ValueError) as error:
            named = f"{files.client_certificate_file}, {files.client_key_file or 'with its key'},"
            raise ValueError(
                f"CLIENT_CERTIFICATE_FILE: {named} cannot be read as a certificate and its key in PEM without a password: {error}"
            ) from None
    return context


def find_connection_trouble(host: str, port: int, context: ssl.SSLContext | None, timeout_seconds: float) -> str | None:
    """What keeps us from connecting, or None; with a `context` the host must show a certificate that we trust."""
    try:
        with socket.create_connection((host, port), timeout=timeout_seconds) as plain:
            if context is not None:
                context.wrap_socket(plain, server_hostname=host).close()
    except ssl.SSLCertVerificationError as error:
        return f"its certificate is refused: {error.verify_message}"
    except ssl.SSLError as error:
        return f"no TLS connection: {error.reason or error}"
    except OSError as error:
        return str(error)
    return None
