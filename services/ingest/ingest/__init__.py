"""Celery worker and beat: parse, split, embed, hand over; owns nothing durable."""
