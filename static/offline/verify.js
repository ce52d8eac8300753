// Evidence in, report out: the steps and the words are those of portal.verification.verify.

import { NotVerified, IssuerNotAccepted } from "./refusal.js";
import { verifyCredential } from "./credential.js";
import { sniff } from "./evidence.js";
import { verifyLog } from "./log.js";
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
  if (found.sort === "number") return byNumber(found.text, kind, world);
  const proof =
    found.sort === "seal"
      ? await verifySeal(found.text, trust)
      : await verifyCredential(found.text, trust, world.rules.statement_schema);
  const told = await statusOf(proof.issuer, proof.essentials, world);
  const integrity = verdicts.of(await logged(proof, found.logProof || world.logProof));
  const issuer = verdicts.of(proof.issuer.test ? "issuer-test" : "issuer-known", { issuer: proof.issuer.name });
  return finished({ kind, integrity, issuer, status: told.verdict, asOf: told.asOf, proof }, world.now);
}

/** The reason that tells whether it is proven that the certificate is in the log. */
async function logged(proof, beside) {
  let complete = proof.complete;
  if (!proof.logged) {
    if (!beside) return "log-not-examined";
    ({ complete } = await verifyLog(beside, proof.issuer, proof.essentials, proof.logIndex));
  }
  return complete ? "intact" : "log-not-wholly-examined";
}

/** Without a register a number says nothing, whatever the lists say. */
async function byNumber(number, kind, world) {
  const { verdicts, trust, status } = world;
  let told = { verdict: verdicts.of("number-needs-register"), asOf: null };
  for (const issuer of status ? trust.issuers : []) told = await ask(issuer, number, null, world);
  const [integrity, issuer] = [verdicts.of("number-only"), verdicts.of("issuer-not-examined")];
  return finished({ kind, integrity, issuer, status: told.verdict, asOf: told.asOf }, world.now);
}

async function statusOf(issuer, facts, world) {
  const { verdicts, now } = world;
  if (Date.parse(facts.issued_at) > now + SKEW) return { verdict: verdicts.of("not-yet-issued"), asOf: null };
  const told = await ask(issuer, facts.number, facts, world);
  if (now >= fromDay(facts.valid_until) + DAY && told.verdict.answer !== "no") {
    return { ...told, verdict: verdicts.of("status-expired", { valid_until: facts.valid_until }) };
  }
  // A clock that is wrong can make an old list look new, and an ended term look running.
  return world.clockOff && told.verdict.answer === "yes" ? { ...told, verdict: verdicts.of("clock-wrong") } : told;
}

async function ask(issuer, number, facts, { verdicts, status, trust, now, rules }) {
  if (!status) return { verdict: verdicts.of("status-not-asked"), asOf: null };
  let answer;
  try {
    answer = await status.ask(issuer, number, trust, now);
  } catch (error) {
    if (!(error instanceof StatusUnavailable)) throw error;
    return { verdict: verdicts.of(error.key, { as_of: minute(error.asOf) }), asOf: error.asOf };
  }
  if (!facts) return { verdict: verdicts.of("number-needs-register"), asOf: answer.asOf };
  if (answer.asOf < Date.parse(facts.issued_at) - SKEW) {
    // A list that is older than the certificate cannot know of it.
    return { verdict: verdicts.of("status-stale", { as_of: minute(answer.asOf) }), asOf: answer.asOf };
  }
  const values = {
    as_of: minute(answer.asOf),
    since: minute(answer.since),
    valid_until: facts.valid_until,
    reason: rules.status_reasons[answer.reason] ?? "",
  };
  return { verdict: verdicts.of(`status-${answer.state.replaceAll("_", "-")}`, values), asOf: answer.asOf };
}

/** The report as portal.verification gives it to machines; nothing that was not verified is in it. */
function finished({ kind, integrity, issuer, status, asOf = null, proof = null }, now) {
  const report = { kind, integrity, issuer, status, match: null };
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
