// What changes by itself: rates, who serves, what was swapped in.

import { byId, brief, digest, drawn, el, millis } from './dom.js';

const CODES = {
  ok: 'answered',
  client_error: 'malformed',
  rejected: 'turned away',
  timeout: 'too late',
  cancelled: 'given up by the caller',
  model_error: 'model failed',
  internal: 'runner failed',
};

const FAULTS = {
  selftest_mismatch: 'a golden example got another answer than it must',
  selftest_error: 'a golden example got no answer',
  selftest_nan: 'its answer to a golden example is no number',
  incompatible_signature: 'its inputs or outputs do not go with those before',
  signature_mismatch: 'the model is not what its card says',
  load_error: 'the model did not load',
  format_unavailable: 'there is no engine for its format',
  digest_mismatch: 'its bytes are not what was promised',
  file_mismatch: 'its bytes are not what its card says',
  pull_timeout: 'its bytes did not come',
  insufficient_disk: 'there was no space for it',
};

const RESULTS = { committed: ['✓', 'serves'], noop: ['=', 'served already'], rolled_back: ['↩', 'rolled back'], failed: ['✕', 'refused'], aborted: ['✕', 'aborted'] };

const WIDTH = 240;
const HEIGHT = 56;

/** A bar a second: what failed stands on what was answered, hatched. */
function requests(minute) {
  const most = Math.max(1, ...minute.ok.map((ok, i) => ok + minute.failed[i]));
  const step = WIDTH / minute.ok.length;
  const bar = (kind, i, from, size) => size === 0 ? null : drawn('rect', {
    class: kind, x: (i * step).toFixed(2), width: (step - 0.8).toFixed(2),
    y: (HEIGHT - ((from + size) / most) * (HEIGHT - 2)).toFixed(2), height: ((size / most) * (HEIGHT - 2)).toFixed(2),
  });
  return drawn('svg', { class: 'chart', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': `Requests in each of the last 60 seconds, at most ${most}` },
    drawn('defs', {}, drawn('pattern', { id: 'hatch', width: 3, height: 3, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' }, drawn('rect', { class: 'hatch', width: 1.5, height: 3 }))),
    drawn('line', { class: 'ground', x1: 0, x2: WIDTH, y1: HEIGHT - 0.5, y2: HEIGHT - 0.5 }),
    ...minute.ok.map((ok, i) => bar('ok', i, 0, ok)),
    ...minute.failed.map((failed, i) => bar('failed', i, minute.ok[i], failed)));
}

/** A dash a second in which somebody asked. */
function latency(minute) {
  const known = minute.p95BySecond.map((value, i) => [i, value]).filter(([, value]) => value !== null);
  if (known.length === 0) return [];
  const most = Math.max(...known.map(([, value]) => value));
  const step = WIDTH / minute.p95BySecond.length;
  return [
    el('p', { class: 'hint chart-title', text: `95 % latency, up to ${millis(most)}` }),
    drawn('svg', { class: 'chart line', viewBox: `0 0 ${WIDTH} 32`, preserveAspectRatio: 'none', role: 'img', 'aria-label': `95th percentile of the latency, second by second, at most ${millis(most)}` },
      drawn('line', { class: 'ground', x1: 0, x2: WIDTH, y1: 31.5, y2: 31.5 }),
      ...known.map(([i, value]) => drawn('rect', { class: 'ok', x: (i * step).toFixed(2), width: (step - 0.8).toFixed(2), y: (29 - (value / most) * 27).toFixed(2), height: 2.5 }))),
  ];
}

const figure = (value, name) => el('div', { class: 'figure' }, el('strong', { text: value }), el('span', { text: name }));

function rate(minute) {
  const last = minute.ok.map((ok, i) => ok + minute.failed[i]).slice(-5);
  const value = last.reduce((a, b) => a + b, 0) / last.length;
  return value >= 10 ? Math.round(value).toLocaleString('en') : value.toFixed(1).replace(/\.0$/, '');
}

function drawMinute({ minute, requests: total }) {
  const codes = Object.entries(minute.codes).filter(([, value]) => value > 0);
  byId('live').replaceChildren(
    el('div', { class: 'figures' }, figure(rate(minute), 'per second'), figure(millis(minute.p50), 'half under'), figure(millis(minute.p95), '95 % under')),
    el('p', { class: 'hint chart-title', text: 'Requests, second by second' }), requests(minute), ...latency(minute),
    codes.length
      ? el('ul', { class: 'codes' }, ...codes.map(([code, value]) => el('li', { class: code === 'ok' ? 'ok' : 'failed' }, `${value.toLocaleString('en')} ${CODES[code] ?? code}`)))
      : el('p', { class: 'hint', text: 'Nobody asked in the last minute.' }),
    el('p', { class: 'hint', text: `${total.toLocaleString('en')} since the start` }));
}

function drawServing(state) {
  const roles = [['active', 'answers requests'], ['candidate', 'is being tested'], ['previous', 'is kept for a rollback']];
  const rows = roles.filter(([role]) => state[role]).map(([role, what]) =>
    el('li', { class: role }, el('div', {}, el('strong', { text: state[role].version }), el('span', { class: 'role', text: role })),
      el('span', { class: 'hint', text: `${what} · model ${brief(state[role].modelDigest)}` })));
  const swap = state.swap;
  byId('serving').replaceChildren(
    rows.length ? el('ul', { class: 'serving' }, ...rows) : el('p', { class: 'hint', text: 'No model is loaded.' }),
    swap ? el('p', { class: 'swapping', text: `A swap to ${swap.to} is under way: ${swap.result.replaceAll('_', ' ')}.` }) : '',
    el('p', { class: 'hint', text: `Generation ${state.generation}; every swap and rollback makes it one more.` }));
}

function ago(at, now) {
  const seconds = Math.max(0, (Date.parse(now) - Date.parse(at)) / 1000);
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return seconds < 86400 ? `${Math.floor(seconds / 3600)} h ago` : new Date(at).toLocaleDateString();
}

function drawSwaps({ swaps, now }) {
  byId('swaps').replaceChildren(swaps.length === 0
    ? el('p', { class: 'hint' }, 'None yet. ', el('code', { text: 'mlo swap IMAGE --runner URL' }), ' puts another version in without losing a request.')
    : el('ol', { class: 'swaps' }, ...swaps.map((swap) => {
      const [sign, word] = RESULTS[swap.result] ?? ['·', swap.result.replaceAll('_', ' ')];
      const why = swap.code ? FAULTS[swap.code] ?? swap.code.replaceAll('_', ' ') : '';
      return el('li', { class: swap.result },
        el('span', { class: 'sign', 'aria-hidden': 'true', text: sign }),
        el('div', {}, el('div', {}, `${swap.from ?? '?'} → `, el('strong', { text: swap.to ?? '?' }), ` ${word}`),
          why ? el('div', { class: 'hint', text: why }) : '',
          el('time', { class: 'hint', datetime: swap.at, title: new Date(swap.at).toLocaleString(), text: ago(swap.at, now) })));
    })));
}

export function drawLive(state) {
  drawMinute(state);
  drawServing(state);
  drawSwaps(state);
}

const fact = (name, value) => [el('dt', { text: name }), el('dd', {}, value)];

const isEmpty = (value) => value === null || value === undefined || (typeof value === 'object' && Object.keys(value).length === 0);

const LISTED = 12;

function words(value) {
  if (!Array.isArray(value)) return typeof value === 'object' ? JSON.stringify(value) : String(value);
  const rest = value.length - LISTED;
  return value.slice(0, LISTED).map(words).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

const pairs = (object) => el('ul', { class: 'pairs' }, ...Object.entries(object).map(([key, value]) =>
  el('li', {}, el('span', { text: key }), ' ', el('strong', { text: words(value) }))));

export function drawCard(model, bytes) {
  const facts = [
    fact('Model', digest(model.modelDigest, 'the digest of the model')),
    model.imageDigest ? fact('Image', digest(model.imageDigest, 'the digest of the image')) : [],
    fact('Format', `${model.format}, ${bytes(model.bytes)}`),
    model.license ? fact('Licence', model.license) : [],
    model.authors.length ? fact('Authors', model.authors.join(', ')) : [],
    isEmpty(model.metrics) ? [] : fact('Training', pairs(model.metrics)),
    isEmpty(model.data) ? [] : fact('Data', el('ul', { class: 'pairs' }, ...model.data.map((set) =>
      el('li', {}, el('span', { text: set.name }), ' ', el('code', { title: set.digest, text: brief(set.digest) }))))),
    isEmpty(model.parameters) ? [] : fact('Parameters', pairs(model.parameters)),
    isEmpty(model.labels) ? [] : fact('Labels', pairs(model.labels)),
  ];
  byId('card').replaceChildren(el('dl', {}, ...facts.flat()));
}
