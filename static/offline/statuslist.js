// How a status list is written, and how a certificate names its place in one (W3C Bitstring Status List v1.0).

import { Misspelt, fromBase64url } from "./bytes.js";

export const PURPOSES = ["revocation", "suspension", "message"];
export const BITS = { revocation: 1, suspension: 1, message: 2 };
export const FOLDER = "/.well-known/due-diligence/status/";
const ENTRIES = 131072;
const LARGEST_NUMBER = 2 ** 31 - 1;
const MESSAGES = ["none", "superseded", "used_up", "undefined"].map((message, at) => ({ message, status: `0x${at}` }));

/** A list cannot be unpacked; `key` names the reason for a verdict. */
export class ListMalformed extends Error {
  constructor(key) {
    super(key);
    this.key = key;
  }
}

/** The place that a seal names as one whole number; undefined for what is none. */
export function placeOfCode(code) {
  if (!Number.isSafeInteger(code)) return undefined;
  const number = Math.floor(code / ENTRIES);
  if (number < 1 || number > LARGEST_NUMBER) return undefined;
  return { number, index: code % ENTRIES };
}

/** Where a list lies. The status address is the issuer's, as the trust file names it. */
export const address = (statusAddress, number, purpose) =>
  `${statusAddress.replace(/\/$/, "").replace(/\/verify$/, "")}${FOLDER}${number}/${purpose}.jwt`;

/** A credential's credentialStatus: one entry for each purpose. */
export const entries = ({ number, index }, statusAddress) =>
  PURPOSES.map((statusPurpose) => {
    const statusListCredential = address(statusAddress, number, statusPurpose);
    const messages = statusPurpose === "message" ? { statusSize: BITS.message, statusMessage: MESSAGES } : {};
    const id = `${statusListCredential}#${index}`;
    return { id, type: "BitstringStatusListEntry", statusPurpose, statusListIndex: String(index), statusListCredential, ...messages };
  });

/** The list unpacked: never more than it may be, and never less. Throws ListMalformed. */
export async function unpack(encoded, bits) {
  const size = (ENTRIES * bits) / 8;
  const unpacked = new Uint8Array(size);
  let at = 0;
  try {
    if (!encoded.startsWith("u")) throw new Misspelt("another spelling");
    const stream = new Blob([fromBase64url(encoded.slice(1))]).stream().pipeThrough(new DecompressionStream("gzip"));
    for (const reader = stream.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      if (at + value.length > size) {
        reader.cancel().catch(() => {});
        throw new ListMalformed("status-list-bomb");
      }
      unpacked.set(value, at);
      at += value.length;
    }
  } catch (error) {
    if (error instanceof ListMalformed) throw error;
    throw new ListMalformed("status-list-malformed");
  }
  if (at !== size) throw new ListMalformed("status-list-length");
  return unpacked;
}

/** The value of an entry, the first entry leftmost. Throws ListMalformed beyond the end. */
export function valueAt(unpacked, index, bits) {
  const at = index * bits;
  if (at >= unpacked.length * 8) throw new ListMalformed("status-list-range");
  return (unpacked[at >> 3] >> (8 - bits - (at % 8))) & ((1 << bits) - 1);
}
