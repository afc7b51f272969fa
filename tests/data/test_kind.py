import pytest

from inklings.data.download.registry import KNOWN
from inklings.data.kind import kind_of_images

GREEK = ("alpha", "beta", "gamma", "delta")


@pytest.mark.parametrize("names", [tuple("0123456789"), tuple("ABCxyz"), ("Aa", "Bb", "7"), GREEK, ("あ", "い", "う")])
def test_single_letters_and_digits_are_characters(names):
    assert kind_of_images(names, 1) == "characters"


@pytest.mark.parametrize(
    "names",
    [
        ("letter_a", "letter_b"),
        ("Character 12 ka", "digit_3"),
        ("uppercase A", "lowercase b"),
        ("upper_A", "lower-b", "char_C"),
        ("number_three", "num four"),
        ("hiragana_shi", "katakana tsu"),
    ],
)
def test_names_that_say_so_are_characters_even_if_they_are_long(names):
    assert kind_of_images(names, 1) == kind_of_images(names, 3) == "characters"


@pytest.mark.parametrize(
    "names",
    [
        "null eins zwei drei vier fünf sechs sieben acht neun",
        "zéro un deux trois quatre cinq six sept huit neuf",
        "Cero Uno Dos Tres Cuatro Cinco Seis Siete Ocho Nueve",
        "zero uno due tre quattro cinque sei sette otto nove",
        "zero um dois três quatro cinco seis sete oito nove",
    ],
)
def test_digits_that_are_spelled_out_in_other_languages_are_never_mirrored_either(names):
    assert kind_of_images(names.split(), 1) == kind_of_images(names.split(), 3) == "characters"


def test_a_flower_is_not_called_lower():
    assert kind_of_images(("sunflower", "cauliflower", "numbat", "charcoal"), 1) == "things"


@pytest.mark.parametrize("names", [("Trouser", "Pullover", "Ankle boot"), ("cell-healthy", "cell-ill", "artefact")])
def test_words_are_things(names):
    assert kind_of_images(names, 1) == kind_of_images(names, 3) == "things"


def test_short_words_are_things_in_colour_alone_since_kana_are_called_so_too():
    assert kind_of_images(("cat", "dog", "ox"), 3) == "things"
    assert kind_of_images(("cat", "dog", "ox"), 1) == "unknown"


def test_numbers_say_nothing_but_of_the_ten_digits_in_grey():
    assert kind_of_images([str(number) for number in range(26)], 1) == "unknown"
    assert kind_of_images(tuple("0123456789"), 3) == "unknown"


@pytest.mark.parametrize("word", ["Sample0", "class ", "label_", "n0"])
def test_a_word_that_all_classes_have_before_their_number_says_nothing_either(word):
    names = [f"{word}{number:02}" for number in range(1, 63)]
    assert kind_of_images(names, 1) == kind_of_images([*names, "background"], 3) == "unknown"
    assert kind_of_images(("boeing 737", "boeing 747", "airbus a320", "fokker 100"), 3) == "things"


def test_of_no_classes_nothing_is_known():
    assert kind_of_images((), 1) == "unknown"


def test_one_odd_class_does_not_decide():
    assert kind_of_images((*"0123456789", "blank"), 1) == "characters"
    assert kind_of_images(("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "X"), 1) == "things"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("mnist", "characters"),
        ("emnist-letters", "characters"),
        ("emnist-balanced", "characters"),
        ("fashion-mnist", "things"),
    ],
)
def test_well_known_data_are_known_by_their_classes(name, kind):
    assert kind_of_images(KNOWN[name].class_names, 1) == kind


def test_hiragana_are_never_taken_for_things():
    assert kind_of_images(KNOWN["kmnist"].class_names, 1) != "things"
