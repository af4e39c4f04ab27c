// The table of the corpus. Runs once in its HTML component (gradio's js_on_load) with `element` in
// scope; grid_files.js follows in the same scope: opening, choosing and acting on files.
// Only the rows that can be seen are in the page. Whatever comes from a document is set as text.
const desk = element.querySelector('#table-desk');
const part = (name) => desk.querySelector(`[data-part="${name}"]`);
const [grid, head, body, search, found, chips] = ['grid', 'head', 'body', 'search', 'found', 'chips'].map(part);
const columns = JSON.parse(desk.dataset.columns);
const phone = matchMedia('(max-width: 720px)');
const BLOCK = 100; // rows of one request
const SPARE = 6; // rows drawn above and below those that can be seen
const TYPING_MS = 80;
const WIDTHS = 'unionqa.table.widths';
const NOTHING = '（空）'; // in addresses too

function make(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in made) made[name] = value; else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}
const number = (n) => Number(n).toLocaleString('zh-CN');

// After a pause; what an input method is still composing is nothing yet.
function whenTyped(input, act) {
  let pause = 0;
  const typed = (event) => {
    if (event.isComposing) return;
    clearTimeout(pause);
    pause = setTimeout(() => act(input.value.trim()), TYPING_MS);
  };
  input.addEventListener('input', typed);
  input.addEventListener('compositionend', typed);
}

// -- what is asked for: conditions and order, kept in the address ------------------------------------

const START = '-received_at';
let asked = new URLSearchParams();
const sortedBy = () => {
  const sort = asked.get('sort') || START;
  return { name: sort.replace(/^-/, ''), descending: sort.startsWith('-') };
};
const conditions = () => [...asked].filter(([name]) => name !== 'sort' && name !== 'open');

function readAddress() {
  const [place, query] = location.hash.split('?');
  asked = new URLSearchParams(place === '#table' ? query || '' : '');
  search.value = asked.get('q') || '';
}
function writeAddress() {
  const query = asked.toString();
  history.replaceState(history.state, '', `#table${query ? `?${query}` : ''}`);
}
function ask(change, { keepChosen = false } = {}) {
  change(asked);
  for (const [name, value] of [...asked]) if (!value) asked.delete(name);
  writeAddress();
  if (!keepChosen) chooseNone();
  grid.scrollTop = 0;
  active = { row: 0, column: active.column };
  load();
}
const setOne = (name, value) => ask((query) => (value ? query.set(name, value) : query.delete(name)));
const clearAll = () => { search.value = ''; ask((query) => conditions().forEach(([name]) => query.delete(name))); };
function sortBy(name) {
  const now = sortedBy();
  const descending = now.name === name ? !now.descending : ['received_at', 'published_on', 'effective_on'].includes(name);
  ask((query) => query.set('sort', `${descending ? '-' : ''}${name}`), { keepChosen: true });
}

// -- rows, a block at a time; replies to earlier questions are dropped --------------------------------

let blocks = new Map();
let page = { total: 0, files: 0, held: 0, counts: {}, stamp: '' };
let generation = 0;
let going = new AbortController();
let fetching = new Map();

class Refused extends Error {}
async function receive(address, options = {}) {
  let reply;
  const first = window.firstRows; // asked for by the page's head, see grid_panel.py
  window.firstRows = null;
  try {
    reply = await (first?.address === address ? first.reply : fetch(`holdings/${address}`, options));
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Refused('与服务器的连接中断了。请检查网络后重试。');
  }
  if (reply.ok && !reply.redirected) return reply;
  const told = await reply.json().catch(() => ({}));
  const signIn = reply.redirected || reply.status === 401;
  throw new Refused(told.error || (signIn ? '登录已经结束。请刷新页面，重新登录。' : '服务器没有回应。请稍后重试。'));
}
function post(address, data) {
  return receive(address, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(data),
  });
}
function query(more = {}) {
  const made = new URLSearchParams(conditions());
  made.set('sort', asked.get('sort') || START);
  for (const [name, value] of Object.entries(more)) made.set(name, value);
  return made.toString();
}
function fetchBlock(block, counts) {
  const of = generation;
  const known = fetching.get(block);
  if (known) return known;
  const address = `rows?${query({ offset: block * BLOCK, limit: BLOCK, counts: counts ? 1 : 0 })}`;
  const reply = receive(address, { signal: going.signal }).then((r) => r.json()).then((got) => {
    if (of !== generation) return;
    if (!counts && got.stamp !== page.stamp) { load({ stay: true }); return; }
    if (counts) { page = got; blocks = new Map(); }
    blocks.set(block, got.rows);
    if (blocks.size > 200) blocks.delete(blocks.keys().next().value);
  }).finally(() => { if (of === generation) fetching.delete(block); });
  fetching.set(block, reply);
  return reply;
}
// Old rows stay until the new ones are there.
async function load({ stay = false } = {}) {
  generation += 1;
  const of = generation;
  going.abort();
  going = new AbortController();
  fetching = new Map();
  desk.classList.add('waiting');
  try {
    await fetchBlock(stay ? Math.floor(firstSeen() / BLOCK) : 0, true);
    if (of !== generation) return;
    if (page.total && stay && !rowAt(Math.min(firstSeen(), page.total - 1))) { load(); return; }
    settle('');
  } catch (error) {
    if (of === generation && error.name !== 'AbortError') settle(error instanceof Refused ? error.message : '页面出错了。请刷新后再试。');
  }
}
function settle(problem) {
  desk.classList.remove('waiting');
  desk.classList.add('loaded');
  part('problem').hidden = !problem;
  part('problem-words').textContent = problem;
  part('empty').hidden = Boolean(problem || page.total);
  part('empty-words').textContent = page.held
    ? '没有符合这些条件的文章。可以减少条件，或换一个说法查找。'
    : '资料库还是空的。先到“添加与预览”加入文件，读完并发布之后就会出现在这里。';
  part('empty-clear').hidden = !page.held;
  part('empty-add').hidden = Boolean(page.held);
  const all = conditions().length ? `，全部共 ${number(page.held)} 篇` : '';
  if (!problem) found.textContent = `${number(page.total)} 篇，来自 ${number(page.files)} 份文件${all}`;
  body.style.height = `${Math.max(page.total, 1) * rowHeight()}px`;
  grid.setAttribute('aria-rowcount', page.total + 1);
  drawHead();
  drawChips();
  fit();
  draw();
}
// The table ends where the window does, whatever stands above it.
function fit() {
  const above = grid.getBoundingClientRect().top + document.documentElement.scrollTop;
  if (above > 0) desk.style.setProperty('--above', `${Math.round(above)}px`);
}
const rowAt = (at) => blocks.get(Math.floor(at / BLOCK))?.[at % BLOCK];
async function rowsBetween(from, to) {
  const [first, last] = from < to ? [from, to] : [to, from];
  const rows = [];
  for (let at = first; at <= last; at += 1) {
    if (!rowAt(at)) await fetchBlock(Math.floor(at / BLOCK), false);
    if (rowAt(at)) rows.push(rowAt(at));
  }
  return rows;
}

// -- drawing -----------------------------------------------------------------------------------------

const rowHeight = () => (phone.matches ? 112 : 36);
const firstSeen = () => Math.max(0, Math.floor(grid.scrollTop / rowHeight()));
const rowsSeen = () => Math.ceil((grid.clientHeight - head.offsetHeight) / rowHeight());
let drawn = new Map(); // row number → its element
let active = { row: 0, column: 1 };
let frame = 0;
let pausing = 0;

function draw() {
  frame = 0;
  const from = Math.max(0, firstSeen() - SPARE);
  const to = Math.min(page.total, firstSeen() + rowsSeen() + SPARE);
  const free = [];
  for (const [at, row] of drawn) if (at < from || at >= to) { free.push(row); drawn.delete(at); }
  for (let at = from; at < to; at += 1) {
    const row = drawn.get(at) || free.pop() || newRow();
    drawn.set(at, row);
    fill(row, at);
  }
  for (const row of free) row.remove();
  drawActive();
  // A scroll that flies past asks for nothing on its way.
  clearTimeout(pausing);
  pausing = setTimeout(fetchMissing, 40);
}
function fetchMissing() {
  const of = generation;
  for (let block = Math.floor(firstSeen() / BLOCK); block * BLOCK < Math.min(page.total, firstSeen() + rowsSeen()); block += 1) {
    if (blocks.has(block)) continue;
    fetchBlock(block, false).then(() => { if (of === generation) redraw(); }, (error) => {
      if (of === generation && error.name !== 'AbortError') settle(error instanceof Refused ? error.message : '');
    });
  }
}
const redraw = () => { frame ||= requestAnimationFrame(draw); };

function newRow() {
  const row = make('div', { role: 'row', className: 'line row' });
  const box = make('span', { role: 'gridcell', className: 'cell box', 'aria-colindex': 1 }, make('i', { className: 'tick' }));
  row.append(box, ...columns.map((column, at) => make('span', {
    role: 'gridcell', className: `cell of-${column.name}`, 'aria-colindex': at + 2,
  })));
  body.append(row);
  return row;
}
function fill(row, at) {
  const held = rowAt(at);
  if (row.at !== at) {
    row.at = at;
    row.id = `table-row-${at}`;
    row.style.transform = `translateY(${at * rowHeight()}px)`;
    row.setAttribute('aria-rowindex', at + 2);
    [...row.children].forEach((cell, n) => { cell.id = `table-cell-${at}-${n}`; });
  }
  const chosen = Boolean(held && isChosen(held.id));
  if (row.chosen !== chosen) { row.chosen = chosen; row.setAttribute('aria-selected', chosen); }
  if (row.held === held && held) return;
  row.held = held;
  row.classList.toggle('coming', !held);
  row.classList.toggle('gone', held?.state === '已撤下');
  columns.forEach((column, n) => fillCell(row.children[n + 1], column.name, held));
}
function fillCell(cell, name, held) {
  const text = held ? worded(name, held) : '';
  if (cell.words === text && cell.firstChild) return;
  cell.words = text;
  cell.classList.toggle('usual', name === 'trust' && text === '可信');
  if (BADGES[name]?.[text]) cell.replaceChildren(make('b', { className: `badge ${BADGES[name][text]}`, textContent: text }));
  else cell.textContent = text;
  cell.title = name === 'title' || name === 'name' ? text : '';
}
const BADGES = {
  status: { 现行: 'good', 已修改: 'warn', 已废止: 'bad', 尚未施行: 'link' },
  state: { 已撤下: 'bad' },
  trust: { 可信: 'good', 存疑: 'warn', 差: 'bad' },
};
function worded(name, held) {
  const value = held[name];
  if (name === 'title') return value || '（没有标题）';
  if (name === 'received_at') return value.slice(0, 16).replace('T', ' ');
  if (name === 'warnings') return value ? `${value} 条` : '';
  return String(value);
}

// -- the head: names, order, widths, filters ----------------------------------------------------------

const titles = part('titles');
const filters = part('filters');
let widths = {};
try { widths = JSON.parse(localStorage.getItem(WIDTHS)) || {}; } catch { /* kept by nobody: the usual widths */ }

function buildHead() {
  const box = make('span', { role: 'columnheader', className: 'cell box', id: 'table-head-0', 'aria-colindex': 1, title: '选择全部' },
    make('i', { className: 'tick' }), make('span', { className: 'sr', textContent: '选择' }));
  box.onclick = () => (allChosen() ? chooseNone() : chooseAll());
  titles.append(box);
  filters.append(make('span', { role: 'gridcell', className: 'cell box' }));
  columns.forEach((column, at) => {
    const title = make('span', { role: 'columnheader', className: 'cell', id: `table-head-${at + 1}`, 'aria-colindex': at + 2 },
      make('span', { textContent: column.heading }), make('i', { className: 'arrow', ariaHidden: 'true' }));
    title.onclick = () => sortBy(column.name);
    const grip = make('i', { className: 'grip', title: '拖动调整宽度，双击还原' });
    grip.onpointerdown = (event) => dragWidth(event, column.name);
    grip.onclick = (event) => event.stopPropagation();
    grip.ondblclick = () => setWidth(column.name, 0);
    title.append(grip);
    titles.append(title);
    const cell = make('span', { role: 'gridcell', className: 'cell', 'data-heading': column.heading });
    const control = filterControl(column);
    if (control) cell.append(control);
    filters.append(cell);
  });
  part('sort').append(...columns.flatMap((column) => ['', '-'].map((sign) => make('option', {
    value: sign + column.name, textContent: `${column.heading} ${sign ? '↓' : '↑'}`,
  }))));
  grid.setAttribute('aria-colcount', columns.length + 1);
  applyWidths();
}
function drawHead() {
  const { name, descending } = sortedBy();
  columns.forEach((column, at) => {
    const title = titles.children[at + 1];
    title.setAttribute('aria-sort', column.name !== name ? 'none' : descending ? 'descending' : 'ascending');
    const control = filters.children[at + 1].firstElementChild;
    if (control instanceof HTMLInputElement) {
      if (document.activeElement !== control) control.value = asked.get(`has.${column.name}`) || '';
    } else if (control) {
      const told = toldFilter(column);
      control.textContent = told || '全部';
      control.classList.toggle('on', Boolean(told));
    }
  });
  part('sort').value = `${descending ? '-' : ''}${name}`;
  const on = conditions().filter(([given]) => given !== 'q').length;
  part('filtering').textContent = on ? `筛选（${on}）` : '筛选';
}
function setWidth(name, width) {
  if (width) widths[name] = Math.min(900, Math.max(48, Math.round(width))); else delete widths[name];
  try { localStorage.setItem(WIDTHS, JSON.stringify(widths)); } catch { /* for this visit only */ }
  applyWidths();
}
function applyWidths() {
  const each = columns.map((column) => widths[column.name] || column.width);
  desk.style.setProperty('--columns', `40px ${each.map((width) => `${width}px`).join(' ')}`);
  desk.style.setProperty('--whole', `${40 + each.reduce((sum, width) => sum + width, 0)}px`);
}
function dragWidth(event, name) {
  event.preventDefault();
  event.stopPropagation();
  const grip = event.currentTarget;
  const [start, width] = [event.clientX, grip.parentElement.offsetWidth];
  grip.setPointerCapture(event.pointerId);
  grip.onpointermove = (moved) => setWidth(name, width + moved.clientX - start);
  grip.onlostpointercapture = () => { grip.onpointermove = null; };
}

// A column is filtered by choosing values (each with its count), by a part of its text, or by a span.
const choosing = (column) => (column.name === 'published_on' ? 'year' : column.name);
function filterControl(column) {
  if (column.filter === 'has') {
    const input = make('input', { type: 'search', placeholder: '包含……', ariaLabel: `${column.heading}包含` });
    whenTyped(input, (text) => setOne(`has.${column.name}`, text));
    return input;
  }
  if (column.filter === 'none') return null;
  const button = make('button', { type: 'button', className: 'filter', ariaHasPopup: 'dialog', ariaLabel: `按${column.heading}筛选` });
  button.onclick = () => openFilter(column, button);
  return button;
}
function toldFilter(column) {
  const values = asked.getAll(choosing(column));
  const [low, high] = ['from', 'to'].map((end) => asked.get(`${end}.${column.name}`) || '');
  if (low || high) values.push(low === high ? low : low && high ? `${low} 至 ${high}` : low ? `${low} 起` : `至 ${high}`);
  return values.join('、');
}

function openFilter(column, button) {
  closeFilter();
  const box = make('div', { className: 'choices', role: 'dialog', ariaLabel: `按${column.heading}筛选` });
  if (column.filter === 'chosen') box.append(...choices(column));
  if (column.filter === 'span' || column.name === 'published_on') box.append(span(column));
  const clear = make('button', { type: 'button', textContent: '清除' });
  clear.onclick = () => { closeFilter(); ask((query) => [choosing(column), `from.${column.name}`, `to.${column.name}`].forEach((name) => query.delete(name))); button.focus(); };
  const close = make('button', { type: 'button', textContent: '关闭' });
  close.onclick = () => { closeFilter(); button.focus(); };
  box.append(make('footer', {}, clear, close));
  box.onkeydown = (event) => { if (event.key === 'Escape') { event.stopPropagation(); close.click(); } };
  box.onfocusout = (event) => { if (event.relatedTarget && !box.contains(event.relatedTarget)) closeFilter(); };
  const [place, around] = [button.getBoundingClientRect(), desk.getBoundingClientRect()];
  box.style.left = `${Math.max(0, Math.min(place.left - around.left, around.width - 268))}px`;
  box.style.top = `${place.bottom - around.top + 2}px`;
  desk.append(box);
  (box.querySelector('input') || clear).focus();
}
const closeFilter = () => desk.querySelector('.choices')?.remove();
document.addEventListener('pointerdown', (event) => { if (!event.target.closest?.('.choices')) closeFilter(); });

function choices(column) {
  const name = choosing(column);
  const chosen = new Set(asked.getAll(name));
  const counted = new Map((page.counts[name] || []).map(([value, count]) => [value || NOTHING, count]));
  for (const value of chosen) if (!counted.has(value)) counted.set(value, 0);
  const list = make('ul', {}, ...[...counted].map(([value, count]) => {
    const box = make('input', { type: 'checkbox', checked: chosen.has(value) });
    box.onchange = () => {
      if (box.checked) chosen.add(value); else chosen.delete(value);
      ask((query) => { query.delete(name); for (const one of chosen) query.append(name, one); });
    };
    return make('li', {}, make('label', {}, box, make('span', { textContent: value }), make('small', { textContent: number(count) })));
  }));
  if (counted.size < 12) return [list];
  const look = make('input', { type: 'search', placeholder: '在列表中查找', ariaLabel: '在列表中查找' });
  look.oninput = () => {
    for (const item of list.children) item.hidden = !item.textContent.includes(look.value.trim());
  };
  return [look, list];
}
function span(column) {
  const dated = column.name.endsWith('_on') || column.name.endsWith('_at');
  const fields = ['from', 'to'].map((end) => {
    const input = make('input', { type: 'text', inputMode: 'numeric', value: asked.get(`${end}.${column.name}`) || '', placeholder: dated ? '2024-05-01' : '数字' });
    input.onchange = () => setOne(`${end}.${column.name}`, input.value.trim());
    return make('label', {}, make('span', { textContent: end === 'from' ? '从' : '到' }), input);
  });
  return make('div', { className: 'span' }, ...fields);
}

function drawChips() {
  const told = [];
  const seen = new Set();
  for (const [name, value] of conditions()) {
    if (name === 'q' || seen.has(name)) continue;
    seen.add(name);
    const [how, field] = name.includes('.') ? name.split('.') : ['', name];
    const column = columns.find((one) => one.name === field || choosing(one) === field);
    const words = how === 'has' ? `包含“${value}”` : how === 'from' ? `从 ${value}` : how === 'to' ? `到 ${value}`
      : asked.getAll(name).join('、');
    const chip = make('button', { type: 'button', title: '去掉这个条件' }, make('span', { textContent: `${column?.heading || field}：${words}` }), ' ×');
    chip.onclick = () => { ask((query) => query.delete(name)); };
    told.push(chip);
  }
  if (told.length || asked.get('q')) {
    const all = make('button', { type: 'button', className: 'quiet', textContent: '清除全部条件' });
    all.onclick = clearAll;
    told.push(all);
  }
  chips.replaceChildren(...told);
}

// -- the keyboard: the grid has the focus and names the active cell ------------------------------------

function drawActive() {
  for (const old of desk.querySelectorAll('.active')) old.classList.remove('active');
  const id = active.row < 0 ? `table-head-${active.column}` : `table-cell-${active.row}-${active.column}`;
  const cell = desk.querySelector(`#${id}`);
  if (!cell) { grid.removeAttribute('aria-activedescendant'); return; }
  grid.setAttribute('aria-activedescendant', id);
  cell.classList.add('active');
  cell.parentElement.classList.add('active');
}
function go(row, column) {
  active = { row: Math.min(page.total - 1, Math.max(-1, row)), column: Math.min(columns.length, Math.max(0, column)) };
  if (active.row >= 0) {
    const [top, height] = [active.row * rowHeight(), grid.clientHeight - head.offsetHeight];
    if (top < grid.scrollTop) grid.scrollTop = top;
    else if (top + rowHeight() > grid.scrollTop + height) grid.scrollTop = top + rowHeight() - height;
  }
  if (!phone.matches) showColumn(titles.children[active.column]);
  draw();
}
function showColumn(title) {
  if (active.column < 2) return; // stay in sight
  const [left, kept] = [title.offsetLeft, titles.children[0].offsetWidth + titles.children[1].offsetWidth];
  if (left < grid.scrollLeft + kept) grid.scrollLeft = left - kept;
  else if (left + title.offsetWidth > grid.scrollLeft + grid.clientWidth) grid.scrollLeft = left + title.offsetWidth - grid.clientWidth;
}
function onKey(event) {
  if (event.target !== grid) return;
  const { row, column } = active;
  const control = event.ctrlKey || event.metaKey;
  const name = columns[column - 1]?.name;
  const moves = {
    ArrowDown: [row + 1, column], ArrowUp: [row - 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
    PageDown: [row + rowsSeen() - 1, column], PageUp: [Math.max(0, row - rowsSeen() + 1), column],
    Home: [control ? 0 : row, 0], End: [control ? page.total - 1 : row, columns.length],
  };
  if (control && event.key.toLowerCase() === 'a') chooseAll();
  else if (event.altKey && row < 0 && name && event.key in { ArrowLeft: 1, ArrowRight: 1 }) {
    setWidth(name, titles.children[column].offsetWidth + (event.key === 'ArrowLeft' ? -20 : 20));
  } else if (moves[event.key] && !event.altKey) {
    go(...moves[event.key]);
    if (event.shiftKey && active.row >= 0 && active.row !== row) chooseTo(active.row, row);
  } else if (event.key === ' ') {
    if (row < 0) { if (allChosen()) chooseNone(); else chooseAll(); } else if (event.shiftKey) chooseTo(row); else toggle(row);
  } else if (event.key === 'Enter') {
    if (row >= 0) openRow(row); else if (name) sortBy(name);
  } else if (event.key === 'Escape' && chosenCount()) chooseNone();
  else return;
  event.preventDefault();
}
