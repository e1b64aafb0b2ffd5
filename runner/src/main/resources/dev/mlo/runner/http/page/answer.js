// The answer: bars for scores, a table for a batch, the value itself for anything else.

import { asImages, copyButton, count, el, millis, number, paint, shapeText } from './dom.js';

const BARS = 12;
const ROWS = 64;
const LISTED = 48;

const isNumeric = (output) => output.datatype !== 'BYTES' && output.datatype !== 'BOOL';

const isReal = (output) => output.datatype.startsWith('FP');

/** [rows, columns] of what can be seen as a row an example. */
function table(output) {
  const [rows = 1, ...rest] = output.shape;
  const columns = count(rest);
  return { rows, columns, row: (index) => output.data.slice(index * columns, (index + 1) * columns) };
}

/** JSON has no NaN; the runner writes null. */
const real = (value) => (value === null ? NaN : Number(value));

function highest(row) {
  let best = 0;
  row.forEach((value, index) => { if (real(value) > real(row[best]) || Number.isNaN(real(row[best]))) best = index; });
  return best;
}

function areShares(row) {
  const sum = row.reduce((total, value) => total + value, 0);
  return row.every((value) => value !== null && value >= 0 && value <= 1.0001) && Math.abs(sum - 1) < 0.01;
}

function listed(names, size) {
  if (Array.isArray(names) && names.length === size) return names.map(String);
  if (names && typeof names === 'object' && !Array.isArray(names)) {
    const all = Array.from({ length: size }, (_, index) => names[index]);
    if (all.every((name) => name !== undefined)) return all.map(String);
  }
  return null;
}

/** What a label says beside the highest score, in one answer after the other, names the classes. */
function learn(known, outputs) {
  for (const label of outputs.filter((output) => output.datatype === 'BYTES')) {
    const labels = table(label);
    if (labels.columns !== 1) continue;
    for (const scores of outputs.filter((output) => isNumeric(output) && output.shape.length === 2)) {
      const { rows, row } = table(scores);
      if (rows !== labels.rows) continue;
      const names = (known[scores.name] ??= {});
      for (let i = 0; i < rows; i++) {
        const index = highest(row(i));
        if (index in names && names[index] !== label.data[i]) names.wrong = true;
        names[index] = label.data[i];
      }
    }
  }
  return known;
}

/** Names of the classes: as the card gives them, or as the golden examples show them. */
export function classNames(model) {
  const known = {};
  for (const example of model.examples) learn(known, example.outputs);
  return (output, size) => {
    const parameters = model.parameters ?? {};
    for (const key of [output.name, 'labels', 'classes', 'class_names', 'categories']) {
      const given = listed(parameters[key], size);
      if (given) return given;
    }
    const learned = known[output.name];
    const other = areShares(output.data.slice(0, size)) ? 'class ' : '';
    return Array.from({ length: size }, (_, index) => (learned && !learned.wrong && learned[index]) || `${other}${index}`);
  };
}

const share = (value) => `${(value * 100).toFixed(value > 0 && value < 0.01 ? 2 : 1)} %`;

function bars(row, names) {
  const shares = areShares(row);
  const finite = row.filter(Number.isFinite);
  const least = Math.min(0, ...finite);
  const span = (shares ? 1 : Math.max(0, ...finite) - least) || 1;
  const best = row.some((value) => value !== row[0]) ? highest(row) : -1;
  let order = row.map((_, index) => index);
  if (row.length > BARS) order = order.sort((a, b) => row[b] - row[a]).slice(0, BARS);
  const list = el('ol', { class: 'bars' }, ...order.map((index) => {
    const bar = el('span', { class: 'bar-fill' });
    bar.style.marginLeft = `${((Math.min(row[index], 0) - least) / span) * 100}%`;
    bar.style.width = `${(Math.abs(row[index]) / span) * 100}%`;
    return el('li', { class: index === best ? 'best' : null },
      el('span', { class: 'bar-name', text: names[index] }),
      el('span', { class: 'bar-track', 'aria-hidden': 'true' }, bar),
      el('span', { class: 'bar-value', text: shares ? share(row[index]) : number(row[index]) }));
  }));
  const rest = row.length - order.length;
  return el('div', {}, list, rest > 0 ? el('p', { class: 'hint', text: `The ${BARS} highest of ${row.length}.` }) : null);
}

function picture(output, form) {
  const values = output.data.map(Number);
  const size = form.height * form.width * form.channels;
  const [least, most] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
  const box = el('div', { class: 'images' }, ...Array.from({ length: form.images }, (_, image) => {
    const canvas = el('canvas', { role: 'img', 'aria-label': `${output.name} as an image` });
    canvas.style.width = `${Math.min(256, Math.max(form.width, 96))}px`;
    paint(canvas, values.slice(image * size, (image + 1) * size), form, least, most);
    return canvas;
  }));
  return el('div', {}, box, el('p', { class: 'hint', text: `Dark is ${number(least)}, light is ${number(most)}.` }));
}

function values(output) {
  const shown = output.data.slice(0, LISTED).map((value) => (output.datatype === 'BYTES' ? value : number(value)));
  if (shown.length === 0) return el('p', { class: 'hint', text: 'No values.' });
  if (shown.length === 1) return el('p', { class: output.datatype === 'BYTES' && shown[0].length > 40 ? 'prose' : 'big', text: shown[0] });
  const rest = output.data.length - shown.length;
  return el('div', {},
    el('ol', { class: 'values', start: 0 }, ...shown.map((text) => el('li', { text }))),
    rest > 0 ? el('p', { class: 'hint', text: `and ${rest.toLocaleString('en')} more, in the JSON below` }) : null);
}

/** One row an example: all outputs of a batch beside each other. */
function batch(outputs, names) {
  const rows = outputs[0].shape[0];
  const columns = outputs.flatMap((output) => {
    const size = table(output).columns;
    const titles = size === 1 ? [output.name] : names(output, size);
    return titles.map((title, index) => ({ title, output, index, size }));
  });
  const cells = (row) => columns.map(({ output, index, size }) => {
    const all = table(output).row(row);
    const best = size > 1 && isNumeric(output) && index === highest(all);
    const text = output.datatype === 'BYTES' ? all[index] : size > 1 && areShares(all) ? share(all[index]) : number(all[index]);
    return el('td', { class: [isNumeric(output) ? 'number' : '', best ? 'best' : ''].join(' ').trim() || null }, best ? '▸ ' : '', text);
  });
  const shown = Math.min(rows, ROWS);
  return el('div', {},
    el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Answers, one row each' }, el('table', {},
      el('thead', {}, el('tr', {}, el('th', { scope: 'col', text: 'Row' }), ...columns.map(({ title }) => el('th', { scope: 'col', text: title })))),
      el('tbody', {}, ...Array.from({ length: shown }, (_, row) =>
        el('tr', {}, el('th', { scope: 'row', text: row + 1 }), ...cells(row)))))),
    rows > shown ? el('p', { class: 'hint', text: `The first ${shown} of ${rows} rows; all are in the JSON below.` }) : null);
}

const isColumn = (rows) => (output) =>
  output.shape.length >= 1 && output.shape.length <= 2 && output.shape[0] === rows && table(output).columns <= 20;

function drawOutput(output, names) {
  const { rows, columns } = table(output);
  const images = isNumeric(output) ? asImages(output.shape) : null;
  if (images) return picture(output, images);
  const size = output.shape.length === 1 ? rows : columns;
  const oneRow = output.shape.length === 1 || (output.shape.length === 2 && rows === 1);
  return isReal(output) && oneRow && size >= 2 && size <= 1000 ? bars(output.data.map(real), names(output, size)) : values(output);
}

/** One sentence: what a label says, or the highest score. */
function summary(outputs, names) {
  const label = outputs.find((output) => output.datatype === 'BYTES' && output.data.length === 1);
  const scores = outputs.find((output) => isReal(output) && output.shape.length <= 2 && output.data.length > 1
    && (output.shape.length === 1 || output.shape[0] === 1));
  if (scores) {
    const row = scores.data.map(real);
    const best = highest(row);
    const name = label ? label.data[0] : names(scores, row.length)[best];
    return areShares(row) ? `${name}, ${share(row[best])}` : `The highest is ${name}, ${number(row[best])}`;
  }
  const only = outputs[0];
  return only?.data.length === 1 ? `${only.name}: ${only.datatype === 'BYTES' ? only.data[0] : number(only.data[0])}`
    : outputs.map((output) => `${output.name}: ${shapeText(output.shape)}`).join('; ');
}

/** Draws the answer and returns what is said of it aloud. */
export function drawAnswer(box, answer, raw, took, names) {
  const outputs = answer.outputs.map((output) => ({ ...output, data: output.data?.flat(Infinity) ?? [] }));
  const rows = outputs.find((output) => output.shape[0] > 1 && output.shape.length === 2)?.shape[0]
    ?? (outputs.length > 1 && outputs.every((output) => output.shape[0] > 1) ? outputs[0].shape[0] : 0);
  const together = rows > 1 ? outputs.filter(isColumn(rows)) : [];
  const single = outputs.filter((output) => !together.includes(output));
  const json = el('details', {}, el('summary', { text: 'Answer as JSON' }),
    el('div', { class: 'code' }, el('pre', { tabindex: 0, text: raw.length > 20000 ? `${raw.slice(0, 20000)} …` : raw }), copyButton(raw, 'the answer')));
  box.replaceChildren(
    el('p', { class: 'answered' }, el('strong', { text: 'Answer' }), ` from version ${answer.model_version ?? '?'} in ${millis(took)}`),
    ...(together.length ? [batch(together, names)] : []),
    ...single.map((output) => el('div', { class: 'output' },
      el('h3', {}, el('span', { text: output.name }), ' ', el('span', { class: 'type', text: `${output.datatype} · ${shapeText(output.shape)}` })),
      drawOutput(output, names))),
    json);
  box.hidden = false;
  const what = together.length ? `${rows} answers` : summary(outputs, names);
  return `${what}. Answered in ${millis(took)} by version ${answer.model_version ?? 'unknown'}.`;
}
