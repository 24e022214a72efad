// The page works without this: a link is a search. Here are the conveniences: keys, history, pictures for queries, endless results, progress.
const box = document.getElementById('q');
const historyList = document.getElementById('history');
const page = document.querySelector('main');

// ---- history: the last five searches, newest first ----
const past = () => JSON.parse(localStorage.getItem('history') ?? '[]');
const remember = words => localStorage.setItem('history', JSON.stringify([words, ...past().filter(w => w !== words)].slice(0, 5)));
const forget = words => localStorage.setItem('history', JSON.stringify(past().filter(w => w !== words)));
function rememberThis() {
  const query = new URLSearchParams(location.search).get('q');
  if (query?.trim() && location.pathname === '/') {
    remember(query.trim());
  }
}
rememberThis();

function showHistory() {
  historyList.replaceChildren(...past().map(words => {
    const item = document.createElement('li');
    const link = document.createElement('a');
    link.href = '/?q=' + encodeURIComponent(words);
    link.textContent = words;
    const remove = document.createElement('button');
    remove.type = 'button';
    remove.textContent = '×';
    remove.setAttribute('aria-label', 'Forget ' + words);
    remove.addEventListener('click', () => { forget(words); showHistory(); box.focus(); });
    item.append(link, remove);
    return item;
  }));
  historyList.hidden = historyList.children.length === 0;
}

function moveInHistory(step) {
  if (historyList.hidden) {
    showHistory();
  }
  const items = [...historyList.children];
  const on = items.findIndex(item => item.dataset.on);
  items.forEach(item => delete item.dataset.on);
  const item = items[Math.max(0, Math.min(items.length - 1, on + step))];
  if (item) {
    item.dataset.on = '1';
    box.value = item.firstChild.textContent;
  }
}

box.addEventListener('click', () => { if (!box.value) { showHistory(); } });
box.addEventListener('input', () => { historyList.hidden = true; });
box.addEventListener('keydown', event => {
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    moveInHistory(event.key === 'ArrowDown' ? 1 : -1);
    event.preventDefault();
  } else if (event.key === 'Delete' && historyList.querySelector('[data-on]')) {
    forget(box.value);
    showHistory();
    event.preventDefault();
  } else if (event.key === 'Escape') {
    historyList.hidden = true;
    box.value = '';
  }
});
document.addEventListener('click', event => { if (!event.target.closest('.search')) { historyList.hidden = true; } });

// ---- searching by a picture: chosen, pasted or dropped ----
const chooser = document.getElementById('picture');
const dropZone = document.getElementById('drop');

async function searchBy(file) {
  say('Looking for pictures like yours …');
  const response = await fetch('/api/similar?limit=1', { method: 'POST', body: file });
  const answer = await response.json();
  if (response.ok) {
    say();
    location.pathname === '/' ? go('/?upload=' + answer.upload) : location.href = '/?upload=' + answer.upload;
  } else {
    say(answer.detail ?? 'The picture could not be read.');
  }
}

document.getElementById('pick').addEventListener('click', () => chooser.click());
chooser.addEventListener('change', () => chooser.files[0] && searchBy(chooser.files[0]));
document.addEventListener('paste', event => {
  const file = [...event.clipboardData.files].find(f => f.type.startsWith('image/'));
  if (file) {
    event.preventDefault();
    searchBy(file);
  }
});
document.addEventListener('dragover', event => {
  if (event.dataTransfer.types.includes('Files')) {
    event.preventDefault();
    dropZone.hidden = false;
  }
});
document.addEventListener('dragleave', event => { if (!event.relatedTarget) { dropZone.hidden = true; } });
document.addEventListener('drop', event => {
  dropZone.hidden = true;
  if (event.dataTransfer.files.length) {
    event.preventDefault();
    searchBy(event.dataTransfer.files[0]);
  }
});

// ---- keys ----
const pictures = () => [...document.querySelectorAll('.grid li > a')];

// The picture of the next row that is nearest across.
function below(from, rows) {
  const here = from.getBoundingClientRect();
  const candidates = pictures().map(a => [a, a.getBoundingClientRect()]).filter(([, r]) => rows > 0 ? r.top > here.top + 5 : r.top < here.top - 5);
  const top = rows > 0 ? Math.min(...candidates.map(([, r]) => r.top)) : Math.max(...candidates.map(([, r]) => r.top));
  return candidates.filter(([, r]) => Math.abs(r.top - top) < 5)
    .sort(([, x], [, y]) => Math.abs(x.left + x.width / 2 - here.left - here.width / 2) - Math.abs(y.left + y.width / 2 - here.left - here.width / 2))[0]?.[0];
}

document.addEventListener('keydown', event => {
  const typing = event.target.matches('input, textarea, select');
  if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && event.shiftKey) {
    event.preventDefault();
    openFilters(true);
    return;
  }
  if ((event.key === 'k' && (event.ctrlKey || event.metaKey)) || (event.key === '/' && !typing)) {
    event.preventDefault();
    box.focus();
    box.select();
    return;
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) {
    return;
  }
  const viewer = { ArrowLeft: 'previous', ArrowRight: 'next', Escape: 'back' }[event.key];
  if (document.querySelector('.photo')) {
    if (viewer && document.getElementById(viewer)) {
      event.preventDefault();
      document.getElementById(viewer).click();
    } else if (event.key === 'l') {
      document.querySelector('.actions .button')?.click();
    }
    return;
  }
  if (event.key === 'Escape' && chosen.size) {
    clearSelection();
    return;
  }
  const review = document.activeElement.closest('.review-card') ?? document.querySelector('.review-card');
  if (review && 'ar'.includes(event.key)) {
    review.querySelector(event.key === 'a' ? '.tag-right' : '.tag-wrong').click();
    return;
  }
  const all = pictures();
  const at = all.indexOf(document.activeElement);
  const target = {
    ArrowRight: () => all[at + 1], ArrowLeft: () => all[Math.max(0, at - 1)],
    ArrowDown: () => at < 0 ? all[0] : below(all[at], 1), ArrowUp: () => at < 0 ? null : below(all[at], -1),
  }[event.key]?.();
  if (target) {
    event.preventDefault();
    target.focus();
    target.scrollIntoView({ block: 'nearest' });
    if (event.shiftKey) {
      choose(all[Math.max(at, 0)].parentElement, true);
      choose(target.parentElement, true);
    }
  } else if ((event.key === 'x' || event.key === ' ') && at >= 0) {
    event.preventDefault();
    toggle(all[at].parentElement, event.shiftKey);
  } else if (event.key === 'l' && at >= 0) {
    all[at].parentElement.querySelector('.like').click();
  }
});

// ---- several pictures at once ----
const chosen = new Set();
let lastToggled = null;
const items = () => [...document.querySelectorAll('.grid > li')];

function choose(item, on) {
  on ? chosen.add(item.dataset.id) : chosen.delete(item.dataset.id);
  item.classList.toggle('chosen', on);
  item.querySelector('.pick-one').setAttribute('aria-pressed', on);
  showSelection();
}

// With shift, everything from the last one to this one becomes as this one.
function toggle(item, range) {
  const on = !chosen.has(item.dataset.id);
  const all = items();
  const [from, to] = [all.indexOf(lastToggled), all.indexOf(item)];
  if (range && from >= 0) {
    all.slice(Math.min(from, to), Math.max(from, to) + 1).forEach(other => choose(other, on));
  } else {
    choose(item, on);
  }
  lastToggled = item;
}

function showSelection() {
  const bar = document.getElementById('selection');
  bar.hidden = chosen.size === 0;
  document.getElementById('selected').textContent = `${chosen.size} selected`;
  document.body.classList.toggle('selecting', chosen.size > 0 || document.getElementById('select')?.getAttribute('aria-pressed') === 'true');
}

function clearSelection() {
  items().forEach(item => chosen.has(item.dataset.id) && choose(item, false));
  chosen.clear();
  document.getElementById('select')?.setAttribute('aria-pressed', 'false');
  showSelection();
}

document.addEventListener('click', event => {
  const item = event.target.closest('.grid > li');
  const link = event.target.closest('.grid > li > a:first-child');
  if (item && (event.target.closest('.pick-one') || (link && (event.shiftKey || event.ctrlKey || event.metaKey || document.body.classList.contains('selecting'))))) {
    event.preventDefault();
    toggle(item, event.shiftKey);
  }
});
document.getElementById('selection-clear').addEventListener('click', clearSelection);
document.getElementById('selection-search').addEventListener('click', () => go('/?q=' + encodeURIComponent([...chosen].slice(0, 32).map(id => '#' + id).join(' + '))));
document.getElementById('selection-hide').addEventListener('click', async () => {
  if (await hide([...chosen], true)) {
    items().forEach(item => chosen.has(item.dataset.id) && item.remove());
    clearSelection();
  }
});
document.getElementById('selection-tag').addEventListener('click', async () => {
  const tag = await ask('Tag the selected pictures');
  if (tag && await setTag([...chosen], { add: [tag] })) {
    say(`${chosen.size} pictures have the tag ${tag} now.`);
    clearSelection();
  }
});

// ---- asking and telling ----
function ask(title) {
  const dialog = document.getElementById('ask');
  document.getElementById('ask-title').textContent = title;
  const text = document.getElementById('ask-text');
  text.value = '';
  dialog.returnValue = 'cancel';
  dialog.showModal();
  return new Promise(resolve => dialog.addEventListener('close', () => resolve(dialog.returnValue === 'ok' ? text.value.trim() : null), { once: true }));
}

async function send(method, address, body) {
  const response = await fetch(address, {
    method, headers: body ? { 'Content-Type': 'application/json' } : {}, body: body && JSON.stringify(body),
  }).catch(() => null);
  if (!response?.ok) {
    const problem = await response?.json().catch(() => null);
    say(problem?.detail ?? 'The server does not answer.');
    return null;
  }
  return response;
}

const setTag = (ids, change) => send('POST', '/api/tags', { images: ids.map(Number), ...change });
const hide = (ids, hidden) => send('POST', '/api/images/hide', { ids: ids.map(Number), hidden });

// ---- filters ----
async function openFilters(open) {
  const form = document.getElementById('filter-form');
  const button = document.getElementById('filter');
  if (!form) {
    return;
  }
  form.hidden = !open;
  button.setAttribute('aria-expanded', open);
  if (open) {
    form.querySelector('input:not([type=hidden])').focus();
    const [facets, tags] = await Promise.all(['/api/facets', '/api/tags'].map(async address => (await fetch(address)).json()));
    const all = [...facets, ...tags.map(tag => ({ field: 'tag', value: tag.name, count: tag.images }))];
    for (const list of form.querySelectorAll('datalist')) {
      const field = list.id.slice('facet-'.length);
      list.replaceChildren(...all.filter(f => f.field === field).map(({ value, count }) => {
        const option = document.createElement('option');
        option.value = value;
        option.label = `${value} (${count.toLocaleString('en')})`;
        return option;
      }));
    }
  }
}

// ---- from one search to the next without a reload: the page comes as it is and takes this one's place ----
async function go(address, push = true) {
  const response = await fetch(address, { headers: { Accept: 'text/html' } }).catch(() => null);
  const main = response && new DOMParser().parseFromString(await response.text(), 'text/html');
  if (!main?.querySelector('main')) {
    location.href = address;
    return;
  }
  if (push) {
    history.pushState({ swapped: true }, '', address);
  }
  document.title = main.title;
  page.replaceChildren(...main.querySelector('main').childNodes);
  box.value = main.getElementById('q').value;
  chosen.clear();
  if (push) {
    scrollTo(0, 0);
  }
  rememberThis();
  prepare();
}

// Fields left empty say nothing and would only lengthen the address.
function addressOf(form) {
  const data = [...new FormData(form)].filter(([, value]) => value !== '');
  return form.getAttribute('action') + (data.length ? '?' + new URLSearchParams(data) : '');
}

const isSearch = address => new URL(address, location.href).origin === location.origin && new URL(address, location.href).pathname === '/';
document.addEventListener('submit', event => {
  if (event.target.method === 'get' && isSearch(event.target.action)) {
    event.preventDefault();
    historyList.hidden = true;
    location.pathname === '/' ? go(addressOf(event.target)) : location.href = addressOf(event.target);
  }
});
document.addEventListener('click', event => {
  const link = event.target.closest('a[href]');
  if (link && location.pathname === '/' && isSearch(link.href) && !event.defaultPrevented && event.button === 0
    && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey) {
    event.preventDefault();
    historyList.hidden = true;
    go(link.href);
  }
});
addEventListener('popstate', () => {
  if (location.pathname === '/') {
    go(location.href, false);
  } else if (!document.getElementById('bench')) {
    // The workbench of curation keeps its recipe in the address and goes back by itself.
    location.reload();
  }
});

// What a page that has just come needs.
function prepare() {
  watch();
  const scores = localStorage.getItem('scores') === '1';
  document.body.classList.toggle('with-scores', scores);
  document.getElementById('scores')?.setAttribute('aria-pressed', scores);
  const appearance = document.getElementById('appearance')?.elements;
  if (appearance) {
    appearance.theme.value = localStorage.getItem('theme') ?? '';
    appearance.row.value = localStorage.getItem('row') ?? '';
    appearance.scores.checked = scores;
  }
  showSelection();
}

page.addEventListener('click', async event => {
  const button = event.target.closest('button');
  if (!button) {
    return;
  }
  if (button.id === 'filter') {
    openFilters(button.getAttribute('aria-expanded') !== 'true');
  } else if (button.id === 'scores') {
    localStorage.setItem('scores', localStorage.getItem('scores') === '1' ? '0' : '1');
    prepare();
  } else if (button.id === 'select') {
    button.setAttribute('aria-pressed', button.getAttribute('aria-pressed') !== 'true');
    showSelection();
  } else if (button.id === 'save') {
    const name = await ask('Name of the album');
    if (name && await send('PUT', '/api/albums', { name, query: button.dataset.query })) {
      location.href = '/albums';
    }
  } else if (button.matches('.forget')) {
    if (await send('DELETE', '/api/albums/' + button.dataset.album)) {
      button.closest('li').remove();
    }
  } else if (button.matches('.hide')) {
    if (await hide([button.dataset.id], button.dataset.hidden === 'true')) {
      location.reload();
    }
  } else if (button.matches('.tag-right, .tag-wrong, .tag-gone')) {
    const { id, tag } = button.dataset;
    const change = button.matches('.tag-right') ? 'add' : button.matches('.tag-wrong') ? 'reject' : 'forget';
    if (await setTag([id], { [change]: [tag] })) {
      const card = button.closest('.review-card');
      card ? next(card) : location.reload();
    }
  } else if (button.id === 'add-tag') {
    const tag = await ask('Tag this picture');
    if (tag && await setTag([button.dataset.id], { add: [tag] })) {
      location.reload();
    }
  } else if (button.matches('.run-tags')) {
    const threshold = Number(button.closest('form').elements.threshold.value);
    if (await send('POST', '/api/jobs', { kind: 'tag', labelSet: button.dataset.set, threshold })) {
      say('Tagging …');
      wasRunning = true;
      setTimeout(poll, 300);
    }
  } else if (button.matches('.forget-set')) {
    if (await send('DELETE', '/api/labels/' + encodeURIComponent(button.dataset.set))) {
      location.reload();
    }
  } else if (button.id === 'save-set') {
    const form = button.closest('form');
    if (form.reportValidity() && await send('PUT', '/api/labels/' + encodeURIComponent(form.elements.name.value.trim()), { text: form.elements.labels.value })) {
      location.reload();
    }
  } else if (button.id === 'use-model') {
    const model = new FormData(button.form).get('model');
    const before = await serving();
    if (await send('PUT', '/api/models/serving', { model })) {
      button.disabled = true;
      say(`Starting again with ${model} …`);
      while ([undefined, before].includes(await serving())) {
        await new Promise(resolve => setTimeout(resolve, 500));
      }
      location.reload();
    }
  } else if (button.matches('.aside')) {
    await putAside([button.closest('.group')]);
  } else if (button.id === 'aside-all') {
    await putAside([...document.querySelectorAll('.group')]);
  } else if (button.matches('.cancel')) {
    if (await send('POST', `/api/jobs/${button.dataset.job}/cancel`)) {
      location.reload();
    }
  } else if (button.matches('.again') && await send('POST', '/api/jobs', { kind: 'index', folder: button.dataset.folder })) {
    say('Looking …');
    wasRunning = true;
    setTimeout(poll, 300);
  }
});

// When the server started; undefined while it does not answer.
const serving = () => fetch('/api/models/serving').then(response => response.ok ? response.json() : {}, () => ({})).then(now => now.since);

page.addEventListener('change', event => {
  const form = event.target.closest('#appearance');
  if (form) {
    const { theme, row, scores } = form.elements;
    for (const [name, value] of [['theme', theme.value], ['row', row.value]]) {
      value ? localStorage.setItem(name, value) : localStorage.removeItem(name);
      value ? document.documentElement.dataset[name] = value : delete document.documentElement.dataset[name];
    }
    localStorage.setItem('scores', scores.checked ? '1' : '0');
  }
});

// The next suggestion to look at takes the focus, so that A and R go through them all.
function next(card) {
  const following = card.nextElementSibling ?? card.previousElementSibling;
  card.remove();
  following ? following.querySelector('.tag-right').focus() : location.reload();
}

async function putAside(groups) {
  const others = groups.flatMap(group => [...group.querySelectorAll('input[name=keep]:not(:checked)')].map(box => box.value));
  if (groups.some(group => !group.querySelector('input[name=keep]:checked'))) {
    say('Keep at least one picture of each group.');
  } else if (others.length && await hide(others, true)) {
    location.reload();
  }
}

// ---- endless results: the link to more is followed when it comes near ----
async function append(link) {
  const response = await fetch(link.href);
  const next = new DOMParser().parseFromString(await response.text(), 'text/html');
  const holder = link.closest('.more');
  const more = next.querySelector('.more');
  const there = new Set(items().map(item => item.dataset.id));
  document.querySelector('.grid').append(...[...next.querySelectorAll('.grid > li')].filter(item => !there.has(item.dataset.id)));
  if (more) {
    holder.replaceWith(more);
    watch();
  } else {
    holder.remove();
  }
}

function watch() {
  const link = document.getElementById('more');
  if (link) {
    new IntersectionObserver((entries, observer) => {
      if (entries.some(entry => entry.isIntersecting)) {
        observer.disconnect();
        append(link);
      }
    }, { rootMargin: '1200px' }).observe(link);
  }
}

// ---- what the server is doing ----
const line = document.getElementById('progress');
let wasRunning = false;

function say(...content) {
  line.replaceChildren(...content);
  line.hidden = content.length === 0;
}

function duration(seconds) {
  return seconds < 90 ? Math.ceil(seconds) + ' s' : seconds < 5400 ? Math.ceil(seconds / 60) + ' min' : (seconds / 3600).toFixed(1) + ' h';
}

async function poll() {
  const response = await fetch('/api/status').catch(() => null);
  if (!response?.ok) {
    say('The server does not answer; trying again …');
    setTimeout(poll, 3000);
    return;
  }
  const { job, indexed } = await response.json();
  if (job && document.querySelector('.following:not([hidden])')) {
    // The page shows it itself.
    say();
  } else if (job) {
    const { stage, done, total, failed, rate, secondsLeft, unit } = job.progress;
    const ofPictures = unit === 'images';
    const bar = document.createElement('progress');
    bar.setAttribute('aria-label', 'Progress');
    if (total) {
      bar.max = total;
      bar.value = done;
    }
    const parts = [
      `${stage}: ${done.toLocaleString('en')}${total ? ' of ' + total.toLocaleString('en') : ''} ${ofPictures ? 'files' : unit}`,
      `${Math.round(rate).toLocaleString('en')} ${unit}/s`,
    ];
    if (secondsLeft) {
      parts.push(duration(secondsLeft) + ' left');
    }
    if (failed) {
      parts.push(`${failed.toLocaleString('en')} ${ofPictures ? 'gave no picture' : 'left out'}`);
    }
    say(bar, parts.join(' · '));
  } else if (wasRunning && document.querySelector('.curation')) {
    say();
  } else if (wasRunning) {
    const link = document.createElement('a');
    link.href = location.href;
    link.textContent = 'show them';
    say(`${indexed.toLocaleString('en')} pictures are searchable; `, link);
  }
  wasRunning = Boolean(job);
  setTimeout(poll, job ? 1000 : 10000);
}
poll();

// ---- buttons ----
document.getElementById('theme').addEventListener('click', () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
  localStorage.setItem('theme', root.dataset.theme);
});
prepare();
