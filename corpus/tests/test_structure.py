"""The shape of the program: imports point one way, a library has one home, functions fit a screen."""

import ast
import functools
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("corpus", "ingest", "assistant", "eval", "app")

#: Which of our rooms a room may import, itself aside.
MAY_IMPORT = {
    "corpus": set(),
    "ingest": {"corpus"},
    "assistant": {"corpus"},
    "eval": {"assistant", "corpus"},
    "app": {"corpus", "ingest", "assistant", "eval"},
}
#: What other rooms may see of the corpus.
CORPUS_DOORS = {
    "console",
    "disk",
    "errors",
    "logs",
    "settings",
    "store",
    "testing",
    "types",
    "words",
    "accounts.people",
    "records.question_log",
    "records.trail",
    "table.holdings",
    "versions.changes",
    "versions.differences",
    "versions.effects",
    "versions.history",
    "versions.proposals",
    "versions.standing",
    "web.account_routes",
    "web.admin_routes",
    "web.api",
    "web.api_errors",
    "web.api_page",
    "web.content_policy",
    "web.health_routes",
    "web.limits",
    "web.look",
    "web.masthead",
    "web.metrics",
    "web.page_view",
    "web.plain_page",
    "web.proxy",
    "web.request_log",
    "web.serving",
    "web.sign_in",
    "web.trail_routes",
}
#: The reranker is trained with encoders that have not seen its questions, so it trains those first.
TRAINING = ["assistant/reranker/groups.py", "assistant/reranker/train.py"]

#: Each library and the files that may import it (glob patterns from the root).
HOMES = {
    "sqlite3": ["corpus/database.py"],
    "tantivy": ["corpus/lexical.py"],
    "jieba": ["corpus/segmenter.py", "corpus/encoder/*.py", "eval/bench_stock.py"],
    "faiss": ["corpus/segments.py"],
    "model2vec": ["corpus/vectors.py"],
    "safetensors": [
        "corpus/vectors.py",
        "corpus/encoder/*.py",
        "assistant/reranker/model.py",
        "assistant/reader/model.py",
    ],
    "tokenizers": ["corpus/vectors.py", "corpus/encoder/*.py"],
    "sentence_transformers": ["corpus/vectors.py", "corpus/encoder/*.py", "assistant/cross_encoder.py"],
    "torch": ["corpus/encoder/*.py", "assistant/reranker/train.py"],
    "filelock": ["corpus/locks.py"],
    "argon2": ["corpus/accounts/passwords.py"],
    "starlette": [
        "*/routes.py",
        "*/*_routes.py",
        "*/*/routes.py",
        "assistant/article_page.py",
        "corpus/web/sign_in.py",
        "corpus/web/api*.py",
        "corpus/web/proxy.py",
        "corpus/web/request_log.py",
        "corpus/web/serving.py",
        "app.py",
    ],
    "datasketch": ["corpus/versions/reprints.py"],
    "pypdf": ["ingest/readers/pdf.py"],
    "pypdfium2": ["ingest/readers/pdf*.py", "ingest/pictures/page_picture.py"],
    "pdfminer": ["ingest/readers/pdf_text.py"],
    "rapidocr": ["ingest/readers/ocr.py"],
    "onnxruntime": ["ingest/readers/ocr.py"],
    "cv2": ["ingest/readers/ocr.py"],
    "PIL": ["ingest/readers/image.py", "ingest/pictures/page_picture.py"],
    "docx": ["ingest/readers/docx.py", "assistant/conversation.py", "assistant/export.py"],
    "lxml": ["ingest/readers/html.py"],
    "python_calamine": ["ingest/readers/sheets.py"],
    "pptx": ["ingest/readers/pptx.py"],
    "prometheus_client": ["corpus/web/metrics.py"],
    "langchain": ["assistant/chat_model.py"],
    "langchain_community": ["eval/side_by_side.py", "eval/bench_stock.py"],
    "langchain_classic": ["eval/side_by_side.py", "eval/bench_stock.py"],
    "langchain_text_splitters": ["eval/bench_stock.py"],
    "langchain_core": [
        "assistant/chat_model.py",
        "assistant/prompts.py",
        "assistant/langchain_objects.py",
        "eval/side_by_side.py",
        "eval/bench_stock.py",
    ],
    "mcp": ["assistant/mcp_server.py"],
    "gradio": ["*/panel.py", "*/*_panel.py", "app.py"],
    "uvicorn": ["corpus/web/serving.py"],
    "fastapi": ["app.py", "corpus/web/api.py", "corpus/web/api_page.py", "*/api_routes.py"],
    "rich": ["*/__main__.py"],
    "watchdog": ["ingest/watching/watch.py"],
    "openpyxl": ["eval/sheets.py"],
    "scipy": ["eval/uncertainty.py"],
    "ir_measures": ["eval/ranking.py"],
}
#: Scripts that drew the shipped documents: kept for the record, no part of the program.
WORKSHOP = "corpus/documents/make/"
#: Loads code with the data: nowhere.
FORBIDDEN = {"pickle", "marshal", "dill", "joblib", "shelve"}
LONGEST_FUNCTION = 60
#: Nine functions in ten are shorter than this.
USUAL_FUNCTION = 30


def _files() -> list[Path]:
    files = [ROOT / "app.py"] if (ROOT / "app.py").exists() else []
    for room in ROOMS[:-1]:
        files += sorted((ROOT / room).rglob("*.py"))
    return files


def _place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _is_test(path: Path) -> bool:
    return "tests" in path.relative_to(ROOT).parts


def _program() -> list[Path]:
    """The files that people run: no tests, no workshop."""
    return [p for p in _files() if not _is_test(p) and not _place(p).startswith(WORKSHOP)]


@functools.cache
def _nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def _imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every module that a file imports, anywhere in it, and the line."""
    for node in _nodes(path):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield name.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{_place(path)}:{node.lineno} imports relatively; name the room"
            for name in node.names:
                # ``from corpus import store`` names corpus.store, and so it is with a room inside
                folder = (ROOT / str(node.module).replace(".", "/")).is_dir()
                yield (f"{node.module}.{name.name}" if folder else str(node.module), node.lineno)


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in _nodes(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield f"{_place(path)}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1


def test_rooms_import_one_way():
    wrong = []
    for path in _files():
        room = path.relative_to(ROOT).parts[0].removesuffix(".py")
        for module, line in _imports(path):
            other = module.split(".")[0]
            if other in ROOMS and other != room and other not in MAY_IMPORT[room]:
                wrong.append(f"{_place(path)}:{line} imports {module}")
    assert wrong == []


def test_every_module_of_ours_that_is_imported_is_there():
    """The type checker lets one pass that it does not find."""
    wrong = []
    for path in _files():
        for module, line in _imports(path):
            place = ROOT / module.replace(".", "/")
            there = place.is_dir() or place.with_suffix(".py").is_file()
            if module.split(".")[0] in ROOMS and not (there or _says(place.parent, place.name)):
                wrong.append(f"{_place(path)}:{line} imports {module}")
    assert wrong == []


def _says(folder: Path, name: str) -> bool:
    """Whether a room itself defines a name, no file of it."""
    init = folder / "__init__.py"
    return init.is_file() and any(getattr(n, "name", getattr(n, "id", "")) == name for n in _nodes(init))


def test_other_rooms_enter_the_corpus_by_its_doors():
    wrong = []
    for path in _files():
        if path.relative_to(ROOT).parts[0] == "corpus":
            continue
        for module, line in _imports(path):
            parts = module.split(".")
            if _place(path) in TRAINING and parts[:2] in (["corpus", "encoder"], ["corpus", "vectors"]):
                continue
            inside = parts[0] == "corpus" and len(parts) > 1 and ".".join(parts[1:]) not in CORPUS_DOORS
            if inside or (not _is_test(path) and parts[:2] == ["corpus", "testing"]):
                wrong.append(f"{_place(path)}:{line} imports {module}")
    assert wrong == []


def test_a_library_has_one_home():
    wrong = []
    for path in _program():
        for module, line in _imports(path):
            homes = HOMES.get(module.split(".")[0])
            if homes is not None and not any(Path(_place(path)).match(home) for home in homes):
                wrong.append(f"{_place(path)}:{line} imports {module}, whose home is {' or '.join(homes)}")
    assert wrong == []


def test_no_file_loads_code_with_its_data():
    wrong = [
        f"{_place(path)}:{line} imports {module}"
        for path in _files()
        for module, line in _imports(path)
        if module.split(".")[0] in FORBIDDEN
    ]
    assert wrong == []


def test_no_function_is_longer_than_sixty_lines():
    long = [f"{name}: {n} lines" for path in _files() for name, n in _functions(path) if n > LONGEST_FUNCTION]
    assert long == []


def test_nine_functions_in_ten_fit_thirty_lines():
    lengths = [n for path in _program() for _, n in _functions(path)]
    short = sum(n < USUAL_FUNCTION for n in lengths)
    assert short / len(lengths) >= 0.9, f"{short} of {len(lengths)} functions"


def test_no_file_is_a_drawer_for_what_has_no_home():
    drawers = {"utils", "base", "manager", "helper", "helpers", "service", "common", "misc"}
    assert [_place(p) for p in _files() if p.stem in drawers] == []


def test_only_entry_points_read_the_environment():
    """``CorpusSettings.from_environment`` has the environment as its default; entry points call it."""
    allowed = {"settings.py", "__main__.py", "app.py", "testing.py"}
    wrong = [
        f"{_place(path)}:{node.lineno} reads the environment"
        for path in _program()
        if path.name not in allowed
        for node in _nodes(path)
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "environb"}
    ]
    assert wrong == []


def test_library_code_never_prints():
    wrong = [
        f"{_place(path)}:{node.lineno} prints"
        for path in _program()
        if path.name not in {"__main__.py", "app.py"}
        for node in _nodes(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert wrong == []


def test_every_import_is_a_library_we_declare():
    declared = (ROOT / "pyproject.toml").read_text(encoding="utf-8").lower().replace("-", "_")
    installed_as = {
        "pdfminer": "pdfminer.six",
        "cv2": "opencv_python_headless",
        "PIL": "pillow",
        "docx": "python_docx",
        "bs4": "beautifulsoup4",
        "faiss": "faiss_cpu",
        "pptx": "python_pptx",
        "argon2": "argon2_cffi",
    }
    # model2vec's own dependencies, and gradio's
    with_another = {
        "safetensors",
        "tokenizers",
        "fastapi",
        "starlette",
        "pydantic",
        "pydantic_core",
        "uvicorn",
        "jinja2",
    }
    wrong = []
    for path in _program():
        for module, line in _imports(path):
            name = module.split(".")[0]
            if name in sys.stdlib_module_names or name in ROOMS or name in with_another:
                continue
            if f'"{installed_as.get(name, name).lower()}>' not in declared:
                wrong.append(f"{_place(path)}:{line} imports {module}")
    assert wrong == []
