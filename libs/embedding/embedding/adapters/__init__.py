"""The embedder's versions. Each imports its library when it is made, not when it is named."""
