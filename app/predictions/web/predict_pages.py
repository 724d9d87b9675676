"""The pages of one prediction: a form, its answer, and what the model would say otherwise."""

from __future__ import annotations

from flask import Blueprint

from app.predictions.web.form_values import as_text, in_words
from app.predictions.web.risk_words import log_odds, odds, percent
from app.predictions.web.sliders import Slider
from app.predictions.web.sliders import slider as slider_of
from app.services import services
from model.features import Feature, Value

blp = Blueprint(
    "predict-pages",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/predict",
)
for words in (percent, odds, log_odds, as_text, in_words):
    blp.add_app_template_filter(words)


@blp.app_template_global()
def slider(feature: Feature, value: Value) -> Slider:
    """Return the range of a feature's slider, for the release in service."""
    release = services().releases.serving
    return slider_of(feature, value, release.scorecard if release else None)
