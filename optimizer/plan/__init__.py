"""The result of a solve: tables, summary, writer, and the audit that recomputes it."""
