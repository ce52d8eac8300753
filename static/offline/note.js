// Signed checkpoints of a log and proofs, as C2SP writes them: signed-note, tlog-checkpoint, tlog-cosignature,
// tlog-proof.

import { Misspelt, bigEndian, equal, fromBase64, fromBigEndian, fromText, hex, joined, sha256 } from "./bytes.js";
import { fitsEd25519, fitsMlDsa44 } from "./signature.js";
import { fromSeconds } from "./time.js";

export const [ED25519, COSIGNATURE, ML_DSA_44] = [0x01, 0x04, 0x06];
const LENGTHS = { [ED25519]: [32, 64], [COSIGNATURE]: [32, 72], [ML_DSA_44]: [1312, 8 + 2420] };
export const HEADER = "c2sp.org/tlog-proof@v1";
const [MAX_TEXT, MAX_SIGNATURES, MAX_HASHES, HASH_BYTES, TIME_BYTES, ID_BYTES] = [64 * 1024, 32, 63, 32, 8, 4];
const NAME = /^[^\s+]{1,255}$/;
const SIZE = /^(0|[1-9][0-9]{0,18})$/;

/** A signature of a known key does not fit the checkpoint. */
export class SignatureWrong extends Error {}

/** A public key as notes write it: name+hash+base64. Throws Misspelt. */
export async function verifierKey(text) {
  const parts = /^([^\s+]{1,255})\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text);
  if (!parts) throw new Misspelt("no verifier key");
  const data = fromBase64(parts[3]);
  const [kind, publicKey] = [data[0], data.slice(1)];
  if (LENGTHS[kind]?.[0] !== publicKey.length) throw new Misspelt("a key of another kind");
  const named = joined(fromText(`${parts[1]}\n`), data);
  const id = (await sha256(named)).slice(0, ID_BYTES);
  if (hex(id) !== parts[2]) throw new Misspelt("a hash that is not its own");
  return { name: parts[1], kind, publicKey, id };
}

/** A note whose text is a checkpoint; nothing of it is proven by having been read. Throws Misspelt. */
export function readNote(text) {
  if (text.length > MAX_TEXT || /[\x00-\x09\x0b-\x1f]/.test(text)) throw new Misspelt("not a note");
  const end = text.lastIndexOf("\n\n");
  const lines = text.slice(0, Math.max(end, 0)).split("\n");
  if (lines.length !== 3 || !text.endsWith("\n")) throw new Misspelt("no checkpoint");
  const [origin, size, rootText] = lines;
  const root = fromBase64(rootText);
  if (!NAME.test(origin) || !SIZE.test(size) || root.length !== HASH_BYTES) throw new Misspelt("no checkpoint");
  const rows = text.slice(end + 2, -1).split("\n");
  if (rows.length > MAX_SIGNATURES) throw new Misspelt("too many signatures");
  return { origin, size: BigInt(size), root, text: `${lines.join("\n")}\n`, signatures: rows.map(readSignature) };
}

function readSignature(line) {
  const parts = line.split(" ");
  if (parts.length !== 3 || parts[0] !== "—" || !NAME.test(parts[1])) throw new Misspelt("no signature");
  const data = fromBase64(parts[2]);
  if (data.length <= ID_BYTES) throw new Misspelt("an empty signature");
  return { name: parts[1], id: data.slice(0, ID_BYTES), signature: data.slice(ID_BYTES) };
}

/**
 * Which of the keys have signed, each with the time that it says (null without one). Signatures of other keys are passed
 * over. Throws SignatureWrong.
 */
export async function signedBy(note, keys) {
  const times = new Map();
  for (const { name, id, signature } of note.signatures) {
    const key = keys.find((one) => one.name === name && equal(one.id, id));
    if (!key) continue;
    if (signature.length !== LENGTHS[key.kind][1]) throw new SignatureWrong(key.name);
    times.set(key, await checked(key, signature, note));
  }
  return times;
}

async function checked(key, signature, note) {
  const at = key.kind === ED25519 ? 0n : fromBigEndian(signature.slice(0, TIME_BYTES));
  const raw = key.kind === ED25519 ? signature : signature.slice(TIME_BYTES);
  const fits = key.kind === ML_DSA_44 ? fitsMlDsa44 : fitsEd25519;
  if (!(await fits(key.publicKey, raw, signed(key, at, note)))) throw new SignatureWrong(key.name);
  if (at === 0n) return null;
  const seconds = fromSeconds(Number(at));
  if (seconds === null) throw new SignatureWrong(key.name);
  return seconds;
}

/** What a key signs: a log its checkpoint, a witness the time with it, and by ML-DSA-44 the tree up to its size. */
function signed({ kind, name }, at, { text, origin, size, root }) {
  if (kind === ED25519) return fromText(text);
  if (kind === COSIGNATURE) return fromText(`cosignature/v1\ntime ${at}\n${text}`);
  const [signer, log] = [name, origin].map(fromText).map((bytes) => joined(Uint8Array.of(bytes.length), bytes));
  const [when, start, end] = [at, 0n, size].map((number) => bigEndian(number, 8));
  return joined(fromText("subtree/v1\n\0"), signer, when, log, start, end, root);
}

/** That an entry is in a log: its place, the path of hashes and the note. Throws Misspelt. */
export function readProof(text) {
  const end = text.indexOf("\n\n");
  const lines = text.slice(0, Math.max(end, 0)).split("\n");
  const index = lines[1]?.startsWith("index ") ? lines[1].slice(6) : "";
  if (text.length > MAX_TEXT || lines[0] !== HEADER || !SIZE.test(index)) throw new Misspelt("no proof of a log");
  const path = lines.slice(2).map(fromBase64);
  if (path.length > MAX_HASHES || path.some((hash) => hash.length !== HASH_BYTES)) throw new Misspelt("no hashes");
  return { index: BigInt(index), path, note: readNote(text.slice(end + 2)) };
}

/** Whether the path leads from a leaf at its place to the root (RFC 9162 section 2.1.3.2). */
export async function isIncluded({ index, path, note }, leaf) {
  if (index >= note.size) return false;
  let [place, last, found] = [index, note.size - 1n, leaf];
  for (const sibling of path) {
    if (last === 0n) return false;
    if (place & 1n || place === last) {
      found = await nodeHash(sibling, found);
      while (!(place & 1n) && place) [place, last] = [place >> 1n, last >> 1n];
    } else found = await nodeHash(found, sibling);
    [place, last] = [place >> 1n, last >> 1n];
  }
  return last === 0n && equal(found, note.root);
}

const nodeHash = (left, right) => sha256(joined(Uint8Array.of(1), left, right));

/** The hash of the entry that a statement's digest and its second of issue make (RFC 9162 section 2.1.1). */
export const leafHash = (digest, seconds) => sha256(joined(Uint8Array.of(0), bigEndian(seconds, 8), digest));
