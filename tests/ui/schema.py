"""What holds of every chart: Vega-Lite's own schema, which Altair brings along, columns, texts, inks."""

import json
from functools import cache

import altair as alt

from vanish.ui.kit import drawing


def validate(spec, data):
    """Hold a chart of these data sets against it, once: ``alt.Chart.from_dict`` tries every kind of each part."""
    _validate(json.dumps({**spec, "datasets": {name: [] for name in data}}))


@cache
def _validate(text):
    # Most charts are those of another page with other data.
    chart = json.loads(text)
    for param in chart.get("params", []):
        # Vega's own, which Vega-Lite hands on.
        param.pop("on", None)
    (alt.LayerChart if "layer" in chart else alt.Chart).validate(chart)


def walk(node):
    yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from walk(child)


def encoded(spec):
    """``(data set, field)`` of all that a chart draws, without the fields that it calculates itself."""
    whole = spec.get("data", {}).get("name")
    for layer in spec.get("layer", [spec]):
        nodes = [node for node in walk(layer) if isinstance(node, dict)]
        calculated = {node["as"] for node in nodes if "calculate" in node}
        name = layer.get("data", {}).get("name", whole)
        yield from {(name, node["field"]) for node in nodes if "field" in node and node["field"] not in calculated}


def inks(node):
    """The colour of what a layer writes, unless it follows what it is written on: no colour can be read on light and on
    dark alike but the theme's own."""
    if isinstance(node, dict) and isinstance(mark := node.get("mark"), dict) and mark["type"] == "text":
        color = node["encoding"].get("color", {"value": mark.get("color", drawing.INK)})
        if "condition" not in color:
            yield color.get("value")


def check_charts(drawn):
    """Every chart is valid, has its columns, and a text for those who hear it; ``drawn`` as the fixture has it."""
    assert drawn
    for key, (spec, data, text) in drawn.items():
        validate(spec, data)
        assert {field for name, field in encoded(spec) if field not in data[name].columns} == set(), key
        assert len(data[drawing.DATA]) > 0
        assert len(text) > 15
        assert {ink for node in walk(spec) for ink in inks(node)} <= {drawing.INK, drawing.GROUND}, key
