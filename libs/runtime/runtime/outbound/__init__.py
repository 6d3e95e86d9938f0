"""The one HTTP client for addresses that somebody gave us: it reaches public servers only."""
