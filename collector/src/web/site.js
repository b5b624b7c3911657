/* A page of the static site, with a script: it keeps itself new, says when it is old, and
   sorts its tables where they are. Without it all of that is on the page, a step further. */
(() => {
  'use strict';
  const body = document.body, up = body.dataset.site;
  const LEAST = 5e3, MOST = 3e5, GRACE = 6e4;

  /* ---- Sorting. Headings are marked with what their column holds: a number, a text, a code. */
  let order = null;
  const keys = root => Array.from(root.querySelectorAll('[data-by]'));
  const arrow = key => key.querySelector('[aria-hidden]');

  /* A heading that leads nowhere becomes a button. */
  const arm = root => keys(root).filter(key => !key.querySelector('a, button')).forEach(key => {
    const button = root.ownerDocument.createElement('button');
    button.type = 'button';
    while (key.firstChild) button.appendChild(key.firstChild);
    key.appendChild(button);
  });

  const value = (row, by, column) => {
    const cell = row.cells[column];
    if (by === 'code') return cell.querySelector('small').textContent;
    const state = cell.querySelector('.state');
    if (by === 'text') return (state ? state.lastChild : cell.querySelector('a') || cell).textContent.trim();
    const digits = cell.firstChild.textContent.replace(/\D/g, '');
    return digits === '' ? -1 : +digits;
  };
  const compare = (a, b) => typeof a === 'number' ? a - b
    : a.localeCompare(b, document.documentElement.lang, { numeric: true });

  const sort = root => {
    const key = order && keys(root)[order.at];
    if (!key) return;
    const head = key.closest('th'), table = key.closest('table'), rows = table.tBodies[0];
    keys(table).forEach(other => {
      arrow(other).textContent = '';
      other.closest('th').removeAttribute('aria-sort');
    });
    arrow(key).textContent = order.down ? ' ↓' : ' ↑';
    head.setAttribute('aria-sort', order.down ? 'descending' : 'ascending');
    const by = key.dataset.by, turn = order.down ? -1 : 1;
    Array.from(rows.rows)
      .map(row => ({ row, value: value(row, by, head.cellIndex), code: value(row, 'code', 0) }))
      .sort((a, b) => turn * compare(a.value, b.value) || (a.code < b.code ? -1 : 1))
      .forEach(one => rows.appendChild(one.row));
  };

  document.addEventListener('click', event => {
    const key = event.target.closest && event.target.closest('[data-by]');
    if (!key || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const said = arrow(key).textContent.trim();
    order = { at: keys(document).indexOf(key), down: said ? said === '↑' : key.dataset.by === 'n' };
    sort(document);
  });

  /* ---- Numbers change where they stand: what has the focus keeps it, what is open stays open. */
  const patch = (old, fresh) => {
    if (old.nodeType !== 1) {
      if (old.data !== fresh.data) old.data = fresh.data;
      return;
    }
    Array.from(old.attributes).forEach(of => {
      if (of.name !== 'open' && !fresh.hasAttribute(of.name)) old.removeAttribute(of.name);
    });
    Array.from(fresh.attributes).forEach(of => {
      if (old.getAttribute(of.name) !== of.value) old.setAttribute(of.name, of.value);
    });
    const before = Array.from(old.childNodes), after = Array.from(fresh.childNodes);
    const same = (node, at) => node.nodeName === after[at].nodeName;
    if (before.length === after.length && before.every(same)) {
      before.forEach((node, at) => patch(node, after[at]));
    } else {
      before.forEach(node => old.removeChild(node));
      after.forEach(node => old.appendChild(document.adoptNode(node)));
    }
  };

  const renew = () => fetch(location.href.split('#')[0], { cache: 'no-cache' })
    .then(answer => answer.ok ? answer.text() : '')
    .then(text => {
      const fresh = new DOMParser().parseFromString(text, 'text/html');
      if (fresh.body.dataset.site !== up) return;
      arm(fresh.body);
      sort(fresh.body);
      ['notices', 'main'].forEach(id => patch(document.getElementById(id), fresh.getElementById(id)));
      document.title = fresh.title;
      body.dataset.size = fresh.body.dataset.size;
    });

  /* ---- What is the newest, and how old is that? */
  const say = (id, on, text) => {
    const notice = document.getElementById(id), slot = notice.querySelector('b');
    if (slot && text !== undefined) slot.textContent = text;
    if (notice.hidden === !!on) notice.hidden = !on;
  };

  /* The server's clock: a telephone's may be wrong by years. */
  const now = answer => {
    const date = Date.parse(answer.headers.get('date'));
    return date ? date + 1e3 * (+answer.headers.get('age') || 0) : Date.now();
  };

  let timer, seen, left = 0;
  const look = () => {
    clearTimeout(timer);
    if (document.hidden) return;
    let wait = GRACE;
    fetch(up + 'current.json', { cache: 'no-cache' })
      .then(answer => answer.json().then(current => {
        const late = now(answer) - current.next_ms;
        const pace = Math.min(Math.max(current.next_ms - current.checked_ms, LEAST), MOST);
        /* Readers come one after the other, over the time of a publication. */
        wait = Math.min(Math.max(-late, LEAST), MOST) + Math.random() * pace;
        say('stale', late > Math.max(3 * pace, GRACE), Math.floor(late / 6e4));
        say('halted', current.state !== 'open' && !document.querySelector('.paused'), current.reason);
        const version = current.size + current.state;
        /* Twice: the first may come from a cache that has the page before. */
        if (version !== seen) left = seen ? 2 : +(current.size > body.dataset.size);
        seen = version;
        if (left > 0) {
          left -= 1;
          return renew();
        }
      }))
      .then(() => say('unreachable', false), () => say('unreachable', true))
      .then(() => {
        clearTimeout(timer);
        timer = setTimeout(look, wait);
      });
  };

  arm(body);
  document.addEventListener('visibilitychange', look);
  addEventListener('online', look);
  look();
})();
