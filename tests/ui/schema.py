"""Vega-Lite's own schema, which Altair brings along."""

import json

import altair as alt


def validate(spec, data):
    """Hold a chart of these data sets against it, once: ``alt.Chart.from_dict`` tries every kind of each part."""
    chart = json.loads(json.dumps({**spec, "datasets": {name: [] for name in data}}))
    for param in chart.get("params", []):
        # Vega's own, which Vega-Lite hands on.
        param.pop("on", None)
    (alt.LayerChart if "layer" in chart else alt.Chart).validate(chart)
