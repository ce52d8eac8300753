"""PDFs signed by somebody else, or by the issuer in another way than a certificate is."""

import json
from dataclasses import replace
from datetime import timedelta

from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter

from portal.certificates import issue, page, proof_code, sign
from portal.certificates.log.note import LogProof
from portal.certificates.signed_data import asn1_certificate
from portal.certificates.timestamp import LocalTimeStamper
from tests.certificates.samples import NOW
from tests.verification.attacks import World, attack
from tests.verification.attacks_on_seals import changed_claims, claims_of, proper_header, resealed
from tests.verification.hostile_pdf import (
    signed_otherwise,
    stamp,
    unsigned,
    with_attachments,
    with_statement,
)

# --- other signers ---------------------------------------------------------------------------------------------


@attack("issuer-unknown")
def pdf_of_an_authority_of_the_same_names(world: World) -> bytes:
    return sign.sign(unsigned(world), world.mallory, log_proof=world.issued.log_proof, now=NOW)


@attack("issuer-unknown")
def pdf_with_another_statement_signed_by_mallory(world: World) -> bytes:
    changed = with_statement(world, purpose="shipment-uncontrolled")
    return signed_otherwise(changed, world.mallory)


@attack("issuer-unknown")
def pdf_signed_with_the_time_stamping_key(world: World) -> bytes:
    """A certificate of the very same root, but not of a key that may sign documents."""
    issuer = world.issuer
    assert issuer.timestamp_signer is not None
    assert issuer.timestamp_certificate is not None
    chain = (issuer.timestamp_certificate, issuer.chain[-1])
    return signed_otherwise(unsigned(world), replace(issuer, documents=issuer.timestamp_signer, chain=chain))


@attack("changed")
def pdf_with_the_issuer_certificate_and_a_foreign_signature(world: World) -> bytes:
    return signed_otherwise(unsigned(world), replace(world.issuer, documents=world.mallory.documents))


# --- signed by the issuer, but not a certificate ---------------------------------------------------------------


@attack("not-certified")
def pdf_signed_but_not_certified(world: World) -> bytes:
    return signed_otherwise(unsigned(world), world.issuer, certify=False)


@attack("not-certified")
def pdf_certified_for_filling_in(world: World) -> bytes:
    return signed_otherwise(unsigned(world), world.issuer, docmdp_permissions=MDPPerm.FILL_FORMS)


@attack("signature-structure")
def pdf_signed_in_the_old_way(world: World) -> bytes:
    return signed_otherwise(
        unsigned(world), world.issuer, subfilter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED, embed_validation_info=False
    )


@attack("no-timestamp")
def pdf_without_a_time_stamp(world: World) -> bytes:
    return signed_otherwise(unsigned(world), world.issuer, stamper=False)


@attack("no-timestamp")
def pdf_stamped_by_an_unknown_clock(world: World) -> bytes:
    mallory = world.mallory
    assert mallory.timestamp_signer is not None
    assert mallory.timestamp_certificate is not None
    stamper = LocalTimeStamper(mallory.timestamp_certificate, mallory.timestamp_signer, now=NOW)
    stamper.root = asn1_certificate(mallory.chain[-1])
    return signed_otherwise(unsigned(world), world.issuer, stamper=stamper)


@attack("no-timestamp", "changed", "signature-structure")
def pdf_with_the_time_stamp_of_another(world: World) -> bytes:
    """The stamp is not covered by the signature; one of another signature is put in its place."""
    own = world.issued.pdf
    while True:  # until the two have the same length, as signatures differ by a byte or two
        other = signed_otherwise(with_statement(world, revision=2), world.issuer)
        mine, theirs = stamp(own), stamp(other)
        if len(mine) == len(theirs):
            return own.replace(mine, theirs)


@attack("attachment")
def pdf_without_a_statement(world: World) -> bytes:
    return signed_otherwise(with_attachments(unsigned(world), {}), world.issuer)


@attack("attachment")
def pdf_with_two_statements(world: World) -> bytes:
    files = {sign.ATTACHMENT: world.issued.statement, "statement2.json": world.issued.statement}
    return signed_otherwise(with_attachments(unsigned(world), files), world.issuer)


@attack("attachment")
def pdf_whose_statement_has_another_name(world: World) -> bytes:
    return signed_otherwise(with_attachments(unsigned(world), {"statement.txt": world.issued.statement}), world.issuer)


@attack("statement-malformed")
def pdf_whose_statement_is_not_canonical(world: World) -> bytes:
    spelt = json.dumps(json.loads(world.issued.statement), indent=1).encode("utf-8")
    return signed_otherwise(with_attachments(unsigned(world), {sign.ATTACHMENT: spelt}), world.issuer)


@attack("statement-malformed")
def pdf_whose_statement_breaks_the_schema(world: World) -> bytes:
    return signed_otherwise(with_statement(world, goods=[]), world.issuer)


@attack("issuer-disagrees")
def pdf_whose_statement_names_another_issuer(world: World) -> bytes:
    other = {"id": "did:web:ministry.example", "name": {"en": "Ministry", "zh": "部"}}
    return signed_otherwise(with_statement(world, issuer=other), world.issuer)


@attack("issuer-disagrees")
def pdf_of_a_test_issuer_that_claims_to_be_real(world: World) -> bytes:
    return signed_otherwise(with_statement(world, test=False), world.issuer)


@attack("date-disagrees")
def pdf_dated_back(world: World) -> bytes:
    earlier = (NOW - timedelta(days=90)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return signed_otherwise(with_statement(world, issued_at=earlier), world.issuer)


# --- codes on the page that are not of the file ----------------------------------------------------------------


def with_codes(world: World, seal_text: str, proof_text: str) -> bytes:
    """The genuine statement on a page with codes of the attacker's choice, signed by the issuer as certificates are."""
    folder = issue.font_folder(world.settings)
    drawn = page.render(world.issued.statement, qr_text=seal_text, proof_text=proof_text, font_folder=folder)
    return sign.sign(drawn, world.issuer, log_proof=world.issued.log_proof, now=NOW)


@attack("page-codes")
def pdf_with_the_seal_of_another_certificate_on_its_page(world: World) -> bytes:
    claims = changed_claims(world, CTI=bytes(32), number="DDC-2026-0000002-J")
    other = resealed(world, world.issuer, proper_header(world.issuer), claims)
    return with_codes(world, other.decode("ascii"), world.issued.proof_code)


@attack("page-codes")
def pdf_with_a_forged_seal_on_its_page(world: World) -> bytes:
    forged = resealed(world, world.mallory, proper_header(world.mallory), claims_of(world))
    return with_codes(world, forged.decode("ascii"), world.issued.proof_code)


@attack("page-codes")
def pdf_with_the_log_proof_of_another_certificate_on_its_page(world: World) -> bytes:
    proof = LogProof.parse(world.issued.log_proof)
    code = proof_code.write(replace(proof, index=proof.index + 1), witnesses=0)
    return with_codes(world, world.issued.seal, str(code))


@attack("page-codes")
def pdf_with_the_address_of_another_certificate_on_its_page(world: World) -> bytes:
    return with_codes(world, world.issued.seal, "https://portal.example/verify/DDC-2026-0000002-J")
