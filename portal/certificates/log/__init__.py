"""The transparency log: every statement's digest, in a Merkle tree that can only grow, before anything is handed out.

Tiles, checkpoints, cosignatures and proofs are those of C2SP (tlog-tiles, tlog-checkpoint, tlog-cosignature,
tlog-witness, tlog-proof), so that monitors and witnesses which know nothing of the portal can follow the log.
"""
