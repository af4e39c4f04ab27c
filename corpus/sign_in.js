/* A page stays open longer than a session lasts: then it says so, instead of nothing happening. */
(() => {
  const ask = window.fetch;
  const tell = () => {
    if (document.getElementById('signed-out')) return;
    const bar = document.createElement('div');
    bar.id = 'signed-out';
    bar.setAttribute('role', 'alert');
    const link = document.createElement('a');
    const first = document.querySelector('#masthead nav a');  // leads to the first page
    const home = first ? first.href : new URL('./', document.baseURI).href;
    const path = location.href.startsWith(home) ? location.href.slice(home.length) : '';
    link.href = home + 'sign-in' + (path ? '?next=' + encodeURIComponent(path) : '');
    link.textContent = '重新登录';
    bar.append('登录已经过期，刚才的操作没有执行。', link);
    document.body.prepend(bar);
  };
  window.fetch = async (...given) => {
    const answer = await ask(...given);
    if (answer.status === 401 && new URL(answer.url).origin === location.origin) tell();
    return answer;
  };
})();
