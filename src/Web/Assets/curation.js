// The pages of curation: datasets, the workbench where a recipe is made, and runs. What filters and presets there are comes from the server.

// ---- small things ----
const count = number => Math.round(number).toLocaleString('en');
const per = (part, all) => all ? (100 * part / all).toFixed(part && part < all && Math.abs(part / all - 0.5) > 0.495 ? 2 : 1) + ' %' : '0 %';
const words = name => (name[0].toUpperCase() + name.slice(1)).replaceAll('_', ' ').replace(/[A-Z]/g, (letter, at) => at ? ' ' + letter.toLowerCase() : letter);
const wait = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));
const languages = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'code' });
const nameOfLanguage = code => code === 'und' ? 'unsure' : code === 'zxx' ? 'no letters' : languages.of(code);

function make(tag, attributes = {}, ...children) {
  const element = tag === 'svg' || tag === 'path' ? document.createElementNS('http://www.w3.org/2000/svg', tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) {
      element.addEventListener(name.slice(2), value);
    } else if (value === true) {
      element.setAttribute(name, '');
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

function showProblem(element, text) {
  element.hidden = !text;
  setText(element, text ?? '');
}

/** Asks the API; what it refuses is an error with its reason. */
async function call(method, address, body, signal) {
  const response = await fetch(address, {
    method, signal, headers: body === undefined ? {} : { 'Content-Type': 'application/json' }, body: body === undefined ? undefined : JSON.stringify(body),
  }).catch(problem => {
    throw problem.name === 'AbortError' ? problem : new Error('The server does not answer.');
  });
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    throw Object.assign(new Error(problem.detail ?? problem.title ?? `The server answered ${response.status}.`), { status: response.status });
  }
  return response.status === 204 ? null : response.json();
}

function duration(seconds) {
  return seconds < 90 ? Math.ceil(seconds) + ' s' : seconds < 5400 ? Math.ceil(seconds / 60) + ' min' : (seconds / 3600).toFixed(1) + ' h';
}

/** Shows how far a job is until it has ended; gives the job. */
async function follow(holder, id) {
  const bar = make('progress', { 'aria-label': 'Progress' });
  const line = make('span', { role: 'status' }, 'waits');
  const cancel = make('button', { type: 'button', class: 'button quiet', onclick: () => call('POST', `/api/jobs/${id}/cancel`).catch(problem => setText(line, problem.message)) }, 'Cancel');
  holder.replaceChildren(bar, line, cancel);
  holder.hidden = false;
  for (;;) {
    const job = await call('GET', `/api/jobs/${id}`).catch(problem => ({ state: problem.status === 404 ? 'cancelled' : 'unreachable', error: problem.message }));
    if (job.state === 'unreachable') {
      setText(line, job.error);
    } else if (job.state !== 'queued' && job.state !== 'running') {
      holder.hidden = true;
      return job;
    } else {
      const { stage, done, total, rate, secondsLeft, unit, failed } = job.progress;
      if (total) {
        [bar.max, bar.value] = [total, Math.min(done, total)];
      } else {
        bar.removeAttribute('value');
      }
      setText(line, job.state === 'queued' ? 'waits' : [
        stage + (done ? `: ${count(done)}${total ? ' of ' + count(total) : ''} ${unit}` : ''), rate >= 1 ? `${count(rate)} a second` : null,
        secondsLeft ? duration(secondsLeft) + ' left' : null, failed ? `${count(failed)} left out` : null,
      ].filter(Boolean).join(' · '));
    }
    await wait(500);
  }
}

function confirmed(title, text, yes) {
  const dialog = make('dialog', { class: 'ask', 'aria-labelledby': 'sure' },
    make('form', { method: 'dialog' }, make('h2', { id: 'sure' }, title), make('p', {}, text),
      make('p', {}, make('button', { class: 'button', value: 'yes' }, yes), ' ', make('button', { class: 'button quiet', value: 'no', autofocus: true }, 'Cancel'))));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise(resolve => dialog.addEventListener('close', () => {
    dialog.remove();
    resolve(dialog.returnValue === 'yes');
  }));
}

document.addEventListener('click', async event => {
  const button = event.target.closest('button.copy');
  if (!button) {
    return;
  }
  const source = document.getElementById(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent);
    setText(button, 'Copied');
  } catch {
    // Without a secure connection browsers leave the clipboard to the person.
    source.select ? source.select() : getSelection().selectAllChildren(source);
    setText(button, 'Selected');
  }
  await wait(1500);
  setText(button, 'Copy');
});

// ---- recipes: { seed, filters: [{ name, settings }] }, where a setting that is not there is switched off ----
function fromJson(json, catalogue) {
  return {
    seed: json.seed ?? 0,
    filters: (json.filters ?? []).map(item => {
      const [name, given] = typeof item === 'string' ? [item, {}] : Object.entries(item)[0];
      const settings = { ...defaults(catalogue.get(name)), ...given };
      return { name, settings: Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null)) };
    }),
  };
}

const defaults = filter => Object.fromEntries((filter?.parameters ?? []).filter(p => p.default !== null).map(p => [p.name, p.default]));

/** What differs from the defaults; null switches one off. */
function differences({ name, settings }, catalogue) {
  const usual = defaults(catalogue.get(name));
  const all = [...new Set([...Object.keys(usual), ...Object.keys(settings)])];
  return Object.fromEntries(all.filter(key => JSON.stringify(settings[key]) !== JSON.stringify(usual[key])).map(key => [key, settings[key] ?? null]));
}

function toJson(recipe, catalogue) {
  return { ...(recipe.seed ? { seed: recipe.seed } : {}), filters: recipe.filters.map(filter => ({ [filter.name]: differences(filter, catalogue) })) };
}

function toYaml(recipe, catalogue) {
  const plain = text => /^[\p{L}_][\p{L}\p{N}_./-]*$/u.test(text) && !/^(true|false|null|yes|no|on|off)$/i.test(text) ? text : JSON.stringify(text);
  const scalar = value => typeof value === 'string' ? plain(value) : Array.isArray(value) ? `[${value.map(scalar).join(', ')}]` : String(value);
  const lines = recipe.seed ? [`seed: ${recipe.seed}`] : [];
  lines.push(recipe.filters.length ? 'filters:' : 'filters: []');
  for (const filter of recipe.filters) {
    const given = Object.entries(differences(filter, catalogue));
    lines.push(`  - ${filter.name}${given.length ? ':' : ''}`, ...given.map(([name, value]) => `      ${name}: ${scalar(value)}`));
  }
  return lines.join('\n') + '\n';
}

const toHash = json => json.filters.length || json.seed ? '#' + encodeURIComponent(JSON.stringify(json)) : '';

function fromHash() {
  try {
    const json = JSON.parse(decodeURIComponent(location.hash.slice(1)));
    return Array.isArray(json.filters) ? json : null;
  } catch {
    return null;
  }
}

// ---- histograms ----
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const short = value => Math.abs(value) >= 10000 ? compact.format(value) : Number(value.toPrecision(3)).toLocaleString('en');

/** How a pair of bars is drawn over a field's bins: all pairs, and of these the ones kept. Thresholds are handles on it. */
class Plot {
  /** @param cuts Thresholds: { filter, parameter, get(), set(value, isDone) }. */
  constructor(title, cuts = [], small = false) {
    this.cuts = cuts;
    this.all = make('path', { class: 'all' });
    this.kept = make('path', { class: 'kept' });
    this.picture = make('svg', { class: 'bars', viewBox: '0 0 100 100', preserveAspectRatio: 'none', 'aria-hidden': 'true' }, this.all, this.kept);
    this.shades = cuts.map(() => make('i', { class: 'shade', 'aria-hidden': 'true' }));
    this.handles = cuts.map((cut, at) => this.handle(cut, at));
    this.area = make('div', { class: 'area' }, this.picture, ...this.shades, ...this.handles);
    this.ticks = make('div', { class: 'ticks', 'aria-hidden': 'true' });
    this.words = small ? null : make('p', { class: 'plot-words' });
    this.element = make('figure', { class: small ? 'plot small' : 'plot' }, small ? null : make('figcaption', {}, title), this.words, this.area, this.ticks);
    this.area.addEventListener('pointerdown', event => this.grasp(event));
  }

  show(field) {
    if (field.edges.length !== this.edges?.length) {
      this.edges = field.edges;
      const bins = field.edges.length - 1;
      const parts = [4, 5, 3, 2].find(n => bins % n === 0) ?? 1;
      // The last bin is open, but for shares, which end at 1.
      const isOpen = field.all.at(-1) > 0 && field.edges.at(-1) !== 1;
      this.ticks.replaceChildren(...Array.from({ length: parts + 1 }, (_, at) => make('span', {}, short(field.edges[at * bins / parts]) + (at === parts && isOpen ? '+' : ''))));
    }
    const most = Math.max(1, ...field.all);
    this.all.setAttribute('d', bars(field.all, most));
    this.kept.setAttribute('d', bars(field.kept, most));
    if (this.words) {
      const unknown = field.unknown ? `; ${per(field.unknown, sum(field.all) + field.unknown)} unknown` : '';
      setText(this.words, `median ${median(field.edges, field.all)}, kept ${sum(field.kept) ? median(field.edges, field.kept) : 'none'}` + unknown);
    }
    this.place();
  }

  /** Puts handles where their thresholds are. */
  place() {
    if (!this.edges) {
      return;
    }
    this.cuts.forEach((cut, at) => {
      const value = cut.get();
      const share = value === undefined ? cut.isMost ? 1 : 0 : this.shareOf(value);
      const [handle, shade] = [this.handles[at], this.shades[at]];
      handle.style.left = 100 * share + '%';
      handle.classList.toggle('off', value === undefined);
      shade.style.left = cut.isMost ? 100 * share + '%' : '0';
      shade.style.width = 100 * (cut.isMost ? 1 - share : share) + '%';
      handle.setAttribute('aria-valuemin', Math.min(this.edges[0], value ?? Infinity));
      handle.setAttribute('aria-valuemax', Math.max(this.edges.at(-1), value ?? -Infinity));
      handle.setAttribute('aria-valuenow', value ?? (cut.isMost ? this.edges.at(-1) : this.edges[0]));
      handle.setAttribute('aria-valuetext', value === undefined ? 'not used' : cut.text(value));
      setText(handle.firstChild, value === undefined ? 'off' : cut.text(value));
      handle.firstChild.style.translate = -100 * share + '%';
    });
  }

  shareOf(value) {
    const bins = this.edges.length - 1;
    if (value <= this.edges[0]) {
      return 0;
    }
    const bin = this.edges.findLastIndex(edge => edge <= value);
    return bin >= bins ? 1 : (bin + (value - this.edges[bin]) / (this.edges[bin + 1] - this.edges[bin])) / bins;
  }

  // Half a bin, rounded down to 1 or 5 times a power of ten.
  stepAt(bin, cut) {
    const half = (this.edges[bin + 1] - this.edges[bin]) / 2;
    const power = 10 ** Math.floor(Math.log10(half) + 1e-9);
    return Math.max(half >= 5 * power * (1 - 1e-9) ? 5 * power : power, cut.parameter.kind === 'integer' ? 1 : 0);
  }

  valueAt(share, cut) {
    const bins = this.edges.length - 1;
    const bin = Math.min(bins - 1, Math.max(0, Math.floor(share * bins)));
    const value = this.edges[bin] + (share * bins - bin) * (this.edges[bin + 1] - this.edges[bin]);
    const step = this.stepAt(bin, cut);
    return bounded(Number((Math.round(value / step) * step).toPrecision(12)), cut.parameter);
  }

  handle(cut, at) {
    const { parameter } = cut;
    return make('span', {
      class: 'handle ' + (cut.isMost ? 'most' : 'least'), role: 'slider', tabindex: '0', 'aria-label': cut.label, 'aria-valuenow': '0', 'data-filter': cut.filter, 'data-setting': parameter.name,
      onkeydown: event => this.press(event, at),
    }, make('b', { 'aria-hidden': 'true' }));
  }

  press(event, at) {
    const cut = this.cuts[at];
    const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    const [first, last] = [this.edges[0], this.edges.at(-1)];
    if (event.key === 'Home' || event.key === 'End') {
      event.preventDefault();
      this.move(cut, event.key === 'Home' ? 0 : 1, true);
    } else if (steps) {
      event.preventDefault();
      const now = cut.get() ?? (cut.isMost ? last : first);
      const bin = Math.min(this.edges.length - 2, Math.max(0, this.edges.findLastIndex(edge => steps < 0 ? edge < now : edge <= now)));
      const step = this.stepAt(bin, cut);
      const next = bounded(Number(((Math.round(now / step) + steps) * step).toPrecision(12)), cut.parameter);
      cut.set(cut.isMost ? next >= last ? undefined : next : next <= first ? undefined : next, true);
    }
  }

  // At its own end a threshold cuts nothing: it is switched off.
  move(cut, share, isDone) {
    cut.set((cut.isMost ? share >= 1 : share <= 0) ? undefined : this.valueAt(share, cut), isDone);
  }

  grasp(event) {
    if (event.button !== 0 || !this.cuts.length || !this.edges) {
      return;
    }
    const box = this.area.getBoundingClientRect();
    const shareOf = x => Math.min(1, Math.max(0, (x - box.left) / box.width));
    const here = shareOf(event.clientX);
    // The nearest handle; of two at one place the one whose grip is nearer: upper grips are of lower bounds.
    const distance = at => Math.abs(parseFloat(this.handles[at].style.left) / 100 - here) + (this.cuts[at].isMost === event.clientY - box.top > box.height / 2 ? 0 : 0.02);
    const own = this.handles.indexOf(event.target);
    const at = own >= 0 ? own : this.cuts.map((_, i) => i).sort((x, y) => distance(x) - distance(y))[0];
    const cut = this.cuts[at];
    const before = cut.get();
    event.preventDefault();
    this.handles[at].focus({ preventScroll: true });
    this.area.setPointerCapture(event.pointerId);
    let moved = own < 0;
    const move = now => {
      moved ||= Math.abs(now.clientX - event.clientX) > 2;
      if (moved) {
        this.move(cut, shareOf(now.clientX), false);
      }
    };
    const done = ended => {
      this.area.removeEventListener('pointermove', move);
      this.area.removeEventListener('pointerup', done);
      this.area.removeEventListener('pointercancel', done);
      if (ended.type === 'pointercancel') {
        cut.set(before, true);
      } else if (moved) {
        this.move(cut, shareOf(ended.clientX), true);
      }
    };
    this.area.addEventListener('pointermove', move);
    this.area.addEventListener('pointerup', done);
    this.area.addEventListener('pointercancel', done);
    move(event);
  }
}

const sum = numbers => numbers.reduce((all, one) => all + one, 0);
// As if pairs lay evenly within their bin, so about; of the outer bins, which are open, only the bound is known. Bins of one hold whole numbers.
function median(edges, counts) {
  let left = sum(counts) / 2;
  const bin = counts.findIndex(pairs => (left -= pairs) <= 0);
  if (bin === 0 || bin === counts.length - 1) {
    return bin ? `≥ ${short(edges[bin])}` : `< ${short(edges[1])}`;
  }
  const width = edges[bin + 1] - edges[bin];
  return width === 1 ? short(edges[bin]) : 'about ' + short(Number((edges[bin] + (1 + left / counts[bin]) * width).toPrecision(2)));
}

const bounded = (value, { min, max }) => Math.min(max ?? Infinity, Math.max(min ?? -Infinity, value));

// One path for all bars; a bin that holds anything is at least seen.
function bars(counts, most) {
  const width = 100 / counts.length;
  return counts.map((pairs, at) => {
    const height = pairs ? Math.max(1.5, 100 * pairs / most) : 0;
    return height ? `M${(at * width + width * 0.06).toFixed(2)} 100v${-height.toFixed(2)}h${(width * 0.88).toFixed(2)}v${height.toFixed(2)}z` : '';
  }).join('');
}

/** Languages as bars, most frequent first. */
class LanguageBars {
  constructor() {
    this.list = make('ul', {});
    this.rest = make('p', { class: 'plot-words' });
    this.element = make('figure', { class: 'plot languages' }, make('figcaption', {}, 'Language'), this.list, this.rest);
  }

  show(all) {
    const most = Math.max(1, ...all.map(l => l.all));
    const shown = all.slice(0, 7);
    this.list.replaceChildren(...shown.map(({ language, all: pairs, kept }) => {
      const track = make('span', { class: 'track', 'aria-hidden': 'true' }, make('i', { class: 'all' }), make('i', { class: 'kept' }));
      track.children[0].style.width = 100 * pairs / most + '%';
      track.children[1].style.width = 100 * kept / most + '%';
      return make('li', { title: `${language}: ${count(kept)} of ${count(pairs)} kept` }, make('span', {}, nameOfLanguage(language)), track, make('b', {}, per(kept, pairs)));
    }));
    setText(this.rest, all.length > shown.length ? `and ${all.length - shown.length} more with ${count(sum(all.slice(7).map(l => l.all)))} pairs` : '');
  }
}

// ---- the funnel ----
class Funnel {
  /** @param choose Called with a reason that is clicked. */
  constructor(list, titleOf, choose) {
    [this.list, this.titleOf, this.choose, this.rows] = [list, titleOf, choose, new Map()];
  }

  /**
   * @param scale What one counted pair stands for: 1, or more where a sample was counted.
   * @param isComing What is not counted will be.
   * @param other { name, report } of a run to show beside it.
   */
  show(report, { notCounted = [], isComing = false, scale = 1, other = null } = {}) {
    const figure = pairs => (scale > 1 ? '≈ ' : '') + count(pairs * scale);
    const of = report.pairs;
    const rows = [this.row('all', 'All pairs', of, of, of, [], pairs => count(pairs * scale), other && `${other.name} keeps ${count(other.report.kept)}, ${per(other.report.kept, other.report.pairs)}`)];
    const thereOf = filter => other?.report.steps.find(s => s.filter === filter);
    for (const step of report.steps) {
      const there = thereOf(step.filter);
      rows.push(this.row(step.filter, this.titleOf(step.filter), step.in, step.out, of, step.reasons, figure, other && (there ? `${other.name} drops ${count(there.in - there.out)}, ${per(there.in - there.out, there.in)}` : `not in ${other.name}`)));
    }
    for (const step of other?.report.steps.filter(s => !report.steps.some(t => t.filter === s.filter)) ?? []) {
      rows.push(this.row('other ' + step.filter, this.titleOf(step.filter), 0, 0, of, [], figure, `not here; ${other.name} drops ${count(step.in - step.out)}, ${per(step.in - step.out, step.in)}`));
    }
    for (const filter of notCounted) {
      rows.push(this.row(filter, this.titleOf(filter), 0, 0, of, [], figure, isComing ? 'looks at all pairs together: counted once nothing moves' : 'looks at all pairs together and is left out of this sample: a run counts it'));
    }
    rows.forEach((row, at) => this.list.children[at] === row || this.list.insertBefore(row, this.list.children[at] ?? null));
    while (this.list.children.length > rows.length) {
      this.list.lastChild.remove();
    }
  }

  row(key, title, before, after, of, reasons, figure, remark) {
    if (!this.rows.has(key)) {
      const row = make('li', { 'data-filter': key }, make('div', { class: 'step-head' }, make('span', { class: 'step-title' }, title), make('b'), make('span', { class: 'lost' })),
        make('div', { class: 'split', 'aria-hidden': 'true' }, make('i'), make('i', { class: 'gone-now' })), make('p', { class: 'note' }), make('ul', { class: 'reasons' }));
      this.rows.set(key, row);
    }
    const row = this.rows.get(key);
    const [head, split, note, list] = row.children;
    const isStep = key !== 'all';
    const isCounted = before > 0 || !remark;
    setText(head.children[1], isCounted ? figure(after) : '');
    setText(head.children[2], !isStep || !isCounted ? '' : before === after ? 'drops none' : `−${figure(before - after).replace('≈ ', '')}  ${per(before - after, before)}`);
    head.children[2].classList.toggle('none', before === after);
    split.hidden = !isCounted;
    split.children[0].style.width = 100 * after / Math.max(1, of) + '%';
    split.children[1].style.width = 100 * (before - after) / Math.max(1, of) + '%';
    note.hidden = !remark;
    setText(note, remark ?? '');
    const known = new Map([...list.children].map(item => [item.dataset.code, item]));
    list.replaceChildren(...reasons.map(reason => {
      const item = known.get(reason.code) ?? make('li', { 'data-code': reason.code }, make('button', { type: 'button', title: 'Look at some' }, make('span'), make('b')));
      const button = item.firstChild;
      setText(button.children[0], reason.text);
      setText(button.children[1], figure(reason.pairs));
      button.onclick = () => this.choose(reason);
      return item;
    }));
    return row;
  }
}

// ---- pairs ----
const addressOfPair = (dataset, row, what) => `/api/curation/datasets/${dataset}/pairs/${row}/${what}`;

function pairFacts(pair) {
  return [
    pair.width ? `${pair.width} × ${pair.height}` : null, nameOfLanguage(pair.language) + (/^(und|zxx)$/.test(pair.language) ? '' : ` ${Math.round(100 * pair.languageConfidence)} %`),
    `${pair.words} ${pair.words === 1 ? 'word' : 'words'}`, pair.similarity !== null ? `similarity ${pair.similarity.toFixed(3)}` : null,
    pair.measures?.unreadable ? 'image unreadable' : null, ...pair.marks.map(words),
  ].filter(Boolean).join(' · ');
}

function picture(dataset, pair) {
  const frame = make('div', { class: 'frame' });
  if (pair.hasImage) {
    const image = make('img', { src: addressOfPair(dataset, pair.row, 'thumb'), alt: '', loading: 'lazy', onerror: () => frame.replaceChildren(make('span', {}, 'image not readable')) });
    frame.append(make('a', { href: addressOfPair(dataset, pair.row, 'image'), 'aria-label': `Image of pair ${pair.row}` }, image));
  } else {
    frame.classList.add('bare');
    frame.append(make('span', {}, pair.url ? 'image not stored' : 'no image'));
  }
  return frame;
}

const captionOf = pair => make('p', { class: 'pair-caption', lang: /^(und|zxx)$/.test(pair.language) ? null : pair.language, dir: 'auto' }, pair.caption || make('i', {}, 'no caption'));

/** A card of a pair, with the pair that is kept in its stead where there is one, and what a person can say of it. */
function pairCard(dataset, pair, twins) {
  const twin = twins.get(pair.twin);
  const said = make('span', { class: 'said', role: 'status' });
  const problem = make('p', { class: 'problem', role: 'alert', hidden: true });
  const buttons = [['Keep', true], ['Drop', false], ['Undo', null]].map(([text, keep]) => make('button', {
    type: 'button', class: 'tool', 'aria-label': `${text}: pair ${pair.row}`,
    onclick: () => call('POST', `/api/curation/datasets/${dataset}/decisions`, { rows: [pair.row], keep })
      .then(() => { pair.decision = keep; show(); (keep === null ? buttons[0] : buttons[2]).focus(); card.dispatchEvent(new Event('decided', { bubbles: true })); })
      .catch(refused => showProblem(problem, refused.message)),
  }, text));
  const card = make('li', { class: 'pair' + (twin ? ' with-twin' : ''), 'data-row': pair.row },
    make('div', { class: 'sides' }, make('div', {}, picture(dataset, pair), captionOf(pair)),
      twin ? make('div', { class: 'twin' }, picture(dataset, twin), captionOf(twin), make('p', { class: 'note' }, 'like this one, which is kept')) : null),
    make('p', { class: 'note facts-line' }, pairFacts(pair)),
    pair.url ? make('p', { class: 'note url' }, pair.url) : null,
    make('p', { class: 'decide' }, ...buttons, said), problem);
  function show() {
    buttons[0].hidden = buttons[1].hidden = pair.decision !== null;
    buttons[2].hidden = pair.decision === null;
    card.classList.toggle('said-keep', pair.decision === true);
    card.classList.toggle('said-drop', pair.decision === false);
    setText(said, pair.decision === null ? '' : pair.decision ? 'you keep it' : 'you drop it');
  }
  show();
  return card;
}

async function twinsOf(dataset, pairs, signal) {
  const rows = [...new Set(pairs.map(pair => pair.twin).filter(row => row !== null && row !== undefined))];
  return new Map(rows.length ? (await call('GET', `/api/curation/datasets/${dataset}/pairs?rows=${rows.join(',')}`, undefined, signal)).pairs.map(pair => [pair.row, pair]) : []);
}

/** Tabs of reasons over one panel. */
class Tabs {
  constructor(list, panel, choose) {
    [this.list, this.panel, this.choose, this.code] = [list, panel, choose, null];
    list.addEventListener('keydown', event => {
      const all = [...list.children];
      const at = all.indexOf(document.activeElement);
      const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
      if (at >= 0 && next !== undefined) {
        event.preventDefault();
        const tab = all[(next + all.length) % all.length];
        tab.focus();
        tab.click();
      }
    });
  }

  /** @param reasons { code, text, pairs }; the chosen one stays chosen. */
  show(reasons, figure = count) {
    if (!reasons.some(reason => reason.code === this.code)) {
      this.code = (reasons.find(reason => reason.code !== 'kept' && reason.pairs > 0) ?? reasons[0]).code;
    }
    const known = new Map([...this.list.children].map(tab => [tab.dataset.code, tab]));
    const tabs = reasons.map(reason => {
      const tab = known.get(reason.code) ?? make('button', {
        type: 'button', role: 'tab', class: 'tool', 'data-code': reason.code, 'aria-controls': this.panel.id, onclick: () => this.select(reason.code),
      }, make('span'), make('b'));
      setText(tab.children[0], reason.text);
      setText(tab.children[1], reason.pairs === null ? '' : figure(reason.pairs));
      tab.setAttribute('aria-selected', reason.code === this.code);
      tab.tabIndex = reason.code === this.code ? 0 : -1;
      return tab;
    });
    if (tabs.length !== this.list.children.length || tabs.some((tab, at) => tab !== this.list.children[at])) {
      const focused = this.list.contains(document.activeElement) ? document.activeElement.dataset.code : null;
      this.list.replaceChildren(...tabs);
      tabs.find(tab => tab.dataset.code === focused)?.focus();
    }
    this.panel.setAttribute('aria-label', reasons.find(reason => reason.code === this.code).text);
  }

  select(code) {
    this.code = code;
    for (const tab of this.list.children) {
      tab.setAttribute('aria-selected', tab.dataset.code === code);
      tab.tabIndex = tab.dataset.code === code ? 0 : -1;
      if (tab.dataset.code === code) {
        this.panel.setAttribute('aria-label', tab.firstChild.textContent);
      }
    }
    this.choose(code);
  }
}

// ---- filters as cards ----
const isNumber = parameter => ['integer', 'number', 'share'].includes(parameter.kind);
const isMost = parameter => parameter.name.startsWith('max');

/** A threshold of a filter, for plots. */
const cutOf = (bench, filter, parameter) => ({
  filter: filter.name, parameter, isMost: isMost(parameter), label: `${filter.title}: ${parameter.title} ${parameter.unit ?? ''}`.trim(),
  text: value => parameter.kind === 'share' ? Number((100 * value).toPrecision(3)) + ' %' : `${value.toLocaleString('en', { maximumSignificantDigits: 6 })} ${parameter.unit ?? ''}`.trim(),
  get: () => bench.get(filter.name, parameter.name), set: (value, isDone) => bench.set(filter.name, parameter.name, value, isDone),
});

class FilterCard {
  constructor(filter, bench) {
    [this.filter, this.bench, this.controls, this.plots] = [filter, bench, new Map(), new Map()];
    this.problem = make('p', { class: 'problem', role: 'alert', hidden: true });
    this.tag = make('span', { class: 'only-run', hidden: true }, 'counted by a run');
    const settings = make('div', { class: 'settings' });
    for (const parameter of filter.parameters) {
      if (parameter.field && isNumber(parameter) && !this.plots.has(parameter.field)) {
        const cuts = filter.parameters.filter(p => p.field === parameter.field && isNumber(p)).map(p => cutOf(bench, filter, p));
        const plot = new Plot(words(parameter.field), cuts, true);
        plot.element.hidden = true;
        this.plots.set(parameter.field, plot);
        settings.append(plot.element, ...filter.parameters.filter(p => p.field === parameter.field && isNumber(p)).map(p => this.control(p)));
      } else if (!parameter.field || !isNumber(parameter)) {
        settings.append(this.control(parameter));
      }
    }
    this.element = make('li', { class: 'card', 'data-filter': filter.name },
      make('div', { class: 'card-head' }, make('h3', {}, filter.title), this.tag,
        make('button', { type: 'button', class: 'icon', 'aria-label': `Remove ${filter.title}`, title: 'Remove', onclick: () => bench.remove(filter.name) }, '×')),
      make('p', { class: 'note' }, filter.summary), settings, this.problem);
  }

  control(parameter) {
    const { name, title, kind, unit, min, max, choices } = parameter;
    const set = (value, isDone) => this.bench.set(this.filter.name, name, value, isDone);
    const label = (...content) => make('label', { class: `setting of-${kind}`, 'data-setting': name }, ...content);
    if (kind === 'boolean') {
      const box = make('input', { type: 'checkbox', onchange: () => set(box.checked, true) });
      this.controls.set(name, { input: box, show: value => { box.checked = value === true; } });
      return label(box, make('span', {}, title));
    }
    if (kind === 'text' && choices) {
      const select = make('select', { onchange: () => set(select.value || undefined, true) },
        parameter.default === null ? make('option', { value: '' }, 'not set') : null, ...choices.map(choice => make('option', { value: choice }, words(choice))));
      this.controls.set(name, { input: select, show: value => { select.value = value ?? ''; } });
      return label(make('span', {}, title), select);
    }
    if (!isNumber(parameter)) {
      const isList = kind === 'textList';
      const read = () => isList ? input.value.split(',').map(text => text.trim()).filter(Boolean) : input.value.trim();
      const input = make('input', {
        type: 'text', autocomplete: 'off', spellcheck: 'false', placeholder: isList ? choices?.slice(0, 3).join(', ') ?? 'one, another' : null,
        oninput: () => set(read().length ? read() : undefined, false), onchange: () => set(read().length ? read() : undefined, true),
      });
      this.controls.set(name, { input, show: value => { input.value = isList ? (value ?? []).join(', ') : value ?? ''; } });
      return label(make('span', {}, title), input, unit ? make('span', { class: 'unit' }, unit) : null);
    }
    const scale = kind === 'share' ? 100 : 1;
    const out = value => value === undefined ? '' : String(Number((value * scale).toPrecision(12)));
    const read = text => text === '' ? undefined : Number((Number(text) / scale).toPrecision(12));
    const input = make('input', {
      type: 'number', inputmode: kind === 'integer' ? 'numeric' : 'decimal', step: kind === 'integer' ? 1 : 'any', min: min === null ? null : min * scale, max: max === null ? null : max * scale,
      placeholder: 'off', autocomplete: 'off', oninput: () => input.validity.badInput || set(read(input.value), false), onchange: () => input.validity.badInput || set(read(input.value), true),
    });
    const slider = kind === 'share' && !parameter.field ? make('input', {
      type: 'range', min: min * scale, max: max * scale, step: 1, 'aria-label': `${this.filter.title}: ${title}, per cent`,
      oninput: () => set(read(slider.value), false), onchange: () => set(read(slider.value), true),
    }) : null;
    this.controls.set(name, {
      input, show: value => {
        input.value = out(value);
        if (slider) {
          slider.value = value === undefined ? isMost(parameter) ? max * scale : min * scale : value * scale;
          slider.setAttribute('aria-valuetext', value === undefined ? 'off' : slider.value + ' %');
        }
      },
    });
    const field = label(make('span', {}, title), input, kind === 'share' ? make('span', { class: 'unit' }, '%') : unit ? make('span', { class: 'unit' }, unit) : null);
    return slider ? make('div', { class: 'with-slider' }, field, slider) : field;
  }

  /** Shows the settings; what somebody is typing into stays as it is. */
  show(settings) {
    for (const [name, { input, show }] of this.controls) {
      if (document.activeElement !== input || input.type === 'checkbox') {
        show(settings[name]);
      }
    }
    this.plots.forEach(plot => plot.place());
  }

  tell(text) {
    showProblem(this.problem, text);
    for (const [name, { input }] of this.controls) {
      text?.startsWith(name + ' ') ? input.setAttribute('aria-invalid', 'true') : input.removeAttribute('aria-invalid');
    }
  }
}

// ---- the workbench ----
class Bench {
  // Moving a slider asks at most so often; the last position is asked for at once.
  static pause = 200;
  static samples = 12;

  constructor(page) {
    this.dataset = page.dataset.dataset;
    this.total = Number(page.dataset.pairs);
    this.page = page;
    this.at = id => document.getElementById(id);
    this.cards = new Map();
    this.plots = new Map();
    this.pairs = new Map();
    this.recipe = { seed: 0, filters: [] };
    // What somebody wrote, until a control is moved.
    this.typed = null;
  }

  async open() {
    const [filters, presets] = await Promise.all([call('GET', '/api/curation/filters'), call('GET', '/api/curation/presets')]);
    this.catalogue = new Map(filters.map(filter => [filter.name, filter]));
    this.funnel = new Funnel(this.at('funnel'), name => this.catalogue.get(name)?.title ?? name, reason => {
      this.tabs.select(reason.code);
      this.at('samples-title').scrollIntoView({ block: 'start', behavior: 'smooth' });
    });
    this.tabs = new Tabs(this.at('tabs'), this.at('samples'), () => this.showSamples());
    this.languages = new LanguageBars();
    this.yaml = this.at('yaml');
    this.yaml.addEventListener('input', () => { this.typed = this.yaml.value; this.ask(false); });
    this.yaml.addEventListener('change', () => this.ask(true));
    this.listPresets(presets);
    this.listSaved();
    this.listRuns();
    this.at('save-recipe').addEventListener('submit', event => { event.preventDefault(); this.save(event.target); });
    this.at('run').addEventListener('click', () => this.run());
    document.querySelector('.skip').addEventListener('click', event => { event.preventDefault(); document.getElementById('main').focus(); });
    addEventListener('popstate', () => this.read());
    this.read(true);
    this.at('start').open = this.recipe.filters.length === 0 && presets.length > 0;
    if (this.page.dataset.job) {
      await follow(this.page.querySelector('.head .following'), this.page.dataset.job);
      this.ask(true);
    }
  }

  // What stands in the address, unless it is something else's.
  read(isFirst = false) {
    const json = fromHash();
    if (json || location.hash === '' || isFirst) {
      this.recipe = fromJson(json ?? { filters: [] }, this.catalogue);
      this.typed = null;
      this.changed(true, false);
    }
  }

  get text() {
    return this.typed ?? toYaml(this.recipe, this.catalogue);
  }

  get(filter, setting) {
    return this.recipe.filters.find(f => f.name === filter)?.settings[setting];
  }

  set(filter, setting, value, isDone) {
    let known = this.recipe.filters.find(f => f.name === filter);
    if (!known && value === undefined) {
      return;
    }
    known ??= this.insert(filter);
    if (value === undefined) {
      delete known.settings[setting];
    } else {
      known.settings[setting] = value;
    }
    this.typed = null;
    this.changed(isDone);
  }

  // Among the others as the catalogue orders them.
  insert(name) {
    const order = [...this.catalogue.keys()];
    const added = { name, settings: defaults(this.catalogue.get(name)) };
    const at = this.recipe.filters.findIndex(f => order.indexOf(f.name) > order.indexOf(name));
    this.recipe.filters.splice(at < 0 ? this.recipe.filters.length : at, 0, added);
    return added;
  }

  add(name) {
    this.insert(name);
    this.typed = null;
    this.at('add').open = false;
    this.changed(true);
    const card = this.cards.get(name).element;
    (card.querySelector('input, select') ?? card.querySelector('button')).focus({ preventScroll: true });
    card.scrollIntoView({ block: 'nearest' });
  }

  remove(name) {
    this.recipe.filters = this.recipe.filters.filter(f => f.name !== name);
    this.typed = null;
    this.changed(true);
    this.at('add').querySelector('summary').focus();
  }

  changed(isDone, keep = true) {
    this.showRecipe();
    if (isDone && keep) {
      this.keep();
    }
    this.ask(isDone);
  }

  // Every change is a step that the browser goes back by.
  keep() {
    const hash = toHash(toJson(this.recipe, this.catalogue));
    if (hash !== location.hash) {
      history.pushState(null, '', hash || location.pathname);
    }
  }

  showRecipe() {
    if (this.typed === null && document.activeElement !== this.yaml) {
      this.yaml.value = toYaml(this.recipe, this.catalogue);
    }
    this.yaml.rows = Math.min(24, this.yaml.value.split('\n').length + 1);
    const shown = this.recipe.filters.filter(f => this.catalogue.has(f.name)).map(({ name, settings }) => {
      if (!this.cards.has(name)) {
        this.cards.set(name, new FilterCard(this.catalogue.get(name), this));
        this.fill(this.cards.get(name).plots);
      }
      const card = this.cards.get(name);
      card.show(settings);
      return card.element;
    });
    const list = this.at('cards');
    if (shown.length === 0) {
      list.replaceChildren(make('li', { class: 'note' }, 'No filter yet: everything is kept. Start from a recipe, add a filter, or drag a handle of a histogram.'));
    } else if (shown.length !== list.children.length || shown.some((card, at) => card !== list.children[at])) {
      [...list.children].filter(item => !shown.includes(item)).forEach(item => item.remove());
      shown.forEach((card, at) => card === list.children[at] || list.insertBefore(card, list.children[at] ?? null));
    }
    [...this.cards.keys()].filter(name => !this.recipe.filters.some(f => f.name === name)).forEach(name => this.cards.delete(name));
    this.plots.forEach(plot => plot.place());
    this.listFilters();
  }

  listFilters() {
    const left = [...this.catalogue.values()].filter(filter => !this.recipe.filters.some(f => f.name === filter.name));
    const key = left.map(filter => filter.name).join();
    if (key !== this.offered) {
      this.offered = key;
      this.at('add').hidden = left.length === 0;
      this.at('filters').replaceChildren(...left.map(filter => make('li', {},
        make('button', { type: 'button', class: 'offer', 'data-filter': filter.name, onclick: () => this.add(filter.name) }, make('b', {}, filter.title), make('span', {}, filter.summary)))));
    }
  }

  // ---- asking what the recipe does ----
  ask(isDone) {
    this.page.dataset.settled = 'false';
    this.wanted = { isDone: isDone || Boolean(this.wanted?.isDone) };
    if (isDone) {
      this.running?.abort();
      this.running = null;
      clearTimeout(this.timer);
      this.start();
    } else if (!this.running && !this.timer) {
      this.timer = setTimeout(() => this.start(), Math.max(0, (this.asked ?? 0) + Bench.pause - performance.now()));
    }
  }

  async start() {
    const { isDone } = this.wanted;
    const stop = new AbortController();
    [this.timer, this.wanted, this.running, this.asked] = [null, null, stop, performance.now()];
    const typed = this.typed;
    try {
      const ask = groups => call('POST', `/api/curation/datasets/${this.dataset}/preview`, { recipe: this.text, samples: isDone ? Bench.samples : 0, groups }, stop.signal);
      const answer = await ask(false);
      if (this.running === stop) {
        this.tell(null);
        if (typed !== null && typed === this.typed) {
          this.recipe = fromJson(answer.resolved, this.catalogue);
          this.showRecipe();
          if (isDone) {
            this.keep();
          }
        }
        this.show(answer, isDone);
        // Filters of groups take longer: what the others do is shown first.
        if (isDone && answer.notCounted.length && answer.report.pairs === answer.total && answer.total > 0) {
          const whole = await ask(true);
          if (this.running === stop) {
            this.show(whole, true);
          }
        }
      }
    } catch (problem) {
      if (problem.name !== 'AbortError' && this.running === stop) {
        this.tell(problem.message);
      }
    }
    if (this.running === stop) {
      this.running = null;
      if (this.wanted) {
        this.ask(this.wanted.isDone);
      } else if (!isDone && this.typed !== null) {
        // Who writes does not say when they are done.
        this.timer = setTimeout(() => this.ask(true), 600);
      } else {
        this.page.dataset.settled = isDone;
      }
    }
  }

  tell(problem) {
    const [, filter, rest] = problem?.match(/^([a-z0-9_]+): (.*)$/s) ?? [];
    const own = this.typed === null ? this.cards.get(filter) : null;
    this.cards.forEach(card => card.tell(card === own ? rest : null));
    showProblem(this.at('yaml-problem'), own ? null : problem);
    problem && this.typed !== null ? this.yaml.setAttribute('aria-invalid', 'true') : this.yaml.removeAttribute('aria-invalid');
    this.page.classList.toggle('stale', Boolean(problem));
    this.at('run').disabled = Boolean(problem);
  }

  show({ total, report, notCounted, samples }, isDone) {
    // Of a sample; where nothing is dropped, that is no estimate.
    const scale = report.pairs ? total / report.pairs : 1;
    const about = scale > 1 && report.steps.length ? '≈ ' : '';
    const isComing = report.pairs === total;
    setText(this.at('kept'), about + count(report.kept * scale));
    setText(this.at('kept-of'), `of ${count(total)} pairs kept, ${per(report.kept, report.pairs)}`);
    this.at('kept-bar').style.width = 100 * report.kept / Math.max(1, report.pairs) + '%';
    const remarks = [about ? `About: counted on ${count(report.pairs)} of ${count(total)} pairs.` : null,
      notCounted.length ? `Before ${notCounted.map(name => this.catalogue.get(name)?.title.toLowerCase() ?? name).join(', ')}, which ${isComing ? 'follows once nothing moves' : 'is left out of a sample: a run counts it'}.` : null];
    showProblem(this.at('about'), remarks.filter(Boolean).join(' '));
    this.funnel.show(report, { notCounted, isComing, scale });
    this.cards.forEach((card, name) => {
      card.tag.hidden = !notCounted.includes(name);
      setText(card.tag, isComing ? 'not counted yet' : 'counted by a run');
    });
    this.report = report;
    this.showFields();
    const reasons = reasonsOf(report);
    this.tabs.show(reasons, pairs => about + count(pairs * scale));
    if (isDone) {
      this.samples = new Map(reasons.map(reason => [reason.code, samples[reason.number] ?? []]));
      this.showSamples();
    }
  }

  showFields() {
    const holder = this.at('plots');
    for (const { field } of this.report.fields.filter(f => !this.plots.has(f.field))) {
      const cuts = [...this.catalogue.values()].flatMap(filter => filter.parameters.filter(p => p.field === field && isNumber(p)).map(p => cutOf(this, filter, p)));
      this.plots.set(field, new Plot(words(field), cuts));
      holder.append(this.plots.get(field).element);
    }
    if (this.report.languages.length > 1 && !this.languages.element.isConnected) {
      holder.prepend(this.languages.element);
    }
    this.fill(this.plots);
    this.cards.forEach(card => this.fill(card.plots));
    this.languages.show(this.report.languages);
  }

  fill(plots) {
    for (const field of this.report?.fields ?? []) {
      const plot = plots.get(field.field);
      if (plot) {
        plot.element.hidden = false;
        plot.show(field);
      }
    }
  }

  async showSamples() {
    const pairs = this.samples?.get(this.tabs.code) ?? [];
    const list = this.at('samples').querySelector('ul');
    list.replaceChildren(...pairs.map(pair => {
      // The same card again, so that nothing flickers.
      if (!this.pairs.has(pair.row)) {
        this.pairs.set(pair.row, pairCard(this.dataset, pair, new Map()));
      }
      return this.pairs.get(pair.row);
    }));
    if (pairs.length === 0) {
      list.replaceChildren(make('li', { class: 'note' }, 'None.'));
    }
  }

  // ---- recipes ----
  load(text) {
    this.typed = text;
    this.yaml.value = text;
    this.at('start').open = false;
    this.ask(true);
    this.at('start').querySelector('summary').focus();
  }

  listPresets(presets) {
    this.at('presets').replaceChildren(...presets.map(preset => make('li', {},
      make('button', { type: 'button', class: 'offer', 'data-preset': preset.name, onclick: () => this.load(preset.recipe) }, make('b', {}, preset.name), make('span', {}, preset.summary)),
      make('small', {}, 'After ', ...linked(preset.source)))));
  }

  async listSaved() {
    const saved = await call('GET', '/api/curation/recipes').catch(() => []);
    this.at('saved').replaceChildren(...saved.map(({ name, recipe, savedAt }) => make('li', { class: 'saved' },
      make('button', { type: 'button', class: 'offer', 'data-recipe': name, onclick: () => this.load(recipe) }, make('b', {}, name), make('span', {}, 'saved ' + new Date(savedAt).toLocaleDateString('en-GB', { dateStyle: 'medium' }))),
      make('button', {
        type: 'button', class: 'icon', 'aria-label': `Delete the recipe ${name}`, title: 'Delete',
        onclick: async () => {
          if (await confirmed(`Delete the recipe ${name}?`, 'Runs that were made by it stay.', 'Delete')) {
            await call('DELETE', '/api/curation/recipes/' + encodeURIComponent(name)).catch(problem => this.tell(problem.message));
            this.listSaved();
          }
        },
      }, '×'))));
  }

  async save(form) {
    const status = form.querySelector('[role=status]');
    try {
      await call('PUT', '/api/curation/recipes/' + encodeURIComponent(form.elements.name.value.trim()), { recipe: this.text });
      setText(status, 'Saved.');
      form.reset();
      this.listSaved();
    } catch (problem) {
      setText(status, problem.message);
    }
  }

  // ---- runs ----
  async run() {
    const button = this.at('run');
    button.disabled = true;
    try {
      const run = await call('POST', '/api/curation/runs', { dataset: this.dataset, recipe: this.text });
      this.listRuns();
      const job = await follow(this.at('run-progress'), run.job.id);
      const holder = this.at('run-progress');
      holder.hidden = false;
      holder.replaceChildren(make('span', { role: 'status' }, job.state === 'succeeded' ? job.summary + '. ' : job.error ?? job.state), make('a', { href: `/curation/runs/${run.id}` }, `Open run ${run.id}`));
      this.listRuns();
    } catch (problem) {
      this.tell(problem.message);
    }
    button.disabled = false;
  }

  async listRuns() {
    const runs = await call('GET', `/api/curation/runs?dataset=${this.dataset}&limit=50`).catch(() => []);
    const list = this.at('runs');
    list.replaceChildren(...runs.map(run => make('li', { 'data-run': run.id },
      make('a', { href: `/curation/runs/${run.id}` }, `Run ${run.id}`),
      make('b', {}, run.kept === null ? run.job?.state ?? '' : count(run.kept)), make('span', {}, run.kept === null ? '' : per(run.kept, run.pairs) + ' kept'),
      make('span', { class: 'note by' }, run.resolved.filters.map(f => this.catalogue.get(Object.keys(f)[0])?.title.toLowerCase() ?? Object.keys(f)[0]).join(', ') || 'no filter'),
      make('time', { class: 'note', datetime: run.createdAt }, new Date(run.createdAt).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })))));
    if (runs.length === 0) {
      list.replaceChildren(make('li', { class: 'note' }, 'None yet. A run judges every pair, counts what a look at single pairs cannot, and is what exports are made of.'));
    }
  }
}

const reasonsOf = report => [{ code: 'kept', text: 'Kept', number: 0, pairs: report.kept }, ...report.steps.flatMap(step => step.reasons)];

/** Addresses in a text as links. */
function linked(text) {
  return text.split(/(https?:\/\/\S+[\w/])/).map((part, at) => at % 2 ? make('a', { href: part, rel: 'noreferrer' }, part.replace(/^https?:\/\//, '')) : part);
}

// ---- a run ----
class RunView {
  static page = 24;

  constructor(page) {
    [this.page, this.id, this.dataset] = [page, page.dataset.run, page.dataset.dataset];
    this.at = id => document.getElementById(id);
  }

  async open() {
    this.at('forget-run').addEventListener('click', () => this.forget());
    const [run, filters] = await Promise.all([call('GET', `/api/curation/runs/${this.id}`), call('GET', '/api/curation/filters')]);
    this.catalogue = new Map(filters.map(filter => [filter.name, filter]));
    this.at('again').href = this.page.dataset.home + toHash(toJson(fromJson(run.resolved, this.catalogue), this.catalogue));
    if (this.page.dataset.job) {
      await follow(this.page.querySelector('.following'), this.page.dataset.job);
      location.reload();
    }
    if (run.report) {
      this.show(run);
      this.page.addEventListener('decided', async () => this.tellByHand((await call('GET', `/api/curation/runs/${this.id}`)).decisions));
    }
  }

  tellByHand({ kept, dropped }) {
    showProblem(this.at('by-hand'), kept + dropped ? `By hand ${count(kept)} ${kept === 1 ? 'is' : 'are'} kept and ${count(dropped)} dropped, whatever the recipe says; exports follow that.` : null);
  }

  show({ report, decisions }) {
    this.report = report;
    setText(this.at('kept-of'), `of ${count(report.pairs)} pairs kept, ${per(report.kept, report.pairs)}`);
    this.at('kept-bar').style.width = 100 * report.kept / Math.max(1, report.pairs) + '%';
    this.tellByHand(decisions);
    this.funnel = new Funnel(this.at('funnel'), name => this.catalogue.get(name)?.title ?? name, reason => {
      this.tabs.select(reason.code);
      this.at('samples-title').scrollIntoView({ block: 'start', behavior: 'smooth' });
    });
    this.funnel.show(report);
    const languages = new LanguageBars();
    if (report.languages.length > 1) {
      this.at('plots').append(languages.element);
      languages.show(report.languages);
    }
    for (const field of report.fields) {
      const plot = new Plot(words(field.field));
      this.at('plots').append(plot.element);
      plot.show(field);
    }
    this.tabs = new Tabs(this.at('tabs'), this.at('samples'), () => this.list(0));
    this.tabs.show([...reasonsOf(report), ...(decisions.kept + decisions.dropped ? [{ code: 'by_hand', text: 'decided by hand', pairs: decisions.kept + decisions.dropped }] : [])]);
    this.at('more-pairs').addEventListener('click', () => this.list(this.next));
    this.at('with')?.addEventListener('change', event => this.compare(event.target.value));
    this.list(0);
  }

  async compare(id) {
    const other = id ? await call('GET', `/api/curation/runs/${id}`) : null;
    this.funnel.show(this.report, { other: other && { name: `run ${id}`, report: other.report } });
  }

  async list(from) {
    this.listing?.abort();
    const stop = this.listing = new AbortController();
    const list = this.at('samples').querySelector('ul');
    try {
      const { pairs, next } = await call('GET', `/api/curation/runs/${this.id}/pairs?reason=${encodeURIComponent(this.tabs.code)}&from=${from}&limit=${RunView.page}`, undefined, stop.signal);
      const twins = await twinsOf(this.dataset, pairs, stop.signal);
      const cards = pairs.map(pair => pairCard(this.dataset, pair, twins));
      from ? list.append(...cards) : list.replaceChildren(...(cards.length ? cards : [make('li', { class: 'note' }, 'None.')]));
      this.next = next;
      this.at('more-pairs').hidden = next === null;
    } catch (problem) {
      if (problem.name !== 'AbortError') {
        list.replaceChildren(make('li', { class: 'problem' }, problem.message));
      }
    }
  }

  async forget() {
    if (await confirmed(`Forget run ${this.id}?`, 'Its verdicts go; what was exported stays, and so do the pairs.', 'Forget it')) {
      await call('DELETE', `/api/curation/runs/${this.id}`);
      location.href = this.page.dataset.home;
    }
  }
}

// ---- exports of a run ----
class Exports {
  constructor(panel) {
    [this.panel, this.run] = [panel, panel.dataset.run];
    this.form = panel.querySelector('form');
    this.list = panel.querySelector('#export-list');
  }

  async open() {
    const known = await call('GET', `/api/curation/runs/${this.run}/exports`);
    this.list.replaceChildren(...known.map(one => this.row(one)));
    this.form.elements.format.addEventListener('change', () => this.choose());
    this.choose();
    this.form.addEventListener('submit', event => { event.preventDefault(); this.start(); });
  }

  choose() {
    for (const part of this.form.querySelectorAll('[data-for]')) {
      part.hidden = !part.dataset.for.split(' ').includes(this.form.elements.format.value);
    }
  }

  async start() {
    const { format, shardSize, splits, seed, gzip, hardLinks, includeGenerated } = this.form.elements;
    const problem = this.form.querySelector('.problem');
    const isAsked = field => !field.closest('[data-for]').hidden;
    const parts = splits.value.split(',').map(part => part.split('=').map(text => text.trim())).filter(([name]) => name);
    try {
      showProblem(problem, null);
      const wrong = parts.find(([, share]) => !(Number(share) > 0));
      if (wrong) {
        throw new Error(`A split is a name with its share, such as train=0.9, not ${wrong.join('=')}.`);
      }
      const started = await call('POST', `/api/curation/runs/${this.run}/exports`, {
        format: format.value, seed: Number(seed.value), includeGenerated: includeGenerated.checked,
        ...(parts.length ? { splits: Object.fromEntries(parts.map(([name, share]) => [name, Number(share)])) } : {}),
        ...(isAsked(shardSize) ? { shardSize: Number(shardSize.value) } : {}), ...(isAsked(gzip) ? { gzip: gzip.checked } : {}),
        ...(isAsked(hardLinks) ? { hardLinks: hardLinks.checked } : {}),
      });
      this.list.prepend(this.row(started));
    } catch (refused) {
      showProblem(problem, refused.message);
    }
  }

  row(one) {
    const item = make('li', { 'data-export': one.id });
    this.fill(item, one);
    return item;
  }

  async fill(item, one) {
    const following = make('div', { class: 'following', hidden: true });
    const wrong = make('p', { class: 'wrong', hidden: true });
    item.replaceChildren(make('p', { class: 'export-head' }, make('b', {}, `Export ${one.id}`), ' ', make('span', { class: 'note' }, [...this.form.elements.format.options].find(option => option.value === one.format)?.text ?? '')), make('p', { class: 'path note' }, one.folder ?? ''), following, wrong);
    if (one.finishedAt) {
      // Lists come without files.
      const { counts, splits, files } = one.files ? one : await call('GET', `/api/curation/exports/${one.id}`);
      const told = [...(one.format === 'verdicts' ? [['verdicts', counts.pairs], ['of them kept', counts.exported]] : [['exported', counts.exported]]), ['without their image', counts.failed], ['made by a model, left out', counts.generated], ['twice', counts.repeated]]
        .filter(([name, value]) => value > 0 || ['exported', 'verdicts', 'of them kept'].includes(name));
      const parts = Object.entries(splits).filter(([name]) => name);
      item.append(make('p', { class: 'note' }, [...told.map(([name, value]) => `${count(value)} ${name}`), ...parts.map(([name, split]) => `${name} ${count(split.exported)}`), `${count(files.length)} ${files.length === 1 ? 'file' : 'files'}, ${size(sum(files.map(file => file.bytes)))}`].join(' · ')),
        make('details', {}, make('summary', {}, 'Files'), make('ul', { class: 'files' }, ...files.slice(0, 200).map(file => make('li', { title: `SHA-256 ${file.sha256}` },
          make('a', { href: `/api/curation/exports/${one.id}/files/${file.path.split('/').map(encodeURIComponent).join('/')}`, download: true }, file.path), make('span', {}, size(file.bytes))))),
          files.length > 200 ? make('p', { class: 'note' }, `and ${count(files.length - 200)} more`) : null));
      return;
    }
    const job = one.job?.id ?? one.job;
    if (job) {
      const ended = await follow(following, job);
      const now = await call('GET', `/api/curation/exports/${one.id}`).catch(() => null);
      now?.finishedAt ? this.fill(item, now) : showProblem(wrong, ended.error ?? ended.state);
    }
  }
}

const size = bytes => bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;

// ---- datasets ----
function datasets(page) {
  const form = document.getElementById('import');
  const { elements } = form;
  const choose = () => form.querySelectorAll('[data-from]').forEach(part => { part.hidden = part.dataset.from !== elements.from.value; });
  form.addEventListener('change', choose);
  choose();
  form.addEventListener('submit', async event => {
    event.preventDefault();
    const problem = form.querySelector('.problem');
    showProblem(problem, null);
    try {
      const { id } = await call('POST', '/api/curation/datasets', importRequest(elements));
      location.href = '/curation/' + id;
    } catch (refused) {
      showProblem(problem, refused.message);
    }
  });
  suggestFacets();
  for (const item of page.querySelectorAll('[data-dataset]')) {
    const { dataset, name, job } = item.dataset;
    item.querySelector('.forget-dataset').addEventListener('click', async () => {
      if (await confirmed(`Forget ${name}?`, 'Its runs and what you said of its pairs go too. What it was imported from stays, and so does what was exported.', 'Forget it')) {
        await call('DELETE', `/api/curation/datasets/${dataset}`);
        item.remove();
      }
    });
    item.querySelector('.resume')?.addEventListener('click', () => resume(dataset));
    if (job) {
      const following = make('div', { class: 'following' });
      item.append(following);
      follow(following, job).then(() => location.reload());
    }
  }
}

function importRequest({ from, name, path, format, imageFolder, column, folder, tag, since, until, orientation, megapixels, measure, keepUncaptioned }) {
  const common = { name: name.value.trim(), measure: measure.value };
  if (from.value === 'files') {
    const columns = Object.fromEntries([...column].filter(box => box.value.trim()).map(box => [box.dataset.column, box.value.trim()]));
    return { ...common, keepUncaptioned: keepUncaptioned.checked, path: path.value.trim(), format: format.value || null, imageFolder: imageFolder.value.trim() || null, columns: Object.keys(columns).length ? columns : null };
  }
  const filter = {
    ...(folder.value ? { folder: folder.value } : {}), ...(tag.value ? { tag: tag.value } : {}), ...(orientation.value ? { orientation: orientation.value } : {}),
    ...(since.value || until.value ? { date: { ...(since.value ? { gte: since.value } : {}), ...(until.value ? { lte: until.value } : {}) } } : {}),
    ...(megapixels.value ? { pixels: { gte: Number(megapixels.value) * 1e6 } } : {}),
  };
  return { ...common, filter: Object.keys(filter).length ? filter : null };
}

async function suggestFacets() {
  const [facets, tags] = await Promise.all(['/api/facets', '/api/tags'].map(address => call('GET', address).catch(() => [])));
  const fill = (id, values) => document.getElementById(id).replaceChildren(...values.map(value => make('option', { value })));
  fill('facet-folder', facets.filter(facet => facet.field === 'folder').map(facet => facet.value));
  fill('facet-tag', tags.map(tag => tag.name));
}

async function resume(dataset) {
  await call('POST', `/api/curation/datasets/${dataset}/resume`);
  location.reload();
}

async function waiting(page) {
  page.querySelector('.resume')?.addEventListener('click', () => resume(page.dataset.dataset));
  if (page.dataset.job) {
    await follow(page.querySelector('.following'), page.dataset.job);
    location.reload();
  }
}

// ---- which page is it? ----
const here = id => document.getElementById(id);
if (here('datasets-page')) {
  datasets(here('datasets-page'));
} else if (here('waiting')) {
  waiting(here('waiting'));
} else if (here('bench')) {
  new Bench(here('bench')).open();
} else if (here('run-page')) {
  new RunView(here('run-page')).open();
  if (here('exports')) {
    new Exports(here('exports')).open();
  }
}
