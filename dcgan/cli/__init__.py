"""The command line: one thin module per command, imported when it is needed, and what several of them share."""

from __future__ import annotations

import argparse
import difflib
import importlib
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import NoReturn

from dcgan import __version__
from dcgan.common.errors import DcganError, Interrupted, Misuse, did_you_mean
from dcgan.common.messages import message, note
from dcgan.common.streams import unfailing_streams

COMMANDS = (
    "tips",
    "train",
    "score",
    "sample",
    "sweep",
    "worker",
    "runs",
    "status",
    "report",
    "dashboard",
    "proxy",
    "export",
    "doctor",
)

_TRAINING = frozenset({"train", "sweep", "worker"})  # which leave checkpoints to go on from

_DESCRIPTION = "Which DCGAN training tips help on your data, by how much, at what cost, and how sure are we?"
_EPILOG = "Start with: dcgan sweep demo\nEvery command has --help with an example."


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line and exits with 2."""

    def error(self, message: str) -> NoReturn:
        raise Misuse(f"{message} (see {self.prog} --help)")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command; returns its exit code: 0 done, 1 failed, 2 misuse, 130 interrupted."""
    words = list(sys.argv[1:] if argv is None else argv)
    with unfailing_streams() as unwritten:
        code = _code_of(words)
        if why := unwritten():
            message(f"error: the result could not be written: {why}")
        return code or int(why is not None)


def _code_of(words: list[str]) -> int:
    """Runs the command and says what went wrong; its exit code."""
    try:
        module, args = parsed(words)
        return int(module.run(args))
    except Interrupted as request:
        note(str(request))
        return request.exit_code
    except DcganError as error:
        message(f"error: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        if _TRAINING.intersection(words[:1]):
            note("interrupted; the same command goes on from the last checkpoint")
        return 130
    except Exception as error:
        if os.environ.get("DCGAN_DEBUG"):
            raise
        what = " ".join(str(error).split())
        message(f"error: {type(error).__name__}: {what} (DCGAN_DEBUG=1 shows where)")
        return 1


def parsed(words: list[str]) -> tuple[ModuleType, argparse.Namespace]:
    """The module of the command that was typed, and its arguments. Raises Misuse for what is not understood."""
    parser = _Parser(
        prog="dcgan",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"dcgan {__version__}")
    named = next((word for word in words if not word.startswith("-")), None)
    if named is not None and named not in COMMANDS:
        raise Misuse(f"no command '{named}'" + did_you_mean(named, COMMANDS))
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    modules = {name: importlib.import_module(f"dcgan.cli.{name}") for name in COMMANDS if named in (None, name)}
    for name, module in modules.items():
        _add_command(commands, name, module)
    if named is not None and getattr(modules[named], "TAKES_AGENT_WORDS", False):
        words = _spelled_out(words, named, _options(commands, named))
    args, unknown = parser.parse_known_args(words)
    module = modules[args.command]
    options = _options(commands, args.command)
    if getattr(module, "TAKES_WORDS", False):
        changes = [word for word in unknown if "=" in word and not _is_almost(word, options)]
        args.words = [*args.words, *changes]
        unknown = [word for word in unknown if word not in changes]
    if unknown:
        name = unknown[0].partition("=")[0]
        raise Misuse(f"dcgan {args.command}: '{unknown[0]}' is not understood" + did_you_mean(name, options))
    return module, args


def _options(commands: argparse._SubParsersAction[_Parser], name: str) -> list[str]:
    return [option for action in commands.choices[name]._actions for option in action.option_strings]


def _spelled_out(words: list[str], command: str, options: list[str]) -> list[str]:
    """The words with what the agent of a W&B sweep wrote in one of its forms as KEY=VALUE."""
    from dcgan.common.agent_words import given_parameters, spelled_out

    first = words.index(command) + 1
    own = [word for word in words[first:] if word in options or _is_almost(word, options)]
    return [*words[:first], *spelled_out(words[first:], own, given_parameters(), positional=1)]


def _is_almost(word: str, options: list[str]) -> bool:
    """Whether `--worker=2` is a misspelt option rather than `--KEY=VALUE`, which would hardly be so near to one."""
    return bool(difflib.get_close_matches(word.partition("=")[0], options, n=1, cutoff=0.85))


def _add_command(commands: argparse._SubParsersAction[_Parser], name: str, module: ModuleType) -> None:
    command = commands.add_parser(
        name,
        help=module.SUMMARY,
        description=module.SUMMARY,
        epilog=f"{getattr(module, 'DETAILS', '')}example:\n  {module.EXAMPLE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    module.add_arguments(command)
    if getattr(module, "TAKES_WORDS", False):
        command.add_argument(
            "words",
            nargs="*",
            metavar="KEY=VALUE",
            default=[],
            help=getattr(module, "WORDS", "change a setting, for example update.batch=50"),
        )
    command.add_argument("--json", action="store_true", help="print one JSON object on stdout and nothing else there")
