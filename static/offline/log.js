// That a certificate is in its issuer's transparency log, with nothing but the trust file.

import { Misspelt, fromHex } from "./bytes.js";
import { ED25519, SignatureWrong, isIncluded, leafHash, readProof, signedBy } from "./note.js";
import { readCode } from "./proofcode.js";
import { NotVerified } from "./refusal.js";
import { SKEW } from "./time.js";
import { covers } from "./trust.js";

/** The log's word is sound, and is about something else. */
class OfAnother extends NotVerified {}

/**
 * The steps are those of portal.verification.log: one spelling, a log of the issuer, a fitting signature of a key in
 * use, a path to the root, enough witnesses, at the time of issue. Gives the place in the log, from 0. Throws NotVerified.
 */
export async function verifyLog(text, issuer, facts, place = null) {
  const proof = spelt(() => readProof(text));
  if (place !== null && proof.index !== BigInt(place)) throw new NotVerified("log-proof-wrong", "another place");
  await checked(proof, issuer, facts);
  return Number(proof.index);
}

/** The code that stands beside a seal, by the same steps. A sound proof of something else is told apart. Throws NotVerified. */
export async function verifyCode(text, issuer, facts, place) {
  const proof = spelt(() => readCode(text));
  if (proof.index !== BigInt(place)) throw new NotVerified("codes-disagree", "another place");
  try {
    await checked(proof, issuer, facts);
  } catch (error) {
    if (error instanceof OfAnother) throw new NotVerified("codes-disagree");
    throw error;
  }
}

function spelt(read) {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Misspelt)) throw error;
    throw new NotVerified("log-proof-wrong", error.message);
  }
}

async function checked(proof, issuer, facts) {
  const log = issuer.logs.find((one) => one.origin === proof.note.origin);
  if (!log) throw new NotVerified("log-unknown");

  const times = await signers(proof.note, log);
  const issuedAt = Date.parse(facts.issued_at);
  const own = log.keys.filter((one) => one.key.kind === ED25519 && times.has(one.key));
  if (!own.length) throw new NotVerified("log-signature", "no key of the log has signed");
  if (!own.some((one) => covers(one, issuedAt))) throw new NotVerified("log-key-out-of-term");

  const leaf = await leafHash(fromHex(facts.digest), issuedAt / 1000);
  if (!(await isIncluded(proof, leaf))) throw new OfAnother("log-proof-wrong", "another root");

  witnessed(log, times, issuedAt);
}

async function signers(note, log) {
  try {
    return await signedBy(note, [...log.keys, ...log.witnesses].map((one) => one.key));
  } catch (error) {
    if (!(error instanceof SignatureWrong)) throw error;
    throw new NotVerified("log-signature");
  }
}

function witnessed(log, times, issuedAt) {
  const seen = log.witnesses.filter(({ key }) => times.get(key)).filter((one) => covers(one, times.get(one.key)));
  if (seen.some((one) => Math.abs(times.get(one.key) - issuedAt) > SKEW)) throw new NotVerified("log-date-disagrees");
  const names = new Set(seen.map((one) => one.key.name));
  if (names.size < log.required) throw new NotVerified("log-witness-missing", `${names.size} of ${log.required}`);
}
