// The credential: the whole statement as a W3C Verifiable Credential, secured as a JWT.

import { canonical, isObject } from "./json.js";
import { verifyLog } from "./log.js";
import { acceptIssuer } from "./proof.js";
import { IssuerNotAccepted, NotVerified } from "./refusal.js";
import { checkStatement, digestOf, essentials, isCertifiable } from "./statement.js";
import { entries } from "./statuslist.js";
import { TokenRefused, verifyToken } from "./token.js";

export const CREDENTIALS_CONTEXT = "https://www.w3.org/ns/credentials/v2";
export const ENVELOPE_TYPE = "EnvelopedVerifiableCredential";
export const DATA_PREFIX = "data:application/vc+jwt,";
const CONFORMITY_CONTEXT = "https://test.uncefact.org/vocabulary/untp/dcc/0.6.0/";
const CONTEXT_PATH = "/.well-known/due-diligence/context-v1.jsonld";
const [STATEMENT, DIGEST, PROOF, PROOF_TYPE] = [
  "dueDiligenceStatement", "dueDiligenceStatementDigest", "dueDiligenceLogProof", "DueDiligenceLogProof",
];

/** Verify a credential in compact form. Throws NotVerified or IssuerNotAccepted. */
export async function verifyCredential(token, trust, schema) {
  let found;
  const findKey = (kid) => {
    const [issuerId, ...name] = kid.split("#");
    found = trust.key(name.join("#"));
    if (!found || found.issuer.id !== issuerId) throw new IssuerNotAccepted("issuer-unknown");
    return found.key;
  };
  let payload;
  try {
    payload = await verifyToken(token, "vc+jwt", findKey);
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error;
    throw new NotVerified(error.malformed ? "credential-malformed" : "changed", error.message);
  }
  const statement = isObject(payload.credentialSubject) ? payload.credentialSubject[STATEMENT] : undefined;
  checkStatement(statement, schema);
  const digest = await digestOf(statement);

  if (!("evidence" in payload)) throw new NotVerified("log-proof-missing");
  const proof = logProof(payload);
  if (canonical(build(statement, digest, proof)) !== canonical(payload)) {
    throw new NotVerified("credential-malformed", "not that of its statement and proof");
  }
  const facts = essentials(statement, digest);
  acceptIssuer(found.issuer, found.key, facts);
  const logIndex = await verifyLog(proof, found.issuer, facts);
  return { ...found, essentials: facts, statement, logIndex, logged: true };
}

/** The log's proof in a credential's content; empty where there is none. */
export function logProof({ evidence }) {
  const only = Array.isArray(evidence) && evidence.length === 1 ? evidence[0] : {};
  const typed = isObject(only) && Array.isArray(only.type) && only.type.length === 1 && only.type[0] === PROOF_TYPE;
  return typed && typeof only[PROOF] === "string" ? only[PROOF] : "";
}

/** The content that follows from a statement and its proof: portal.certificates.credential builds the same. */
function build(facts, digest, proof) {
  const address = facts.status_address;
  const ending = `/verify/${facts.number}`;
  const origin = address.endsWith(ending) ? address.slice(0, -ending.length) : address;
  const name = `Due-diligence certificate ${facts.number}`;
  return {
    "@context": [CREDENTIALS_CONTEXT, CONFORMITY_CONTEXT, origin + CONTEXT_PATH],
    type: ["DigitalConformityCredential", "VerifiableCredential"],
    id: `${address}#credential`,
    issuer: { type: ["CredentialIssuer"], id: facts.issuer.id, name: facts.issuer.name.en },
    name,
    validFrom: facts.issued_at,
    validUntil: `${facts.valid_until}T23:59:59Z`,
    credentialStatus: credentialStatus(facts),
    credentialSubject: {
      type: ["ConformityAttestation", "Attestation"],
      id: address,
      name,
      assessorLevel: "3rdParty",
      assessmentLevel: "Unspecified",
      attestationType: "verification",
      issuedToParty: party(facts.exporter),
      assessment: [
        {
          type: ["ConformityAssessment", "Declaration"],
          id: `${address}#assessment`,
          conformityTopic: "governance.compliance",
          conformance: isCertifiable(facts.assessment),
        },
      ],
      [STATEMENT]: facts,
      [DIGEST]: digest,
    },
    evidence: [{ type: [PROOF_TYPE], [PROOF]: proof }],
  };
}

/** The entries of the status lists; a credential from before there were lists has the address of its status. */
function credentialStatus({ status_list: place, status_address: address, number }) {
  if (!place) return { id: address, type: "DueDiligenceStatusAddress" };
  return entries(place, address.endsWith(number) ? address.slice(0, -number.length) : address);
}

function party({ identifier, name }) {
  const [scheme, value] = identifier.value ? [identifier.scheme, identifier.value] : ["name", "unregistered"];
  return { id: `urn:due-diligence-portal:organisation:${scheme || "other"}:${value}`, name, registeredId: value };
}
