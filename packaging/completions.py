"""Completions of `catdog` and `catdog-desktop` for bash, zsh and fish, from the same parsers as their help.

python packaging/completions.py FOLDER
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOTE = "# Written by packaging/completions.py from the help of the command."


def programs() -> dict[str, argparse.ArgumentParser]:
    """Return the parser of each program."""
    from catdog_desktop.cli import make_parser
    from catdog_desktop.gui.app import make_parser as make_window_parser

    return {"catdog": make_parser(), "catdog-desktop": make_window_parser()}


def commands_of(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the parsers of the commands; empty for a program without commands."""
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return dict(groups[0].choices) if groups else {}


def summaries_of(parser: argparse.ArgumentParser) -> dict[str, str]:
    """Return the line that the help shows for each command."""
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return {choice.dest: choice.help or "" for group in groups for choice in group._choices_actions}


def options_of(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Return the options."""
    return [action for action in parser._actions if action.option_strings]


def help_of(action: argparse.Action) -> str:
    """Return the help of an option in one line."""
    return " ".join((action.help or "").replace("%%", "%").split())


def choices_of(action: argparse.Action) -> list[str]:
    """Return the values that an option accepts; empty if any."""
    return [str(choice) for choice in action.choices or ()]


def takes_value(action: argparse.Action) -> bool:
    """Whether a value follows the option."""
    return action.nargs != 0


def bash(program: str, parser: argparse.ArgumentParser) -> str:
    """Return the completion for bash."""
    commands = commands_of(parser)
    function = f"_{program.replace('-', '_')}"
    lines = [
        NOTE,
        f"{function}() {{",
        '    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=""',
    ]
    if commands:
        lines += [
            "    local word",
            '    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
            "        case $word in -*) ;; *) command=$word; break ;; esac",
            "    done",
        ]
    lines += ["    COMPREPLY=()", '    case "$command $prev" in']
    parsers = {"": parser, **commands}
    for name, each in parsers.items():
        for option in options_of(each):
            if takes_value(option):
                patterns = "|".join(f'"{name} {text}"' for text in option.option_strings)
                words = " ".join(choices_of(option))
                reply = f'COMPREPLY=($(compgen -W "{words}" -- "$cur")); ' if words else ""
                lines.append(f"        {patterns}) {reply}return ;;")
    lines += ["    esac", '    case "$cur" in -*)', '        case "$command" in']
    for name, each in parsers.items():
        words = " ".join(text for option in options_of(each) for text in option.option_strings)
        lines.append(f'            "{name}") COMPREPLY=($(compgen -W "{words}" -- "$cur")) ;;')
    lines += ["        esac", "        return ;;", "    esac"]
    if commands:
        lines.append(f'    [ -n "$command" ] || COMPREPLY=($(compgen -W "{" ".join(commands)}" -- "$cur"))')
    lines += ["}", f"complete -o bashdefault -o default -F {function} {program}"]
    return "\n".join(lines) + "\n"


def zsh(program: str, parser: argparse.ArgumentParser) -> str:
    """Return the completion for zsh."""
    commands, summaries = commands_of(parser), summaries_of(parser)
    lines = [f"#compdef {program}", NOTE, f"_{program}() {{"]
    if commands:
        lines += ["    local context state state_descr line", "    typeset -A opt_args"]
    lines.append("    _arguments -s \\")
    lines += [f"        {spec} \\" for option in options_of(parser) for spec in _zsh_specs(option)]
    if not commands:
        lines += ["        '*:file:_files'", "}", f'_{program} "$@"']
        return "\n".join(lines) + "\n"
    lines += [
        "        '1: :->command' '*:: :->arguments'",
        "    case $state in",
        "    command)",
        "        local -a commands=(",
    ]
    lines += [f"            {_zsh_quoted(name + ':' + summaries.get(name, ''))}" for name in commands]
    lines += [
        "        )",
        "        _describe command commands",
        "        ;;",
        "    arguments)",
        "        case $words[1] in",
    ]
    for name, each in commands.items():
        lines.append(f"        {name})")
        lines.append("            _arguments -s \\")
        lines += [f"                {spec} \\" for option in options_of(each) for spec in _zsh_specs(option)]
        lines += ["                '*:file:_files'", "            ;;"]
    lines += ["        esac", "        ;;", "    esac", "}", f'_{program} "$@"']
    return "\n".join(lines) + "\n"


def _zsh_specs(option: argparse.Action) -> Iterator[str]:
    text = help_of(option).translate(str.maketrans({"[": "(", "]": ")", ":": "\\:"}))
    value = ""
    if takes_value(option):
        choices = choices_of(option)
        value = f":value:({' '.join(choices)})" if choices else ":value:_files"
    for name in option.option_strings:
        yield _zsh_quoted(f"{name}[{text}]{value}")


def _zsh_quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def fish(program: str, parser: argparse.ArgumentParser) -> str:
    """Return the completion for fish."""
    commands, summaries = commands_of(parser), summaries_of(parser)
    lines = [NOTE]
    lines += [
        f"complete -c {program} -n __fish_use_subcommand -f -a {name} -d {_fish_quoted(summaries.get(name, ''))}"
        for name in commands
    ]
    for name, each in {"": parser, **commands}.items():
        condition = (
            f" -n '__fish_seen_subcommand_from {name}'" if name else " -n __fish_use_subcommand" if commands else ""
        )
        for option in options_of(each):
            flags = "".join(
                f" -l {text[2:]}" if text.startswith("--") else f" -s {text[1:]}" for text in option.option_strings
            )
            value = ""
            if takes_value(option):
                choices = choices_of(option)
                value = f" -x -a {_fish_quoted(' '.join(choices))}" if choices else " -r"
            lines.append(f"complete -c {program}{condition}{flags}{value} -d {_fish_quoted(help_of(option))}")
    return "\n".join(lines) + "\n"


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def write_completions(share: Path, *, zsh_folder: str = "zsh/site-functions") -> None:
    """Write all completions below a `share` folder, where the shells look."""
    for program, parser in programs().items():
        for folder, name, text in (
            ("bash-completion/completions", program, bash(program, parser)),
            (zsh_folder, f"_{program}", zsh(program, parser)),
            ("fish/vendor_completions.d", f"{program}.fish", fish(program, parser)),
        ):
            (share / folder).mkdir(parents=True, exist_ok=True)
            (share / folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    write_completions(Path(sys.argv[1]))
