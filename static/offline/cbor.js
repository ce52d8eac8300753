// CBOR (RFC 8949) in its deterministic encoding; any other spelling of the same is refused.

import { Tagged, decode as decoded, encode as encoded, rfc8949EncodeOptions } from "../vendor/cborg/cborg.js";
import { Misspelt, equal } from "./bytes.js";

export const COSE_SIGN1 = 18;

/** Deterministic CBOR (RFC 8949 section 4.2). */
export const encode = (value) => encoded(value, rfc8949EncodeOptions);

/** One item and nothing behind it; COSE_Sign1 is the only tag that is known. Throws Misspelt. */
export function decode(bytes) {
  let value;
  let again;
  try {
    value = decoded(bytes, {
      strict: true,
      allowIndefinite: false,
      allowUndefined: false,
      rejectDuplicateMapKeys: true,
      useMaps: true,
      tags: Tagged.preserve(COSE_SIGN1),
    });
    again = encode(value);
  } catch {
    throw new Misspelt("not the CBOR that is written");
  }
  if (!equal(again, bytes)) throw new Misspelt("CBOR that could be written otherwise");
  return value;
}

/** What a tag of a number holds; undefined for anything else. */
export const inTag = (value, tag) => (value instanceof Tagged && value.tag === tag ? value.value : undefined);
