"""The pure rules of citing: a model's own markers, sentences, evidence for a sentence."""
