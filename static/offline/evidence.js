// What was put before the verifier: a PDF, a picture, a seal's text, a credential, or a number.

import { Misspelt } from "./bytes.js";
import { CREDENTIALS_CONTEXT, DATA_PREFIX, ENVELOPE_TYPE } from "./credential.js";
import { isObject, read } from "./json.js";
import { numberIn } from "./number.js";
import { PROOF, SEAL, isCode } from "./prefixes.js";
import { NotVerified } from "./refusal.js";

// Bytes. What is larger is refused before it is looked at.
export const MAX_BYTES = 10 * 1024 * 1024;
const MAX_TEXT = 1024 * 1024;
const PICTURES = [[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], [0xff, 0xd8, 0xff]];
// TIFF, GIF, BMP, WebP, HEIC and AVIF, told by their first bytes as letters.
const OTHER_PICTURES = /^(?:II\*\0|MM\0\*|GIF8|BM.{4}\0{4}|RIFF.{4}WEBP|.{4}ftyp(?:heic|heix|mif1|msf1|avif))/s;
const PDF = [0x25, 0x50, 0x44, 0x46, 0x2d];
const JWT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const STATEMENT_TYPE = "due-diligence-statement";
const LINES = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/;

/** Tell what bytes are by their beginning: { sort, text }. Throws NotVerified. */
export function sniff(bytes) {
  const begins = (start) => start.every((byte, at) => bytes[at] === byte);
  if (bytes.length > MAX_BYTES) throw new NotVerified("too-large");
  if (begins(PDF)) return { sort: "pdf" };
  if (PICTURES.some(begins)) return { sort: "image" };
  if (OTHER_PICTURES.test(String.fromCharCode(...bytes.slice(0, 16)))) throw new NotVerified("picture-format");
  if (bytes.length > MAX_TEXT) throw new NotVerified("too-large");
  try {
    return ofText(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof NotVerified) throw error;
    throw new NotVerified("not-recognised", "neither text nor a known file");
  }
}

/** Tell what a typed or scanned text is. Throws NotVerified. */
export function ofText(given) {
  const text = bare(given);
  if (isCode(text)) return ofCodes(text.split(LINES).map(bare));
  if (text.startsWith("{")) return ofJson(text);
  if (JWT.test(text)) return { sort: "credential", text };
  const number = numberIn(text);
  if (!number) throw new NotVerified("not-recognised");
  return { sort: "number", text: number };
}

const bare = (text) => text.replace(/^[\r\n\t \0]+|[\r\n\t \0]+$/g, "");

/** A seal, and the proof beside it, from the codes of one paper in any order. Throws NotVerified. */
export function ofCodes(texts) {
  const found = [...new Set(texts)];
  const [seals, proofs] = [SEAL, PROOF].map((prefix) => found.filter((text) => text.startsWith(prefix)));
  if (seals.length > 1 || proofs.length > 1) throw new NotVerified("several-seals");
  if (!seals.length) throw new NotVerified("seal-missing");
  return { sort: "seal", text: seals[0], proofCode: proofs[0] ?? "" };
}

function ofJson(text) {
  let document;
  try {
    document = read(text, MAX_TEXT);
  } catch (error) {
    if (!(error instanceof Misspelt)) throw error;
    throw new NotVerified("not-recognised", error.message);
  }
  if (document.type === STATEMENT_TYPE) return { sort: "statement", text };
  const enveloped = isObject(document) && Object.keys(document).sort().join() === "@context,id,type" && document.type === ENVELOPE_TYPE;
  if (!enveloped || document["@context"] !== CREDENTIALS_CONTEXT || typeof document.id !== "string") {
    throw new NotVerified("not-recognised", "no credential");
  }
  if (!document.id.startsWith(DATA_PREFIX)) throw new NotVerified("not-recognised", "no credential of this kind");
  return { sort: "credential", text: document.id.slice(DATA_PREFIX.length) };
}
