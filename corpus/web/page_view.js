// Pictures of a document's pages with boxes over them, for any room's page. Put before a component's own
// js_on_load; then call `pageViews.mount(element)` whenever its value has changed. What it takes is written
// in page_view.py. Boxes and anything else inside `element` with the same data-group light up together.
const pageViews = (() => {
  const WIDTHS = [600, 900, 1350, 2000, 3000]; // pixels; the server draws these and no others
  const ACTUAL = 96 / 72; // CSS pixels a point
  const STEP = 1.25;
  const SMALLEST = 0.1;
  const LARGEST = 8;
  const READABLE = 10; // CSS pixels a line must be high, or the view opens enlarged …
  const ENLARGED = 20; // … to this height
  const UNREACHABLE = '与服务器的连接中断了。请检查网络后点“重试”。';

  function made(tag, attributes = {}, text = '') {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = text;
    return element;
  }

  function edges(boxes) {
    return [Math.min(...boxes.map((box) => box.x0)), Math.max(...boxes.map((box) => box.x1))];
  }

  async function asked(address) {
    let reply;
    try {
      reply = await fetch(address, { credentials: 'same-origin' });
    } catch {
      throw new Error(UNREACHABLE);
    }
    if (reply.ok) return reply;
    if (reply.redirected || reply.status === 401) throw new Error('登录已过期。请刷新页面，重新登录。');
    const told = await reply.json().catch(() => ({}));
    throw new Error(told.message || '这一页的图片取不到。请稍后重试，或下载原件查看。');
  }

  class View {
    constructor(root, place) {
      this.root = root;
      this.place = place;
      this.page = Number(root.dataset.page || 1);
      this.group = root.dataset.first || '';
      this.marks = JSON.parse(root.dataset.marks || '[]').map(
        ([page, x0, y0, x1, y1, group, label]) => ({ page, x0, y0, x1, y1, group, label }));
      this.sizes = [];
      this.scale = 0;
      this.drawn = 0;
      this.quarters = 0; // turned clockwise by the reader: sheets were laid into scanners every way round
      this.build();
      this.listen();
      this.open();
    }

    build() {
      const button = (doing, text, label) => {
        const one = made('button', { type: 'button', 'data-view': doing, title: label, 'aria-label': label }, text);
        this.bar.append(one);
        return one;
      };
      this.root.replaceChildren();
      this.bar = made('div', { class: 'view-bar', role: 'toolbar', 'aria-label': '版面' });
      this.before = button('before', '‹', '上一页');
      this.where = made('span', { class: 'view-where', 'aria-live': 'polite' });
      this.bar.append(this.where);
      this.after = button('after', '›', '下一页');
      this.bar.append(made('i', { 'aria-hidden': 'true' }));
      button('smaller', '−', '缩小');
      this.percent = made('span', { class: 'view-percent' });
      this.bar.append(this.percent);
      button('larger', '＋', '放大');
      button('fit', '适合宽度', '按窗口宽度显示整页');
      button('actual', '实际大小', '按纸张的实际大小显示');
      button('turn', '⟳', '向右转四分之一圈');
      this.pane = made('div', { class: 'view-pane', tabindex: '0', role: 'group', 'aria-label': '版面图片' });
      this.sheet = made('div', { class: 'view-sheet' });
      this.image = made('img', { alt: '', draggable: 'false', hidden: '' });
      this.over = made('div', { class: 'view-marks' });
      this.sheet.append(this.image, this.over);
      this.notice = made('p', { class: 'view-notice', role: 'status' });
      this.pane.append(this.sheet);
      this.root.append(this.bar, this.notice, this.pane);
    }

    listen() {
      this.bar.addEventListener('click', (event) => this.act(event.target.closest('[data-view]')?.dataset.view));
      this.notice.addEventListener('click', (event) => { if (event.target.closest('button')) this.retry(); });
      this.root.addEventListener('keydown', (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const wide = this.pane.scrollWidth > this.pane.clientWidth + 1; // then arrows move the sheet
        const doing = { '+': 'larger', '=': 'larger', '-': 'smaller', 0: 'fit' }[event.key]
          || (event.key === 'ArrowLeft' && !wide && 'before') || (event.key === 'ArrowRight' && !wide && 'after');
        if (!doing) return;
        event.preventDefault();
        this.act(doing);
      });
      this.pane.addEventListener('wheel', (event) => {
        if (!event.ctrlKey) return;
        event.preventDefault();
        this.zoom(this.scale * Math.exp(-event.deltaY / 300), event);
      }, { passive: false });
      this.pinch();
      this.drag();
      new ResizeObserver(() => { if (this.fitted && this.sizes.length) this.zoom(0); }).observe(this.pane);
    }

    pinch() {
      let apart = 0;
      const spread = ({ touches: [a, b] }) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
      this.pane.addEventListener('touchstart', (event) => {
        apart = event.touches.length === 2 ? spread(event) : 0;
      }, { passive: true });
      this.pane.addEventListener('touchmove', (event) => {
        if (event.touches.length !== 2 || !apart) return;
        event.preventDefault(); // or the browser would enlarge the whole page
        const [a, b] = event.touches;
        const now = spread(event);
        this.zoom(this.scale * now / apart, { clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2 });
        apart = now;
      }, { passive: false });
    }

    drag() {
      let from = null;
      this.pane.addEventListener('pointerdown', (event) => {
        if (event.pointerType !== 'mouse' || event.button !== 0) return;
        from = { x: event.clientX + this.pane.scrollLeft, y: event.clientY + this.pane.scrollTop };
        this.pane.classList.add('held');
      });
      this.pane.addEventListener('pointermove', (event) => {
        if (!from) return;
        if (!event.buttons) { from = null; this.pane.classList.remove('held'); return; }
        this.pane.scrollTo(from.x - event.clientX, from.y - event.clientY);
      });
      this.pane.addEventListener('pointerup', () => { from = null; this.pane.classList.remove('held'); });
    }

    async open() {
      this.say('正在读取版面……');
      try {
        const told = await (await asked(this.root.dataset.info)).json();
        this.sizes = told.sizes;
        this.marks.push(...(told.marks || []));
      } catch (error) {
        this.say(error.message, true);
        return;
      }
      if (!this.first(this.group) && this.first('passage')) this.group = 'passage';
      this.page = this.first(this.group)?.page ?? this.page;
      this.begin();
    }

    retry() {
      if (this.sizes.length) this.draw(); else this.open();
    }

    first(group) {
      return this.marks.find((mark) => mark.group === group);
    }

    // Fits the width, unless the lines to be seen would be too small: then they fill it, or as many as can be read.
    begin() {
      const [width] = this.size();
      const here = this.here(this.group);
      const lines = here.map((m) => Math.min(m.y1 - m.y0, m.x1 - m.x0)).sort((a, b) => a - b);
      const line = lines[Math.floor(lines.length / 2)] || 0;
      const fit = this.room() / width;
      const close = this.root.dataset.close !== undefined && line && line * fit < READABLE;
      this.fitted = !close;
      this.scale = fit;
      if (close) {
        const [left, right] = edges(here);
        const whole = (0.94 * this.room()) / (right - left);
        this.scale = whole * line < READABLE ? ENLARGED / line : Math.min(whole, ENLARGED / line);
      }
      this.turn(this.page);
    }

    // A group's boxes on this page, as it is shown.
    here(group) {
      return this.marks.filter((mark) => mark.group === group && mark.page === this.page).map((m) => this.turned(m));
    }

    // Of the page as it is shown, in points.
    size() {
      const [width, height] = this.sizes[this.page - 1] || [595, 842];
      return this.quarters % 2 ? [height, width] : [width, height];
    }

    // Pixels across; a view that is not shown has none, and fits itself when it is.
    room() {
      return Math.max(this.pane.clientWidth, 1);
    }

    // A box on the page as it is shown.
    turned({ x0, y0, x1, y1 }) {
      const [width, height] = this.size();
      return [
        { x0, y0, x1, y1 },
        { x0: width - y1, y0: x0, x1: width - y0, y1: x1 },
        { x0: width - x1, y0: height - y1, x1: width - x0, y1: height - y0 },
        { x0: y0, y0: height - x1, x1: y1, y1: height - x0 },
      ][this.quarters];
    }

    act(doing) {
      if (!doing || !this.sizes.length) return;
      if (doing === 'before' && this.page > 1) this.turn(this.page - 1);
      if (doing === 'after' && this.page < this.sizes.length) this.turn(this.page + 1);
      if (doing === 'turn') {
        this.quarters = (this.quarters + 1) % 4;
        this.mark();
        this.zoom(this.fitted ? 0 : this.scale);
        this.centre(this.group);
      }
      if (doing === 'larger') this.zoom(this.scale * STEP);
      if (doing === 'smaller') this.zoom(this.scale / STEP);
      if (doing === 'fit') this.zoom(0);
      if (doing === 'actual') this.zoom(ACTUAL);
    }

    turn(page) {
      this.page = page;
      this.where.textContent = `第 ${page} / ${this.sizes.length} 页`;
      this.before.disabled = page <= 1;
      this.after.disabled = page >= this.sizes.length;
      this.image.hidden = true;
      this.drawn = 0;
      if (this.fitted) this.scale = this.room() / this.size()[0];
      this.mark();
      this.lay();
      this.pane.scrollTo(0, 0);
      this.centre(this.group);
      this.draw();
      this.root.dispatchEvent(new CustomEvent('page', { bubbles: true, detail: page }));
    }

    // Shows a group's boxes: turns to the page of the first and scrolls there.
    show(group) {
      const first = this.first(group);
      if (!first || !this.sizes.length) return;
      this.group = group;
      if (first.page !== this.page) this.turn(first.page); else this.centre(group);
      light(this.place, group);
    }

    centre(group) {
      const here = this.here(group);
      if (!here.length) return;
      const top = Math.min(...here.map((m) => m.y0)) * this.scale;
      let [left, right] = edges(here).map((x) => x * this.scale);
      if (right - left > this.pane.clientWidth) [left, right] = [here[0].x0 * this.scale, here[0].x1 * this.scale];
      const middle = right - left < this.pane.clientWidth ? (left + right - this.pane.clientWidth) / 2 : left - 12;
      this.pane.scrollTo(middle, top - this.pane.clientHeight / 3);
    }

    // 0 fits the width. `at` is the point of the screen that stays where it is.
    zoom(scale, at) {
      const frame = this.pane.getBoundingClientRect();
      const x = at ? at.clientX - frame.left : frame.width / 2;
      const y = at ? at.clientY - frame.top : frame.height / 2;
      const [left, top] = [(this.pane.scrollLeft + x) / this.scale, (this.pane.scrollTop + y) / this.scale];
      this.fitted = !scale;
      this.scale = scale ? Math.min(Math.max(scale, SMALLEST), LARGEST) : this.room() / this.size()[0];
      this.lay();
      this.pane.scrollTo(left * this.scale - x, top * this.scale - y);
      clearTimeout(this.later);
      this.later = setTimeout(() => this.draw(), 150);
    }

    lay() {
      const [width, height] = this.size();
      this.sheet.style.width = `${width * this.scale}px`;
      this.sheet.style.height = `${height * this.scale}px`;
      const [across, down] = this.quarters % 2 ? [height, width] : [width, height];
      this.image.style.width = `${across * this.scale}px`;
      this.image.style.height = `${down * this.scale}px`;
      this.image.style.transform = `translate(-50%, -50%) rotate(${90 * this.quarters}deg)`;
      this.percent.textContent = `${Math.round((this.scale / ACTUAL) * 100)}%`;
    }

    mark() {
      const [width, height] = this.size();
      const groups = [...new Set(this.marks.map((mark) => mark.group))];
      const named = new Set();
      this.over.replaceChildren();
      for (const mark of this.marks.filter((one) => one.page === this.page)) {
        const { x0, y0, x1, y1 } = this.turned(mark);
        const box = made('b', { 'data-group': mark.group, style: `left:${(100 * x0) / width}%;top:${(100 * y0) / height}%;`
          + `width:${(100 * (x1 - x0)) / width}%;height:${(100 * (y1 - y0)) / height}%` });
        box.dataset.hue = groups.indexOf(mark.group) % 6;
        if (mark.label && !named.has(mark.group + mark.label)) box.append(made('span', {}, mark.label));
        named.add(mark.group + mark.label);
        this.over.append(box);
      }
    }

    async draw() {
      const wanted = this.size()[this.quarters % 2] * this.scale * (window.devicePixelRatio || 1);
      const width = WIDTHS.find((one) => one >= wanted) || WIDTHS.at(-1);
      if (width <= this.drawn) return;
      const page = this.page;
      const current = () => page === this.page && this.root.isConnected;
      if (!this.drawn) this.say(`正在绘制第 ${page} 页……`);
      try {
        const picture = await (await asked(`${this.root.dataset.pictures}${page}.png?width=${width}`)).blob();
        if (!current() || width <= this.drawn) return;
        const address = URL.createObjectURL(picture);
        await this.put(address, page);
        this.drawn = width;
        this.say('');
      } catch (error) {
        if (current()) this.say(error.message, true);
      }
    }

    put(address, page) {
      return new Promise((done, failed) => {
        this.image.onload = () => { URL.revokeObjectURL(address); this.image.hidden = false; done(); };
        this.image.onerror = () => { URL.revokeObjectURL(address); failed(new Error('这一页的图片显示不了。请下载原件查看。')); };
        this.image.alt = `第 ${page} 页的版面`;
        this.image.src = address;
      });
    }

    say(words, failed = false) {
      this.notice.textContent = words;
      this.notice.classList.toggle('failed', failed);
      this.root.setAttribute('aria-busy', String(Boolean(words) && !failed));
      if (failed) this.notice.append(made('button', { type: 'button' }, '重试'));
    }
  }

  function of(place, group) {
    return [...place.querySelectorAll('[data-group]')].filter((one) => one.dataset.group === group);
  }

  function light(place, group) {
    place.querySelectorAll('.lit').forEach((one) => one.classList.remove('lit'));
    if (group) of(place, group).forEach((one) => one.classList.add('lit'));
  }

  function hovered(place) {
    const lit = (event) => {
      light(place, event.target.closest('[data-group]')?.dataset.group);
    };
    place.addEventListener('mouseover', lit);
    place.addEventListener('focusin', lit);
    place.addEventListener('click', (event) => {
      const one = event.target.closest('[data-group]');
      if (!one) return;
      if (one.closest('.view-marks')) {
        of(place, one.dataset.group).find((other) => !other.closest('.view-marks'))
          ?.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
      } else if (!event.target.closest('button, input, select, textarea, a, label')) {
        place.querySelectorAll('.page-view').forEach((root) => root.view?.show(one.dataset.group));
      }
    });
  }

  const heard = new WeakSet();
  return {
    mount(place) {
      if (!heard.has(place)) { heard.add(place); hovered(place); }
      place.querySelectorAll('.page-view').forEach((root) => { root.view ||= new View(root, place); });
    },
  };
})();
