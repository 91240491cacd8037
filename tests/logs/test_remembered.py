from vanish.logs.remembered import KEPT, LONGEST, remembered


def test_short_texts_are_read_once_and_long_ones_kept_nowhere():
    read = []

    @remembered
    def length(text):
        read.append(text)
        return len(text)

    for text in ("a" * LONGEST, "b" * (LONGEST + 1)):
        assert length(text) == length(text) == len(text)
    assert [len(text) for text in read] == [LONGEST, LONGEST + 1, LONGEST + 1]
    for number in range(KEPT):
        length(str(number))
    length("a" * LONGEST)
    assert read[-1] == "a" * LONGEST, "what was not asked for again has gone"
