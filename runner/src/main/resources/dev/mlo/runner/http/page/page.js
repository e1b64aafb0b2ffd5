// The page: asks the runner how it is, builds the form when the model is another one, sends.

import { drawAnswer, classNames } from './answer.js';
import { byId, bytes, copyButton, el, parse, shapeText } from './dom.js';
import { buildForm } from './form.js';
import { drawCard, drawLive } from './live.js';

const POLL = 2000;
const SLOW = 5000;
const SHOWN = 1200;

let model = null;
let form = null;
let names = null;
let timer = 0;
let failures = 0;

const spoken = (text) => { byId('spoken').textContent = text; };

const inferUrl = () => new URL(`v2/models/${encodeURIComponent(model.name)}/infer`, document.baseURI);

function say(state, text) {
  const line = byId('state');
  if (line.textContent !== text) {
    line.dataset.state = state;
    line.textContent = text;
  }
}

// --- The request -----------------------------------------------------------------------------

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function drawCurl() {
  const body = form.body();
  const command = (data) => `curl ${inferUrl()} \\\n  -H 'Content-Type: application/json' \\\n  -d ${data}`;
  const short = body.length <= SHOWN;
  const text = command(short ? quoted(body) : '@request.json');
  const link = short ? null : el('a', { class: 'button quiet', download: 'request.json', text: 'Save request.json', href: URL.createObjectURL(new Blob([body], { type: 'application/json' })) });
  byId('curl').querySelectorAll('a').forEach((old) => URL.revokeObjectURL(old.href));
  byId('curl').replaceChildren(el('div', { class: 'code' }, el('pre', { tabindex: 0, text }), copyButton(text, 'the command')), link ?? '');
}

let drawing = 0;
function later() {
  clearTimeout(drawing);
  drawing = setTimeout(drawCurl, 200);
}

function fillForm(index) {
  form = buildForm(byId('fields'), model, model.examples[index]);
  refuse('');
  drawCurl();
}

function buildChoice() {
  const choices = [...model.examples.map((example) => `Example ${example.name}`), 'Zeros'];
  const select = el('select', { id: 'example', onchange: () => fillForm(select.selectedIndex) }, ...choices.map((text) => el('option', { text })));
  byId('examples').replaceChildren(el('label', {}, 'Start from ', select));
  byId('examples').hidden = model.examples.length === 0;
}

function refuse(text) {
  byId('wrong').textContent = text;
  byId('wrong').hidden = !text;
}

const REASONS = {
  413: 'The request is larger than this model allows.',
  429: 'The runner has more requests than it can answer. Try again in a moment.',
  500: 'The model failed on this request.',
  503: 'No model is ready to answer. Try again in a moment.',
  504: 'The model took longer than it may.',
};

function explain(status, reply) {
  byId('answer').hidden = true;
  const why = reply?.error ?? '';
  if (status === 400 && form.refused(why)) {
    spoken('');
    return;
  }
  refuse([REASONS[status], why && `It says: ${why.replaceAll('`', '')}.`].filter(Boolean).join(' ') || `The runner answered ${status}.`);
  spoken(byId('wrong').textContent);
}

async function send() {
  refuse('');
  if (!form || !form.isComplete()) return;
  const button = byId('send');
  button.setAttribute('aria-busy', 'true');
  const start = performance.now();
  try {
    const response = await fetch(inferUrl(), { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: form.body() });
    const text = await response.text();
    const took = performance.now() - start;
    let reply = null;
    try {
      reply = parse(text);
    } catch {
      // A proxy in between may answer anything.
    }
    if (response.ok && reply) spoken(drawAnswer(byId('answer'), reply, text, took, names));
    else explain(response.status, reply);
  } catch {
    explain(0, { error: 'the runner cannot be reached' });
  } finally {
    button.removeAttribute('aria-busy');
    poll();
  }
}

// --- The model -------------------------------------------------------------------------------

const rows = (kind, specs) => specs.map((spec, index) => el('tr', {},
  index === 0 ? el('th', { scope: 'rowgroup', rowspan: specs.length, text: kind }) : null,
  el('td', {}, el('code', { text: spec.name })), el('td', { text: spec.datatype }), el('td', { text: shapeText(spec.shape) })));

function drawModel() {
  document.title = `${model.name} ${model.version}`;
  byId('name').textContent = model.name;
  byId('version').textContent = model.version;
  byId('about').textContent = model.description ?? '';
  byId('runner').textContent = `mlo ${model.runner}`;
  byId('metadata').href = `v2/models/${encodeURIComponent(model.name)}`;
  byId('signature').replaceChildren(el('table', {},
    el('thead', {}, el('tr', {}, ...['', 'Name', 'Datatype', 'Shape'].map((text) => el('th', { scope: 'col', text })))),
    el('tbody', {}, ...rows('In', model.inputs)), el('tbody', {}, ...rows('Out', model.outputs))));
  drawCard(model, bytes);
}

const asks = (one) => JSON.stringify([one?.name, one?.inputs]);

function show(next) {
  const same = asks(next) === asks(model);
  const first = model === null;
  model = next;
  names = classNames(model);
  drawModel();
  // Who has typed something keeps it, as long as the new version takes it.
  if (!same) {
    buildChoice();
    fillForm(0);
  }
  byId('send').disabled = false;
  if (first && document.activeElement === document.body) byId('send').focus({ preventScroll: true });
  if (!first) spoken(`Version ${model.version} serves now.`);
}

// --- The runner ------------------------------------------------------------------------------

const WORDS = { ready: 'Ready', starting: 'Starting, no model yet', draining: 'Stopping' };

/** A document of the runner, or null while it cannot be had. */
async function ask(path) {
  try {
    const response = await fetch(path, { signal: AbortSignal.timeout(SLOW) });
    return response.ok ? parse(await response.text()) : null;
  } catch {
    return null;
  }
}

/** What the page brought along, so that there is something to see and to send before anything is asked for. */
function begin() {
  const brought = byId('brought').textContent;
  if (brought) {
    show(parse(brought));
    say('ready', WORDS.ready);
  }
}

/** Whether it is what is active that the page shows; a runner that started again counts from one again. */
const shows = (active) => ['generation', 'modelDigest', 'imageDigest'].every((key) => model?.[key] === active[key]);

async function look() {
  const state = await ask('mlo/v1/page');
  failures = state ? 0 : failures + 1;
  if (!state) {
    say('gone', 'Not reachable, trying again');
    return;
  }
  const next = state.active && !shows(state.active) ? await ask('mlo/v1/page/model') : null;
  if (next) show(next);
  drawLive(state);
  say(state.state, WORDS[state.state] ?? state.state);
}

async function poll() {
  clearTimeout(timer);
  if (document.visibilityState !== 'visible') return;
  try {
    await look();
  } finally {
    clearTimeout(timer);
    timer = setTimeout(poll, failures > 5 ? SLOW : POLL);
  }
}

byId('form').addEventListener('submit', (event) => {
  event.preventDefault();
  send();
});
byId('form').addEventListener('input', later);
byId('form').addEventListener('change', later);
byId('reset').addEventListener('click', () => model && fillForm(byId('example').selectedIndex));
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    send();
  }
});
document.addEventListener('visibilitychange', poll);
begin();
poll();
