"""Numbers as shapes: pure functions from figures to what a template draws as SVG."""
