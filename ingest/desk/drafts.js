// The tab 添加与预览. Runs once in its HTML component (gradio's js_on_load), with `element` in scope and
// page_view.js before it. What comes from files is only ever put in as text.
const office = { drafts: new Map(), rows: new Map(), chosen: new Set(), open: null, view: null, busy: 0, shown: new Map() };
const SOON = 900;
const SELDOM = 15000;
const AT_ONCE = 3; // uploads
const BUSY = '正在保存……';

function h(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (name in made && typeof value !== 'string') made[name] = value;
    else if (value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ''));
  return made;
}

const $ = (selector) => element.querySelector(selector);
const button = (text, onclick, attributes = {}) => h('button', { type: 'button', onclick, ...attributes }, text);

async function ask(address, body) {
  let reply;
  try {
    reply = await fetch(address, body === undefined ? { credentials: 'same-origin' } : {
      method: 'POST', credentials: 'same-origin', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
    });
  } catch {
    throw new Error('与服务器的连接中断了。请检查网络后重试，已保存的草稿不会丢失。');
  }
  const told = await reply.json().catch(() => null);
  if (reply.ok && told) return told;
  if (reply.status === 401 || reply.redirected) throw new Error('登录已过期。请刷新页面，重新登录。');
  throw new Error(told?.message || told?.detail || '程序没有回应。请稍后重试。');
}

function say(words, bad = false) {
  const line = $('#desk-said');
  line.textContent = words;
  line.classList.toggle('bad', bad);
  line.hidden = !words;
}

// Runs one thing at a time that changes something; what goes wrong is said.
async function doing(work, words = BUSY) {
  if (office.busy) return null;
  office.busy += 1;
  element.classList.add('waiting');
  say(words);
  try {
    const done = await work();
    if ($('#desk-said').textContent === words) say('');
    return done;
  } catch (error) {
    say(error.message, true);
    $('#desk-said').scrollIntoView({ block: 'nearest' });
    return null;
  } finally {
    office.busy -= 1;
    element.classList.remove('waiting');
  }
}

// A button that cannot be undone asks once more, in its own words.
function sure(text, question, onclick, attributes = {}) {
  const one = button(text, () => {
    if (one.dataset.asked) { delete one.dataset.asked; one.textContent = text; onclick(); return; }
    one.dataset.asked = '1';
    one.textContent = question;
    setTimeout(() => { delete one.dataset.asked; one.textContent = text; }, 4000);
  }, attributes);
  return one;
}

// ── adding ───────────────────────────────────────────────────────────────────

function number() {
  return [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function dropped(items) {
  const found = [];
  const walk = async (entry, path) => {
    if (entry.isFile) {
      const file = await new Promise((done, failed) => entry.file(done, failed));
      found.push({ file, path: path + entry.name });
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((done, failed) => reader.readEntries(done, failed));
      if (!some.length) return;
      for (const each of some) await walk(each, `${path}${entry.name}/`);
    }
  };
  const entries = [...items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const alone = entries.length === 1 && entries[0].isDirectory; // its name is no part of its files' names
  for (const entry of entries) await walk(entry, '');
  if (alone) found.forEach((each) => { each.path = each.path.slice(entries[0].name.length + 1); });
  return found;
}

async function send(files) {
  if (!files.length) return;
  const batch = number();
  const direct = $('input[name=desk-how]:checked').value === 'direct';
  const lost = [];
  const waiting = [...files];
  let sent = 0;
  const told = () => say(`正在上传，已完成 ${sent} 个，共 ${files.length} 个`);
  const worker = async () => {
    while (waiting.length) {
      const { file, path } = waiting.shift();
      try {
        const reply = await fetch(`drafts/in/${batch}?path=${encodeURIComponent(path)}`, { method: 'POST', body: file, credentials: 'same-origin',
          headers: { 'Content-Type': 'application/octet-stream' } });
        if (!reply.ok) throw new Error((await reply.json().catch(() => ({}))).message || '没有传上去。');
      } catch (error) {
        lost.push(`${path}：${error instanceof TypeError ? '没有传上去，请重试。' : error.message}`);
      }
      sent += 1;
      told();
    }
  };
  element.classList.add('uploading');
  told();
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  try {
    const done = await ask(`drafts/in/${batch}/done`, { direct });
    const same = done.unchanged.length ? `；${done.unchanged.length} 份与库中或待发布的相同，没有再加（${done.unchanged.slice(0, 3).join('、')}${done.unchanged.length > 3 ? ' 等' : ''}）` : '';
    say([`收到 ${done.added} 份${same}。`, ...lost].join(' '), lost.length > 0);
  } catch (error) {
    say(error.message, true);
  }
  element.classList.remove('uploading');
  look();
}

function adding() {
  const pick = (folder) => {
    const input = h('input', { type: 'file', multiple: true, class: 'sr', tabindex: '-1', 'aria-hidden': 'true' });
    if (folder) input.webkitdirectory = true;
    input.id = folder ? 'desk-folder' : 'desk-files';
    input.addEventListener('change', () => {
      send([...input.files].map((file) => ({ file, path: folder ? file.webkitRelativePath.split('/').slice(1).join('/') : file.name })));
      input.value = '';
    });
    return input;
  };
  const [files, folder] = [pick(false), pick(true)];
  const zone = h('div', { class: 'drop', id: 'desk-drop' },
    h('p', {}, '把文件、文件夹或 ZIP 压缩包拖到这里，或者'),
    h('p', { class: 'buttons' }, button('选择文件', () => files.click(), { class: 'primary' }), button('选择文件夹', () => folder.click())),
    files, folder,
    h('fieldset', {}, h('legend', { class: 'sr' }, '读完之后'),
      h('label', {}, h('input', { type: 'radio', name: 'desk-how', value: 'preview', checked: true }), '先预览再发布'),
      h('label', {}, h('input', { type: 'radio', name: 'desk-how', value: 'direct' }), '直接发布（大批可信的文件）')));
  zone.addEventListener('dragover', (event) => { event.preventDefault(); zone.classList.add('over'); });
  zone.addEventListener('dragleave', () => zone.classList.remove('over'));
  zone.addEventListener('drop', async (event) => {
    event.preventDefault();
    zone.classList.remove('over');
    send(await dropped(event.dataTransfer.items));
  });
  return zone;
}

// ── the list ─────────────────────────────────────────────────────────────────

function spell(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} 秒`;
  return seconds < 3600 ? `${Math.round(seconds / 60)} 分钟` : `${(seconds / 3600).toFixed(1)} 小时`;
}

function size(bytes) {
  return bytes < 1048576 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

function under_way(draft) {
  const at = draft.progress;
  if (!at) return '等待读取';
  if (at.stage === 'queued') return `排队中，约 ${spell(at.left)}后读完`;
  const pages = at.total > 1 ? `第 ${Math.min(at.done + 1, at.total)} 页，共 ${at.total} 页，` : '';
  return `正在读取，${pages}约还需 ${spell(at.left)}`;
}

function flags(draft) {
  const found = [];
  if (draft.corrects) found.push(h('span', { class: 'flag plain' }, '更正现有资料'));
  if (draft.trust && draft.trust !== '可信') found.push(h('span', { class: 'flag' }, `文字${draft.trust}`));
  if (draft.warnings) found.push(h('span', { class: 'flag' }, `提醒 ${draft.warnings}`));
  if (draft.steps) found.push(h('span', { class: 'flag plain' }, `已改 ${draft.steps} 处`));
  return found;
}

function row(draft) {
  const state = { waiting: '读取中', failed: '读不了', ready: draft.direct ? '正在发布' : '待发布' }[draft.state];
  const about = draft.state === 'waiting' ? under_way(draft)
    : draft.state === 'ready' ? `${draft.articles} 篇 · ${draft.pages} 页 · ${size(draft.bytes)}　${draft.titles.join('；')}${draft.articles > draft.titles.length ? ' 等' : ''}`
      : draft.bytes ? size(draft.bytes) : '';
  const buttons = draft.state === 'waiting'
    ? [button('取消', () => act_on(draft, 'cancel'))]
    : draft.state === 'failed'
      ? [draft.retry ? button('重试', () => act_on(draft, 'retry')) : null, sure('移除', '确定移除？', () => act_on(draft, 'remove'))]
      : [button('预览', () => preview(draft.id), { class: 'primary' }), button('发布', () => publish([draft.id])),
        sure('移除', '确定移除？', () => act_on(draft, 'remove'))];
  const box = draft.state === 'ready'
    ? h('input', { type: 'checkbox', 'aria-label': `选中 ${draft.name}`, checked: office.chosen.has(draft.id),
      onchange: (event) => { office.chosen[event.target.checked ? 'add' : 'delete'](draft.id); choice(); } })
    : h('span', {});
  const bar = draft.state === 'waiting' && draft.progress?.total > 1
    ? h('progress', { max: draft.progress.total, value: draft.progress.done, 'aria-label': '读取进度' }) : null;
  return h('li', { class: `draft ${draft.state}`, 'data-id': draft.id }, box,
    h('div', { class: 'what' }, h('b', {}, draft.name), h('span', { class: `state ${draft.state}` }, state), ...flags(draft),
      h('small', {}, about), bar, draft.message ? h('p', { class: 'why' }, draft.message) : null),
    h('div', { class: 'buttons' }, ...buttons));
}

function choice() {
  const ready = [...office.drafts.values()].filter((draft) => draft.state === 'ready' && !draft.direct);
  office.chosen.forEach((id) => { if (!ready.some((draft) => draft.id === id)) office.chosen.delete(id); });
  const some = office.chosen.size;
  $('#desk-bar').hidden = ready.length < 2;
  $('#desk-all').checked = some > 0 && some === ready.length;
  $('#desk-all').indeterminate = some > 0 && some < ready.length;
  $('#desk-publish').disabled = !some;
  $('#desk-remove').disabled = !some;
  $('#desk-publish').textContent = some ? `发布选中的 ${some} 份` : '发布选中的';
}

function list({ drafts, left }) {
  office.drafts = new Map(drafts.map((draft) => [draft.id, draft]));
  const place = $('#desk-list');
  for (const [id, one] of office.rows) if (!office.drafts.has(id)) { one.row.remove(); office.rows.delete(id); }
  for (const draft of [...drafts].reverse()) {
    const told = JSON.stringify(draft);
    const held = office.rows.get(draft.id);
    if (held?.told === told) continue;
    const made = row(draft);
    if (held?.row.contains(document.activeElement)) {
      const at = [...held.row.querySelectorAll('button')].indexOf(document.activeElement);
      held.row.replaceWith(made);
      made.querySelectorAll('button')[at]?.focus();
    } else if (held) held.row.replaceWith(made);
    else {
      const after = [...place.children].find((other) => other.dataset.id < draft.id);
      place.insertBefore(made, after || null);
    }
    office.rows.set(draft.id, { told, row: made });
  }
  const reading = drafts.filter((draft) => draft.state === 'waiting').length;
  $('#desk-standing').textContent = reading ? `还有 ${reading} 份在读，全部读完约需 ${spell(left)}。` : '';
  $('#desk-drafts').hidden = !drafts.length;
  choice();
  return reading > 0 || drafts.some((draft) => draft.direct && draft.state === 'ready');
}

let clock = 0;
async function look() {
  clearTimeout(clock);
  let soon = false;
  try {
    soon = list(await ask('drafts.json'));
    if (office.open && !element.classList.contains('waiting')) await follow();
  } catch (error) {
    if (!office.rows.size) say(error.message, true);
  }
  if (element.isConnected) clock = setTimeout(look, soon ? Math.max(SOON, office.drafts.size * 10) : SELDOM);
}

async function act_on(draft, what) {
  await doing(() => ask(`drafts/${draft.id}/${what}`, {}), '请稍候……');
  look();
}

async function publish(ids) {
  if (!(await settle())) return;
  const done = await doing(() => ask('drafts/publish', { ids }), '正在发布……');
  if (!done) return;
  const live = done.outcomes.filter((one) => one.source_id);
  const not = done.outcomes.filter((one) => !one.source_id);
  if (live.length) { results(live); office.chosen.clear(); }
  if (not.length) say(not.map((one) => `${one.name}：${one.message}`).join(' '), true);
  if (live.some((one) => one.draft_id === office.open?.id)) close();
  look();
}

// ── after publishing ─────────────────────────────────────────────────────────

async function results(live) {
  const place = $('#desk-results');
  const names = live.slice(0, 5).map((one) => one.name).join('、') + (live.length > 5 ? ' 等' : '');
  const more = h('div', { class: 'effects', role: 'status' }, h('p', { class: 'page-hint' }, '正在试问，看看新资料能回答哪些问题……'));
  const dismiss = button('知道了', () => { place.replaceChildren(); place.hidden = true; });
  place.replaceChildren(h('p', { class: 'good' }, `已发布 ${live.length} 份：${names}。现在就可以在问答里问到。`, dismiss), more);
  place.hidden = false;
  try {
    const told = await ask('drafts/effects', { sources: live.map((one) => one.source_id) });
    const item = (one) => h('li', {}, button(one.question, () => { sessionStorage.setItem('question', one.question); location.href = '../'; }, { class: 'link', title: '到问答里问这一句' }),
      h('small', {}, `依据《${one.title || '未命名'}》${one.times ? `　此前 ${one.times} 次没有答上` : ''}`));
    more.replaceChildren(
      ...(told.now.length ? [h('h3', {}, '以前答不了、现在能答的问题'), h('ul', {}, told.now.map(item))] : []),
      ...(told.questions.length ? [h('h3', {}, '这些资料能回答的问题，例如'), h('ul', {}, told.questions.map(item))] : []));
    if (!told.now.length && !told.questions.length) more.replaceChildren();
  } catch (error) {
    more.replaceChildren(h('p', { class: 'page-hint' }, error.message));
  }
}

// ── the preview ──────────────────────────────────────────────────────────────

async function preview(id) {
  const draft = await doing(() => ask(`drafts/${id}.json`), '正在打开……');
  if (!draft) return;
  office.shown = new Map();
  office.view = null;
  show(draft);
  $('#desk-preview h2').focus({ preventScroll: true });
  $('#desk-preview').scrollIntoView({ block: 'start' });
}

function close() {
  office.open = null;
  office.view = null;
  $('#desk-preview').replaceChildren();
  $('#desk-preview').hidden = true;
  $('#desk-outer').hidden = false;
  if (location.hash.startsWith('#draft=') || location.hash.startsWith('#correct=')) history.replaceState(null, '', location.pathname);
}

// Somebody else, or a reading, changed or removed what is open.
async function follow() {
  const held = office.drafts.get(office.open.id);
  if (!held) { say('这份草稿已经发布或被移除。'); close(); return; }
  if (held.state === 'waiting') { reading(held); return; }
  if (held.version === office.open.version || dirty().length) return;
  show(await ask(`drafts/${held.id}.json`));
}

function reading(draft) {
  const line = $('.reading');
  if (!line) return;
  line.replaceChildren(`${under_way(draft)}　`, button('取消', () => act_on(draft, 'cancel')));
  line.hidden = false;
}

async function act(what, body) {
  if (what !== 'set_fields' && !(await settle())) return false;
  const draft = await doing(() => ask(`drafts/${office.open.id}/act`, { do: what, version: office.open.version, ...body }));
  if (draft) show(draft);
  return Boolean(draft);
}

function dirty() {
  return [...element.querySelectorAll('form.fields')].filter((form) => Object.keys(changed(form)).length);
}

function changed(form) {
  const values = office.open.parts[form.dataset.at].values;
  return Object.fromEntries([...new FormData(form)].filter(([name, value]) => value.trim() !== String(values[name]).trim()));
}

// Saves what was typed and not yet saved; false where that cannot stand.
async function settle() {
  if (!office.open) return true;
  for (;;) {
    const [form] = dirty();
    if (!form) return true;
    if (!(await act('set_fields', { at: Number(form.dataset.at), values: changed(form) }))) return false;
  }
}

function badge(part) {
  return part.trust === '可信' ? null : h('span', { class: 'flag' }, `文字${part.trust}`);
}

function show(draft) {
  const place = $('#desk-preview');
  const focus = place.contains(document.activeElement) ? document.activeElement.dataset.key : '';
  const top = window.scrollY;
  const again = office.open?.id === draft.id;
  office.open = draft;
  const parts = h('div', { class: 'parts' }, ...doubts(draft), ...draft.parts.map((part, at) => article(draft, part, at)));
  const pictured = draft.marks.length > 0 || /pdf|image/.test(draft.media_type);
  const columns = h('div', { class: pictured ? 'columns' : 'columns text-only' }, pictured ? page_of(draft, again) : null, parts);
  place.replaceChildren(head(draft), h('p', { class: 'notice reading', hidden: true }), ...twins(draft), columns, history_of(draft));
  place.hidden = false;
  $('#desk-outer').hidden = true;
  pageViews.mount(element);
  if (again) window.scrollTo(0, top);
  if (focus) { // what was pressed may be gone with its paragraph: then its article, then the head
    const keyed = (key) => place.querySelector(`[data-key="${CSS.escape(key)}"]:not(:disabled)`);
    (keyed(focus) || keyed(`article${focus.match(/\d+/)?.[0]}`) || place.querySelector('h2')).focus({ preventScroll: true });
  }
}

function head(draft) {
  const last = draft.history.at(-1);
  return h('header', { class: 'preview-head' },
    h('div', { class: 'buttons' }, button('‹ 返回列表', async () => { if (await settle()) { close(); look(); } })),
    h('h2', { tabindex: '-1' }, draft.name, draft.corrects ? h('span', { class: 'flag plain' }, '更正现有资料') : null),
    h('p', { class: 'page-hint' }, `${draft.parts.length} 篇 · ${draft.pages} 页 · ${size(draft.bytes)} · ${draft.by} ${draft.at.slice(0, 16).replace('T', ' ')}　`,
      h('a', { href: `drafts/${draft.id}/original`, download: '' }, '下载原件')),
    draft.message ? h('p', { class: 'notice' }, draft.message) : null,
    h('div', { class: 'buttons' },
      button('发布', () => publish([draft.id]), { class: 'primary', 'data-key': 'publish' }),
      button('撤销上一步', () => act('undo', {}), { disabled: !last, title: last ? last.words : '', 'data-key': 'undo' }),
      sure('还原为读取时', '确定还原？', () => act('reset', {}), { disabled: !last, 'data-key': 'reset' }),
      draft.media_type === 'application/pdf' && !draft.corrects ? recognise(draft) : null,
      sure('移除', '确定移除？', () => act_on(draft, 'remove'))));
}

function recognise(draft) {
  const input = h('input', { type: 'text', name: 'pages', size: '8', placeholder: '如 1、3-5', 'aria-label': '要重新识别的页码', required: true });
  const form = h('form', { class: 'inline' }, input, h('button', { type: 'submit', title: '把这些页当作图片重新识别文字（OCR）' }, '用文字识别重读'));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (!(await settle())) return;
    await doing(() => ask(`drafts/${draft.id}/retry`, { pages: input.value }), '请稍候……');
    look();
  });
  return form;
}

function doubts(draft) {
  const found = draft.told.map((words) => h('li', {}, words));
  draft.parts.forEach((part, at) => {
    if (part.trust === '可信') return;
    found.push(h('li', {}, button(`第 ${at + 1} 篇 ${part.values.title || '未命名'}`, () => reveal(at), { class: 'link' }),
      `：文字${part.trust}（${part.quality.toFixed(2)}）${part.reason ? `，${part.reason}` : ''}。`));
  });
  return found.length ? [h('section', { class: 'doubts' }, h('h3', {}, '请先核对'), h('ul', {}, found))] : [];
}

function reveal(at) {
  const one = element.querySelector(`.article[data-group="a${at}"]`);
  one.open = true;
  one.scrollIntoView({ block: 'start', behavior: 'smooth' });
  one.querySelector('summary').focus({ preventScroll: true });
}

function page_of(draft, again) {
  const marks = JSON.stringify(draft.marks);
  if (again && office.view?.marks === marks && office.view.version >= draft.pages) return office.view.box;
  const page = again ? office.view?.box.firstChild.view?.page : 0;
  const root = h('div', { class: 'page-view', 'data-pictures': `drafts/${draft.id}/pages/`, 'data-info': `drafts/${draft.id}/pages.json`, 'data-marks': marks });
  if (page) root.dataset.page = page; else root.dataset.first = draft.marks[0]?.[5] || '';
  office.view = { marks, version: draft.pages, box: h('div', { class: 'page-column' }, root) };
  return office.view.box;
}

function article(draft, part, at) {
  const { values } = part;
  const facts = [values.kind, values.issuer, values.number, values.published_on, values.region, values.status === '未知' ? '' : values.status].filter(Boolean);
  const few = draft.parts.length <= 2;
  const one = h('details', { class: 'article', 'data-group': `a${at}`, open: office.shown.get(at)?.open ?? (few || at === 0) },
    h('summary', { 'data-key': `article${at}` }, h('b', {}, `${at + 1}　${values.title || '未命名'}`), badge(part),
      h('small', {}, [...facts, `${part.chars} 字`, `第 ${part.pages.join('、')} 页`, `文字${part.trust}（${part.quality.toFixed(2)}）`].join(' · '))));
  const fill = () => { if (one.open && one.children.length === 1) one.append(fields(draft, part, at), body(draft, part, at), foot(draft, part, at)); };
  fill(); // the others once they are opened: a collection has hundreds
  one.addEventListener('toggle', () => { fill(); remember(at, { open: one.open }); });
  return one;
}

function remember(at, what) {
  office.shown.set(at, { ...office.shown.get(at), ...what });
}

function fields(draft, part, at) {
  const form = h('form', { class: 'fields', 'data-at': String(at), autocomplete: 'off' });
  const save = h('button', { type: 'submit', class: 'primary', disabled: true, 'data-key': `save${at}` }, '保存更改');
  for (const [name, label] of Object.entries(draft.fields)) {
    const choices = draft.choices[name];
    const key = `${name}${at}`;
    const input = choices
      ? h('select', { name, 'data-key': key }, choices.map((choice) => h('option', { value: choice, selected: choice === part.values[name] }, choice)))
      : h('input', { type: 'text', name, value: part.values[name], 'data-key': key, placeholder: name.endsWith('_on') ? '如 2024-05-01' : '' });
    form.append(h('label', { class: name }, h('span', {}, label), input));
  }
  form.append(h('p', { class: 'buttons' }, save));
  form.addEventListener('input', () => { save.disabled = !Object.keys(changed(form)).length; });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const values = changed(form);
    if (Object.keys(values).length) act('set_fields', { at, values });
  });
  return form;
}

function body(draft, part, at) {
  const edit = office.shown.get(at)?.edit;
  const tab = (text, wanted) => button(text, () => { remember(at, { edit: wanted }); show(draft); },
    { 'aria-pressed': String(Boolean(edit) === wanted), 'data-key': `tab${wanted}${at}` });
  const out = part.lines.filter(([, , left_out]) => left_out).length;
  const choose = h('div', { class: 'buttons tabs', role: 'group', 'aria-label': '查看方式' },
    tab(`段落 ${part.passages.length}`, false), tab(`调整正文${out ? `（已移出 ${out} 段）` : ''}`, true));
  return h('div', { class: 'body' }, choose, edit ? lines(part, at) : passages(part));
}

function passages(part) {
  return h('ol', { class: 'passages' }, part.passages.map(([label, page, text]) => h('li', {},
    h('small', {}, [label, `第 ${page} 页`].filter(Boolean).join(' · ')), h('p', {}, text))));
}

function lines(part, at) {
  const rows = part.lines.map(([text, page, out], n) => h('li', { class: out ? 'out' : '' },
    h('label', {}, h('input', { type: 'checkbox', value: String(n), 'aria-label': `选中第 ${n + 1} 段` }), h('span', {}, text || '（空行）')),
    n && !out ? button('从这里拆分', () => act('split', { at, line: n }), { title: '从这一段起另成一篇', 'data-key': `split${at}-${n}` }) : null,
    h('small', {}, out ? '已移出' : n && part.lines[n - 1][1] === page ? '' : `第 ${page} 页`)));
  const place = h('ol', { class: 'lines' }, rows);
  const chosen = (wanted) => [...place.querySelectorAll('input:checked')].map((box) => Number(box.value)).filter((n) => part.lines[n][2] === wanted);
  return h('div', {},
    h('p', { class: 'page-hint' }, '页眉、页脚、页码等不属于正文的段落，选中后移出；两篇连在一起的，从第二篇的标题或首段拆分。'),
    h('div', { class: 'buttons' }, button('移出选中的', () => act('leave_out', { at, lines: chosen(false) }), { 'data-key': `out${at}` }),
      button('放回选中的', () => act('bring_back', { at, lines: chosen(true) }), { 'data-key': `back${at}` })), place);
}

function foot(draft, part, at) {
  if (draft.parts.length < 2) return '';
  const other = h('select', { 'aria-label': '要并入的另一篇' }, draft.parts.map((each, n) => (n === at ? null : h('option', { value: String(n), selected: n === at + 1 }, `${n + 1} ${(each.values.title || '未命名').slice(0, 24)}`))));
  return h('div', { class: 'buttons foot' }, other, button('并入这一篇', () => act('merge', { at, other: Number(other.value) }), { title: '把所选的另一篇接在这一篇后面' }),
    sure('删去这一篇', '确定删去？', () => act('drop', { at })));
}

function history_of(draft) {
  if (!draft.history.length) return '';
  return h('details', { class: 'history' }, h('summary', {}, `改动记录（${draft.history.length}）`),
    h('ol', {}, draft.history.map((step) => h('li', {}, step.words, h('small', {}, `${step.who} ${step.at.slice(0, 16).replace('T', ' ')}`)))));
}

// ── what is live already ─────────────────────────────────────────────────────

function twins(draft) {
  if (!draft.twins.length) return [];
  const items = draft.twins.map((twin) => {
    const what = { 同一份: '同一份', 旧版: '可能是它的旧版', 新版: '可能是它的新版', 同名: '同名文件', 已撤下: '已撤下' }[twin.relation];
    const name = twin.title ? `《${twin.title}》` : twin.name;
    const facts = [twin.title ? twin.name : '', twin.number, twin.published_on, `${twin.received} 收到`].filter(Boolean).join(' · ');
    const changes = twin.differences && !twin.pieces.length ? h('small', {}, `${twin.differences}。`) : twin.differences
      ? h('details', {}, h('summary', {}, `差异：${twin.differences}`), h('p', { class: 'pieces' }, twin.pieces.map(([kind, text]) => h({ 同: 'span', 删: 'del', 增: 'ins' }[kind], {}, text))))
      : null;
    return h('li', {}, h('b', {}, name), h('span', { class: 'flag' }, what), h('small', {}, `${twin.part >= 0 && draft.parts.length > 1 ? `与第 ${twin.part + 1} 篇：` : ''}${twin.why}　${facts}`), changes);
  });
  return [h('section', { class: 'twins' }, h('h3', {}, '资料库里已有相同或相近的资料'), h('ul', {}, items), draft.corrects ? null : places(draft))];
}

function places(draft) {
  const sources = new Map(draft.twins.map((twin) => [twin.source, twin]));
  const options = [];
  for (const [source, twin] of sources) {
    const name = twin.title ? `《${twin.title}》` : twin.name;
    const single = draft.parts.length === 1 || twin.part < 0;
    if (single) options.push([`替换 ${source}`, twin.relation === '已撤下' ? `重新启用 ${name}（撤下的那份留作旧版）` : `替换 ${name}（原来的留作旧版）`]);
    if (twin.relation === '旧版' || twin.relation === '同名') options.push([`新版本 ${source}`, `作为 ${name} 的新版本（两份都留着，旧的标为已被替代）`]);
  }
  options.push(['另存', '另存一份，互不影响']);
  return h('fieldset', { class: 'places' }, h('legend', {}, '怎样发布'),
    options.map(([value, label]) => h('label', {}, h('input', { type: 'radio', name: 'desk-place', value, 'data-key': `place${value}`, checked: draft.place === value,
      onchange: async () => {
        if (!(await settle())) return;
        const told = await doing(() => ask(`drafts/${draft.id}/place`, { version: office.open.version, place: value }));
        show(told || office.open);
      } }), label)));
}

// ── the tab ──────────────────────────────────────────────────────────────────

// "#draft=…" opens a draft, "#correct=3" one of what is live: other tabs lead here so.
async function arrive() {
  const [, what, id] = location.hash.match(/^#(draft|correct)=([0-9a-f]+)$/) || [];
  if (!id) return;
  [...document.querySelectorAll('#desk button[role=tab]')].find((tab) => tab.textContent.trim() === '添加与预览')?.click();
  const opened = what === 'draft' ? { id } : await doing(() => ask('drafts/open', { source: id }), '正在打开……');
  if (opened) preview(opened.id);
  look();
}

element.querySelector('#desk-office').append(
  h('div', { id: 'desk-outer' },
    h('h2', { class: 'page-title' }, '添加资料'),
    h('p', { class: 'page-hint' }, '支持 PDF、Word、Excel、PPT、网页、邮件、图片、Markdown 和纯文本。读完先在下面预览，发布之后才会用来回答问题。'),
    adding(),
    h('section', { id: 'desk-results', hidden: true }),
    h('section', { id: 'desk-drafts', hidden: true },
      h('h2', { class: 'page-title' }, '待发布'),
      h('p', { id: 'desk-standing', class: 'page-hint', role: 'status' }),
      h('div', { id: 'desk-bar', class: 'buttons', hidden: true },
        h('label', {}, h('input', { type: 'checkbox', id: 'desk-all', onchange: (event) => {
          office.chosen = new Set(event.target.checked ? [...office.drafts.values()].filter((draft) => draft.state === 'ready').map((draft) => draft.id) : []);
          element.querySelectorAll('.draft input').forEach((box) => { box.checked = event.target.checked; });
          choice();
        } }), '全选'),
        button('发布选中的', () => publish([...office.chosen]), { id: 'desk-publish', class: 'primary' }),
        sure('移除选中的', '确定移除？', async () => { for (const id of office.chosen) await act_on({ id }, 'remove'); }, { id: 'desk-remove' })),
      h('ul', { id: 'desk-list' }))),
  h('section', { id: 'desk-preview', hidden: true, 'aria-label': '预览' }));
$('#desk-office').prepend(h('p', { id: 'desk-said', class: 'notice', role: 'status', hidden: true }));

// Gradio may draw the tab anew; what was before it hears no more.
window.addEventListener('hashchange', () => { if (element.isConnected) arrive(); });
document.addEventListener('visibilitychange', () => { if (!document.hidden && element.isConnected) look(); });
window.addEventListener('beforeunload', (event) => { if (element.isConnected && office.open && dirty().length) event.preventDefault(); });
arrive();
look();
