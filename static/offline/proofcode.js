// The proof of entry in the log as the second QR code of a paper: CBOR in base45, read as the proof that it spells.

import { Misspelt, base64, fromBase45 } from "./bytes.js";
import { decode } from "./cbor.js";
import { HEADER, readProof } from "./note.js";
import { PROOF } from "./prefixes.js";

const [MAX_TEXT, HASH_BYTES] = [4296, 32];

/** The proof that a text spells, of which nothing is proven yet. Throws Misspelt. */
export function readCode(text) {
  if (!text.startsWith(PROOF) || text.length > MAX_TEXT) throw new Misspelt("another prefix, or too long");
  const values = decode(fromBase45(text.slice(PROOF.length)));
  if (!Array.isArray(values) || values.length !== 6) throw new Misspelt("another number of members");
  const [index, size, origin, root, path, rows] = values;
  const proper = [index, size].every(isWhole) && typeof origin === "string" && [root, path].every(isBytes);
  if (!proper || path.length % HASH_BYTES || !Array.isArray(rows)) throw new Misspelt("a member of another kind");
  const hashes = Array.from({ length: path.length / HASH_BYTES }, (_, at) => path.slice(at * HASH_BYTES, (at + 1) * HASH_BYTES));
  const head = [HEADER, `index ${index}`, ...hashes.map(base64), "", origin, size, base64(root), ""];
  return readProof(`${[...head, ...rows.map((row) => line(row, origin))].join("\n")}\n`);
}

const isWhole = (value) => typeof value === "bigint" || Number.isSafeInteger(value);
const isBytes = (value) => value instanceof Uint8Array;

/** A line of signature. The log's own name is not said twice, and only so. */
function line(row, origin) {
  const proper = Array.isArray(row) && row.length === 2 && typeof row[0] === "string" && isBytes(row[1]);
  if (!proper || row[0] === origin) throw new Misspelt("a signature of another kind");
  return `— ${row[0] || origin} ${base64(row[1])}`;
}
