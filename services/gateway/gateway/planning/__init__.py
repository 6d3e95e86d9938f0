"""The context planner: what goes into a prompt, in which order, and why."""
