// Signatures by WebCrypto. A browser that lacks an algorithm throws NotSupportedError, which is no answer.

import { fromBigEndian } from "./bytes.js";

// How a key signs: its names in JOSE (RFC 7518, RFC 9864) and in COSE (RFC 9053, RFC 9864).
export const ES256 = { name: "ES256", cose: -7 };
export const ED25519 = { name: "Ed25519", cose: -19 };
export const ALGORITHMS = [ES256, ED25519];
export const SIGNATURE_BYTES = 64;
// The order of the curve P-256 (SP 800-186 section 3.2.1.3).
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const [CURVE, ECDSA] = [{ name: "ECDSA", namedCurve: "P-256" }, { name: "ECDSA", hash: "SHA-256" }];
const EDDSA = { name: "Ed25519" };
const PKCS1 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

/** Whether 64 bytes are a signature as it is written: for ES256 in range, and the smaller of the two values of s. */
export function isWritten(signature, algorithm) {
  if (signature.length !== SIGNATURE_BYTES) return false;
  if (algorithm !== ES256) return true;
  const [r, s] = [signature.slice(0, 32), signature.slice(32)].map(fromBigEndian);
  return r > 0n && r < ORDER && s > 0n && s <= ORDER / 2n;
}

/** Whether a signature of 64 bytes is that of a key of the trust file. */
export async function fits({ algorithm, jwk }, signature, data) {
  if (!isWritten(signature, algorithm)) return false;
  const [kind, how] = algorithm === ES256 ? [CURVE, ECDSA] : [EDDSA, EDDSA];
  return crypto.subtle.verify(how, await crypto.subtle.importKey("jwk", jwk, kind, false, ["verify"]), signature, data);
}

/** Whether an Ed25519 signature (RFC 8032) is that of 32 bytes of key. */
export async function fitsEd25519(publicKey, signature, data) {
  const key = await crypto.subtle.importKey("raw", publicKey, EDDSA, false, ["verify"]);
  return crypto.subtle.verify(EDDSA, key, signature, data);
}

/**
 * Whether an ML-DSA-44 signature (FIPS 204, without a context) is that of 1312 bytes of key. No browser has it in
 * WebCrypto everywhere yet, so a library computes it, fetched when the first such signature is met.
 */
export async function fitsMlDsa44(publicKey, signature, data) {
  const { ml_dsa44: algorithm } = await import("../vendor/noble/post-quantum/ml-dsa.js");
  return algorithm.verify(signature, data, publicKey);
}

/** Whether a passkey's signature, as authenticators write it, is that of a key in DER (SubjectPublicKeyInfo). */
export async function fitsPasskey(name, publicKey, signature, data) {
  const [kind, how] = { ES256: [CURVE, ECDSA], EdDSA: [EDDSA, EDDSA], RS256: [PKCS1, PKCS1] }[name];
  let key;
  try {
    key = await crypto.subtle.importKey("spki", publicKey, kind, false, ["verify"]);
  } catch (error) {
    if (error.name === "NotSupportedError") throw error;
    return false;
  }
  if (name === "RS256" && !(key.algorithm.modulusLength >= 2048 && key.algorithm.modulusLength <= 8192)) return false;
  const raw = name === "ES256" ? fromDer(signature) : signature;
  return raw !== null && crypto.subtle.verify(how, key, raw, data);
}

/** An ECDSA signature in DER (RFC 3279 section 2.2.3) as r and s of 32 bytes each; null for any other bytes. */
function fromDer(bytes) {
  if (bytes[0] !== 0x30 || bytes[1] !== bytes.length - 2) return null;
  const numbers = [];
  for (let at = 2; at < bytes.length; at += 2 + bytes[at + 1]) {
    const number = bytes.slice(at + 2, at + 2 + bytes[at + 1]);
    const padded = number[0] === 0 && number[1] >= 0x80;
    const proper = bytes[at] === 0x02 && number.length === bytes[at + 1] && number.length && number[0] < 0x80;
    const digits = padded ? number.slice(1) : number;
    if (!proper || digits.length > 32) return null;
    numbers.push(...new Uint8Array(32 - digits.length), ...digits);
  }
  return numbers.length === SIGNATURE_BYTES ? Uint8Array.from(numbers) : null;
}
