"""Certificates for workers and clients, issued in each run."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, load_pem_private_key, pkcs12
from cryptography.x509 import load_pem_x509_certificate

PASSWORD = "changeit"


@dataclass(frozen=True)
class Pem:
    """A certificate and its key as PEM text, and the files that contain them."""

    cert: str
    key: str
    cert_file: Path
    key_file: Path


class Authority:
    """A certificate authority. It also writes the key stores that workers read (PKCS12, since Kafka Connect reads no PEM)."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self._ca = trustme.CA()
        self.ca = self._ca.cert_pem.bytes().decode()
        self.ca_file = folder / "ca.pem"
        self.ca_file.write_text(self.ca)
        self.truststore = folder / "trust.p12"
        store = ["-storetype", "PKCS12", "-keystore", str(self.truststore), "-storepass", PASSWORD]
        command = ["keytool", "-importcert", "-noprompt", "-alias", "ca", "-file", str(self.ca_file), *store]
        subprocess.run(command, check=True, capture_output=True)

    def issue(self, name: str, *hosts: str) -> Pem:
        """Issue a certificate."""
        issued = self._ca.issue_cert(*hosts, common_name=name)
        cert = "".join(blob.bytes().decode() for blob in issued.cert_chain_pems)
        key = issued.private_key_pem.bytes().decode()
        cert_file, key_file = self._folder / f"{name}.pem", self._folder / f"{name}.key"
        cert_file.write_text(cert)
        key_file.write_text(key)
        return Pem(cert, key, cert_file, key_file)

    def keystore(self, name: str, *hosts: str) -> Path:
        """A PKCS12 file with a server's key and certificate."""
        pem = self.issue(name, *hosts)
        key = load_pem_private_key(pem.key.encode(), None)
        cert = load_pem_x509_certificate(pem.cert.encode())
        file = self._folder / f"{name}.p12"
        password = BestAvailableEncryption(PASSWORD.encode())
        file.write_bytes(pkcs12.serialize_key_and_certificates(name.encode(), key, cert, None, password))  # type: ignore[arg-type]
        return file
