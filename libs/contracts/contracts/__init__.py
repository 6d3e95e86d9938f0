"""What crosses a process border: wire types, task messages, error kinds, typed clients."""
