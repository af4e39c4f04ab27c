// The second half of grid.js, in its scope: choosing rows, opening a file, acting on files.

// -- choosing: single rows, or all that the conditions let pass but some ------------------------------

let chosen = { all: false, ids: new Set(), anchor: 0 };
const isChosen = (id) => chosen.all !== chosen.ids.has(id);
const chosenCount = () => (chosen.all ? page.total - chosen.ids.size : chosen.ids.size);
const allChosen = () => page.total > 0 && chosenCount() === page.total;
const MOST_IN_A_SPAN = 5000;

function chooseNone() { chosen = { all: false, ids: new Set(), anchor: chosen.anchor }; drawChosen(); }
function chooseAll() { chosen = { all: true, ids: new Set(), anchor: chosen.anchor }; drawChosen(); }
function toggle(at) {
  const held = rowAt(at);
  if (!held) return;
  if (chosen.ids.has(held.id)) chosen.ids.delete(held.id); else chosen.ids.add(held.id);
  chosen.anchor = at;
  drawChosen();
}
async function chooseTo(at, from = chosen.anchor) {
  if (Math.abs(at - chosen.anchor) > MOST_IN_A_SPAN) { tell(`一次最多连选 ${number(MOST_IN_A_SPAN)} 行；要选更多，请先筛选，再选择全部。`, true); return; }
  if (!chosenCount()) chosen.anchor = from;
  const of = generation;
  const rows = await rowsBetween(chosen.anchor, at).catch(() => []);
  if (of !== generation) return;
  for (const { id } of rows) if (chosen.all) chosen.ids.delete(id); else chosen.ids.add(id);
  drawChosen();
}
function drawChosen() {
  const count = chosenCount();
  part('chosen').hidden = !count;
  part('all').hidden = allChosen();
  part('all').textContent = `选择全部 ${number(page.total)} 行`;
  part('chosen-words').textContent = chosen.all && count === page.total ? `已选全部 ${number(count)} 行` : `已选 ${number(count)} 行`;
  const box = titles.children[0];
  fit();
  box?.setAttribute('aria-checked', !count ? 'false' : allChosen() ? 'true' : 'mixed');
  redraw();
}
function chosenBody() {
  return chosen.all ? { query: query(), except: [...chosen.ids], expected: chosenCount() } : { ids: [...chosen.ids] };
}

// -- saying what happened -----------------------------------------------------------------------------

let fading = 0;
function tell(words, wrong = false) {
  const notice = part('notice');
  notice.textContent = words;
  notice.classList.toggle('wrong', wrong);
  notice.hidden = false;
  clearTimeout(fading);
  if (!wrong) fading = setTimeout(() => { notice.hidden = true; }, 8000);
}
const failed = (error) => { if (error.name !== 'AbortError') tell(error instanceof Refused ? error.message : '页面出错了。请刷新后再试。', true); };
part('notice').onclick = () => { part('notice').hidden = true; };

// -- acting: what it would touch is shown first, then it is done ---------------------------------------

const CONFIRMATION = desk.dataset.confirmation;
const ACTS = {
  withdraw: { name: '撤下', done: '已撤下', which: 'live',
    words: '撤下之后立即不再用于回答，文件和内容都保留，随时可以恢复。' },
  restore: { name: '恢复', done: '已恢复', which: 'withdrawn', words: '恢复之后可以重新查到，也会用于回答。' },
  delete: { name: '彻底删除', done: '已彻底删除', which: 'files',
    words: '文件、原件和所有旧版本都会删除，不能恢复。如果只是不想再用，请改为撤下。' },
};
const dialog = part('dialog');

async function act(kind, body) {
  try {
    const found = await (await post('choice', { ...body, resting: kind !== 'restore' })).json();
    const { name, which, words } = ACTS[kind];
    const count = which === 'files' ? found.files.length : found[which];
    if (!count) { tell(kind === 'restore' ? '所选的文件都在使用中，不需要恢复。' : '所选的文件都已经撤下。', true); return; }
    confirmAct(kind, { ...body, expected: found.rows }, found, count, name, words);
  } catch (error) { failed(error); }
}
function confirmAct(kind, body, found, count, name, words) {
  const input = make('input', { type: 'text', autocomplete: 'off', maxLength: 200 });
  const label = kind === 'withdraw' ? '原因（可不填，记入操作记录）' : `请输入“${CONFIRMATION}”`;
  const yes = make('button', { type: 'submit', className: kind === 'restore' ? 'main' : 'main danger', textContent: `${name} ${number(count)} 份文件` });
  const passed = found.files.length - count;
  const names = found.names.map((one) => make('li', { textContent: one }));
  if (found.files.length > names.length) names.push(make('li', { textContent: `……共 ${number(found.files.length)} 份` }));
  const form = make('form', { method: 'dialog' },
    make('h3', { textContent: `${name} ${number(count)} 份文件，共 ${number(found.articles)} 篇文章` }),
    make('ul', {}, ...names),
    make('p', { textContent: words + (passed ? `其中 ${number(passed)} 份${kind === 'restore' ? '本来就在使用' : '已经撤下'}，不受影响。` : '') }),
    ...(found.cases ? [make('p', { className: 'warned', textContent: `有 ${number(found.cases)} 道考题以这些文件为依据，之后会答不出：` }),
      make('ul', { className: 'warned' }, ...found.resting.map((one) => make('li', { textContent: one })))] : []),
    ...(kind === 'restore' ? [] : [make('label', {}, make('span', { textContent: label }), input)]),
    make('p', { className: 'progress', role: 'status' }),
    make('footer', {}, closing('取消'), yes));
  if (kind === 'delete') { yes.disabled = true; input.oninput = () => { yes.disabled = input.value.trim() !== CONFIRMATION; }; }
  form.onsubmit = (event) => { event.preventDefault(); carryOut(kind, body, input.value.trim(), form, yes); };
  show(form);
}
async function carryOut(kind, body, typed, form, yes) {
  yes.disabled = true;
  const progress = form.querySelector('.progress');
  progress.textContent = '正在处理……';
  try {
    const sent = { ...body, do: kind, note: kind === 'withdraw' ? typed : '', confirm: kind === 'delete' ? typed : '' };
    const last = await steps(await post('act', sent), ({ done, total }) => { progress.textContent = `正在处理：${number(done)} / ${number(total)}`; });
    if (last.error) throw new Refused(last.error);
    dialog.close();
    chooseNone();
    tell(`${ACTS[kind].done} ${number(last.done)} 份文件。`);
  } catch (error) {
    progress.textContent = '';
    yes.disabled = false;
    dialog.close();
    failed(error);
  }
  load({ stay: true });
}
async function steps(reply, told) {
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  let [held, last] = ['', {}];
  for (;;) {
    const { value, done } = await reader.read();
    const lines = (held + (value || '')).split('\n');
    held = lines.pop();
    for (const line of lines.filter(Boolean)) { last = JSON.parse(line); told(last); }
    if (done) break;
  }
  if (!last.finished && !last.error) throw new Refused('连接中断了，可能只完成了一部分。请看资料表里的状态。');
  return last;
}
function closing(words) {
  const button = make('button', { type: 'button', textContent: words });
  button.onclick = () => dialog.close();
  return button;
}
function show(content, aside = false) {
  dialog.classList.toggle('aside', aside);
  dialog.replaceChildren(content);
  if (!dialog.open) dialog.showModal();
}
dialog.onclose = () => { asked.delete('open'); if (location.hash.startsWith('#table')) writeAddress(); grid.focus({ preventScroll: true }); };
dialog.onclick = (event) => { if (event.target === dialog) dialog.close(); };

async function download(body) {
  try {
    const found = await (await post('choice', body)).json();
    if (found.files.length === 1) { save(`holdings/files/${found.files[0]}/original`); return; }
    tell(`正在准备 ${number(found.files.length)} 份原件……`);
    const packed = await (await post('originals', { ...body, expected: found.rows })).blob();
    const address = URL.createObjectURL(packed);
    save(address, '原件.zip');
    setTimeout(() => URL.revokeObjectURL(address), 60000);
    tell(`已经打包 ${number(found.files.length)} 份原件。`);
  } catch (error) { failed(error); }
}
function save(address, name = '') {
  const link = make('a', { href: address, download: name });
  desk.append(link);
  link.click();
  link.remove();
}
function correct(source) {
  dialog.close();
  openTab('添加与预览', `#correct=${source}`);
}
async function correctChosen() {
  try {
    const found = await (await post('choice', chosenBody())).json();
    if (found.files.length === 1) correct(found.files[0]);
    else tell('一次只能更正一份文件。请只选一份文件的文章。', true);
  } catch (error) { failed(error); }
}
// The page's tabs are gradio's: one is opened by its button, what it shows at first stands in the address.
function openTab(name, hash) {
  if (hash) { history.pushState(history.state, '', hash); dispatchEvent(new HashChangeEvent('hashchange')); }
  const tab = [...document.querySelectorAll('#desk [role=tab]')].find((one) => one.textContent.trim() === name);
  if (tab?.getAttribute('aria-selected') !== 'true') tab?.click();
}

// -- one file, opened -----------------------------------------------------------------------------------

async function openRow(at) {
  const held = rowAt(at);
  if (held) openFile(held.source_id, held.id);
}
async function openFile(source, article = '') {
  asked.set('open', article || source);
  writeAddress();
  show(make('p', { className: 'progress', role: 'status', textContent: '正在读取……' }), true);
  try {
    const file = await (await receive(`files/${source}`)).json();
    if (dialog.open) show(fileView(file, article), true);
  } catch (error) { dialog.close(); failed(error); }
}
function fileView(file, article) {
  const live = file.state === '已发布';
  const size = file.bytes < 2 ** 20 ? `${Math.ceil(file.bytes / 1024)} KB` : `${(file.bytes / 2 ** 20).toFixed(1)} MB`;
  const got = `${file.received_at.slice(0, 16).replace('T', ' ')} 收到${file.received_by ? `，${file.received_by}` : ''}`;
  const doing = (words, does, kind = '') => Object.assign(make('button', { type: 'button', className: kind, textContent: words }), { onclick: does });
  const mine = { ids: file.articles.map((one) => one.id).concat(file.articles.length ? [] : [`${file.id}/0`]) };
  const acts = [
    doing('下载原件', () => save(`holdings/files/${file.id}/original`)),
    ...(live ? [doing('更正', () => correct(file.id)), doing('撤下', () => act('withdraw', mine))] : [doing('恢复', () => act('restore', mine))]),
    doing(file.versions ? `版本（${file.versions} 个旧版）` : '版本', () => { dialog.close(); openTab('版本与撤下', `#version=${file.id}`); }),
    doing('彻底删除', () => act('delete', mine), 'danger'),
  ];
  const gone = live ? [] : [make('p', { className: 'warned', textContent: `${file.withdrawn_at.slice(0, 16).replace('T', ' ')} 撤下${file.withdrawn_by ? `，${file.withdrawn_by}` : ''}${file.note ? `：${file.note}` : ''}` })];
  return make('article', {},
    make('header', {}, make('h3', { textContent: file.name }), closing('关闭')),
    make('p', { className: 'facts', textContent: [file.state, `${file.articles.length} 篇`, `${file.pages} 页`, size, got].join(' · ') }),
    ...gone,
    make('div', { className: 'acts' }, ...acts),
    ...(file.warnings.length ? [make('h4', { textContent: '读取时的提醒' }), make('ul', { className: 'warned' }, ...file.warnings.map((one) => make('li', { textContent: one })))] : []),
    make('h4', { textContent: '其中的文章' }),
    make('ol', {}, ...file.articles.map((one) => articleItem(one, one.id === article))));
}
function articleItem(one, here) {
  const facts = [one.kind, one.issuer, one.number, one.published_on && `${one.published_on} 发布`, one.effective_on && `${one.effective_on} 施行`,
    one.expires_on && `有效至 ${one.expires_on}`, one.region, `第 ${one.pages.join('、')} 页`, `${number(one.passages)} 段`];
  const notes = [...one.notes, one.trust === '可信' ? '' : `文字${one.trust}${one.quality_reason ? `：${one.quality_reason}` : ''}`];
  const badge = one.status === '未知' ? [] : [make('b', { className: `badge ${BADGES.status[one.status] || ''}`, textContent: one.status })];
  const item = make('li', { className: here ? 'here' : '' }, make('strong', { textContent: one.title || '（没有标题）' }), ' ', ...badge,
    make('small', { textContent: facts.filter(Boolean).join(' · ') }));
  item.append(...notes.filter(Boolean).map((note) => make('small', { className: 'warned', textContent: note })));
  return item;
}

// -- all together ---------------------------------------------------------------------------------------

whenTyped(search, (text) => setOne('q', text));
search.onkeydown = (event) => { if (event.key === 'ArrowDown' || event.key === 'Enter') { event.preventDefault(); grid.focus(); } };
grid.addEventListener('scroll', redraw, { passive: true });
grid.addEventListener('keydown', onKey);
body.addEventListener('click', (event) => {
  const row = event.target.closest('.row');
  if (!row || String(getSelection())) return;
  const column = [...row.children].indexOf(event.target.closest('.cell'));
  active = { row: row.at, column: Math.max(0, column) };
  if (event.shiftKey) chooseTo(row.at);
  else if (column === 0 || event.ctrlKey || event.metaKey) toggle(row.at);
  else openRow(row.at);
  drawActive();
});
body.addEventListener('mousedown', (event) => { if (event.shiftKey) event.preventDefault(); });
for (const button of desk.querySelectorAll('[data-act]')) button.onclick = () => act(button.dataset.act, chosenBody());
part('download').onclick = () => download(chosenBody());
part('correct').onclick = correctChosen;
part('all').onclick = chooseAll;
part('none').onclick = () => { chooseNone(); grid.focus(); };
part('export').onclick = () => save(`holdings/export.csv?${query()}`);
part('again').onclick = () => load();
part('empty-clear').onclick = clearAll;
part('empty-add').onclick = () => openTab('添加与预览');
part('sort').onchange = () => ask((query) => query.set('sort', part('sort').value), { keepChosen: true });
part('filtering').onclick = () => { part('filtering').setAttribute('aria-expanded', desk.classList.toggle('filtering')); draw(); };
phone.addEventListener('change', () => { for (const row of drawn.values()) row.at = -1; settle(''); });
new ResizeObserver(redraw).observe(grid);
addEventListener('hashchange', () => { if (location.hash.startsWith('#table') && desk.isConnected) { readAddress(); load(); } });
// What others did meanwhile is there when one comes back to the table.
let seen = true;
new IntersectionObserver(([entry]) => {
  if (entry.isIntersecting && !seen) { writeAddress(); load({ stay: true }); }
  seen = entry.isIntersecting;
}).observe(desk);

readAddress();
buildHead();
const opened = asked.get('open');
load().then(() => { if (opened) openFile(opened.split('/')[0], opened); });
