// What the codes of a paper begin with.

export const SEAL = "DDC1:";
export const PROOF = "DDL1:";

/** Whether a text is a seal or the proof beside one. */
export const isCode = (text) => text.startsWith(SEAL) || text.startsWith(PROOF);
