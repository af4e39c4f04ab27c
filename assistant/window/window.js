// Runs once in each of the window's HTML components (gradio's js_on_load), with
// `element`, `trigger`, `props` and `watch` in scope. Clicks on [data-do] become events.
// The events: 'open' 'list' 'suggest' 'rate'
const page = document;
// Gradio confines our CSS to its container, so states and the tooltip live inside it.
const frame = page.getElementById('window');

async function copy(button) {
  const text = button.dataset.text;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Offices serve the page over plain http, where browsers withhold the clipboard.
    const area = page.createElement('textarea');
    area.value = text;
    area.style.position = 'fixed';
    area.style.opacity = '0';
    page.body.append(area);
    area.select();
    page.execCommand('copy');
    area.remove();
    button.focus();
  }
  button.textContent = '已复制';
  setTimeout(() => { button.textContent = '复制'; }, 1600);
}

// The article as text, or as the picture of its page; what was chosen last is chosen for the next one.
function turnOver(reading, picture) {
  const button = reading.querySelector('.turn-over');
  const [text, sheet] = [reading.querySelector('.as-text'), reading.querySelector('.as-page')];
  if (!button || !sheet) return;
  text.hidden = picture;
  sheet.hidden = !picture;
  button.setAttribute('aria-pressed', String(picture));
  button.textContent = picture ? '看文字' : '看原版面';
  reading.classList.toggle('turned', picture);
  if (picture) pageViews.mount(element); else toQuote(reading);
}

function toQuote(reading) {
  const box = reading.closest('#sources');
  const mark = reading.querySelector('.text mark') || reading.querySelector('.cited-passage');
  box.scrollTop = 0;
  if (mark) scrollTo(box, mark, box.clientHeight / 3);
}

// Asked first whether it is still there: a download that fails says nothing to whoever waits for it.
async function download(link) {
  const reply = await fetch(link.href, { method: 'HEAD', credentials: 'same-origin' }).catch(() => null);
  if (reply?.ok && !reply.redirected) {
    const saved = page.createElement('a');
    saved.href = link.href;
    saved.download = '';
    saved.click();
    return;
  }
  const words = page.createElement('p');
  words.className = 'moved';
  words.setAttribute('role', 'alert');
  words.textContent = reply?.status === 404 ? '原件已不在资料库中。请重新提问，以现在的资料为准。'
    : reply ? '登录已过期或没有权限。请刷新页面后再试。' : '与服务器的连接中断了。请检查网络后再试。';
  link.closest('dl').after(words);
}

function closeSources() {
  frame.classList.remove('reading-source');
  page.querySelector('[data-opened]')?.focus();
}

element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-do]');
  if (!button || !element.contains(button)) return;
  const name = button.dataset.do;
  if (name === 'copy') { copy(button); return; }
  if (name === 'close') { closeSources(); return; }
  if (name === 'original') { event.preventDefault(); download(button); return; }
  if (name === 'page') {
    const picture = button.getAttribute('aria-pressed') !== 'true';
    sessionStorage.setItem('reading', picture ? 'page' : 'text');
    turnOver(button.closest('.reading'), picture);
    if (picture) element.querySelector('.view-pane')?.focus({ preventScroll: true });
    return;
  }
  if (name === 'complain') {
    const form = button.closest('.reply').querySelector('.complaint');
    if (form) { form.hidden = !form.hidden; if (!form.hidden) form.querySelector('input').focus(); }
    return;
  }
  if (name === 'open') {
    page.querySelectorAll('[data-opened]').forEach((b) => b.removeAttribute('data-opened'));
    button.setAttribute('data-opened', '');
    frame.classList.add('reading-source');
    frame.dataset.opener = event.detail === 0 ? 'keyboard' : 'pointer';
  }
  trigger(name, { ...button.dataset });
});

element.addEventListener('submit', (event) => {
  const form = event.target.closest('.complaint');
  if (!form) return;
  event.preventDefault();
  form.hidden = true;
  trigger('rate', { turn: form.dataset.turn, rating: 'down', comment: form.elements.comment.value });
});

// One tooltip for the page: the quote behind a marker, kept inside the window.
let tip = page.getElementById('window-tip');
if (!tip) {
  tip = page.createElement('div');
  tip.id = 'window-tip';
  tip.setAttribute('role', 'tooltip');
  tip.hidden = true;
  frame.append(tip);
  page.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    if (!tip.hidden) { tip.hidden = true; return; }
    const back = page.querySelector('.reading.turned .turn-over');
    if (back?.closest('#right').contains(page.activeElement)) { back.click(); back.focus(); return; }
    if (frame.classList.contains('reading-source')) closeSources();
  });
  page.addEventListener('scroll', () => { tip.hidden = true; }, true);
}
function showTip(event) {
  const marker = event.target.closest('[data-tip]');
  if (!marker) return;
  tip.textContent = marker.dataset.tip;
  tip.hidden = false;
  const at = marker.getBoundingClientRect();
  const left = Math.min(Math.max(8, at.left - 20), innerWidth - tip.offsetWidth - 8);
  const below = at.bottom + 6 + tip.offsetHeight < innerHeight;
  tip.style.left = `${left}px`;
  tip.style.top = `${below ? at.bottom + 6 : Math.max(8, at.top - tip.offsetHeight - 6)}px`;
}
element.addEventListener('mouseover', showTip);
element.addEventListener('focusin', showTip);
element.addEventListener('mouseout', () => { tip.hidden = true; });
element.addEventListener('focusout', () => { tip.hidden = true; });

function scrollTo(box, target, margin) {
  if (!box || !target) return;
  box.scrollTop += target.getBoundingClientRect().top - box.getBoundingClientRect().top - margin;
}

let turn = '';
let working = false;
watch('value', () => {
  const reading = element.querySelector('.sources');
  if (reading) {
    if (reading.classList.contains('reading')) {
      toQuote(reading);
      turnOver(reading, sessionStorage.getItem('reading') === 'page');
    } else {
      element.closest('#sources').scrollTop = 0;
    }
    if (frame.dataset.opener === 'keyboard') reading.querySelector('h2')?.focus({ preventScroll: true });
    return;
  }
  // Only the latest turn moves the conversation, and only while it is new or growing.
  const latest = element.querySelector('.talk .turn');
  if (!latest) return;
  const pending = Boolean(latest.querySelector('.pending'));
  if (latest.dataset.turn !== turn || pending || working) {
    scrollTo(element.closest('#conversation'), latest, 8);
  }
  turn = latest.dataset.turn;
  working = pending;
});
