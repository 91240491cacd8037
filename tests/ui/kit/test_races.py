from vanish.ui.kit.races import by_name, in_turns


def test_runs_take_turns_and_a_short_one_holds_up_nobody():
    runs = {"a": iter([1, 2]), "b": iter([10, 20, 30, 40])}
    items = list(in_turns(runs))
    assert items == [("a", 1), ("b", 10), ("a", 2), ("b", 20), ("b", 30), ("b", 40)]
    assert by_name(items) == {"a": [1, 2], "b": [10, 20, 30, 40]}
    assert by_name([]) == {}
