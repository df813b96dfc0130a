import pytest

from catdog_desktop.training.sources import Origin, origin_of, squashed_twin


@pytest.mark.parametrize(
    ("name", "source", "kind"),
    [
        ("cat.12.jpg", "original", "cat"),
        ("dog.300.jpg", "original", "dog"),
        ("dog.301.jpg", "kaggle", "dog"),
        ("original-cat.301.jpg", "original", "cat"),
        ("c101-emu-image_0001.jpg", "c101", "emu"),
        ("c101-car_side-image_0123.jpg", "c101", "car_side"),
        ("inet-n01443537_goldfish.jpg", "inet", "goldfish"),
        ("inet-n02443484_black-footed_ferret.jpg", "inet", "black-footed_ferret"),
        ("hlb-rabbit-1a2b3c4d.jpg", "hlb", "rabbit"),
        ("alpaca-llama_alpaca-0011aabb.jpg", "alpaca", "llama_alpaca"),
        ("holiday.jpg", "other", ""),
        ("IMG-20240101.jpg", "other", ""),
    ],
)
def test_origin_of_name_gives_source_and_kind(name, source, kind):
    assert origin_of(name) == Origin(source, kind)


@pytest.mark.parametrize(
    ("kind", "species"), [("grizzly_bear", "bear"), ("sorrel", "horse"), ("horse", "horse"), ("lizard", "lizard")]
)
def test_species_unites_kinds_of_one_animal(kind, species):
    assert Origin("any", kind).species == species


@pytest.mark.parametrize(
    ("name", "twin"),
    [("original-cat.301.jpg", "cat.301.jpg"), ("cat.301.jpg", None), ("hlb-cat-1a2b3c4d.jpg", None)],
)
def test_squashed_twin_exists_for_originals_only(name, twin):
    assert squashed_twin(name) == twin
