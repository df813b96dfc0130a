"""Classes that are proposed as cats and dogs by their names."""

import pytest

from catdog_desktop.model_import.proposals.class_names import (
    animal_of,
    are_imagenet,
    classes_by_animal,
    clean_names,
)


@pytest.mark.parametrize(
    "name",
    [
        "cat", "Cats", "CAT_01", "tabby, tabby cat", "tiger cat", "Persian cat", "Siamese cat, Siamese", "Egyptian cat",
        "Egyptian_Mau", "Maine_Coon", "British_Shorthair", "Bengal", "domestic cat", "kitten", "Katze", "gatos", "猫",
        "Ka\u0308tzchen", "кошка", "القطط", "小猫", "고양이",
    ],
)  # fmt: skip
def test_cats_are_known(name: str) -> None:
    assert animal_of(name) == "cat"


@pytest.mark.parametrize(
    "name",
    [
        "dog", "Dogs", "puppy", "Chihuahua", "Shih-Tzu", "golden retriever", "German shepherd, German shepherd dog",
        "black-and-tan coonhound", "Irish wolfhound", "Saint Bernard, St Bernard", "wire-haired fox terrier",
        "pug, pug-dog",
        "Pembroke, Pembroke Welsh corgi", "english_cocker_spaniel", "Mexican hairless", "Hund", "perro", "犬", "boxer",
        "Hu\u0308ndin", "собака", "الكلاب", "小狗", "강아지",
    ],
)  # fmt: skip
def test_dogs_are_known(name: str) -> None:
    assert animal_of(name) == "dog"


@pytest.mark.parametrize(
    "name",
    [
        "", "bird", "not cat", "no dog", "Madagascar cat, ring-tailed lemur", "hot dog", "hotdog, hot dog, red hot",
        "lesser panda, red panda, panda, bear cat, cat bear", "polecat, fitch", "cougar, puma, catamount", "catfish",
        "caterpillar", "category", "dogsled, dog sled, dog sleigh", "prairie dog", "dhole, Cuon alpinus",
        "African hunting dog, hyena dog, Cape hunting dog", "timber wolf, grey wolf", "cat and dog", "Class 1",
        "cardigan",
        "sea lion", "leopard, Panthera pardus", "lynx, catamount", "red fox, Vulpes vulpes",
    ],
)  # fmt: skip
def test_others_are_neither(name: str) -> None:
    assert animal_of(name) == ""


def test_numbers_of_classes() -> None:
    assert classes_by_animal(["bird", "cat", "dog", "tabby"]) == {"cat": (1, 3), "dog": (2,)}


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (["0 Cat", "1 Dog"], ("Cat", "Dog")),
        (["1: Cat", "2: Dog", ""], ("Cat", "Dog")),
        (["101 dalmatians", "2 cats"], ("101 dalmatians", "2 cats")),
        ([" Cat ", "Dog"], ("Cat", "Dog")),
        ([], ()),
    ],
)
def test_numbers_in_front_are_left_out_if_they_count(lines: list[str], names: tuple[str, ...]) -> None:
    assert clean_names(lines) == names


def test_imagenet_is_recognised_with_and_without_background() -> None:
    names = [str(number) for number in range(1000)]
    names[281], names[151] = "tabby, tabby cat", "Chihuahua"
    assert are_imagenet(names)
    assert are_imagenet(["background", *names])
    assert not are_imagenet([*names, "background"])
    assert not are_imagenet(names[:999])
