"""The inference app."""

from functools import partial

from fastapi import FastAPI

from contracts.clients.inference import SERVICE
from inference.counting.routes import router as counts
from inference.generation.routes import router as generations
from inference.registry.routes import router as models
from inference.settings import Settings
from inference.wiring import wire
from runtime.app import AppPlan, create_app


def build_app(settings: Settings) -> FastAPI:
    """The app, its engines not yet started."""
    return create_app(
        AppPlan(
            title="Stoa inference",
            service=SERVICE,
            wire=partial(wire, settings),
            routers=[generations, counts, models],
        )
    )
