// The page works without this: a link is a search. Here are the conveniences: keys, history, pictures for queries, endless results, progress.
const box = document.getElementById('q');
const historyList = document.getElementById('history');
const page = document.querySelector('main');

// ---- history: the last five searches, newest first ----
const past = () => JSON.parse(localStorage.getItem('history') ?? '[]');
const remember = words => localStorage.setItem('history', JSON.stringify([words, ...past().filter(w => w !== words)].slice(0, 5)));
const forget = words => localStorage.setItem('history', JSON.stringify(past().filter(w => w !== words)));
const query = new URLSearchParams(location.search).get('q');
if (query?.trim() && location.pathname === '/') {
  remember(query.trim());
}

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
    location.href = '/?upload=' + answer.upload;
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
  if ((event.key === 'k' && (event.ctrlKey || event.metaKey)) || (event.key === '/' && !typing)) {
    event.preventDefault();
    box.focus();
    box.select();
    return;
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey) {
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
  } else if (event.key === 'l' && at >= 0) {
    all[at].parentElement.querySelector('.like').click();
  }
});

// ---- endless results: the link to more is followed when it comes near ----
async function append(link) {
  const response = await fetch(link.href);
  const next = new DOMParser().parseFromString(await response.text(), 'text/html');
  const holder = link.closest('.more');
  const more = next.querySelector('.more');
  document.querySelector('.grid').append(...next.querySelectorAll('.grid > li'));
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
watch();

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
  if (job) {
    const { stage, done, total, failed, rate, secondsLeft } = job.progress;
    const bar = document.createElement('progress');
    bar.setAttribute('aria-label', 'Indexing');
    if (total) {
      bar.max = total;
      bar.value = done;
    }
    const parts = [`${stage}: ${done.toLocaleString('en')}${total ? ' of ' + total.toLocaleString('en') : ''} files`, `${rate.toFixed(0)} images/s`];
    if (secondsLeft) {
      parts.push(duration(secondsLeft) + ' left');
    }
    if (failed) {
      parts.push(`${failed.toLocaleString('en')} gave no picture`);
    }
    say(bar, parts.join(' · '));
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
page.addEventListener('click', async event => {
  const folder = event.target.closest('.again')?.dataset.folder;
  if (folder) {
    const response = await fetch('/api/jobs', {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ kind: 'index', folder }),
    });
    say(response.ok ? 'Looking …' : (await response.json()).detail);
    wasRunning = response.ok;
    setTimeout(poll, 300);
  }
});
