# Every target works from a bare clone: the first one that needs Python installs it into .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help run test lint audit bench clean

help: ## 列出可用的命令
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/'

run: $(VENV)/.run ## 安装并启动（浏览器打开 http://127.0.0.1:7860）
	$(BIN)/python app.py $(ARGS)

test: $(VENV)/.dev lint ## 安装并运行全部测试
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(ARGS)

lint: $(VENV)/.dev ## 代码检查：ruff 与 mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

audit: $(VENV)/.dev ## 依赖检查：钉住的每个版本有没有已公布的漏洞（需要联网）
	$(BIN)/pip-audit --strict --no-deps --disable-pip --requirement constraints.txt $(ARGS)

bench: $(VENV)/.dev ## 计时：建库、冷启动与问答；ARGS="--data 数据文件夹" 时与 LangChain 的现成做法并排测
	$(BIN)/python -m eval bench $(ARGS)

clean: ## 删除虚拟环境与缓存（不动文档库）
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .hypothesis

$(VENV)/.run: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	@echo "正在安装依赖，第一次需要几分钟……"
	$(PIP) .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	$(PIP) '.[dev,openai]'
	@touch $@
