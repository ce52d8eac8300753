// The outcome of a verification: independent verdicts, and a summary that follows from them. Words come from the rules.

/** Makes verdicts from reason keys; `rules.reasons` are those of the whole portal. */
export class Verdicts {
  #reasons;

  constructor(reasons) {
    this.#reasons = new Map(reasons.map((reason) => [reason.key, reason]));
  }

  /** The verdict of a reason, its placeholders filled; a value may have a text for each language. */
  of(key, values = {}) {
    const { answer, code, text } = this.#reasons.get(key);
    return { answer, code, key, text: filled(text, values) };
  }
}

function filled(text, values) {
  const inOne = (language) =>
    text[language].replace(/\{(\w+)\}/g, (_, name) => String(values[name]?.[language] ?? values[name])).trim();
  return { en: inOne("en"), zh: inOne("zh") };
}

/** Valid only when all answers are yes; one no is enough to be not valid. */
export function summary({ integrity, issuer, status, attestation, match }) {
  const answers = [integrity, issuer, status, ...(match ? [match] : [])].map((verdict) => verdict.answer);
  // The officer's word counts against a certificate when it was falsified, not when it merely cannot be checked.
  if (attestation?.answer === "no" || answers.includes("no")) return "not_valid";
  return answers.every((answer) => answer === "yes") ? "valid" : "could_not_tell";
}
