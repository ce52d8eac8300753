// Evidence in, report out: the steps and the words are those of portal.verification.verify.

import { verifyCredential } from "./credential.js";
import { sniff } from "./evidence.js";
import { attestationKey } from "./attestation.js";
import { verifyCode, verifyLog } from "./log.js";
import { issuerKey } from "./proof.js";
import { IssuerNotAccepted, NotVerified } from "./refusal.js";
import { Verdicts, summary } from "./report.js";
import { verifySeal } from "./seal.js";
import { StatusUnavailable } from "./status.js";
import { DAY, SKEW, fromDay, minute, moment } from "./time.js";

/**
 * Examine evidence (bytes) and report. `rules` are served by the portal, `trust` is a Trust, `status` a StatusLists or
 * null (nobody is asked), `readPicture` gives what a picture shows, `logProof` completes a seal. A clock that is known
 * to be wrong (`clockOff`) leaves open what depends on it. Never throws.
 */
export async function verify(bytes, { rules, trust, status, now, logProof = "", readPicture = null, clockOff = false }) {
  const verdicts = new Verdicts(rules.reasons);
  const world = { rules, trust, status, now, logProof, readPicture, clockOff, verdicts };
  const refused = (kind, integrity, issuer) =>
    finished({ kind, integrity, issuer, status: verdicts.of("status-not-examined") }, now);
  let kind = "unknown";
  try {
    const found = sniff(bytes);
    kind = found.sort;
    return await examine(kind === "image" ? await picture(bytes, readPicture) : found, kind, world);
  } catch (error) {
    if (error instanceof NotVerified) return refused(kind, verdicts.of(error.key), verdicts.of("issuer-not-examined"));
    if (error instanceof IssuerNotAccepted) {
      return refused(kind, verdicts.of(error.integrity), verdicts.of(error.key, { issuer: error.issuer ?? "" }));
    }
    return refused(kind, verdicts.of("examination-failed"), verdicts.of("issuer-not-examined"));
  }
}

async function picture(bytes, readPicture) {
  if (!readPicture) throw new NotVerified("no-seal-in-picture");
  return readPicture(bytes);
}

async function examine(found, kind, world) {
  const { verdicts, trust } = world;
  if (found.sort === "pdf") throw new NotVerified("pdf-not-here");
  if (found.sort === "statement") throw new NotVerified("unsigned-statement");
  if (found.sort === "number") return byNumber(kind, world);
  const proof =
    found.sort === "seal"
      ? await verifySeal(found.text, trust)
      : await verifyCredential(found.text, trust, world.rules.statement_schema);
  const told = await statusOf(proof.issuer, proof.essentials, world);
  const integrity = verdicts.of(await logged(proof, found.proofCode, world.logProof));
  const since = minute(proof.key.compromise?.since ?? null);
  const issuer = verdicts.of(issuerKey(proof, integrity.key === "intact"), { issuer: proof.issuer.name, since });
  const attestation = await attestationOf(proof.statement, world);
  return finished({ kind, integrity, issuer, status: told.verdict, attestation, asOf: told.asOf, proof }, world.now);
}

/** The reason that tells whether it is proven that the certificate is in the log. A code on paper must always hold. */
async function logged({ logged: within, issuer, essentials, logIndex }, code, beside) {
  if (within) return "intact";
  if (code) await verifyCode(code, issuer, essentials, logIndex);
  if (beside) await verifyLog(beside, issuer, essentials, logIndex);
  return code || beside ? "intact" : "log-not-examined";
}

/** The verdict on the compliance officer's word; null where the evidence shows no statement. */
async function attestationOf(statement, { rules, verdicts }) {
  if (!statement) return null;
  const { method } = statement.attestation;
  return verdicts.of(await attestationKey(statement), { method: rules.methods[method] ?? { en: method, zh: method } });
}

/** Without a register a number says nothing, whatever the lists say. */
async function byNumber(kind, world) {
  const { verdicts, trust, status } = world;
  let told = { verdict: verdicts.of("number-needs-register"), asOf: null };
  for (const issuer of status ? trust.issuers : []) told = await ask(issuer, null, world);
  const [integrity, issuer] = [verdicts.of("number-only"), verdicts.of("issuer-not-examined")];
  return finished({ kind, integrity, issuer, status: told.verdict, asOf: told.asOf }, world.now);
}

async function statusOf(issuer, facts, world) {
  const { verdicts, now } = world;
  const clockWrong = (asOf) => ({ verdict: verdicts.of("clock-wrong"), asOf });
  // By a clock that is wrong an old list looks new, a new one damaged, an ended term running, and a running one ended.
  if (Date.parse(facts.issued_at) > now + SKEW) {
    return world.clockOff ? clockWrong(null) : { verdict: verdicts.of("not-yet-issued"), asOf: null };
  }
  const told = await ask(issuer, facts, world);
  if (told.verdict.answer === "no") return told;
  if (world.clockOff) return clockWrong(told.asOf);
  if (now < fromDay(facts.valid_until) + DAY) return told;
  return { ...told, verdict: verdicts.of("status-expired", { valid_until: facts.valid_until }) };
}

async function ask(issuer, facts, { verdicts, status, trust, now }) {
  if (!status) return { verdict: verdicts.of("status-not-asked"), asOf: null };
  let answer;
  try {
    answer = await status.ask(issuer, facts, trust, now);
  } catch (error) {
    if (!(error instanceof StatusUnavailable)) throw error;
    return { verdict: verdicts.of(error.key, { as_of: minute(error.asOf) }), asOf: error.asOf };
  }
  // The lists tell what a certificate is, not why; it has been so at the latest since they were made.
  const values = { as_of: minute(answer.asOf), since: minute(answer.asOf), valid_until: facts.valid_until, reason: "" };
  return { verdict: verdicts.of(`status-${answer.state.replaceAll("_", "-")}`, values), asOf: answer.asOf };
}

/** The report as portal.verification gives it to machines; nothing that was not verified is in it. */
function finished({ kind, integrity, issuer, status, attestation = null, asOf = null, proof = null }, now) {
  const report = { kind, integrity, issuer, status, attestation, match: null };
  return {
    ...report,
    summary: summary(report),
    number: proof?.essentials.number ?? "",
    digest: proof?.essentials.digest ?? "",
    test: proof?.essentials.test ?? false,
    log_index: proof?.logIndex ?? null,
    issuer_name: proof?.issuer.name ?? null,
    essentials: proof?.essentials ?? null,
    statement: proof?.statement ?? null,
    checked_at: moment(now),
    status_as_of: asOf === null ? null : moment(asOf),
  };
}
