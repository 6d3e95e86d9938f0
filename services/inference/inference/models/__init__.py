"""The catalogue: one TOML file per model, and the reader that inference uses."""
