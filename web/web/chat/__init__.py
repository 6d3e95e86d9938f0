"""Conversations: asking, reading streamed answers, opening what they cite."""
