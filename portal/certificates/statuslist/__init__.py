"""Status lists (W3C Bitstring Status List v1.0): one bit a certificate, in files that any cache may serve."""
