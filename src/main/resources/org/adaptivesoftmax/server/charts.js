import { element, svg } from './dom.js';

const HEIGHT = 100;
const ROOM = 0.94;

const short = (value) => (value === 0 || value >= 100 ? String(Math.round(value)) : value.toPrecision(2));

const last = (values) => values.findLast((value) => value !== null);

/**
 * Lines over time. Every line has a colour and a pattern of its own, and its last value stands as text below.
 *
 * @param of {title, unit, seconds, lines: [{name, values}]}; a value is null where nothing was measured
 */
export function chart({ title, unit, seconds, lines }) {
  const top = Math.max(1e-9, ...lines.flatMap((line) => line.values.filter((value) => value !== null)));
  const measured = lines.some((line) => last(line.values) !== undefined);
  const count = Math.max(2, ...lines.map((line) => line.values.length));
  const picture = svg('svg', {
    role: 'img',
    preserveAspectRatio: 'none',
    viewBox: '0 0 ' + (count - 1) + ' ' + HEIGHT,
    'aria-label': title + ', ' + unit + ': ' + (measured
      ? lines.map((line) => line.name + ' ' + shownLast(line.values)).join(', ')
      : 'nothing yet'),
  });
  lines.forEach((line, i) => stretches(line.values).forEach((points) => picture.append(svg('polyline', {
    class: style(i),
    points: points.map(([x, y]) => x + ',' + (HEIGHT - ROOM * HEIGHT * y / top)).join(' '),
  }))));
  const plot = element('div', undefined, 'plot');
  const span = element('span', undefined, 'span');
  span.append(element('span', ago(seconds)), element('span', 'now'));
  plot.append(element('span', measured ? short(top) : ''), picture, element('span', '0', 'least'), span);
  const figure = element('figure');
  figure.append(element('figcaption', title + ', ' + unit), plot, keys(lines));
  return figure;
}

const style = (i) => 'k' + i + ' s' + i;

const shownLast = (values) => (last(values) === undefined ? '–' : short(last(values)));

const ago = (seconds) => (seconds < 90 ? Math.round(seconds) + ' s ago' : Math.round(seconds / 60) + ' min ago');

/** Lines are broken where nothing was measured. */
function stretches(values) {
  const found = [[]];
  values.forEach((value, x) => {
    if (value === null) found.push([]);
    else found.at(-1).push([x, value]);
  });
  return found.filter((points) => points.length > 0)
    .map((points) => (points.length > 1 ? points : [points[0], [points[0][0] + 0.5, points[0][1]]]));
}

function keys(lines) {
  const list = element('ul', undefined, 'keys');
  list.append(...lines.map((line, i) => {
    const item = element('li');
    const sign = svg('svg', { viewBox: '0 0 24 8', 'aria-hidden': 'true' });
    sign.append(svg('line', { class: style(i), x1: 0, x2: 24, y1: 4, y2: 4 }));
    item.append(sign, element('span', line.name + ' ' + shownLast(line.values)));
    return item;
  }));
  return list;
}
