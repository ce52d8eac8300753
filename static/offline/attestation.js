// The compliance officer's word, checked again from the statement alone (portal.certificates.attested tells the scheme).

import { Misspelt, base64url, equal, fromBase64url, fromBigEndian, fromHex, fromText, joined, sha256, toText } from "./bytes.js";
import { isObject, read } from "./json.js";
import { fitsPasskey } from "./signature.js";
import { digestOf } from "./statement.js";

const LABEL = "due-diligence-portal/attestation/v1";
const AS_STATED = ["revision", "exporter", "parties", "route", "end_use", "contract"];
const [NONCE_BYTES, SHORTEST, MOST_CLIENT_DATA] = [32, 37, 4096];
const [USER_PRESENT, USER_VERIFIED] = [0x01, 0x04];

/** The evidence of a passkey does not show that it signed this statement's attested part. */
class EvidenceBroken extends Error {}

/** The reason that tells what the attestation in a verified statement is worth. */
export async function attestationKey(facts) {
  if (facts.attestation.method !== "passkey") return "attestation-weak";
  try {
    const { beforeReview, counterStale } = await check(facts);
    if (counterStale) return "passkey-counter-stale";
    return beforeReview ? "attested-before-review" : "attested-by-passkey";
  } catch (error) {
    if (error instanceof EvidenceBroken || error instanceof Misspelt) return "passkey-evidence-broken";
    throw error;
  }
}

async function check(facts) {
  const { evidence } = facts.attestation;
  if (!isObject(evidence)) throw new EvidenceBroken("no evidence");
  const site = relyingParty(facts.status_address);
  if (evidence.relying_party !== site.id || evidence.origin !== site.origin) throw new EvidenceBroken("another site");
  const clientData = fromBase64url(evidence.client_data);
  checkClientData(clientData, site.origin, await expected(facts, evidence));
  const beforeReview = (await judged(facts)) !== evidence.judged;
  if (beforeReview && !("review" in facts.assessment)) throw new EvidenceBroken("something else was judged");
  const authenticator = fromBase64url(evidence.authenticator_data);
  const count = await checkAuthenticator(authenticator, site.id);
  const signed = joined(authenticator, await sha256(clientData));
  const [key, signature] = [fromBase64url(evidence.public_key), fromBase64url(evidence.signature)];
  if (!(await fitsPasskey(evidence.algorithm, key, signature, signed))) throw new EvidenceBroken("the signature");
  const before = evidence.counter_before;
  return { beforeReview, counterStale: (count > 0 || before > 0) && count <= before };
}

/** The site that the issuer's passkeys belong to, as a browser names it. */
function relyingParty(address) {
  const { protocol, hostname, port } = new URL(address);
  const loopback = /^127\./.test(hostname) || hostname === "[::1]";
  const id = loopback ? "localhost" : hostname.replace(/^\[|\]$/g, "");
  return { id, origin: `${protocol}//${id}${port && `:${port}`}` };
}

async function expected(facts, evidence) {
  const nonce = fromBase64url(evidence.nonce);
  if (nonce.length !== NONCE_BYTES) throw new EvidenceBroken("the nonce has another length");
  const attested = fromHex(
    await digestOf({
      ...Object.fromEntries(AS_STATED.map((name) => [name, facts[name]])),
      goods: facts.goods.map(({ control_state: _, ...line }) => line),
      answers_digest: facts.assessment.answers_digest,
      officer: facts.attestation.officer,
      position: facts.attestation.position,
      file: evidence.file,
      judged: evidence.judged,
    }),
  );
  return base64url(await sha256(joined(fromText(LABEL), Uint8Array.of(0), attested, nonce)));
}

function judged({ purpose, licence, goods, assessment: { review: _, ...assessment } }) {
  return digestOf({ purpose, licence, control_states: goods.map((line) => line.control_state), assessment });
}

function checkClientData(data, origin, challenge) {
  const client = read(toText(data), MOST_CLIENT_DATA);
  if (!isObject(client) || client.type !== "webauthn.get") throw new EvidenceBroken("no assertion");
  if (client.challenge !== challenge) throw new EvidenceBroken("another statement was signed");
  if (client.origin !== origin || (client.crossOrigin ?? false) !== false) throw new EvidenceBroken("another site");
}

/** The counter of authenticator data that are for this site, with the user present and verified. */
async function checkAuthenticator(data, id) {
  if (data.length < SHORTEST) throw new EvidenceBroken("cut short");
  if (!equal(data.slice(0, 32), await sha256(fromText(id)))) throw new EvidenceBroken("another site");
  if (!(data[32] & USER_PRESENT) || !(data[32] & USER_VERIFIED)) throw new EvidenceBroken("nobody was verified");
  return Number(fromBigEndian(data.slice(33, 37)));
}
