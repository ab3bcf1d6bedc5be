// Whatever comes from a model or a user is put into the page as text, never as markup.
const SVG = 'http://www.w3.org/2000/svg';

export const byId = (id) => document.getElementById(id);

export function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

export function svg(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

export function button(text, label, action) {
  const made = element('button', text);
  made.type = 'button';
  if (label) made.setAttribute('aria-label', label);
  made.addEventListener('click', action);
  return made;
}

/** Choices of a select, [value, text] each; what was chosen before stays so, and the same choices are left alone. */
export function options(id, values) {
  const select = byId(id);
  const before = select.value;
  const same = select.options.length === values.length
    && values.every(([value, text], i) => select.options[i].value === value && select.options[i].text === text);
  if (same) return;
  select.replaceChildren(...values.map(([value, text]) => {
    const option = element('option', text);
    option.value = value;
    return option;
  }));
  if (values.some(([value]) => value === before)) select.value = before;
}

/** A row of a table is a list of cells: numbers to the right, null empty. */
export function table(id, columns, rows) {
  const head = element('tr');
  head.append(...columns.map(([title, isNumber]) => {
    const cell = element('th', title, isNumber ? 'number' : '');
    cell.scope = 'col';
    return cell;
  }));
  byId(id).replaceChildren(head, ...rows.map((values) => {
    const row = element('tr');
    row.append(...values.map((value, i) => element('td', shown(value), columns[i][1] ? 'number' : '')));
    return row;
  }));
}

function shown(value) {
  if (typeof value !== 'number') return value ?? '';
  return Number.isInteger(value) ? String(value) : value.toPrecision(3);
}

export const percent = (share) => (100 * share).toFixed(share < 0.1 ? 2 : 1) + ' %';

/** A bar of 0 to 1, with an interval if there is one. The numbers stand beside it as text. */
export function bar(share, className, interval) {
  const picture = svg('svg', { class: 'track ' + className, 'aria-hidden': 'true', preserveAspectRatio: 'none', viewBox: '0 0 1 1' });
  picture.append(
    svg('rect', { class: 'room', width: 1, height: 1 }),
    svg('rect', { class: 'share', width: Math.max(0, Math.min(1, share)), height: 1 }));
  if (interval) picture.append(svg('line', { x1: interval[0], x2: interval[1], y1: 0.5, y2: 0.5 }));
  return picture;
}
