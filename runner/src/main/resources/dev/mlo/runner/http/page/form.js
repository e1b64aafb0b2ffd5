// The form: for each input an editor that suits its shape, filled with an example. What is typed
// goes to the runner as it stands; the runner is the one who judges it.

import { asImages, count, el, paint, parse, shapeText } from './dom.js';

const GRID = 128;
const COLUMNS = 16;
const LISTED = 20000;
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

const INTEGERS = /^U?INT/;

/** An element as JSON. A number that is none goes as text, so that the runner can say so. */
function written(text, datatype) {
  const bare = text.trim();
  if (datatype === 'BYTES') return JSON.stringify(text);
  if (datatype === 'BOOL' && (bare === 'true' || bare === 'false')) return bare;
  return NUMBER.test(bare) ? bare : JSON.stringify(bare);
}

const shown = (value) => (typeof value === 'string' ? value : JSON.stringify(value));

const zero = (datatype) => (datatype === 'BYTES' ? '' : datatype === 'BOOL' ? false : 0);

function wrongAt(element, message, box) {
  const note = el('span', { class: 'wrong', id: `${element.id}-wrong`, text: message });
  element.setAttribute('aria-invalid', 'true');
  element.setAttribute('aria-describedby', note.id);
  box.append(note);
}

/** Names of the values in a row, when the card tells them. */
function columnNames(model, spec, columns) {
  const parameters = model.parameters ?? {};
  for (const key of ['features', 'feature_names', 'columns', spec.name]) {
    const names = parameters[key];
    if (Array.isArray(names) && names.length === columns) return names.map(String);
  }
  return null;
}

function cell(spec, id, label, value) {
  const common = { id, 'aria-label': label, 'data-cell': true };
  if (spec.datatype === 'BOOL') {
    const select = el('select', common, ...['true', 'false'].map((word) => el('option', { text: word })));
    select.value = String(value);
    return select;
  }
  if (spec.datatype === 'BYTES') {
    return el('textarea', { ...common, rows: 2, value: shown(value) });
  }
  return el('input', {
    ...common,
    autocomplete: 'off',
    spellcheck: 'false',
    inputmode: INTEGERS.test(spec.datatype) && !spec.datatype.startsWith('INT') ? 'numeric' : 'text',
    value: shown(value),
  });
}

/** A field a value; of two dimensions a table with a row a row. */
function gridEditor(model, spec, id, shape, values) {
  const rank = shape.length;
  let rows = rank === 2 ? shape[0] : 1;
  let columns = rank === 0 ? 1 : shape[rank - 1];
  let cells = values.map(shown);
  const box = el('div');
  const inputs = () => [...box.querySelectorAll('[data-cell]')];
  const label = (row, column, name) =>
    [spec.name, rows > 1 ? `row ${row + 1}` : '', columns > 1 || name ? name ?? `value ${column + 1}` : '']
      .filter(Boolean).join(', ');

  function draw() {
    const names = columnNames(model, spec, columns);
    const make = (row, column) =>
      cell(spec, `${id}-${row * columns + column}`, label(row, column, names?.[column]), cells[row * columns + column]);
    const all = Array.from({ length: rows }, (_, row) => Array.from({ length: columns }, (_, column) => make(row, column)));
    if (rows === 1) {
      const caption = (column) => names?.[column] ?? (columns > 1 ? `${column + 1}` : '');
      box.replaceChildren(el('div', { class: spec.datatype === 'BYTES' ? 'cells text' : 'cells' },
        ...all[0].map((input, column) =>
          el('div', { class: 'cell' }, el('span', { class: 'caption', 'aria-hidden': 'true', text: caption(column) }), input))));
    } else {
      box.replaceChildren(el('div', { class: 'scroll' }, el('table', { class: 'grid' },
        el('thead', {}, el('tr', {}, el('th', { text: '' }),
          ...Array.from({ length: columns }, (_, column) => el('th', { scope: 'col', text: names?.[column] ?? column + 1 })))),
        el('tbody', {}, ...all.map((row, index) =>
          el('tr', {}, el('th', { scope: 'row', text: index + 1 }), ...row.map((input) => el('td', {}, input))))))));
    }
    const growing = rank === 2 ? spec.shape[0] < 0 : rank === 1 && spec.shape[0] < 0;
    if (growing) box.append(sizeButtons());
  }

  function resize(change) {
    cells = inputs().map((input) => input.value);
    const step = rank === 2 ? columns : 1;
    if (change > 0) cells.push(...cells.slice(-step));
    else cells.length -= step;
    if (rank === 2) rows += change;
    else columns += change;
    draw();
    box.dispatchEvent(new Event('change', { bubbles: true }));
  }

  function sizeButtons() {
    const what = rank === 2 ? 'row' : 'value';
    const size = rank === 2 ? rows : columns;
    const button = (text, name, change, enabled) =>
      el('button', { type: 'button', class: 'quiet', 'data-size': change, 'aria-label': `${name} ${what} ${change > 0 ? 'to' : 'from'} ${spec.name}`,
        disabled: !enabled, text, onclick: () => {
          resize(change);
          box.querySelector(`[data-size="${change}"]:enabled`)?.focus();
        } });
    return el('div', { class: 'bar' },
      button(`Add ${what}`, 'Add', 1, cells.length + columns <= GRID && (rank === 2 || columns < COLUMNS)),
      button(`Remove ${what}`, 'Remove', -1, size > 1));
  }

  draw();
  return {
    node: box,
    shape: () => (rank === 2 ? [rows, columns] : rank === 1 ? [columns] : []),
    data: () => `[${inputs().map((input) => written(input.value, spec.datatype)).join(',')}]`,
    missing() {
      const index = spec.datatype === 'BYTES' ? -1 : inputs().findIndex((input) => input.value.trim() === '');
      return index < 0 ? null : { index, message: 'A value is missing here.' };
    },
    place: (index) => inputs()[index] ?? inputs()[0],
  };
}

/** Everything else: the values as JSON, and the shape where the model leaves it open. */
function jsonEditor(spec, id, shape, values) {
  const bare = spec.datatype !== 'BYTES';
  const area = el('textarea', {
    id: `${id}-0`, class: 'json', rows: Math.min(10, 3 + Math.floor(values.length / 40)), spellcheck: 'false', 'aria-label': `${spec.name}, values as JSON`,
    value: `[${values.map((value) => (bare ? shown(value) : JSON.stringify(value))).join(', ')}]`,
  });
  const open = spec.shape.some((length) => length < 0);
  const size = el('input', { id: `${id}-shape`, value: shape.join(', '), autocomplete: 'off', inputmode: 'numeric' });
  const typed = () => (open ? size.value.split(/[\s,×x]+/).filter(Boolean).map(Number) : shape);
  return {
    node: el('div', {}, area, open ? el('label', { class: 'shape' }, 'Shape ', size) : null),
    area,
    shape: () => typed().map((length) => (Number.isInteger(length) ? length : 0)),
    data: () => area.value.trim(),
    missing() {
      try {
        parse(area.value);
        return null;
      } catch (e) {
        return { index: 0, message: `This is no JSON: ${e.message}` };
      }
    },
    place: () => area,
  };
}

/** Too many values to list: one for all, until somebody wants to see them. */
function uniformEditor(spec, id, shape) {
  const size = count(shape);
  const input = el('input', { id: `${id}-0`, value: '0', autocomplete: 'off', 'aria-label': `${spec.name}, every value` });
  return {
    node: el('label', { class: 'shape' }, `Each of the ${size.toLocaleString('en')} values is `, input),
    shape: () => shape,
    data: () => `[${Array(size).fill(written(input.value, spec.datatype)).join(',')}]`,
    missing: () => (input.value.trim() ? null : { index: 0, message: 'A value is missing here.' }),
    place: () => input,
  };
}

/** Images: seen, drawn on with a pointer, or edited as JSON. */
function imageEditor(spec, id, shape, given, form) {
  const size = form.height * form.width * form.channels;
  const start = given.map(Number);
  const least = Math.min(0, ...start);
  const most = Math.max(...start) > least ? Math.max(...start) : spec.datatype.startsWith('FP') ? 1 : 255;
  let values = start.slice();
  const list = jsonEditor(spec, id, shape, given);
  const ink = el('input', { id: `${id}-ink`, value: String(most), inputmode: 'decimal', autocomplete: 'off', size: 5 });
  const scale = Math.max(1, Math.round((form.images > 1 ? 84 : 196) / form.width));
  const canvases = Array.from({ length: form.images }, (_, image) => {
    const canvas = el('canvas', { role: 'img', 'aria-label': `${spec.name}${form.images > 1 ? ` ${image + 1}` : ''}: ${form.width} by ${form.height} values as an image` });
    canvas.style.width = `${form.width * scale}px`;
    if (form.channels === 1) draws(canvas, image);
    return canvas;
  });
  const show = () => canvases.forEach((canvas, image) =>
    paint(canvas, values.slice(image * size, (image + 1) * size), form, least, Math.max(most, ...values.slice(0, 1))));
  const told = () => {
    list.area.value = `[${values.join(', ')}]`;
    show();
    canvases[0].dispatchEvent(new Event('change', { bubbles: true }));
  };

  function dot(canvas, image, event) {
    const bounds = canvas.getBoundingClientRect();
    const x = Math.floor(((event.clientX - bounds.left) / bounds.width) * form.width);
    const y = Math.floor(((event.clientY - bounds.top) / bounds.height) * form.height);
    const full = Number(ink.value) || 0;
    const reach = form.width >= 20 ? 1 : 0;
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        if (x + dx < 0 || y + dy < 0 || x + dx >= form.width || y + dy >= form.height) continue;
        const at = image * size + (y + dy) * form.width + x + dx;
        const value = dx || dy ? full * (dx && dy ? 0.4 : 0.75) : full;
        const soft = spec.datatype.startsWith('FP') ? value : Math.round(value);
        values[at] = full >= values[at] ? Math.max(values[at], soft) : full;
      }
    }
    show();
  }

  function draws(canvas, image) {
    canvas.classList.add('drawable');
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      dot(canvas, image, event);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (!event.buttons) return;
      const parts = event.getCoalescedEvents?.() ?? [];
      for (const part of parts.length ? parts : [event]) dot(canvas, image, part);
    });
    canvas.addEventListener('pointerup', () => told());
  }

  list.area.addEventListener('input', () => {
    try {
      const next = parse(list.area.value).flat(Infinity).map(Number);
      if (next.length === values.length) {
        values = next;
        show();
      }
    } catch {
      // Half typed; it is judged when it is sent.
    }
  });
  show();
  const details = el('details', {}, el('summary', { text: 'Values as JSON' }), list.node);
  return {
    ...list,
    place(index) {
      details.open = true;
      return list.place(index);
    },
    node: el('div', {}, el('div', { class: 'images' }, ...canvases),
      form.channels > 1 ? null : el('div', { class: 'bar' },
        el('label', { class: 'shape' }, 'Draw with ', ink),
        el('button', { type: 'button', class: 'quiet', text: 'Clear', 'aria-label': `Clear ${spec.name}`, onclick: () => {
          values.fill(least);
          told();
        } })),
      details),
  };
}

function editorOf(model, spec, id, example) {
  const shape = example?.shape ?? spec.shape.map((length) => (length < 0 ? 1 : length));
  const size = count(shape);
  const inRows = shape.length <= 2 && size >= 1 && size <= GRID && (shape.at(-1) ?? 1) <= COLUMNS;
  if (inRows) {
    return gridEditor(model, spec, id, shape, example?.data ?? Array(size).fill(zero(spec.datatype)));
  }
  if (size > LISTED && !example) return uniformEditor(spec, id, shape);
  const values = example?.data ?? Array(size).fill(zero(spec.datatype));
  const images = spec.datatype === 'BYTES' || spec.datatype === 'BOOL' ? null : asImages(shape);
  return images ? imageEditor(spec, id, shape, values, images) : jsonEditor(spec, id, shape, values);
}

/** Fills `box` with the fields of an example, or with zeros. */
export function buildForm(box, model, example) {
  const fields = model.inputs.map((spec, index) => {
    const given = example?.request.inputs.find((input) => input.name === spec.name);
    const editor = editorOf(model, spec, `in${index}`, given);
    const errors = el('div', { class: 'errors' });
    const node = el('fieldset', { id: `in${index}` },
      el('legend', {}, el('span', { text: spec.name }), ' ', el('span', { class: 'type', text: `${spec.datatype} · ${shapeText(spec.shape)}` })),
      editor.node, errors);
    return { spec, editor, errors, node };
  });
  box.replaceChildren(...fields.map((field) => field.node));

  const { inputs: _, id: __, ...more } = example?.request ?? {};
  const clear = () => {
    for (const field of fields) {
      field.errors.replaceChildren();
      field.node.querySelectorAll('[aria-invalid]').forEach((element) => {
        element.removeAttribute('aria-invalid');
        element.removeAttribute('aria-describedby');
      });
    }
  };
  const blame = (field, index, message) => {
    const element = field.editor.place(index);
    wrongAt(element, message, field.errors);
    element.focus();
  };
  return {
    /** The request as JSON text. */
    body() {
      const inputs = fields.map(({ spec, editor }) =>
        `{"name":${JSON.stringify(spec.name)},"datatype":"${spec.datatype}","shape":[${editor.shape().join(',')}],"data":${editor.data()}}`);
      const rest = Object.entries(more).map(([key, value]) => `,${JSON.stringify(key)}:${JSON.stringify(value)}`);
      return `{"inputs":[${inputs.join(',')}]${rest.join('')}}`;
    },
    /** What can be seen without asking: an empty field, JSON that is none. */
    isComplete() {
      clear();
      for (const field of fields) {
        const missing = field.editor.missing();
        if (missing) {
          blame(field, missing.index, missing.message);
          return false;
        }
      }
      return true;
    },
    /** Shows what the runner says at the field it names; false when it names none. */
    refused(message) {
      clear();
      const element = /^`inputs\[(\d+)\](?:\.(\w+))?(?:\[(\d+)\])?`\s*([^]*)$/.exec(message);
      const named = /^input `([^`]*)` ([^]*)$/.exec(message);
      const field = element ? fields[Number(element[1])] : named && fields.find(({ spec }) => spec.name === named[1]);
      if (!field) return false;
      const text = element ? element[4] : named[2];
      blame(field, Number(element?.[3] ?? 0), plain(text, element?.[3], field));
      return true;
    },
  };
}

/** `is abc, which is not a number (FP32)` is for programs; a person sees what stands in the field. */
function plain(text, index, field) {
  const value = /^is ([^]*), which is not ([^]*) \(\w+\)$/.exec(text);
  const cell = field.editor.place(Number(index ?? 0));
  const where = index === undefined ? field.spec.name
    : cell.matches('[data-cell]') ? cell.getAttribute('aria-label') : `${field.spec.name}, value ${Number(index) + 1}`;
  if (value) return `${where}: “${value[1]}” is not ${value[2]}.`;
  return `${where}: ${text.replaceAll('`', '')}.`;
}
