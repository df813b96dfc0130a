"""Which classes of a model are cats and which are dogs, by their names.

The words are those of ImageNet, of Oxford's pets, and "cat" and "dog" in the languages of the app and some others.
Wild animals and things that have an animal in their name are neither.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CAT_WORDS: Final = _words(
    """
    cat cats kitten kittens kitty tabby siamese persian ragdoll sphynx birman abyssinian shorthair
    katze katzen kätzchen kater chat chats chatte chattes chaton chatons gato gatos gata gatas gatito gatitos
    gatto gatti gatta gattino kat katten katt katter kedi кот коты кошка кошки
    猫 小猫 猫咪 貓 子猫 ネコ ねこ 고양이 قطة قط القطة القط قطط القطط
    """
)
_CAT_NAMES: Final = ("egyptian mau", "maine coon", "russian blue", "norwegian forest", "scottish fold", "felis catus")
_CAT_BREEDS_ALONE: Final = _words("bengal bombay munchkin")
"""Only as a whole name, since they also name other things."""
_DOG_WORDS: Final = _words(
    """
    dog dogs doggy puppy puppies pup hund hunde hündin welpe welpen chien chiens chienne chiennes chiot chiots
    perro perros perra perras cachorro cachorros cão cães cadela cane cani cagna cagnolino hond honden hundar köpek
    собака собаки пёс пес 犬 子犬 イヌ いぬ 狗 小狗 狗狗 개 강아지 كلب الكلب كلاب الكلاب
    affenpinscher akita appenzeller basenji basset beagle bloodhound bluetick borzoi bouvier boxer briard bulldog
    bullterrier chihuahua chow collie coonhound corgi dachshund dalmatian deerhound doberman dobermann entlebucher
    foxhound greyhound griffon groenendael havanese husky keeshond kelpie komondor kuvasz labradoodle leonberg
    leonberger lhasa malamute malinois maltese mastiff newfoundland otterhound papillon pekinese pekingese pinscher
    pomeranian poodle pug pyrenees redbone retriever ridgeback rottweiler saluki samoyed schipperke schnauzer sennenhund
    setter sheepdog sheltie shiba shih spaniel staffordshire terrier vizsla weimaraner whippet wolfhound
    """
)
_DOG_NAMES: Final = (
    "shih tzu",
    "japanese chin",
    "black and tan",
    "walker hound",
    "afghan hound",
    "ibizan hound",
    "norwegian elkhound",
    "german shepherd",
    "german short haired",
    "great dane",
    "saint bernard",
    "st bernard",
    "eskimo dog",
    "canis familiaris",
    "mexican hairless",
    "pit bull",
)
_OTHERS: Final = re.compile(
    r"\b(not?|non|without|kein|keine|sin|sans|hot dog|hotdog|prairie|hunting dog|wild|sled|sleigh|lemur|panda|bear|"
    r"madagascar|fish|wolf|dingo|fox|sea|cougar|lynx|leopard|tiger|lion|cheetah|jaguar|pole|house of)\b"
)
_OWN: Final = ("tiger cat", "wolf spitz", "fox terrier", "foxhound", "wolfhound", "bear dog", "leopard cat bengal")
"""Names of cats and dogs although they have a word of `_OTHERS`."""


def animal_of(name: str) -> str:
    """Return "cat" or "dog" if the name of a class says that it is one, else ""."""
    plain = _plain(name)
    if _OTHERS.search(plain) and not any(own in plain for own in _OWN):
        return ""
    words = set(plain.split())
    is_cat = bool(words & _CAT_WORDS) or any(known in plain for known in _CAT_NAMES) or plain in _CAT_BREEDS_ALONE
    is_dog = bool(words & _DOG_WORDS) or any(known in plain for known in _DOG_NAMES)
    if is_cat and is_dog:
        return ""
    return "cat" if is_cat else "dog" if is_dog else ""


def classes_by_animal(names: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Return the numbers of the classes that are cats, and of those that are dogs."""
    found = [animal_of(name) for name in names]
    return {animal: tuple(number for number, other in enumerate(found) if other == animal) for animal in ("cat", "dog")}


def are_imagenet(names: Sequence[str]) -> bool:
    """Whether names are ImageNet's 1,000, with a class for the background before them or not."""
    if len(names) not in (1000, 1001):
        return False
    start = len(names) - 1000
    return "tabby" in _plain(names[start + 281]) and "chihuahua" in _plain(names[start + 151])


def clean_names(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the names in the lines of a list, without quotes, and without numbers that count the lines ("0 Cat")."""
    names = [_unquoted(line.strip().rstrip(",")) for line in lines]
    while names and not names[-1]:
        names.pop()
    numbered = [re.fullmatch(r"(\d+)[\s:,;.)=|-]+(.*)", name) for name in names]
    for start in (0, 1):
        if names and all(match and int(match[1]) == index + start for index, match in enumerate(numbered)):
            return tuple(_unquoted(match[2].strip()) for match in numbered if match)
    return tuple(names)


def _unquoted(name: str) -> str:
    return name[1:-1].strip() if len(name) > 2 and name[0] == name[-1] and name[0] in "\"'" else name


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(re.sub(r"[\W_\d]+", " ", folded).split())
