// The two ways in which evidence fails. What is thrown carries no part of the evidence.

/** Evidence was refused; `key` names the reason for the verdict on integrity. */
export class NotVerified extends Error {
  constructor(key, detail = "") {
    super(detail ? `${key}: ${detail}` : key);
    this.key = key;
  }
}

/** The signer may not sign certificates; `integrity` is what is known of the content all the same. */
export class IssuerNotAccepted extends Error {
  constructor(key, { integrity = "no-key", issuer = null } = {}) {
    super(key);
    this.key = key;
    this.integrity = integrity;
    this.issuer = issuer;
  }
}
