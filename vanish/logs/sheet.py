"""A report as one HTML page: nothing to load, nothing to run, everything of the reader's escaped."""

from collections.abc import Sequence
from html import escape

import numpy as np

from vanish.logs.findings import Finding
from vanish.logs.judged import Judged
from vanish.logs.log import State
from vanish.logs.sizes import SIZES

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;"
    "background:#fff}h1{font-size:1.5rem}table{border-collapse:collapse}td,th{padding:.15rem .8rem .15rem 0;"
    "text-align:left;border-bottom:1px solid #ddd}td.n{text-align:right;font-variant-numeric:tabular-nums}"
    "svg{max-width:100%;height:auto}small{color:#555}"
)
WIDTH, HEIGHT, LEFT, BOTTOM = 720, 260, 64, 28
MOST_ROWS = 400


def page_of(report: Judged, said: Sequence[Finding]) -> str:
    """The page: the verdict, the profile as a picture, the findings, the table, what was decided and not read."""
    log = report.log
    verdict, *rest = said
    findings = "".join(
        f"<li>{escape(finding.text)}{f' <small>{escape(finding.source)}</small>' if finding.source else ''}</li>"
        for finding in rest
    )
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td class=n>{_entry(size, state)}</td></tr>"
        for name, size, state in zip(report.names[:MOST_ROWS], report.sizes, report.states, strict=False)
    )
    decisions = "".join(
        f"<li>{escape(d.field.replace('_', ' '))}: {escape(d.choice)} <small>({escape(d.reason)})</small></li>"
        for d in log.decisions
    )
    problems = "".join(f"<li>{escape(str(problem))}</li>" for problem in log.problems)
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>Gradients: {escape(report.verdict)}</title>"
        f"<style>{STYLE}</style></head><body><h1>{escape(verdict.text)}</h1>"
        f"<p>Step {report.step:g}, {len(report.names)} layers, {escape(SIZES[log.size].label)}.</p>"
        f"{_picture(report)}<ul>{findings}</ul><h2>Layers</h2><table><tr><th>Layer<th>Size</tr>{rows}</table>"
        f"<h2>How it was read</h2><ul>{decisions}</ul>{f'<h2>Not read</h2><ul>{problems}</ul>' if problems else ''}"
        f"<p><small>Made by vanish.</small></p></body></html>"
    )


def _entry(size: float, state: int) -> str:
    words = {State.ZERO: "0", State.MISSING: "none", State.NAN: "nan", State.INFINITE: "inf"}
    known = words.get(State(int(state)))
    return known if known else f"{'&lt; ' if state == State.BELOW else ''}{size:.3g}"


def _picture(report: Judged) -> str:
    shown = (report.sizes > 0) & np.isfinite(report.sizes)
    if shown.sum() < 2:
        return ""
    places, decades = np.flatnonzero(shown), np.log10(report.sizes[shown])
    low, high = float(np.floor(decades.min())), float(np.ceil(decades.max()))
    high = high if high > low else low + 1
    x = LEFT + (WIDTH - LEFT - 16) * places / max(len(report.names) - 1, 1)
    y = 12 + (HEIGHT - BOTTOM - 12) * (high - decades) / (high - low)
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
    dots = (
        "".join(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3"/>' for a, b in zip(x, y, strict=True))
        if len(x) <= 200
        else ""
    )
    ticks = np.unique(np.rint(np.linspace(low, high, 5)))
    axis = "".join(
        f'<text x="{LEFT - 8}" y="{12 + (HEIGHT - BOTTOM - 12) * (high - tick) / (high - low) + 4:.1f}" '
        f'text-anchor="end">1e{int(tick)}</text>'
        for tick in ticks
    )
    label = escape(f"Size by layer, from {report.names[0]} to {report.names[-1]}, powers of ten", quote=True)
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}" font-size="12" fill="#1f5fa8">'
        f'<polyline points="{points}" fill="none" stroke="#1f5fa8" stroke-width="2"/>{dots}{axis}'
        f'<text x="{LEFT}" y="{HEIGHT - 8}">input</text>'
        f'<text x="{WIDTH - 16}" y="{HEIGHT - 8}" text-anchor="end">output</text></svg>'
    )
