// Runs once in the tab 版本与撤下 (gradio's js_on_load), with `element`, `trigger` and `watch` in
// scope. Clicks on [data-do] and forms become the one event 'act'.

// A button that changes much asks once more, in its own words.
function certain(button) {
  if (!button.dataset.sure || button.dataset.asked) return true;
  const words = button.textContent;
  button.dataset.asked = '1';
  button.textContent = button.dataset.sure;
  button.classList.add('asking');
  setTimeout(() => {
    delete button.dataset.asked;
    button.textContent = words;
    button.classList.remove('asking');
  }, 5000);
  return false;
}

function send(data) {
  const { sure, asked, ...values } = data;
  element.classList.add('waiting');
  trigger('act', values);
}

element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button || !element.contains(button)) return;
  if (!certain(button)) { event.preventDefault(); return; }
  if (button.dataset.do) send({ ...button.dataset });
});

element.addEventListener('submit', (event) => {
  const form = event.target.closest('form[data-do]');
  if (!form) return;
  event.preventDefault();
  send({ ...form.dataset, ...Object.fromEntries(new FormData(form)) });
});

let shown = '';
watch('value', () => {
  element.classList.remove('waiting');
  // Gradio keeps the fields when it draws anew, and with them what stands in them.
  for (const form of element.querySelectorAll('form')) form.reset();
  const title = element.querySelector('h2');
  const here = title?.textContent || '';
  if (shown && here !== shown) {
    element.closest('#versions')?.scrollIntoView({ block: 'start' });
    title?.focus({ preventScroll: true });
  }
  shown = here;
});
