"""`make shape`: the figures by which we compare our code with the models that CONTRIBUTING names: sizes, types, docs, arguments.

Counted with `ast` over shared/, services/ and ops/: lines of a file with blanks and comments, lines of a function without its
docstring; "typed" has a return annotation; "public doc" are public functions, classes and methods with a docstring of their own.
"""

import ast
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("shared", "services", "ops")
_DRAWERS = ("utils", "util", "common", "helpers", "base", "misc")


@dataclass(frozen=True)
class Shape:
    """The figures of a tree."""

    files: int
    median: float
    over_300_percent: float
    longest: int
    function_p95: float
    function_longest: int
    typed_percent: float
    documented_percent: float
    most_arguments: int
    most_methods: int
    drawers: int


Function = ast.FunctionDef | ast.AsyncFunctionDef


def measure(paths: list[Path]) -> Shape:
    """The shape of Python files; empty `__init__.py` are not counted."""
    texts = {path: path.read_text(encoding="utf-8") for path in paths}
    trees = {path: ast.parse(text) for path, text in texts.items() if text.strip()}
    lengths = [len(texts[path].splitlines()) for path in trees]
    functions = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, Function)]
    classes = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    sizes = sorted(_length(function) for function in functions)
    public = [node for tree in trees.values() for node in _public(tree)]
    return Shape(
        files=len(trees),
        median=statistics.median(lengths),
        over_300_percent=100 * sum(length > 300 for length in lengths) / len(lengths),
        longest=max(lengths),
        function_p95=sizes[int(len(sizes) * 0.95)],
        function_longest=sizes[-1],
        typed_percent=100 * sum(function.returns is not None for function in functions) / len(functions),
        documented_percent=100 * sum(ast.get_docstring(node) is not None for node in public) / len(public),
        most_arguments=max(_arguments(function) for function in functions),
        most_methods=max(sum(isinstance(node, Function) for node in each.body) for each in classes),
        drawers=sum(path.stem in _DRAWERS for path in trees),
    )


def _length(function: Function) -> int:
    documented = ast.get_docstring(function) is not None
    first = function.body[0]
    docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def _arguments(function: Function) -> int:
    names = [a.arg for a in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]
    return len([name for name in names if name not in ("self", "cls")])


def _public(tree: ast.Module) -> list[Function | ast.ClassDef]:
    """Public functions and classes of a module, and functions of such classes that do not only answer a library's call."""
    top = [node for node in tree.body if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_")]
    methods = [
        node
        for each in top
        if isinstance(each, ast.ClassDef)
        for node in each.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not _is_property(node)
    ]
    return [*top, *methods]


def _is_property(function: ast.FunctionDef) -> bool:
    return any(isinstance(decorator, ast.Name) and decorator.id == "property" for decorator in function.decorator_list)


def main() -> None:
    """Print the row."""
    paths = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    shape = measure(paths)
    head = "| files | median | > 300 | max | fn p95 | fn max | typed | public doc | max args | max methods | utils/common/base |"
    row = (
        f"| {shape.files} | {shape.median:.0f} | {shape.over_300_percent:.0f} % | {shape.longest} | {shape.function_p95:.0f} "
        f"| {shape.function_longest} | {shape.typed_percent:.0f} % | {shape.documented_percent:.0f} % | {shape.most_arguments} "
        f"| {shape.most_methods} | {shape.drawers} |"
    )
    sys.stdout.write(f"{head}\n{'|---' * 11}|\n{row}\n")


if __name__ == "__main__":
    main()
