"""Every mutant of some modules, by cosmic-ray's operators, as JSON lines on stdout.

Runs in an environment of the tool's own, in which trader247 is not installed: it reads files alone.
Left out are mutants that are the same program, or one in words alone: changes of annotations,
docstrings, a dataclass's decorator, a check's row, the decimals of a shown figure; and the figures
inside `limit(...)`, which docs/controls.md holds word for word.
"""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

from cosmic_ray.mutating import mutate_code  # type: ignore[import-not-found] # installed apart
from cosmic_ray.plugins import get_operator  # type: ignore[import-not-found] # as above

OPERATORS = (
    "AddNot",
    "NumberReplacer",
    "ReplaceAndWithOr",
    "ReplaceOrWithAnd",
    "ReplaceBreakWithContinue",
    "ReplaceContinueWithBreak",
    "ReplaceTrueWithFalse",
    "ReplaceFalseWithTrue",
    "ReplaceBinaryOperator_Add_Sub",
    "ReplaceBinaryOperator_Sub_Add",
    "ReplaceBinaryOperator_Mul_FloorDiv",
    "ReplaceBinaryOperator_FloorDiv_Mul",
    "ReplaceComparisonOperator_Eq_NotEq",
    "ReplaceComparisonOperator_NotEq_Eq",
    "ReplaceComparisonOperator_Lt_LtE",
    "ReplaceComparisonOperator_Lt_Gt",
    "ReplaceComparisonOperator_LtE_Lt",
    "ReplaceComparisonOperator_LtE_GtE",
    "ReplaceComparisonOperator_Gt_GtE",
    "ReplaceComparisonOperator_Gt_Lt",
    "ReplaceComparisonOperator_GtE_Gt",
    "ReplaceComparisonOperator_GtE_LtE",
    "ReplaceComparisonOperator_Is_IsNot",
    "ReplaceComparisonOperator_IsNot_Is",
    "ReplaceUnaryOperator_Delete_Not",
    "ReplaceUnaryOperator_Delete_USub",
    "RemoveDecorator",
    "ZeroIterationForLoop",
)
"""Both sides of comparisons, each condition and its opposite, each number and its neighbours."""

MOST = 400
"""Mutants of one operator in one module, far above what there are."""


class _Meaning(ast.NodeTransformer):
    """What a module does: without annotations, docstrings and the figures of its limits."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        self.generic_visit(node)
        if "ClassVar" in ast.dump(node.annotation):
            node.value = None  # a check's row and source: words for people
        node.annotation = ast.Constant(None)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.generic_visit(node)
        node.decorator_list = []
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.returns = None
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "limit":
            return ast.Constant("a limit")
        if isinstance(node.func, ast.Name) and node.func.id == "figure":
            node.args = node.args[:1]  # how many decimals people are shown
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        self.generic_visit(node)
        return ast.Pass() if isinstance(node.value, ast.Constant) else node


def meaning(text: str) -> str:
    """What `text` does, as a string to compare."""
    return ast.dump(_Meaning().visit(ast.parse(text)))


def main(paths: list[str]) -> None:
    """Print the mutants of these files."""
    for path in paths:
        before = Path(path).read_text(encoding="utf-8")
        known = {meaning(before)}
        for name in OPERATORS:
            operator = get_operator(f"core/{name}")()
            for occurrence in range(MOST):
                after = mutate_code(before, operator, occurrence)
                if after is None:
                    break
                try:
                    found = meaning(after)
                except SyntaxError:
                    continue
                if found in known:
                    continue
                known.add(found)
                print(json.dumps({"path": path, "name": name, "text": after}))


if __name__ == "__main__":
    main(sys.argv[1:])
