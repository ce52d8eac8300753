// What a picture shows.

import { ofCodes, ofText } from "./evidence.js";
import { isCode } from "./prefixes.js";
import { Unread, codes } from "./reading.js";
import { NotVerified } from "./refusal.js";

// Pixels that are looked at.
const MAX_PIXELS = 25_000_000;
const PNG = 0x89;

/** The seal, or the verification address, that a picture (bytes) shows. Throws NotVerified. */
export async function readPicture(bytes) {
  if (pixels(bytes) > MAX_PIXELS) throw new NotVerified("too-large");
  try {
    return fromCodes(await codes({ picture: bytes }));
  } catch (error) {
    if (!(error instanceof Unread)) throw error;
    throw new NotVerified(error.damaged ? "not-recognised" : "no-seal-in-picture");
  }
}

/** A seal with the proof beside it comes before other codes. Throws NotVerified. */
export function fromCodes(found) {
  const texts = [...new Set(found)];
  if (!texts.length) throw new NotVerified("no-seal-in-picture");
  if (texts.some(isCode)) return ofCodes(texts);
  try {
    return ofText(texts[0]);
  } catch {
    throw new NotVerified("foreign-code");
  }
}

/** The pixels that a PNG's header or a JPEG's frame announces, before anything is decoded. */
function pixels(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    if (bytes[0] === PNG) return view.getUint32(16) * view.getUint32(20);
    for (let at = 2; at < bytes.length; at += 2 + view.getUint16(at + 2)) {
      const marker = bytes[at + 1];
      const frame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
      if (frame) return view.getUint16(at + 5) * view.getUint16(at + 7);
    }
  } catch {
    throw new NotVerified("not-recognised");
  }
  throw new NotVerified("not-recognised");
}
