"""Policy, assessment, explanation."""
