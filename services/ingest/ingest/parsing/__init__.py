"""From a file somebody uploaded to clean text with places in it, read in a jail."""
