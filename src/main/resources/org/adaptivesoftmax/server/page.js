'use strict';

// Whatever comes from a model or a user is put into the page as text, never as markup.
const SVG = 'http://www.w3.org/2000/svg';
const VIEWS = ['try', 'watch', 'compare'];
const EVERY_MS = 2000;
const SAMPLES = 120;

const byId = (id) => document.getElementById(id);
const samples = [];
let models = {};

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function svg(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

async function ask(path, body) {
  const headers = {};
  const token = sessionStorage.getItem('token');
  if (token) headers.Authorization = 'Bearer ' + token;
  const options = body === undefined
    ? { headers }
    : { method: 'POST', headers, body: JSON.stringify(body) };
  const response = await fetch(path, options);
  byId('token-form').hidden = response.status !== 401;
  // The server writes NaN by name, which JSON does not have.
  const text = (await response.text()).replace(/([\[:,]\s*)(-?Infinity|NaN)(?=\s*[,\]}])/g, '$1null');
  const answer = JSON.parse(text);
  if (!response.ok) throw new Error(answer.error || response.statusText);
  return answer;
}

async function told(work) {
  try {
    byId('message').textContent = '';
    return await work();
  } catch (failure) {
    byId('message').textContent = failure.message;
    return undefined;
  }
}

// Which signature answers, and what it takes.
function kind(name, version) {
  const signature = ((models[name] || {}).signatures || {})[version]?.serving_default;
  if (!signature) return undefined;
  const input = Object.keys(signature.inputs)[0];
  return {
    input,
    vectors: signature.inputs[input] !== 'DT_STRING',
    labels: 'words' in signature.outputs ? 'words' : 'classes',
    goesOn: 'words' in signature.outputs,
  };
}

function newest(name) {
  return Object.keys(models[name].signatures).map(Number).sort((a, b) => b - a)[0];
}

async function answers(name, version, text) {
  const of = kind(name, version);
  if (!of) throw new Error(name + ' has no signature serving_default');
  const row = of.vectors ? JSON.parse(text.trim().startsWith('[') ? text : '[' + text + ']') : text;
  const start = performance.now();
  const answer = await ask(
    '/v1/models/' + encodeURIComponent(name) + '/versions/' + version + ':predict',
    { inputs: { [of.input]: [row] } });
  const millis = performance.now() - start;
  const labels = answer.outputs[of.labels][0];
  const logProbs = answer.outputs.log_probs[0];
  return { of, millis, rows: labels.map((label, i) => ({ label: String(label), logProb: logProbs[i] })) };
}

function bars(list, found, chosen) {
  list.replaceChildren(...found.rows.map(({ label, logProb }) => {
    const item = element('li');
    const picture = svg('svg', { 'aria-hidden': 'true', preserveAspectRatio: 'none', viewBox: '0 0 1 1' });
    picture.append(svg('rect', { width: logProb === null ? 0 : Math.exp(logProb), height: 1 }));
    const name = element(chosen ? 'button' : 'span', label, 'label');
    if (chosen) {
      name.type = 'button';
      name.addEventListener('click', () => chosen(label));
    }
    const number = logProb === null
      ? 'no answer'
      : (100 * Math.exp(logProb)).toFixed(2) + ' % (log ' + logProb.toFixed(4) + ')';
    item.append(picture, name, element('span', number, 'number'));
    return item;
  }));
}

async function tryText() {
  const name = byId('try-model').value;
  const found = await told(() => answers(name, newest(name), byId('try-text').value));
  if (!found) return;
  byId('try-time').textContent = 'Version ' + newest(name) + ' answered in ' + found.millis.toFixed(1) + ' ms.';
  bars(byId('try-answers'), found, found.of.goesOn ? goOn : undefined);
}

function goOn(word) {
  const text = byId('try-text');
  text.value = (text.value.trimEnd() + ' ' + word).trimStart();
  tryText().then(() => byId('try-answers').querySelector('button')?.focus());
}

function nameInput() {
  const of = kind(byId('try-model').value, newest(byId('try-model').value));
  byId('try-text-label').textContent = of?.vectors ? 'Vector, numbers with commas' : 'Text';
}

async function compare() {
  for (const side of ['left', 'right']) {
    const [name, version] = JSON.parse(byId('compare-' + side).value);
    const found = await told(() => answers(name, version, byId('compare-text').value));
    if (found) bars(byId('compare-' + side + '-answers'), found);
  }
}

function table(id, columns, rows) {
  const head = element('tr');
  head.append(...columns.map((column) => {
    const cell = element('th', column);
    cell.scope = 'col';
    return cell;
  }));
  byId(id).replaceChildren(head, ...rows.map((values) => {
    const row = element('tr');
    row.append(...values.map((value) =>
      typeof value === 'number'
        ? element('td', Number.isInteger(value) ? String(value) : value.toPrecision(4), 'number')
        : element('td', value ?? '')));
    return row;
  }));
}

function chart(title, values, unit) {
  const figure = element('figure');
  const top = Math.max(...values, 1e-9);
  const points = values.map((value, i) => i + ',' + (100 - 95 * value / top)).join(' ');
  const picture = svg('svg', {
    role: 'img', preserveAspectRatio: 'none',
    viewBox: '0 0 ' + Math.max(1, values.length - 1) + ' 100',
    'aria-label': title + ', now ' + (values.at(-1) ?? 0).toPrecision(3) + ' ' + unit,
  });
  picture.append(svg('polyline', { points }));
  figure.append(picture, element('figcaption',
    title + ': ' + (values.at(-1) ?? 0).toPrecision(3) + ' ' + unit + ', at most ' + top.toPrecision(3)));
  return figure;
}

function rate(field) {
  return samples.slice(1).map((now, i) => {
    const seconds = (now.time - samples[i].time) / 1000;
    return Math.max(0, (now[field] - samples[i][field]) / seconds);
  });
}

async function watch() {
  const seen = await told(() => ask('/page/watch.json'));
  if (!seen) return;
  const predicted = seen.requests.filter((one) => one.method !== 'status' && one.method !== 'metadata');
  const sum = (list, field) => list.reduce((total, one) => total + (one[field] || 0), 0);
  samples.push({
    time: seen.time,
    requests: sum(predicted, 'count'),
    failures: sum(predicted.filter((one) => one.code !== 'OK'), 'count'),
    p95: Math.max(0, ...predicted.filter((one) => one.code === 'OK').map((one) => one.p95 || 0)),
  });
  if (samples.length > SAMPLES) samples.shift();
  byId('watch-charts').replaceChildren(
    chart('Requests', rate('requests'), 'a second'),
    chart('Refused', rate('failures'), 'a second'),
    chart('Time of 95 in 100', samples.map((one) => one.p95), 'ms'));
  table('watch-requests', ['model', 'api', 'method', 'code', 'count', 'p50 ms', 'p95 ms', 'p99 ms'],
    seen.requests.map((one) =>
      [one.model, one.api, one.method, one.code, one.count, one.p50, one.p95, one.p99]));
  table('watch-batches', ['model', 'batches', 'rows', 'p50', 'p95', 'p99'],
    seen.batches.map((one) => [one.model, one.count, one.total, one.p50, one.p95, one.p99]));
  table('watch-rows', ['model', 'cluster', 'rows'],
    seen.rows.map((one) => [one.model, one.cluster, one.count]));
  table('watch-drift', ['model', 'figure', 'cluster', 'text', 'bound', 'value'],
    seen.drift.filter((one) => one.value !== null)
      .map((one) => [one.model, one.name.replace('adaptive.softmax.drift.', ''), one.cluster, one.text,
        one.bound, one.value])
      .sort((a, b) => String(a).localeCompare(String(b))));
  versions(seen.lineage);
}

function versions(lineage) {
  byId('watch-versions').replaceChildren(...Object.entries(lineage).flatMap(([name, of]) =>
    Object.entries(of).map(([version, facts]) => {
      const details = element('details');
      const open = byId('lineage-' + name + '-' + version);
      details.id = 'lineage-' + name + '-' + version;
      details.open = open ? open.open : false;
      const list = element('dl');
      for (const [key, value] of Object.entries(facts)) list.append(element('dt', key), element('dd', value));
      details.append(element('summary', name + ', version ' + version), list);
      return details;
    })));
}

function show() {
  const view = VIEWS.includes(location.hash.slice(1)) ? location.hash.slice(1) : 'try';
  for (const one of VIEWS) {
    byId(one).hidden = one !== view;
    const link = document.querySelector('nav a[href="#' + one + '"]');
    if (one === view) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  if (view === 'watch') watch();
}

function options(id, values) {
  const select = byId(id);
  const before = select.value;
  select.replaceChildren(...values.map(([value, text]) => {
    const option = element('option', text);
    option.value = value;
    return option;
  }));
  if (values.some(([value]) => value === before)) select.value = before;
}

async function start() {
  const found = await told(() => ask('/page/models.json'));
  if (!found) return;
  models = found;
  const names = Object.keys(models);
  options('try-model', names.map((name) => [name, name]));
  const all = names.flatMap((name) => Object.keys(models[name].signatures)
    .map((version) => [JSON.stringify([name, version]), name + ', version ' + version]));
  options('compare-left', all);
  options('compare-right', all);
  nameInput();
  show();
}

byId('token-form').addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem('token', byId('token').value);
  start();
});
byId('try-form').addEventListener('submit', (event) => { event.preventDefault(); tryText(); });
byId('try-model').addEventListener('change', nameInput);
byId('compare-form').addEventListener('submit', (event) => { event.preventDefault(); compare(); });
window.addEventListener('hashchange', show);
setInterval(() => { if (!byId('watch').hidden && !document.hidden) watch(); }, EVERY_MS);
start();
