// Signatures by WebCrypto. What this browser cannot check is told apart from what does not fit.

import { fromBigEndian } from "./bytes.js";

// The order of the curve P-256 (SP 800-186 section 3.2.1.3).
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const COORDINATE = 32;

/** Whether r and s are in the one form that is written: in range, and the smaller of the two values of s. */
export function isWritten(signature) {
  if (signature.length !== 2 * COORDINATE) return false;
  const [r, s] = [signature.slice(0, COORDINATE), signature.slice(COORDINATE)].map(fromBigEndian);
  return r > 0n && r < ORDER && s > 0n && s <= ORDER / 2n;
}

/** Whether an ES256 signature (RFC 7518 section 3.4) fits. */
export async function fitsEs256(jwk, signature, data) {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const key = await crypto.subtle.importKey("jwk", { ...jwk, ext: true }, algorithm, false, ["verify"]);
  return isWritten(signature) && crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, signature, data);
}

/** Whether an Ed25519 signature (RFC 8032) fits. Throws NotSupportedError in a browser without it. */
export async function fitsEd25519(publicKey, signature, data) {
  const key = await crypto.subtle.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "Ed25519" }, key, signature, data);
}
