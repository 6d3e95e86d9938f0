"""Citations by alignment: each finished sentence is matched to the passages, or left unmarked."""
