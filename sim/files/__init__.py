"""Files: what is read and written, and what numbers depend on."""
