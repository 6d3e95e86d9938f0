"""What the simulated engine says in the pictures: sentences of the examples' own documents."""

ENGINE: dict[str, object] = {
    "kind": "simulator",
    "model": "simulator",
    "rules": [
        {
            "pattern": r"How do I take a screenshot\?\W*$",
            "answer": (
                "Press the **Print** key or launch Take a Screenshot from the Activities overview. "
                "To capture the entire screen, click Screen and then click the big round button."
                "\n\nA screenshot image is automatically saved in the `Pictures/Screenshots` "
                "folder in your home folder."
            ),
        },
        {
            "pattern": r"什么是 Debian GNU/Linux？\W*$",
            "answer": (
                "Debian GNU/Linux 是 Linux 操作系统的一个发行版，以及其上运行的无数软件包。"
                "所有属于 Debian 正式发行版的软件包都可以自由分发。"
            ),
        },
        {
            "pattern": r"售卖 Debian 的 CD 吗？\W*$",
            "answer": (
                "没问题。您在分发我们已经发布的内容时不需要许可。"
                "所有 CD 厂商需要遵守 Debian 中包含的程序的许可证。"
            ),
        },
    ],
}
"""An entry of INFERENCE_ENGINES; other questions get the best sentence of what was found."""
