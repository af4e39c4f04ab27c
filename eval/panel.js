// Runs once in each of the trainers' HTML components (gradio's js_on_load), with `element`,
// `trigger`, `props` and `watch` in scope. Clicks on [data-do] and forms become the one event 'act'.
const page = document;
const LARGEST = 20 * 1024 * 1024;
window.evaluationDrafts ||= {};
const drafts = window.evaluationDrafts;

// The chat page takes the question up from there (assistant/panel.py).
function askInChat(question) {
  sessionStorage.setItem('question', question);
  location.href = '../';
}

// A button that cannot be undone asks once more, in its own words.
function certain(button) {
  if (!button.dataset.sure || button.dataset.asked) return true;
  const words = button.textContent;
  button.dataset.asked = '1';
  button.textContent = button.dataset.sure;
  setTimeout(() => { delete button.dataset.asked; button.textContent = words; }, 4000);
  return false;
}

function send(data) {
  element.closest('#evaluation')?.classList.add('waiting');
  const { do: act, sure, asked, draft, ...rest } = data;
  trigger('act', { do: act, ...rest });
}

element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-do]');
  if (!button || !element.contains(button) || !certain(button)) return;
  if (button.dataset.do === 'ask') { askInChat(button.dataset.question); return; }
  if (button.dataset.do === 'drop') { setAside(button.closest('.proposal')); return; }
  send({ ...button.dataset });
});

function setAside(proposal) {
  const next = proposal.nextElementSibling || proposal.previousElementSibling;
  proposal.remove();
  (next?.querySelector('textarea') || element.querySelector('h2'))?.focus();
}

element.addEventListener('submit', (event) => {
  const form = event.target.closest('form[data-do]');
  if (!form) return;
  event.preventDefault();
  const values = {};
  for (const [name, value] of new FormData(form)) {
    values[name] = name in values ? [].concat(values[name], value) : value;
  }
  delete drafts[form.dataset.draft];
  send({ ...form.dataset, ...values });
});

// What was typed outlives a redrawing of the page; what was sent does not. Gradio keeps the
// fields themselves when it draws anew, and with them what stands in them.
element.addEventListener('input', (event) => {
  const form = event.target.closest('form[data-draft]');
  if (!form || event.target.type === 'radio') return;
  (drafts[form.dataset.draft] ||= {})[event.target.name] = event.target.value;
});
function restoreDrafts(elsewhere) {
  for (const form of element.querySelectorAll(elsewhere ? 'form' : 'form[data-draft]')) {
    form.reset();
    for (const [name, value] of Object.entries(drafts[form.dataset.draft] || {})) {
      if (form.elements[name]) form.elements[name].value = value;
    }
  }
}

element.addEventListener('change', (event) => {
  const input = event.target.closest('input[data-upload]');
  if (!input || !input.files.length) return;
  const file = input.files[0];
  if (file.size > LARGEST) { send({ do: 'too_large', name: file.name }); input.value = ''; return; }
  const reader = new FileReader();
  reader.onload = () => {
    send({ do: input.dataset.upload, name: file.name, data: reader.result.split(',')[1] || '' });
    input.value = '';
  };
  reader.readAsDataURL(file);
});

function settled() {
  page.getElementById('evaluation')?.classList.remove('waiting');
}

// The notice stands above the page wherever one has scrolled to. What was done fades by itself,
// what went wrong waits for a click, the Escape key or the next step.
const notice = element.closest('#evaluation-notice');
const READING_MS = 6000;
let fading = 0;
function showNotice() {
  clearTimeout(fading);
  notice.classList.remove('seen');
  if (notice.querySelector('.told')) fading = setTimeout(() => notice.classList.add('seen'), READING_MS);
}
if (notice) {
  notice.addEventListener('click', () => notice.classList.add('seen'));
  page.addEventListener('keydown', (event) => { if (event.key === 'Escape') notice.classList.add('seen'); });
}

let going = false;
let shown = '';
watch('value', () => {
  settled();
  if (notice) {
    showNotice();
    // An accepted proposal leaves the page, which keeps the others as they were edited.
    const taken = element.querySelector('[data-taken]')?.dataset.taken;
    const form = taken && page.querySelector(`form[data-form="${CSS.escape(taken)}"]`);
    const proposal = form && form.closest('.proposal');
    if (proposal) {
      const next = proposal.nextElementSibling?.querySelector('textarea');
      proposal.remove();
      next?.focus({ preventScroll: true });
    }
    return;
  }
  if (element.closest('#evaluation-progress')) {
    // The list of runs that was drawn while one was going on is drawn anew when it has ended.
    const ended = going && element.querySelector('.finished, .stopped, .failed');
    going = Boolean(element.querySelector('progress'));
    if (ended && page.querySelector('#evaluation-desk h2')?.textContent === '测评记录') send({ do: 'runs' });
    return;
  }
  if (!element.closest('#evaluation-desk')) return;
  const title = element.querySelector('h2');
  const here = title?.textContent || '';
  restoreDrafts(here !== shown);
  const first = shown === '';
  if (here === shown) {
    element.querySelector('form.case textarea[name=question]:placeholder-shown')?.focus({ preventScroll: true });
  } else if (!first) {
    element.closest('#evaluation')?.scrollIntoView({ block: 'start' });
    title?.focus({ preventScroll: true });
  }
  shown = here;
});
