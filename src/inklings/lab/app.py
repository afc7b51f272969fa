"""The addresses of the lab, and who answers at each: what is not listed here is denied."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import ASGIApp

from inklings.errors import InklingsError
from inklings.lab import data_routes, drawing_routes, model_routes, page_routes, run_routes, training_routes
from inklings.lab.access import Access, RefusedError
from inklings.lab.answers import answer_error, answer_http_error, answer_refusal
from inklings.lab.gate import Gate
from inklings.lab.laboratory import Laboratory

ROUTES = (
    Route("/", page_routes.send_page),
    *(Route(f"/{view}", page_routes.send_page) for view in page_routes.VIEWS),
    Route("/static/{name:path}", page_routes.send_asset),
    Route("/api/data", data_routes.describe_data),
    Route("/api/data/images", data_routes.send_images),
    Route("/api/models", model_routes.list_models),
    Route("/api/models/{id}", model_routes.send_header),
    Route("/api/models/{id}/weights", model_routes.send_weights),
    Route("/api/models/{id}/mistakes", model_routes.send_mistakes),
    Route("/api/models/{id}/novelty", model_routes.send_novelty, methods=["POST"]),
    Route("/api/models/{id}/explain", model_routes.send_explanation, methods=["POST"]),
    Route("/api/drawings", drawing_routes.list_drawings),
    Route("/api/drawings", drawing_routes.add_drawing, methods=["POST"]),
    Route("/api/runs", run_routes.list_runs),
    Route("/api/runs/{id}", run_routes.send_run),
    Route("/api/runs/{id}/report", run_routes.send_report),
    Route("/api/trainings", training_routes.list_trainings),
    Route("/api/trainings", training_routes.start_training, methods=["POST"]),
    Route("/api/trainings/{id}", training_routes.send_training),
    Route("/api/trainings/{id}/events", training_routes.send_events),
    Route("/api/trainings/{id}/{command}", training_routes.command_training, methods=["POST"]),
)


def build_app(lab: Laboratory, access: Access) -> ASGIApp:
    """Return the lab as an ASGI application, behind its gate."""
    app = Starlette(
        routes=ROUTES,
        exception_handlers={
            RefusedError: answer_refusal,
            HTTPException: answer_http_error,
            InklingsError: answer_error,
        },
    )
    # By default an address with a slash too many would be redirected, and so be answered without being listed.
    app.router.redirect_slashes = False
    app.state.lab = lab
    return Gate(app, access, lambda path: path.endswith("/events"))
