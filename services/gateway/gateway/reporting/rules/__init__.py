"""Periods, views and figures, without SQL."""
