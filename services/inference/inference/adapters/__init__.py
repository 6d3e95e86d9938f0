"""Engines: llama.cpp in a child process, any OpenAI-style server, the simulator."""
