// The seal: COSE_Sign1 around a CBOR Web Token, in base45 (portal.verification.seal has the same steps).

import { COSE_SIGN1, decode, encode, inTag } from "./cbor.js";
import { Misspelt, fromBase45, hex } from "./bytes.js";
import { isNumber } from "./number.js";
import { acceptIssuer } from "./proof.js";
import { IssuerNotAccepted, NotVerified } from "./refusal.js";
import { SEAL } from "./prefixes.js";
import { ALGORITHMS, SIGNATURE_BYTES, fits } from "./signature.js";
import { placeOfCode } from "./statuslist.js";
import { DAY, day, fromSeconds, moment } from "./time.js";

export const MAX_CODES = 20;
// A QR code holds at most so many characters.
const MAX_TEXT = 4296;
const MEDIA_TYPE = "application/ddc-seal+cwt";
// RFC 9052 table 2, RFC 9596, RFC 8392 section 4; our own claims lie in the range for private use.
const [ALG, KID, TYP] = [1, 4, 16];
const [ISS, EXP, IAT, CTI, FACTS, LOG_INDEX] = [1, 4, 6, 7, -65537, -65538];

/** Verify the text of a seal. Throws NotVerified or IssuerNotAccepted. */
export async function verifySeal(text, trust) {
  if (!text.startsWith(SEAL) || text.length > MAX_TEXT) throw malformed("prefix or length");
  const message = inTag(read(spelt(() => fromBase45(text.slice(SEAL.length)))), COSE_SIGN1);
  const [protectedHeader, claims, signature] = parts(message);
  const { id, algorithm } = keyIdentifier(read(protectedHeader));

  const found = trust.keyById(id);
  if (!found) throw new IssuerNotAccepted("issuer-unknown");
  if (found.key.algorithm !== algorithm) throw malformed("the key signs with another algorithm");

  // The Sig_structure of RFC 9052 section 4.4, without external data.
  const signed = encode(["Signature1", protectedHeader, new Uint8Array(), claims]);
  if (!(await fits(found.key, signature, signed))) throw new NotVerified("changed");

  const { essentials, logIndex } = readClaims(read(claims));
  acceptIssuer(found.issuer, found.key, essentials);
  return { ...found, essentials, statement: null, logIndex, logged: false };
}

const malformed = (detail) => new NotVerified("seal-malformed", detail);

function spelt(work) {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Misspelt)) throw error;
    throw malformed(error.message);
  }
}

const read = (bytes) => spelt(() => decode(bytes));

const isBytes = (value) => value instanceof Uint8Array;

function parts(message) {
  if (!Array.isArray(message) || message.length !== 4) throw malformed("not COSE_Sign1 of four parts");
  const [protectedHeader, unprotectedHeader, claims, signature] = message;
  const empty = unprotectedHeader instanceof Map && unprotectedHeader.size === 0;
  if (!empty || ![protectedHeader, claims, signature].every(isBytes) || signature.length !== SIGNATURE_BYTES) {
    throw malformed("parts of another kind");
  }
  return [protectedHeader, claims, signature];
}

function keyIdentifier(header) {
  if (!hasExactly(header, [ALG, KID, TYP])) throw malformed("another header");
  const id = header.get(KID);
  const algorithm = ALGORITHMS.find((one) => one.cose === header.get(ALG));
  if (!algorithm || header.get(TYP) !== MEDIA_TYPE) throw malformed("another algorithm or type");
  if (!isBytes(id) || id.length !== 8) throw malformed("no key identifier");
  return { id, algorithm };
}

const hasExactly = (map, names) => map instanceof Map && map.size === names.length && names.every((n) => map.has(n));

function readClaims(claims) {
  if (!hasExactly(claims, [ISS, EXP, IAT, CTI, FACTS, LOG_INDEX])) throw malformed("other claims");
  const [issuedAt, expires, logIndex] = [fromSeconds(claims.get(IAT)), fromSeconds(claims.get(EXP)), claims.get(LOG_INDEX)];
  const proper = issuedAt !== null && expires !== null && expires % DAY === 0 && fromSeconds(expires / 1000 - 86400) !== null;
  if (!proper || !isBytes(claims.get(CTI)) || !isText(claims.get(ISS))) throw malformed("claims of another kind");
  if (!Number.isSafeInteger(logIndex) || logIndex < 0) throw malformed("no place in a log");
  return { essentials: essentials(claims, issuedAt, expires), logIndex };
}

const isText = (value) => typeof value === "string";

function essentials(claims, issuedAt, expires) {
  const values = claims.get(FACTS);
  if (!Array.isArray(values) || values.length < 14 || values.length > 15) throw malformed("another number of members");
  const [number, purpose, exporter, exporterId, endUser, country, destination, codes, lines, weight, band, licence, address, test, code] = values;
  const texts = [number, purpose, exporter, exporterId, endUser, country, destination, weight, band, licence, address];
  const kinds = texts.every(isText) && Array.isArray(codes) && codes.every(isText) && typeof test === "boolean";
  if (!kinds || !Number.isSafeInteger(lines) || !isNumber(number)) throw malformed("a member of another kind");
  if (!/^(0|[1-9][0-9]{0,17})(\.[0-9]{1,8})?$/.test(weight)) throw malformed("no weight");
  // Seals from before there were status lists have no place in them.
  const place = values.length < 15 ? null : placeOfCode(code);
  if (place === undefined) throw malformed("no place in a status list");
  return {
    number,
    digest: hex(claims.get(CTI)),
    issuer_id: claims.get(ISS),
    issued_at: moment(issuedAt),
    valid_until: day(expires - DAY),
    purpose,
    exporter,
    exporter_id: exporterId,
    end_user: endUser,
    end_user_country: country,
    destination,
    hs_codes: codes,
    goods_lines: lines,
    net_weight_kg: weight,
    band,
    licence,
    status_address: address,
    test,
    status_list: place,
  };
}
