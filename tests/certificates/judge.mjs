// Puts credentials before Digital Bazaar's vc and jsonld: node judge.mjs FOLDER, JSON on standard input and output.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(`${process.argv[2]}/`);
const vc = require("@digitalbazaar/vc");
const jsonld = require("jsonld");
const { contexts: theirs } = require("@digitalbazaar/credentials-context");
const { credentials, contexts, now } = JSON.parse(readFileSync(0, "utf-8"));

async function documentLoader(url) {
  const document = contexts[url] ?? theirs.get(url);
  if (!document) throw new Error(`no network: ${url}`);
  return { documentUrl: url, document };
}

async function judge(credential) {
  const told = { refused: "", dropped: "", expanded: null };
  try {
    vc._checkCredential({ credential, now, mode: "verify" });
  } catch (error) {
    told.refused = error.message;
  }
  try {
    told.expanded = await jsonld.expand(credential, { safe: true, documentLoader });
  } catch (error) {
    told.dropped = `${error.message} ${JSON.stringify(error.details ?? {})}`;
  }
  return told;
}

process.stdout.write(JSON.stringify(await Promise.all(credentials.map(judge))));
