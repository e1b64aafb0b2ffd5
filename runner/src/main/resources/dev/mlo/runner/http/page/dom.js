// Elements, numbers and words. All text goes in as text: nothing here reads HTML.

export const byId = (id) => document.getElementById(id);

const SVG = 'http://www.w3.org/2000/svg';

function fill(element, properties, children) {
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (key === 'text') element.textContent = value;
    else if (key === 'value') element.value = value;
    else element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const el = (tag, properties = {}, ...children) =>
  fill(document.createElement(tag), properties, children);

export const drawn = (tag, properties = {}, ...children) =>
  fill(document.createElementNS(SVG, tag), properties, children);

/** Integers that a double cannot hold stay as they were written. */
export const parse = (text) =>
  JSON.parse(text, (key, value, context) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
      ? context.source
      : value);

export const count = (shape) => shape.reduce((product, length) => product * length, 1);

export const shapeText = (shape) =>
  shape.length ? shape.map((length) => (length < 0 ? 'any' : length)).join(' × ') : 'one value';

/** A number as a person reads it: six digits tell more than seventeen. */
export function number(value) {
  if (value === null) return 'NaN';
  if (typeof value !== 'number' || Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return size >= 1e-4 && size < 1e6 ? String(+value.toPrecision(6)) : value.toExponential(4);
}

export const millis = (value) =>
  value === null || value === undefined ? '–'
    : value < 10 ? `${value.toFixed(1)} ms`
      : value < 1000 ? `${Math.round(value)} ms`
        : `${(value / 1000).toFixed(1)} s`;

export function bytes(value) {
  let unit = 0;
  while (value >= 1000 && unit < 4) {
    value /= 1000;
    unit++;
  }
  return `${unit && value < 100 ? value.toFixed(1) : Math.round(value)} ${['B', 'kB', 'MB', 'GB', 'TB'][unit]}`;
}

export const brief = (digest) => digest.replace(/^sha256:/, '').slice(0, 12);

/** Browsers give pages on plain HTTP no clipboard; a selection can be copied everywhere. */
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = el('textarea', { value: text, class: 'unseen', readonly: true });
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  if (!done) throw new Error('no clipboard');
}

export function copyButton(text, what) {
  const button = el('button', { type: 'button', class: 'quiet copy', 'aria-label': `Copy ${what}`, text: 'Copy' });
  button.addEventListener('click', async () => {
    try {
      await copy(typeof text === 'function' ? text() : text);
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Not allowed';
    }
    button.addEventListener('blur', () => { button.textContent = 'Copy'; }, { once: true });
  });
  return button;
}

export const digest = (value, what) =>
  el('span', { class: 'digest' }, el('code', { text: brief(value), title: value }), copyButton(value, what));

/** Shades of grey between the smallest and the largest value. */
export function paint(canvas, values, { height, width, channels, planar }, least, most) {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  const image = context.createImageData(width, height);
  const scale = most > least ? 255 / (most - least) : 0;
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) {
      const at = channels === 1 ? i : planar ? c * width * height + i : i * channels + c;
      image.data[i * 4 + c] = (Number(values[at]) - least) * scale;
    }
    image.data[i * 4 + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/** How a tensor of this shape is seen as images, or null. */
export function asImages(shape) {
  const fits = (length) => length >= 4 && length <= 512;
  let rest = shape.slice();
  let images = 1;
  if (rest.length >= 3 && !(rest.length === 3 && rest[2] <= 4)) images = rest.shift();
  while (rest.length > 2 && rest[0] === 1) rest.shift();
  while (rest.length > 2 && rest.at(-1) === 1) rest.pop();
  if (images < 1 || images > 16) return null;
  if (rest.length === 2 && fits(rest[0]) && fits(rest[1]) && (shape.length > 2 || rest[0] * rest[1] > 128)) {
    return { images, height: rest[0], width: rest[1], channels: 1, planar: true };
  }
  if (rest.length !== 3) return null;
  if (rest[0] === 3 && fits(rest[1]) && fits(rest[2])) {
    return { images, height: rest[1], width: rest[2], channels: 3, planar: true };
  }
  return rest[2] === 3 && fits(rest[0]) && fits(rest[1])
    ? { images, height: rest[0], width: rest[1], channels: 3, planar: false }
    : null;
}
