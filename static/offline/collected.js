// What was read of one paper, frame by frame: the seal, and the proof beside it, in any order.

import { numberIn } from "./number.js";
import { PROOF, SEAL } from "./prefixes.js";

export class Collected {
  seal = "";
  proof = "";
  number = "";

  /**
   * Take the texts of a frame, and tell what it showed: "" (nothing, or nothing new), "read", "several" (seals of two
   * papers at once), "number" or "foreign". A seal of another paper than before begins anew.
   */
  take(texts) {
    const [seals, proofs] = [SEAL, PROOF].map((prefix) => [...new Set(texts.filter((text) => text.startsWith(prefix)))]);
    if (seals.length > 1 || proofs.length > 1) return "several";
    if (!seals.length && !proofs.length) return this.#other(texts);
    const before = this.text;
    if (seals.length && this.seal && seals[0] !== this.seal) this.proof = "";
    this.seal = seals[0] ?? this.seal;
    this.proof = proofs[0] ?? this.proof;
    return this.text === before ? "" : "read";
  }

  /** Whether nothing is missing. */
  get complete() {
    return Boolean(this.seal && this.proof);
  }

  /** What was read as one text that a verifier takes; empty while it has nothing to go on. */
  get text() {
    return [this.seal, this.proof].filter(Boolean).join("\n") || this.number;
  }

  #other(texts) {
    if (!texts.length || this.text !== this.number) return "";
    const number = texts.map(numberIn).find(Boolean);
    if (!number) return "foreign";
    this.number = number;
    return "number";
  }
}
