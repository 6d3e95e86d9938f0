"""Who may do what: one pure function, and the one door through which objects are loaded."""
