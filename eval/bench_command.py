"""``python -m eval bench --data DIR``: this program and LangChain's stock pipeline, size by size."""

import argparse
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from corpus.errors import UserError
from eval import bench_plot, bench_scale


def options(one: argparse.ArgumentParser) -> None:
    """What can be chosen."""
    one.add_argument("--data", type=Path, help="测试数据的文件夹：与 LangChain 现成流程并排，按规模计时")
    one.add_argument("--sizes", default=",".join(map(str, bench_scale.SIZES)), help="段数，用逗号隔开")
    one.add_argument(
        "--stock", action=argparse.BooleanOptionalAction, default=True, help="要不要跑 LangChain"
    )
    one.add_argument("--stock-up-to", type=int, default=bench_scale.STOCK, help="LangChain 跑到多少段为止")
    one.add_argument("--parts", default="query,change", help="建好之后测什么：query（提问）、change（增删）")
    one.add_argument("--work", type=Path, help="留下建好的库和结果的文件夹；再跑时接着用")
    one.add_argument("--plot", type=Path, help="把增长曲线画成 SVG")


def beside(chosen: argparse.Namespace, progress: Callable[[str], None]) -> list[str]:
    """Measure, draw, and tell: the lines to print."""
    if not re.fullmatch(r"\d+(,\d+)*", chosen.sizes):
        raise UserError(f"看不懂 --sizes {chosen.sizes}。", "请写段数，用逗号隔开，例如 10000,60384。")
    with tempfile.TemporaryDirectory() as folder:
        runs = bench_scale.scale(
            chosen.data,
            chosen.work or Path(folder),
            sorted(map(int, chosen.sizes.split(","))),
            chosen.stock_up_to if chosen.stock else 0,
            chosen.parts.split(","),
            progress,
        )
    told = bench_scale.table(runs)
    if chosen.plot:
        chosen.plot.write_text(bench_plot.growth(runs), encoding="utf-8")
        told.append(f"增长曲线：{chosen.plot}")
    return told
