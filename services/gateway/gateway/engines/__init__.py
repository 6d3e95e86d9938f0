"""How the engines fare, for operators."""
