"""Words of passages and questions: one analyser and the lexical weights made from it."""
