"""The settings this installation runs with: seen here, set where it is started."""
