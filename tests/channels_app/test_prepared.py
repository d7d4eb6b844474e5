"""Two threads that decode a message type for the first time: without preparation the process dies of it."""

import ast
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = [
    "api",
    "catalog",
    "channels_app",
    "customers",
    "hardware",
    "hq",
    "inventory",
    "orders",
    "pos",
    "pricing",
    "shifts",
]

THREADS_MEET = """
import sys, threading, types
import msgspec
from channels_app.prepared import prepared
sys.setswitchinterval(1e-6)
SOURCE = '''
from __future__ import annotations
import msgspec
class Rows(msgspec.Struct):
    rows: int
class Table(msgspec.Struct):
    table: str
    mode: str
    rows: Rows | None = None
    gone: Rows | None = None
class Message(msgspec.Struct):
    database: str
    tables: tuple[Table, ...]
'''
TEXT = b'{"database": "x", "tables": [{"table": "a", "mode": "full", "rows": {"rows": 1}}]}'
for number in range(3000):
    module = sys.modules[f"m{number}"] = types.ModuleType(f"m{number}")
    exec(SOURCE, module.__dict__)
    if "prepared" in sys.argv:
        prepared(module.Message)
    start = threading.Barrier(4)
    def decode():
        start.wait()
        msgspec.json.decode(TEXT, type=module.Message)
    threads = [threading.Thread(target=decode) for _ in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
"""


def test_prepared_types_are_decoded_by_threads_at_once():
    subprocess.run([sys.executable, "-c", THREADS_MEET, "prepared"], cwd=ROOT, check=True, timeout=120)


def test_without_preparation_the_process_dies():
    """The twin: once msgspec has mended it this is skipped for good, and `prepared` can go."""
    ended = subprocess.run([sys.executable, "-c", THREADS_MEET], cwd=ROOT, check=False, timeout=120)
    if ended.returncode == 0:
        pytest.skip("the threads did not meet this time")
    assert ended.returncode == -signal.SIGSEGV


def _name(node: ast.AST | None) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _decoded(call: ast.Call) -> str:
    """The type that a call of msgspec decodes, where it names one."""
    words = ast.unparse(call.func)
    if words == "msgspec.convert":
        return _name(call.args[1])
    if words in {"msgspec.json.decode", "msgspec.msgpack.decode"}:
        return _name(next((word.value for word in call.keywords if word.arg == "type"), None))
    return ""


def test_every_message_that_is_decoded_is_prepared():
    prepared, decoded = {"shape"}, {}  # shape: what a caller names
    for path in (found for app in APPS for found in (ROOT / app).rglob("*.py")):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and any(_name(d) == "prepared" for d in node.decorator_list):
                prepared.add(node.name)
            elif isinstance(node, ast.Call) and (name := _decoded(node)):
                decoded[name] = str(path.relative_to(ROOT))
        for line in tree.body:  # the agent imports none of our apps and prepares its types in this way
            if isinstance(line, ast.Expr) and ast.unparse(line).startswith("msgspec.json.Decoder("):
                prepared.add(_name(line.value.args[0]))
    assert len(decoded) > 15
    assert {name: path for name, path in decoded.items() if name not in prepared} == {}
