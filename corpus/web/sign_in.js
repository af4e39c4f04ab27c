/* What the guard refuses is said on the page, instead of nothing happening: a page stays open longer than a
   session lasts, and somebody may ask more often than they may. */
(() => {
  const ask = window.fetch;
  const bar = (id, ...parts) => {
    document.getElementById(id)?.remove();
    const made = document.createElement('div');
    made.id = id;
    made.className = 'refused';
    made.setAttribute('role', 'alert');
    made.append(...parts);
    document.body.prepend(made);
    return made;
  };
  const signedOut = () => {
    if (document.getElementById('signed-out')) return;
    const link = document.createElement('a');
    const first = document.querySelector('#masthead nav a');  // leads to the first page
    const home = first ? first.href : new URL('./', document.baseURI).href;
    const path = location.href.startsWith(home) ? location.href.slice(home.length) : '';
    link.href = home + 'sign-in' + (path ? '?next=' + encodeURIComponent(path) : '');
    link.textContent = '重新登录';
    bar('signed-out', '登录已经过期，刚才的操作没有执行。', link);
  };
  const tooMuch = async (answer) => {
    const told = await answer.json().catch(() => ({}));
    if (!told.detail) return;  // not the guard's word
    const made = bar('too-much', told.detail);
    setTimeout(() => made.remove(), 1000 * Math.max(10, Number(answer.headers.get('retry-after')) || 0));
  };
  window.fetch = async (...given) => {
    const answer = await ask(...given);
    if (new URL(answer.url).origin !== location.origin) return answer;
    if (answer.status === 401) signedOut();
    if (answer.status === 429 || answer.status === 413) tooMuch(answer.clone());
    return answer;
  };
})();
