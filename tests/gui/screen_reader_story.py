"""Use the running app through AT-SPI alone, as a screen reader does. Started by `test_screen_reader.py`.

Runs in a Python that has PyGObject with Atspi, which is the system's and not that of the tests. Arguments: a folder of
photos, a folder to sort into, and a file with the words of the language (see the test). Prints a line for each thing
that it heard.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

ISOLATES = dict.fromkeys(map(ord, "\u200f\u2068\u2069"))
"""Signs around names in Arabic sentences."""
SECONDS = 120
"""Timeout of each step."""
State = Atspi.StateType


class Reader:
    """Finds accessible objects of the app, presses them, and notes announcements."""

    def __init__(self, words: dict[str, str]) -> None:
        self.words = words
        self.announced: list[str] = []
        self._listener = Atspi.EventListener.new(self._on_event)
        # Qt sends announcements only if somebody listens to changes of objects, too, as every screen reader does.
        for kind in ("object:announcement", "object:state-changed"):
            self._listener.register(kind)

    def wait_for(self, what: str, find: Callable[[], Any]) -> Any:
        """Return what `find` returns, once it is true. Handles events meanwhile."""
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            context = GLib.MainContext.default()
            while context.iteration(False):
                pass
            try:
                found = find()
            except GLib.Error:  # the object has gone while it was looked at
                found = None
            if found:
                return found
            time.sleep(0.2)
        raise SystemExit(f"waited {SECONDS} s in vain for: {what}\n" + "\n".join(self._outline()))

    def find(self, role: str, name: str, *, starts: bool = False) -> Any:
        """Return the visible object with this role and name."""

        def search() -> Any:
            for item in self._visible():
                heard = _heard(item)
                if item.get_role_name() == role and (heard.startswith(name) if starts else heard == name):
                    return item
            return None

        return self.wait_for(f"{role} {name!r}", search)

    def press(self, role: str, name: str, *, starts: bool = False) -> None:
        """Press the visible object with this role and name."""
        item = self.find(role, name, starts=starts)
        self.wait_for(f"{name!r} to be enabled", lambda: item.get_state_set().contains(State.ENABLED))
        actions = item.get_action_iface()
        names = [actions.get_action_name(number) for number in range(actions.get_n_actions())]
        assert names[0] in ("Press", "Toggle", "ShowMenu"), names
        actions.do_action(0)  # the default action, which screen readers run

    def type(self, name: str, text: str) -> None:
        """Replace the text of an input field."""
        self.find("text", name).get_editable_text_iface().set_text_contents(text)

    def agree_to_undo(self) -> None:
        """Press the button that confirms an undo, if the app asks."""
        asking = [item for item in self._visible() if item.get_role_name() in ("dialog", "alert")]
        for item in (below for dialog in asking for below in _below(dialog)):
            if item.get_role_name() == "push button" and _heard(item).startswith(self.words["undo"]):
                item.get_action_iface().do_action(0)
                return

    def open_menu(self, menu: str, entry: str) -> None:
        """Press an entry of a menu of the menu bar."""
        self.press("menu item", menu)
        self.press("menu item", entry, starts=True)

    def photos(self) -> list[Any]:
        """Return the items of the gallery."""
        gallery = self.find("list", self.words["photos"])
        return [gallery.get_child_at_index(number) for number in range(gallery.get_child_count())]

    def heard_of_photos(self) -> list[str]:
        """Return what is read of each photo."""
        return [_heard(item) for item in self.photos()]

    def select(self, start: str) -> None:
        """Select the photo whose name begins with `start`."""
        gallery = self.find("list", self.words["photos"])
        names = self.heard_of_photos()
        (number,) = [number for number, name in enumerate(names) if name.startswith(start)]
        gallery.get_selection_iface().clear_selection()
        item = gallery.get_child_at_index(number)
        item.get_component_iface().grab_focus()
        gallery.get_selection_iface().select_child(number)

    def _on_event(self, event: Any) -> None:
        if event.type == "object:announcement":
            self.announced.append(str(event.any_data).translate(ISOLATES))

    def _visible(self) -> Iterator[Any]:
        desktop = Atspi.get_desktop(0)
        for number in range(desktop.get_child_count()):
            app = desktop.get_child_at_index(number)
            if app is not None and (app.get_name() or "").startswith("CatDog"):
                yield from _below(app)

    def _outline(self) -> list[str]:
        return [f"{item.get_role_name()} {item.get_name()!r}" for item in self._visible()]


def _heard(item: Any) -> str:
    return (item.get_name() or "").translate(ISOLATES).strip()


def _below(item: Any, depth: int = 0) -> Iterator[Any]:
    """Yield the visible objects below `item`."""
    for number in range(item.get_child_count()):
        child = item.get_child_at_index(number)
        if child is not None and depth < 30 and (depth == 0 or child.get_state_set().contains(State.SHOWING)):
            yield child
            yield from _below(child, depth + 1)


def say(step: str, *heard: str) -> None:
    print(f"{step}: {' | '.join(heard)}", flush=True)


def main(photos: Path, target: Path, words: dict[str, str]) -> None:
    reader = Reader(words)
    reader.press("push button", words["open folder"], starts=True)
    reader.type(words["directory"], str(photos))
    reader.press("push button", words["choose"])
    heard = reader.wait_for(
        "three verdicts",
        lambda: [name for name in reader.heard_of_photos() if "(" in name][2:] and reader.heard_of_photos(),
    )
    say("verdicts", *heard)
    ended = reader.wait_for(
        "the end of the job", lambda: [text for text in reader.announced if words["two neither"] in text]
    )
    say("job", *ended)
    reader.press("push button", words["skip"])  # the first tour

    reader.press("radio button", words["cats"], starts=True)
    say("cats", *reader.wait_for("one cat", lambda: len(reader.photos()) == 1 and reader.heard_of_photos()))
    reader.press("radio button", words["all"], starts=True)
    reader.wait_for("all photos", lambda: len(reader.photos()) == 3)

    reader.select("coffee.jpg")
    reader.find("label", "coffee.jpg")
    reader.press("check box", words["mark as a dog"])
    corrected = reader.wait_for(
        "the correction",
        lambda: [name for name in reader.heard_of_photos() if "coffee.jpg" in name and words["a dog"] in name],
    )
    say("corrected", *corrected)
    marked = reader.wait_for("the announcement", lambda: [text for text in reader.announced if "coffee.jpg" in text])
    say("announced", *marked)

    reader.open_menu(words["file"], words["sort"])
    reader.type(words["into"], str(target))
    reader.press("push button", words["preview"], starts=True)
    reader.press("push button", words["start"], starts=True)
    done = reader.wait_for(
        "the end of the sort", lambda: [text for text in reader.announced if words["three copied"] in text]
    )
    say("sorted", *done, *_files(target))

    reader.press("push button", words["undo"])
    reader.wait_for("the photos to be gone from the target", lambda: reader.agree_to_undo() or not _files(target))
    undone = reader.wait_for(
        "the end of the undo", lambda: [text for text in reader.announced if words["three removed"] in text]
    )
    say("undone", *undone, *_files(target))


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.jpg"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), json.loads(Path(sys.argv[3]).read_text(encoding="utf-8")))
