// The pages of training: all of them, and one with its curves, which are drawn here as SVG and follow the file while it grows.

// ---- small things ----
const count = number => Math.round(number).toLocaleString('en');
const wait = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));
const words = name => (name[0].toUpperCase() + name.slice(1)).replaceAll('_', ' ');
const drawn = new Set(['svg', 'path', 'line', 'text', 'g']);

function make(tag, attributes = {}, ...children) {
  const element = drawn.has(tag) ? document.createElementNS('http://www.w3.org/2000/svg', tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) {
      element.addEventListener(name.slice(2), value);
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? '' : value);
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

function show(element, text) {
  element.hidden = !text;
  setText(element, text ?? '');
}

/** Asks the API; what it refuses is an error with its reason. */
async function call(method, address) {
  const response = await fetch(address, { method }).catch(() => {
    throw new Error('The server does not answer; trying again.');
  });
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    throw Object.assign(new Error(problem.detail ?? problem.title ?? `The server answered ${response.status}.`), { status: response.status });
  }
  return response.status === 202 ? null : response.json();
}

const addressOf = (name, rest = '') => `/api/training/${encodeURIComponent(name)}${rest}`;

// Nobody looks at a page in the background: it waits until somebody does.
const seen = () => document.hidden ? new Promise(resolve => document.addEventListener('visibilitychange', resolve, { once: true })) : Promise.resolve();

function duration(seconds) {
  return seconds < 90 ? Math.ceil(seconds) + ' s' : seconds < 5400 ? Math.ceil(seconds / 60) + ' min' : seconds < 172800 ? (seconds / 3600).toFixed(1) + ' h' : (seconds / 86400).toFixed(1) + ' days';
}

/** Figures of three to five digits, whatever their size. */
function figure(value) {
  if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? 'not a number' : value > 0 ? '∞' : '−∞';
  }
  const size = Math.abs(value);
  return size !== 0 && (size < 0.001 || size >= 1e7) ? value.toExponential(2).replace('+', '') : Number(value.toPrecision(4)).toLocaleString('en', { maximumFractionDigits: 6 });
}

document.addEventListener('click', async event => {
  const button = event.target.closest('button.copy');
  if (!button) {
    return;
  }
  const source = document.getElementById(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(source.textContent);
    setText(button, 'Copied');
  } catch {
    // Without a secure connection browsers leave the clipboard to the person.
    getSelection().selectAllChildren(source);
    setText(button, 'Selected');
  }
  await wait(1500);
  setText(button, 'Copy');
});

// ---- the curves of a training, as they come ----
class Metrics {
  static points = 1200;

  constructor(name) {
    this.name = name;
    this.clear();
  }

  clear() {
    [this.next, this.curves, this.lasts, this.fault] = [0, new Map(), new Map(), null];
  }

  /** Asks for what came since; true where anything did. */
  async follow(points = Metrics.points) {
    // Single points pile up behind thinned ones: from time to time all are thinned again, and shown in one go.
    const isFull = [...this.curves.values()].some(curve => curve.steps.length > 4 * points);
    const into = isFull ? new Metrics(this.name) : this;
    let hasMore = true;
    let isNew = false;
    while (hasMore) {
      const before = into.next;
      let answer;
      try {
        answer = await call('GET', addressOf(this.name, `/metrics?from=${before}&points=${points}`));
      } catch (problem) {
        if (problem.status !== 400 || before === 0) {
          throw problem;
        }
        // The file is another one: it was begun again.
        into.clear();
        isNew = true;
        continue;
      }
      into.take(answer);
      isNew ||= answer.next !== before;
      ({ hasMore } = answer);
    }
    if (isFull) {
      [this.next, this.curves, this.lasts, this.fault] = [into.next, into.curves, into.lasts, into.fault];
    }
    return isNew || isFull;
  }

  take({ curves, next, faults, firstFault }) {
    // A step that is not after the last of its kind: the training was resumed, and does again what came after.
    for (const kind of new Set(curves.map(curve => curve.kind))) {
      const first = Math.min(...curves.filter(curve => curve.kind === kind).map(curve => curve.steps[0]));
      if (first <= (this.lasts.get(kind) ?? -1)) {
        this.forget(first);
      }
    }
    for (const { kind, name, steps, values, lows, highs, notFinite } of curves) {
      const key = kind + ' ' + name;
      if (!this.curves.has(key)) {
        this.curves.set(key, { kind, name, steps: [], values: [], lows: [], highs: [], broken: [] });
      }
      const curve = this.curves.get(key);
      const numbers = values.map(Number);
      curve.steps.push(...steps);
      curve.values.push(...numbers);
      curve.lows.push(...(lows?.map(Number) ?? numbers));
      curve.highs.push(...(highs?.map(Number) ?? numbers));
      curve.broken.push(...notFinite);
      this.lasts.set(kind, Math.max(this.lasts.get(kind) ?? -1, steps.at(-1)));
    }
    if (faults && !this.fault) {
      this.fault = firstFault;
    }
    this.next = next;
  }

  forget(from) {
    for (const curve of this.curves.values()) {
      const keep = curve.steps.findIndex(step => step >= from);
      if (keep >= 0) {
        for (const list of [curve.steps, curve.values, curve.lows, curve.highs]) {
          list.length = keep;
        }
      }
      curve.broken = curve.broken.filter(step => step < from);
    }
    for (const kind of this.lasts.keys()) {
      this.lasts.set(kind, Math.max(-1, ...[...this.curves.values()].filter(curve => curve.kind === kind).map(curve => curve.steps.at(-1) ?? -1)));
    }
  }

  get last() {
    return Math.max(0, ...this.lasts.values());
  }
}

/** The mean of what lies around each step, weighed less the further it is: by e for each span of steps. Both ways, so that nothing lags. */
function smooth(steps, values, span) {
  if (!span) {
    return values;
  }
  const sums = values.map(() => 0);
  const weights = values.map(() => 0);
  const gather = (from, by) => {
    let [mass, weight] = [0, 0];
    for (let at = from; at >= 0 && at < values.length; at += by) {
      const keep = at === from ? 0 : Math.exp(-Math.abs(steps[at] - steps[at - by]) / span);
      [mass, weight] = [keep * mass, keep * weight];
      // Its own value counts once, not on both ways.
      sums[at] += mass;
      weights[at] += weight;
      if (Number.isFinite(values[at])) {
        [mass, weight] = [mass + values[at], weight + 1];
      }
    }
  };
  gather(0, 1);
  gather(values.length - 1, -1);
  return values.map((value, at) => (sums[at] + value) / (weights[at] + 1));
}

// ---- axes ----
function niceStep(span, parts) {
  const rough = span / parts;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 2.5, 5, 10].find(step => step * power >= rough * 0.999) * power;
}

class Axis {
  constructor(low, high, from, to, isLog = false) {
    // What differs by rounding alone is one value.
    const isOne = high - low <= 1e-9 * Math.max(Math.abs(low), Math.abs(high));
    if (isOne && isLog) {
      [low, high] = [low / 2, high * 2];
    } else if (isOne) {
      [low, high] = low === 0 ? [0, 1] : [low - Math.abs(low) / 2, high + Math.abs(high) / 2];
    }
    [this.low, this.high, this.from, this.to, this.isLog] = [low, high, from, to, isLog];
    this.reach = isLog ? Math.log(high / low) : high - low;
  }

  at(value) {
    return this.from + (this.to - this.from) * (this.isLog ? Math.log(value / this.low) : value - this.low) / this.reach;
  }

  valueAt(position) {
    const share = (position - this.from) / (this.to - this.from);
    return this.isLog ? this.low * Math.exp(share * this.reach) : this.low + share * this.reach;
  }

  ticks(parts) {
    if (this.isLog) {
      const found = [];
      const decades = Math.log10(this.high / this.low);
      const of = decades > 4 ? [1] : decades > 1.2 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9];
      for (let power = Math.floor(Math.log10(this.low)); power <= Math.ceil(Math.log10(this.high)); power++) {
        found.push(...of.map(factor => factor * 10 ** power).filter(value => value >= this.low * 0.9999 && value <= this.high * 1.0001));
      }
      if (found.length >= 2) {
        const every = Math.ceil(found.length / (parts + 2));
        return found.filter((_, at) => at % every === 0);
      }
    }
    const step = niceStep(this.high - this.low, parts);
    const first = Math.ceil(this.low / step - 1e-9);
    const all = Math.floor(this.high / step + 1e-9) - first + 1;
    return Array.from({ length: Math.max(0, all) }, (_, at) => (first + at) * step);
  }
}

const moment = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZone: 'UTC' });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 4 });
const round = number => Math.round(number * 10) / 10;

function lineOf(steps, values, x, y) {
  let path = '';
  let pen = 'M';
  values.forEach((value, at) => {
    if (Number.isFinite(value) && (!y.isLog || value > 0)) {
      path += `${pen}${round(x.at(steps[at]))} ${round(y.at(value))}`;
      pen = 'L';
    } else {
      pen = 'M';
    }
  });
  return path;
}

function areaOf({ steps, lows, highs }, x, y) {
  const fits = steps.map((step, at) => [x.at(step), lows[at], highs[at]]).filter(([, low, high]) => Number.isFinite(low) && Number.isFinite(high) && (!y.isLog || low > 0));
  const edge = (points, of) => points.map(point => `${round(point[0])} ${round(y.at(Math.min(y.high, Math.max(y.low, point[of]))))}`).join('L');
  return fits.length > 1 ? `M${edge(fits, 2)}L${edge(fits.reverse(), 1)}Z` : '';
}

// ---- a chart ----
const titles = { rate: 'Learning rate', images_per_second: 'Images a second', waiting: 'Share of time waiting for pictures', gradient_norm: 'Length of the gradient' };
// Without noise: what they are is told, not a mean.
const scheduled = new Set(['rate', 'temperature']);
const machine = ['rate', 'images_per_second', 'waiting', 'gradient_norm'];
const shares = new Set(['waiting']);
const valueText = (name, value) => shares.has(name) && Number.isFinite(value) ? Number((100 * value).toPrecision(3)) + ' %' : figure(value);

class Chart {
  /** @param page { cursor, setCursor(step), isLog, span, best, last, runs } */
  constructor(name, page) {
    [this.name, this.page, this.curves] = [name, page, []];
    this.parts = make('g', {});
    this.svg = make('svg', { 'aria-hidden': 'true' }, this.parts);
    this.plane = make('div', { class: 'plane', role: 'slider', tabindex: '0', 'aria-label': `${this.title}, by step`, 'aria-valuemin': '0' }, this.svg);
    this.when = make('span', { class: 'at' });
    this.readout = make('div', { class: 'readout' });
    this.problem = make('p', { class: 'wrong', hidden: true });
    this.element = make('figure', { class: name === 'loss' ? 'chart main' : 'chart', 'data-figure': name }, make('figcaption', {}, this.title, this.when), this.readout, this.plane, this.problem);
    this.plane.addEventListener('pointermove', event => this.point(event));
    this.plane.addEventListener('pointerdown', event => this.point(event));
    this.plane.addEventListener('pointerleave', event => event.pointerType === 'mouse' && this.page.setCursor(null));
    this.plane.addEventListener('blur', () => this.page.setCursor(null));
    this.plane.addEventListener('keydown', event => this.press(event));
    new ResizeObserver(() => this.draw()).observe(this.plane);
  }

  get title() {
    return titles[this.name] ?? words(this.name);
  }

  point(event) {
    if (this.x && this.steps.length) {
      this.page.setCursor(this.nearest(this.x.valueAt(event.clientX - this.plane.getBoundingClientRect().left)));
    }
  }

  press(event) {
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (event.key === 'Escape') {
      this.page.setCursor(null);
    } else if ((by || event.key === 'Home' || event.key === 'End') && this.steps?.length) {
      event.preventDefault();
      const now = this.steps.indexOf(this.nearest(this.page.cursor ?? this.steps.at(-1)));
      const at = event.key === 'Home' ? 0 : event.key === 'End' ? this.steps.length - 1 : now + by;
      this.page.setCursor(this.steps[Math.min(this.steps.length - 1, Math.max(0, at))]);
    }
  }

  // The step that was measured, of the curve with most.
  nearest(step) {
    let [low, high] = [0, this.steps.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      this.steps[middle] < step ? low = middle + 1 : high = middle;
    }
    return low > 0 && step - this.steps[low - 1] < this.steps[low] - step ? this.steps[low - 1] : this.steps[low];
  }

  /** @param curves { run, kind, steps, values, lows, highs, broken }, run 0 or 1. */
  show(curves) {
    this.curves = curves.map(curve => ({ ...curve, smoothed: curve.kind === 'train' && !scheduled.has(this.name) ? smooth(curve.steps, curve.values, this.page.span) : curve.values }));
    this.steps = this.curves.reduce((most, curve) => curve.steps.length > most.length ? curve.steps : most, []);
    this.draw();
  }

  draw() {
    const { width, height } = this.plane.getBoundingClientRect();
    if (!width || !this.curves.length) {
      return;
    }
    const finite = this.curves.flatMap(curve => [...curve.smoothed, ...(this.isFaint(curve) ? this.usual(curve) : [])]).filter(Number.isFinite);
    const positive = finite.length > 0 && finite.every(value => value > 0);
    const isLog = this.page.isLog && positive;
    const [low, high] = finite.length ? [finite.reduce((a, b) => Math.min(a, b)), finite.reduce((a, b) => Math.max(a, b))] : [0, 1];
    const margin = isLog ? 0 : (high - low) * 0.04;
    // What lies near 0 is shown from 0 on.
    const floor = !isLog && low >= 0 && low < 0.35 * high ? 0 : low - margin;
    this.x = new Axis(0, Math.max(1, this.page.last), 46, width - 12);
    this.y = new Axis(floor, high + margin, height - 20, 12, isLog);
    const [x, y] = [this.x, this.y];
    const grid = y.ticks(Math.max(3, Math.round(height / 52)));
    const across = x.ticks(Math.max(2, Math.round(width / 130)));
    const parts = [
      ...grid.map(value => make('line', { class: 'grid-line', x1: 46, x2: width - 12, y1: round(y.at(value)), y2: round(y.at(value)) })),
      ...grid.map(value => make('text', { x: 40, y: round(y.at(value)) + 4, 'text-anchor': 'end' }, this.tick(value))),
      ...across.map((value, at) => make('text', { x: round(x.at(value)), y: height - 4, 'text-anchor': at === 0 && value === 0 ? 'start' : x.at(value) > width - 30 ? 'end' : 'middle' }, compact.format(value))),
    ];
    const { best } = this.page;
    if (best !== null && best <= this.page.last) {
      const at = round(x.at(best));
      parts.push(make('line', { class: 'best-line', x1: at, x2: at, y1: 12, y2: height - 20 }), make('text', { class: 'best-word', x: at + (at > width - 60 ? -4 : 4), y: 10, 'text-anchor': at > width - 60 ? 'end' : 'start' }, 'best'));
    }
    for (const curve of this.curves) {
      const of = `${curve.kind === 'validation' ? 'validation' : 'train'} of-${curve.run}`;
      if (this.isFaint(curve)) {
        parts.push(make('path', { class: `area of-${curve.run}`, d: areaOf(curve, x, y) }), make('path', { class: `curve faint ${of}`, d: lineOf(curve.steps, curve.values.map(value => value > y.high || value < y.low ? Math.min(y.high, Math.max(y.low, value)) : value), x, y) }));
      }
      parts.push(make('path', { class: `curve ${of}`, d: lineOf(curve.steps, curve.smoothed, x, y) }));
      if (curve.kind === 'validation' && curve.steps.length < width / 6) {
        parts.push(make('path', { class: `dots ${of}`, d: curve.steps.map((step, at) => Number.isFinite(curve.values[at]) && (!isLog || curve.values[at] > 0) ? `M${round(x.at(step))} ${round(y.at(curve.values[at]))}h0` : '').join('') }));
      }
      parts.push(make('path', { class: 'broken', d: curve.broken.map(step => `M${round(x.at(step)) - 4} ${height - 28}l8 8m0 -8l-8 8`).join('') }));
    }
    this.cursorLine = make('line', { class: 'cursor', y1: 12, y2: height - 20 });
    this.cursorDots = this.curves.map(curve => make('path', { class: `dots ${curve.kind === 'validation' ? 'validation' : 'train'} of-${curve.run}` }));
    this.parts.replaceChildren(...parts, this.cursorLine, ...this.cursorDots);
    this.plane.setAttribute('aria-valuemax', this.page.last);
    this.tellBroken();
    this.drawCursor();
  }

  isFaint(curve) {
    return curve.smoothed !== curve.values;
  }

  // Without the few that would press all others flat, such as the first steps.
  usual({ values }) {
    const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
    return sorted.length > 20 ? sorted.slice(Math.floor(sorted.length * 0.01), Math.ceil(sorted.length * 0.99)) : sorted;
  }

  tick(value) {
    return shares.has(this.name) ? Number((100 * value).toPrecision(3)) + ' %' : Math.abs(value) >= 10000 ? compact.format(value) : value !== 0 && Math.abs(value) < 0.001 ? value.toExponential(0) : String(Number(value.toPrecision(4)));
  }

  tellBroken() {
    const broken = this.curves.find(curve => curve.broken.length);
    const others = broken && broken.broken.length - 1;
    show(this.problem, broken && `No finite number at step ${count(broken.broken[0])}${others ? ` and at ${others >= 99 ? 'many' : others} more` : ''}.`);
  }

  drawCursor() {
    const step = this.page.cursor;
    const isOn = step !== null && this.x && step <= this.x.high;
    this.cursorLine?.setAttribute('visibility', isOn ? 'visible' : 'hidden');
    if (isOn) {
      this.cursorLine.setAttribute('x1', round(this.x.at(step)));
      this.cursorLine.setAttribute('x2', round(this.x.at(step)));
    }
    const told = this.curves.map((curve, number) => {
      // The last one measured by then.
      const at = isOn ? curve.steps.findLastIndex(measured => measured <= step) : curve.steps.length - 1;
      const value = at < 0 ? NaN : curve.smoothed[at];
      const dot = this.cursorDots?.[number];
      const isDrawn = isOn && Number.isFinite(value) && (!this.y.isLog || value > 0);
      dot?.setAttribute('d', isDrawn ? `M${round(this.x.at(curve.steps[at]))} ${round(this.y.at(value))}h0` : '');
      const exact = at >= 0 && this.isFaint(curve) && Number.isFinite(value) ? ` (${valueText(this.name, curve.values[at])})` : '';
      return { curve, text: at < 0 ? '–' : valueText(this.name, value), exact };
    });
    setText(this.when, isOn ? `step ${count(step)}` : 'latest');
    const names = told.map(({ curve }) => [this.page.runs.length > 1 ? this.page.runs[curve.run].name : null, told.some(other => other.curve.kind !== curve.kind) || curve.kind === 'validation' ? curve.kind : null].filter(Boolean).join(', '));
    this.readout.replaceChildren(...told.map(({ curve, text, exact }, number) => {
      const of = `${curve.kind === 'validation' ? 'validation' : 'train'} of-${curve.run}`;
      return make('span', {}, make('svg', { viewBox: '0 0 22 10', 'aria-hidden': 'true' }, make('path', { class: `curve ${of}`, d: 'M0 5h22' }), curve.kind === 'validation' ? make('path', { class: `dots ${of}`, d: 'M11 5h0' }) : null),
        names[number] ? names[number] + ' ' : '', make('b', {}, text), exact);
    }));
    const cursorStep = step ?? this.page.last;
    this.plane.setAttribute('aria-valuenow', Math.min(cursorStep, this.page.last));
    this.plane.setAttribute('aria-valuetext', `step ${count(cursorStep)}: ` + told.map(({ text }, number) => `${names[number]} ${text}`.trim()).join(', '));
  }
}

// ---- samples, by their steps ----
class Samples {
  constructor(section, name) {
    [this.section, this.name, this.files, this.best] = [section, name, [], null];
    this.box = document.getElementById('lightbox');
    document.getElementById('sample-before').addEventListener('click', () => this.turn(-1));
    document.getElementById('sample-after').addEventListener('click', () => this.turn(1));
    document.getElementById('sample-close').addEventListener('click', () => this.box.close());
    this.box.addEventListener('click', event => event.target === this.box && this.box.close());
    this.box.addEventListener('keydown', event => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (by) {
        event.preventDefault();
        this.turn(by);
      }
    });
  }

  async follow() {
    const files = await call('GET', addressOf(this.name, '/samples'));
    if (JSON.stringify(files) === JSON.stringify(this.files)) {
      return;
    }
    this.files = files;
    this.section.hidden = files.length === 0;
    const holder = this.section.querySelector('.strips');
    for (const subject of [...new Set(files.map(file => file.subject))]) {
      let strip = [...holder.children].find(child => child.dataset.subject === subject);
      if (!strip) {
        strip = make('div', { class: 'strip-of', 'data-subject': subject }, subject ? make('h3', {}, words(subject).replaceAll('-', ' ')) : null, make('ol', { class: 'film', tabindex: '0', 'aria-label': `Samples by step${subject ? ': ' + subject : ''}` }));
        holder.append(strip);
      }
      const film = strip.querySelector('.film');
      // Who has scrolled back stays there; who looks at the newest sees the next one come.
      const isAtEnd = film.scrollLeft + film.clientWidth >= film.scrollWidth - 8;
      const shown = new Map([...film.children].map(item => [item.dataset.key, item]));
      const items = files.filter(file => file.subject === subject).map(file => shown.get(this.keyOf(file)) ?? this.item(file));
      film.replaceChildren(...items);
      if (isAtEnd) {
        film.scrollLeft = film.scrollWidth;
      }
    }
    this.mark(this.best);
  }

  keyOf(file) {
    return `${file.file} ${file.bytes}`;
  }

  addressOf(file) {
    return addressOf(this.name, `/samples/${encodeURIComponent(file.file)}`);
  }

  wordsOf(file) {
    return [file.step === null ? null : `step ${count(file.step)}`, file.subject && words(file.subject)].filter(Boolean).join(', ') || file.file;
  }

  item(file) {
    const image = make('img', { src: this.addressOf(file), alt: '', decoding: 'async' });
    image.addEventListener('load', () => {
      const film = image.closest('.film');
      if (film && !film.dataset.touched) {
        film.scrollLeft = film.scrollWidth;
      }
    });
    const button = make('button', { type: 'button', onclick: () => this.open(file) }, image, make('span', {}, file.step === null ? file.file : `step ${count(file.step)}`));
    return make('li', { 'data-key': this.keyOf(file), 'data-step': file.step }, button);
  }

  mark(best) {
    this.best = best;
    for (const label of this.section.querySelectorAll('.film li')) {
      label.querySelector('span').classList.toggle('is-best', best !== null && label.dataset.step === String(best));
    }
  }

  open(file) {
    this.file = file;
    this.box.querySelector('img')?.remove();
    this.box.prepend(make('img', { src: this.addressOf(file), alt: this.wordsOf(file) }));
    const row = this.files.filter(other => other.subject === file.subject);
    const at = row.findIndex(other => other.file === file.file);
    setText(document.getElementById('sample-words'), `${this.wordsOf(file)} · ${at + 1} of ${row.length}`);
    document.getElementById('sample-before').disabled = at <= 0;
    document.getElementById('sample-after').disabled = at >= row.length - 1;
    this.box.open || this.box.showModal();
  }

  turn(by) {
    const row = this.files.filter(other => other.subject === this.file.subject);
    const next = row[row.findIndex(other => other.file === this.file.file) + by];
    if (next) {
      this.open(next);
    }
  }
}

// ---- one training ----
class TrainingPage {
  static quick = 1500;
  static slow = 10000;

  constructor(page) {
    this.page = page;
    this.at = id => document.getElementById(id);
    this.name = page.dataset.name;
    this.state = page.dataset.state;
    this.steps = Number(page.dataset.steps);
    this.best = page.dataset.best ? Number(page.dataset.best) : null;
    [this.cursor, this.charts] = [null, new Map()];
    this.runs = [new Metrics(this.name)];
    this.samples = new Samples(this.at('samples'), this.name);
    const stored = JSON.parse(localStorage.getItem('charts') ?? '{}');
    this.isLog = stored.isLog === true;
    this.smoothing = stored.smoothing ?? 40;
  }

  get last() {
    return Math.max(...this.runs.map(run => run.last));
  }

  // Up to a tenth of the whole training.
  get span() {
    return this.smoothing ? Math.max(1, this.steps) * 0.1 * (this.smoothing / 100) ** 2.5 : 0;
  }

  async open() {
    document.querySelector('.skip').addEventListener('click', event => { event.preventDefault(); document.getElementById('main').focus(); });
    this.at('smoothing').value = this.smoothing;
    this.at('smoothing').addEventListener('input', event => { this.smoothing = Number(event.target.value); this.choose(); });
    this.at('linear').addEventListener('click', () => { this.isLog = false; this.choose(); });
    this.at('log').addEventListener('click', () => { this.isLog = true; this.choose(); });
    this.at('compare')?.addEventListener('change', event => this.compare(event.target.value, true));
    this.at('stop').addEventListener('click', () => this.stop());
    for (const kind of ['pointerdown', 'wheel', 'keydown']) {
      this.samples.section.addEventListener(kind, event => { const film = event.target.closest('.film'); if (film) { film.dataset.touched = '1'; } }, { passive: true });
    }
    addEventListener('popstate', () => this.compare(new URLSearchParams(location.search).get('compare') ?? '', false));
    this.choose();
    const beside = new URLSearchParams(location.search).get('compare');
    await Promise.all([beside ? this.compare(beside, false) : null, this.follow()]);
  }

  choose() {
    localStorage.setItem('charts', JSON.stringify({ isLog: this.isLog, smoothing: this.smoothing }));
    this.at('linear').setAttribute('aria-pressed', !this.isLog);
    this.at('log').setAttribute('aria-pressed', this.isLog);
    this.at('smoothing').setAttribute('aria-valuetext', this.span ? `over ${count(Math.max(1, this.span))} steps` : 'none');
    this.show();
  }

  async compare(name, isChosen) {
    if (isChosen) {
      history.pushState(null, '', name ? `?compare=${encodeURIComponent(name)}` : location.pathname);
    }
    if (this.at('compare')) {
      this.at('compare').value = name;
    }
    this.runs.length = 1;
    show(this.at('problem'), null);
    if (name && name !== this.name) {
      const other = new Metrics(name);
      try {
        await other.follow();
        this.runs = [this.runs[0], other];
      } catch (problem) {
        show(this.at('problem'), problem.message);
      }
    }
    this.show();
  }

  async follow() {
    for (let round = 0; ; round++) {
      await seen();
      try {
        if (round > 0) {
          this.stand((await call('GET', addressOf(this.name))).run);
        }
        const isNew = (await Promise.all(this.runs.map(run => run.follow()))).some(Boolean);
        if (isNew || round === 0) {
          this.isAsked = true;
          this.show();
        }
        if (round === 0 || round % 4 === 0 || this.state !== 'running') {
          await this.samples.follow();
          this.samples.mark(this.best);
        }
        if (this.lost) {
          show(this.at('problem'), null);
        }
        this.lost = false;
      } catch (problem) {
        this.lost = true;
        show(this.at('problem'), problem.message);
      }
      this.page.dataset.last = this.runs[0].last;
      this.page.dataset.following = String(this.state !== 'finished');
      if (this.state === 'finished' && !this.lost) {
        return;
      }
      await wait(this.state === 'running' ? TrainingPage.quick : TrainingPage.slow);
    }
  }

  stand(run) {
    [this.state, this.best, this.steps] = [run.state, run.bestStep, run.steps];
    this.page.dataset.state = run.state;
    this.at('state').className = 'state ' + run.state;
    setText(this.at('state'), run.state);
    setText(this.at('summary'), run.summary);
    show(this.at('error'), run.error);
    [this.at('far').max, this.at('far').value] = [Math.max(1, run.steps), run.step];
    this.at('stop').hidden = run.state !== 'running';
    this.at('resume').hidden = run.state === 'running' || run.state === 'finished';
    setText(this.at('updated'), moment.format(new Date(run.updated)) + ' UTC');
    setText(this.at('best'), run.bestStep === null ? 'none yet' : `${Number(Number(run.bestScore).toFixed(4))} at step ${count(run.bestStep)}`);
  }

  async stop() {
    const button = this.at('stop');
    button.disabled = true;
    try {
      await call('POST', addressOf(this.name, '/stop'));
      setText(button, 'Asked to stop …');
    } catch (problem) {
      button.disabled = false;
      show(this.at('problem'), problem.message);
    }
  }

  setCursor(step) {
    if (this.cursor !== step) {
      this.cursor = step;
      this.charts.forEach(chart => chart.drawCursor());
    }
  }

  show() {
    // Not one without the other: a page that begins with somebody else's curves misleads.
    if (!this.isAsked) {
      return;
    }
    const curves = this.runs.flatMap((run, number) => [...run.curves.values()].filter(curve => curve.steps.length).map(curve => ({ ...curve, run: number })));
    const names = [...new Set(curves.map(curve => curve.name))];
    const isTrained = name => curves.some(curve => curve.name === name && curve.kind === 'train');
    const sections = {
      learns: names.filter(name => isTrained(name) && !machine.includes(name)).sort((a, b) => (b === 'loss') - (a === 'loss')),
      validates: names.filter(name => !isTrained(name)),
      'runs-how': machine.filter(name => isTrained(name)),
    };
    for (const [section, members] of Object.entries(sections)) {
      this.at(section).hidden = members.length === 0;
      const holder = this.at(section).querySelector('.charts');
      const charts = members.map(name => {
        if (!this.charts.has(name)) {
          this.charts.set(name, new Chart(name, this));
        }
        return this.charts.get(name).element;
      });
      if (charts.length !== holder.children.length || charts.some((chart, at) => chart !== holder.children[at])) {
        holder.replaceChildren(...charts);
      }
      members.forEach(name => this.charts.get(name).show(curves.filter(curve => curve.name === name)));
    }
    this.at('no-metrics').hidden = names.length > 0;
    const faulty = this.runs.find(run => run.fault);
    show(this.at('faults'), faulty && `Some lines of ${faulty.name}'s metrics are left out. ${faulty.fault}`);
  }
}

// ---- all of them ----
class TrainingsPage {
  constructor(page) {
    this.rows = new Map([...page.querySelectorAll('.trainings > li')].map(row => [row.dataset.name, row]));
    this.metrics = new Map();
  }

  async open() {
    if (!this.rows.size) {
      return;
    }
    await Promise.all([...this.rows].map(([name, row]) => this.spark(name, row)));
    while ([...this.rows.values()].some(row => row.dataset.state === 'running')) {
      await wait(2000);
      await seen();
      const problem = document.getElementById('trainings-problem');
      try {
        const { runs } = await call('GET', '/api/training');
        for (const run of runs.filter(one => this.rows.has(one.name))) {
          const row = this.rows.get(run.name);
          const was = row.dataset.state;
          this.stand(row, run);
          if (was === 'running') {
            await this.spark(run.name, row);
          }
        }
        setText(problem, '');
      } catch (trouble) {
        setText(problem, trouble.message);
      }
    }
  }

  stand(row, run) {
    row.dataset.state = run.state;
    row.querySelector('.state').className = 'state ' + run.state;
    setText(row.querySelector('.state'), run.state);
    const bar = row.querySelector('progress');
    [bar.max, bar.value] = [Math.max(1, run.steps), run.step];
    const [far, left] = [row.querySelector('.far small'), row.querySelector('.left')];
    setText(left, run.secondsLeft === null ? '' : `, ${duration(run.secondsLeft)} left`);
    far.firstChild.textContent = `${count(run.step)} of ${count(run.steps)}`;
    if (run.bestStep !== null) {
      setText(row.querySelector('.score b'), String(Number(Number(run.bestScore).toFixed(4))));
      setText(row.querySelector('.score small'), 'best validation');
    }
  }

  async spark(name, row) {
    if (row.dataset.state === 'damaged') {
      return;
    }
    if (!this.metrics.has(name)) {
      this.metrics.set(name, new Metrics(name));
    }
    const metrics = this.metrics.get(name);
    try {
      await metrics.follow(80);
    } catch (problem) {
      setText(document.getElementById('trainings-problem'), `${name}: ${problem.message}`);
      return;
    }
    const curve = metrics.curves.get('train loss');
    const finite = curve?.values.filter(Number.isFinite) ?? [];
    if (finite.length < 2) {
      return;
    }
    const [x, y] = [new Axis(0, Math.max(1, metrics.last), 1, 159), new Axis(Math.min(...finite), Math.max(...finite), 41, 3)];
    const holder = row.querySelector('.spark');
    const path = holder.querySelector('path') ?? holder.appendChild(make('svg', { viewBox: '0 0 160 44', preserveAspectRatio: 'none' }, make('path', { class: 'curve train of-0', 'vector-effect': 'non-scaling-stroke' }))).firstChild;
    path.setAttribute('d', lineOf(curve.steps, curve.values, x, y));
  }
}

const one = document.getElementById('training-page');
const all = document.getElementById('trainings-page');
if (one) {
  new TrainingPage(one).open();
} else if (all) {
  new TrainingsPage(all).open();
}
