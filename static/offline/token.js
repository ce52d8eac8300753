// Signed JSON in compact form (RFC 7515): the credential and every word about status.

import { Misspelt, fromBase64url, fromText } from "./bytes.js";
import { readCanonical } from "./json.js";
import { ALGORITHMS, fits, isWritten } from "./signature.js";

const MAX_LENGTH = 1024 * 1024;

/** A token is not one of the portal's (`malformed`), or not what its signature covers. */
export class TokenRefused extends Error {
  constructor(message, { malformed = true } = {}) {
    super(message);
    this.malformed = malformed;
  }
}

/**
 * The payload of a token once its signature is proven. The header holds exactly alg, kid and typ; the key is the one
 * that `findKey` knows by the kid, which throws its own error when there is none. Throws TokenRefused.
 */
export async function verifyToken(token, typ, findKey) {
  const parts = token.split(".");
  if (token.length > MAX_LENGTH || parts.length !== 3) throw new TokenRefused("not three parts");
  const [header, payload, signature] = parts.map((part) => spelt(() => fromBase64url(part)));
  const members = spelt(() => readCanonical(header));
  const named = Object.keys(members).sort().join() === "alg,kid,typ";
  const algorithm = ALGORITHMS.find((one) => one.name === members.alg);
  if (!named || !algorithm || members.typ !== typ) throw new TokenRefused("another header");
  if (typeof members.kid !== "string" || members.kid.length > 300) throw new TokenRefused("no name of a key");
  if (!isWritten(signature, algorithm)) throw new TokenRefused("a signature of another form", { malformed: false });
  const key = findKey(members.kid);
  if (key.algorithm !== algorithm) throw new TokenRefused("the key signs with another algorithm");
  if (!(await fits(key, signature, fromText(`${parts[0]}.${parts[1]}`)))) {
    throw new TokenRefused("the signature does not fit", { malformed: false });
  }
  return spelt(() => readCanonical(payload));
}

function spelt(read) {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Misspelt)) throw error;
    throw new TokenRefused(error.message);
  }
}
