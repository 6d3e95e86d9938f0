"""What the simulated engine says in the pictures: sentences of the examples' own documents."""

ENGINE: dict[str, object] = {
    "kind": "simulator",
    "model": "simulator",
    "rules": [
        {
            "pattern": "How do I take a screenshot",
            "answer": (
                "Press the **Print** key or launch Take a Screenshot from the Activities overview. "
                "To capture the entire screen, click Screen and then click the big round button."
                "\n\nA screenshot image is automatically saved in the `Pictures/Screenshots` "
                "folder in your home folder."
            ),
        },
    ],
}
"""An entry of INFERENCE_ENGINES; other questions get the best sentence of what was found."""
