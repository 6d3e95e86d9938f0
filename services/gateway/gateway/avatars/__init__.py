"""Pictures of assistants: sent by builders, made by a worker, shown to whoever may ask."""
