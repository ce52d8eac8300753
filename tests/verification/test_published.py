"""What an installation publishes so that others can verify without asking it for each certificate."""

import json

import pytest
from cryptography import x509
from flask.testing import FlaskClient

from portal.certificates import credential
from portal.certificates.trust import TrustRoot


def test_the_trust_file_can_be_read_by_a_verifier(client: FlaskClient) -> None:
    answer = client.get("/.well-known/due-diligence/trust.json")
    assert answer.status_code == 200
    assert TrustRoot.read(answer.data).issuers[0].test


def test_the_revocation_list_is_that_of_the_root(client: FlaskClient) -> None:
    root = TrustRoot.read(client.get("/.well-known/due-diligence/trust.json").data).issuers[0].roots[0]
    found = x509.load_der_x509_crl(client.get("/.well-known/due-diligence/test-root.crl").data)
    assert found.issuer == root.subject
    assert found.is_signature_valid(root.public_key())  # type: ignore[arg-type]


def test_the_context_is_served_where_the_credential_says(client: FlaskClient) -> None:
    answer = client.get(credential.CONTEXT_PATH)
    assert json.loads(answer.data) == credential.context()
    assert answer.content_type == "application/ld+json"


@pytest.mark.parametrize("name", ["trust.json", "status/index.json", "test-root.crl", "context-v1.jsonld"])
def test_no_private_key_is_published(client: FlaskClient, name: str) -> None:
    body = client.get(f"/.well-known/due-diligence/{name}").data
    assert b"PRIVATE" not in body
    assert b'"d"' not in body
