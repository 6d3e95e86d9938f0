"""Files, collections, documents, their versions and passages, and the jobs that make them."""
