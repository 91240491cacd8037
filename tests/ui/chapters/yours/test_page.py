import json
from dataclasses import replace

import pytest
from ui.app import checked, click, copied, figures, finding, move, page, settings, shown

from vanish.logs import nearest_network, read_log
from vanish.logs.read import LARGEST_FILE
from vanish.ui.chapters.yours import data, source
from vanish.ui.kit.shared import STORE

pytestmark = pytest.mark.slow

# Of what stands in a log, nothing may be more than letters.
MARKER = "<b>x</b>**y**:red[z]$q$[l](http://a)`c`"
PICTURE = "vega_lite_chart"
WIDE = "step,fc10.weight,fc9.weight,fc10.bias\n0,1e-3,1e-2,5\n1,1e-4,1e-2,6\n"
SIZES = "step,layer,l2.0,mean_abs\n0,a1,1,10\n0,a2,4,20\n"


def first(app):
    """First over last layer."""
    return next(iter(figures(app).values()))


def yours(**link):
    return page(chapter="yours", **link)


def pasted(text, **link):
    app = yours(**link)
    app.text_area(key="log_text").set_value(text)
    return checked(app.run())


def keys(app):
    return {node.key for kind in ("selectbox", "select_slider", "text_input") for node in getattr(app, kind)}


def layers(app):
    (table,) = [one.value for one in app.dataframe if "layer" in one.value]
    return list(table["layer"])


def sizes(app):
    (table,) = [one.value for one in app.dataframe if "layer" in one.value]
    return list(table["size"])


def said(app):
    return " ".join(one.value for kind in ("title", "markdown", "caption") for one in getattr(app, kind))


@pytest.mark.parametrize(
    ("name", "verdict"), [("vanishing", "vanishes on its way back"), ("jump", "jumps between"), ("dead", "exactly 0")]
)
def test_an_example_is_opened_by_its_link_and_by_its_button_and_is_judged(name, verdict):
    by_link, by_button = yours(example=name), move(yours(), "example", name)
    for app in (by_link, by_button):
        assert verdict in app.title[0].value
        assert app.title[0].value == finding(app)
        # However many steps it has, it is seen before another one is asked for.
        drawn = [node.type for node in app if node.type in (PICTURE, "text_area")]
        assert drawn.index(PICTURE) < drawn.index("text_area")
        assert settings(app).example == name
    assert dict(copied(by_button)).get("example", "vanishing") == name
    assert layers(by_link) == layers(by_button)


def test_a_pasted_log_is_judged_and_in_no_link_and_outlives_a_look_at_another_chapter():
    app = pasted(WIDE)
    assert layers(app) == ["fc9.weight", "fc10.weight"]
    assert dict(copied(app)) == {"chapter": "yours"}
    assert "example" not in shown(app)
    move(app, "log_parameters", "all")
    before = layers(app)
    assert len(before) == 3
    app.session_state["chapter"] = "Why"
    checked(app.run())
    app.session_state["chapter"] = "Yours"
    assert layers(checked(app.run())) == before
    click(app, "log_forget")
    assert "example" in shown(app)
    assert "0.weight" in layers(app)
    assert app.text_area(key="log_text").value == ""


def test_nothing_of_a_readers_log_is_kept_for_others():
    secret = "my_secret_layer"
    app = pasted(f"{secret}.1.weight,{secret}.2.weight\n" + "1e-3,1e-2\n" * 6)
    assert layers(app)
    assert secret not in repr(list(STORE._results))


def test_several_files_are_read_together_and_one_too_large_is_named_and_the_rest_stays():
    app = yours()
    texts = {"a.csv": b"step,fc1\n0,1\n1,2\n", "b.csv": b"step,fc2\n0,3\n1,4\n", "c.csv": b"x" * (LARGEST_FILE + 1)}
    app.file_uploader[0].set_value([(name, content, "text/csv") for name, content in texts.items()])
    checked(app.run())
    assert layers(app) == ["fc1", "fc2"]
    (table,) = [one.value for one in app.dataframe if "expected" in one.value]
    assert list(table["file"]) == ["c.csv"]
    assert table["expected"][0] == "a file of up to 5 MB"


@pytest.mark.parametrize("text", ["nothing that is a number", "{", "a,b\nx,y\n", "<script>alert(1)</script>"])
def test_what_cannot_be_read_is_answered_with_what_was_expected(text):
    app = pasted(text)
    assert app.title[0].value == "Nothing could be read of this log: what is needed are gradients by layer."
    assert any("expected" in one.value or "source must" in one.value for one in app.code)
    assert not app.get("vega_lite_chart")


def test_what_could_be_read_is_drawn_beside_what_could_not():
    app = pasted("step,fc1,fc2\n0,1e-3,1e-2\n1,oops,1e-2\n")
    (table,) = [one.value for one in app.dataframe if "expected" in one.value]
    assert list(table["found"]) == ["'oops'"]
    assert list(table["column"]) == ["fc1"]
    assert len(app.get("vega_lite_chart")) == 2


def test_only_what_can_be_chosen_has_a_control():
    assert keys(pasted("fc1.weight: 0.1")) & {f"log_{name}" for name in source.CHOICES} == {"log_size"}
    assert keys(pasted(WIDE)) >= {"log_order", "log_parameters", "log_step"}
    assert "log_size" not in keys(pasted("a1.weight | grad norm: 3\na2.weight | grad norm: 2\n"))
    assert {"log_size", "log_order"} <= keys(pasted(SIZES))


def test_order_size_parameters_step_loss_scale_shapes_and_run_change_what_is_judged():
    app = pasted(WIDE)
    assert layers(app) == ["fc9.weight", "fc10.weight"]
    assert layers(move(app, "log_order", "as in the file")) == ["fc10.weight", "fc9.weight"]
    move(app, "log_order", "by number")
    assert layers(move(app, "log_parameters", "bias")) == ["fc10.bias"]
    move(app, "log_parameters", "weight")
    last = first(app)
    assert app.select_slider(key="log_step").value == 1
    assert first(move(app, "log_step", 0.0)) != last
    assert "at step 0" in said(app)

    app = pasted(SIZES)
    assert first(app) == "0.25"
    assert first(move(app, "log_size", "mean_abs")) == "0.5"

    app = pasted("a1.weight | grad norm: 3\na2.weight | grad norm: 2000\n")
    before = sizes(app)
    assert sizes(move(app, "log_loss_scale", 256.0)) == [size / 256 for size in before]
    move(app, "log_loss_scale", 1.0)
    before = first(app)
    move(app, "log_shapes", "a1.weight=[3,3] a2.weight=[100,100]")
    assert first(app) != before
    assert "per entry" in said(app)
    move(app, "log_shapes", "no shape at all")
    assert any("fc1.weight=[64,32]" in str(one.value) for one in app.dataframe)

    app = pasted('"Step","a - fc1","b - fc1","a - fc2","b - fc2"\n0,1,3,2,9\n')
    assert first(app) == "0.5"
    assert first(move(app, "log_run", "b")) == "0.333"


def test_choices_that_another_log_does_not_have_are_forgotten():
    app = move(pasted(WIDE), "log_step", 0.0)
    move(app, "log_order", "as in the file")
    app.text_area(key="log_text").set_value("step,fc1,fc2\n7,1,2\n9,1,3\n")
    checked(app.run())
    assert app.select_slider(key="log_step").value == 9
    assert "at step 9" in said(app)
    assert layers(app) == ["fc1", "fc2"]


@pytest.mark.parametrize("head", ["layer,value\n{0}1,1e-9\n{0}2,1\n", "{0}1: grad norm 1e-9\n{0}2: grad norm 1\n"])
def test_names_of_the_log_are_letters_wherever_they_stand(head):
    app = pasted(head.format(MARKER.replace(",", "")))
    for kind in ("title", "markdown", "caption", "warning"):
        for one in getattr(app, kind):
            outside = one.value.split("`")[::2]
            assert not any(part in text for text in outside for part in ("<b>", "**y**", ":red[z]", "$q$", "](http"))


def test_a_name_with_everything_in_it_is_shown_as_it_is():
    app = pasted(json.dumps([{f"{MARKER}.{n}": 10.0**-n for n in range(8)}]))
    assert "<b>x</b>" in app.title[0].value
    assert all("`" not in part for part in app.title[0].value.split("`")[1::2])
    assert layers(app)[0].startswith("<b>")


def test_the_nearest_network_is_found_on_a_button_and_opened_in_fixes():
    app = click(yours(), "log_nearest")
    report = data.example("vanishing", data.Asked()).report
    best = nearest_network(report).best.spec
    assert "comes nearest" in said(app)
    assert "remedies were tried" in said(app)
    click(app, "log_open")
    now = settings(app)
    assert now.chapter == "fixes"
    (spec,) = now.specs
    # Of weights that other starts draw.
    assert replace(spec, weight_std=best.weight_std) == best


def test_a_log_without_steps_has_no_picture_of_steps():
    assert len(yours(example="jump").get("vega_lite_chart")) == 1
    assert "log_step" not in keys(yours(example="jump"))


def test_many_layers_are_folded_and_opened_on_demand():
    names = [f"block{n // 10}.fc{n % 10}.weight" for n in range(200)]
    app = pasted(",".join(["step", *names]) + "\n" + "".join(f"{s},{','.join(['1e-3'] * 200)}\n" for s in range(3)))
    modules = app.selectbox(key="log_module").options
    assert len(modules) == 20
    move(app, "log_module", modules[3])
    assert any("10 rows, 3 steps" in one.proto.alt for one in app.get("vega_lite_chart"))


def test_the_examples_are_those_that_the_readers_tests_know():
    for name in ("vanishing", "jump", "dead"):
        log = read_log(dict(data.example_files(name)))
        assert log.problems == ()


def test_a_size_that_the_log_does_not_name_can_be_named():
    app = pasted(WIDE)
    assert "not comparable" in said(app)
    move(app, "log_size", "rms")
    assert "by RMS of the entries" in said(app)
    assert "as you say" in said(app)
    assert "not comparable" not in said(app)
    assert "log_shapes" in keys(move(app, "log_size", "norm"))
