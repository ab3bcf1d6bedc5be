import { clusterClass, clusterName, tag } from './answers.js';
import { chart } from './charts.js';
import { bar, byId, element, options, percent, table } from './dom.js';
import { ask, models, told } from './server.js';

const EVERY_MS = 2000;
const SAMPLES = 150;
const DRIFT = 'adaptive.softmax.drift.';
const FIGURES = [
  ['js.divergence', 'Jensen–Shannon divergence, bits'],
  ['linf', 'Largest change of a word’s share'],
  ['unknown', 'Share of unknown words'],
  ['cost', 'Cost of a training step, by the planned one'],
];
const ADVICE = [
  'Keep the model: the live text is like that of its training.',
  'Re-bucket it: renew order, cutoffs and vocabulary from new counts (command rebucket).',
  'Train it anew: the live text is another one.',
];
const PERCENTILES = ['p50', 'p95', 'p99'];

let samples = [];
let shownVersions = '';

export function offerModels() {
  options('watch-model', Object.keys(models).map((name) => [name, name]));
}

const sum = (list, field) => list.reduce((total, one) => total + (one[field] ?? 0), 0);

/** What is said of the chosen model alone. */
function ofModel(seen) {
  const model = byId('watch-model').value;
  const mine = (list) => list.filter((one) => one.model === model);
  return {
    time: seen.time,
    model,
    requests: mine(seen.requests).filter((one) => one.method !== 'status' && one.method !== 'metadata'),
    answers: mine(seen.answers),
    batches: mine(seen.batches),
    rows: mine(seen.rows),
    cache: mine(seen.cache),
    drift: mine(seen.drift),
    versions: seen.versions[model] ?? {},
  };
}

async function watch() {
  const seen = await told(() => ask('/page/watch.json'));
  if (!seen) return;
  const now = ofModel(seen);
  if (samples.length > 0 && samples[0].model !== now.model) samples = [];
  samples.push(now);
  if (samples.length > SAMPLES) samples.shift();
  showCharts();
  showShares(now);
  showDrift(now.drift);
  showTables(now);
  showVersions(now);
}

/** Of each interval between two samples: how much a count has grown. */
function growth(count) {
  return samples.slice(1).map((now, i) => Math.max(0, count(now) - count(samples[i])));
}

function aSecond(count) {
  return growth(count).map((more, i) => more / Math.max(0.001, (samples[i + 1].time - samples[i].time) / 1000));
}

/** The ratio of two counts in each interval; null where nothing came. */
function ratio(part, whole) {
  const wholes = growth(whole);
  return growth(part).map((more, i) => (wholes[i] > 0 ? more / wholes[i] : null));
}

const best = (answer) => (now) =>
  now.answers.find((one) => one.signature === 'serving_default' && one.answer === answer);

function percentiles(meter) {
  return PERCENTILES.map((name) => ({
    name,
    values: samples.map((now) => (meter(now)?.count > 0 ? meter(now)[name] ?? null : null)),
  }));
}

function showCharts() {
  const seconds = (samples.at(-1).time - samples[0].time) / 1000;
  const done = (code) => (now) => sum(now.requests.filter((one) => (one.code === 'OK') === code), 'count');
  const looked = (result) => (now) => sum(now.cache.filter((one) => !result || one.result === result), 'count');
  const batch = (now) => now.batches[0];
  const hits = ratio(looked('hit'), looked()).map((share) => (share === null ? null : 100 * share));
  byId('watch-charts').replaceChildren(...[
    { title: 'Requests', unit: 'a second', lines: [
      { name: 'answered', values: aSecond(done(true)) },
      { name: 'refused', values: aSecond(done(false)) }] },
    { title: 'Head answers', unit: 'ms', lines: percentiles(best('head')) },
    { title: 'Tail answers', unit: 'ms', lines: percentiles(best('tail')) },
    { title: 'Batch size', unit: 'rows', lines: [
      { name: 'mean', values: ratio((now) => batch(now)?.total ?? 0, (now) => batch(now)?.count ?? 0) },
      ...percentiles(batch).slice(1)] },
    { title: 'Cache hits', unit: '%', lines: [{ name: 'hits', values: hits }] },
  ].map((of) => chart({ seconds, ...of })));
}

function showShares(now) {
  const trained = Object.values(now.versions).at(-1)?.training_shares ?? [];
  const counted = sum(now.rows, 'count');
  const rowsOf = (name) => sum(now.rows.filter((one) => one.cluster === name), 'count');
  const live = (name) => ['value', 'low', 'high'].map((bound) => now.drift.find((one) =>
    one.name === DRIFT + 'share' && one.cluster === name && one.text === 'now' && one.bound === bound)?.value ?? null);
  const names = new Set([...trained.map((_, cluster) => clusterName(cluster)), ...now.rows.map((one) => one.cluster)]);
  const place = (name) => (name === 'head' ? 0 : Number(name.replace('tail ', '')));
  const clusters = [...names].map(place).sort((a, b) => a - b);
  byId('watch-clusters').replaceChildren(...(clusters.length === 0
    ? [element('p', 'This model does not tell its clusters, or nothing was asked yet.', 'quiet')]
    : clusters.map((cluster) => {
      const name = clusterName(cluster);
      const [value, low, high] = live(name);
      return shares(cluster, [
        ['Training text', trained[cluster] ?? null],
        ['Live text', value, value === null ? undefined : [low, high]],
        ['Best answers', counted > 0 ? rowsOf(name) / counted : null],
      ]);
    })));
}

function shares(cluster, rows) {
  const list = element('div', undefined, 'shares');
  list.append(tag(cluster));
  for (const [name, share, interval] of rows) {
    list.append(
      element('span', name),
      bar(share ?? 0, clusterClass(cluster), interval),
      element('span', share === null ? '–' : percent(share) + (interval ? ' (' + interval.map((end) => (100 * end).toFixed(1)).join(' to ') + ')' : '')));
  }
  return list;
}

function showDrift(drift) {
  const value = (name, bound) => drift.find((one) => one.name === DRIFT + name && (bound === undefined || one.bound === bound))?.value ?? null;
  const advice = value('advice');
  byId('watch-advice').textContent = advice === null
    ? 'No figures yet: they need a language model with its counts, and live text.'
    : ADVICE[advice];
  table('watch-drift', [['Figure'], ['Value', true], ['At least', true], ['At most', true]],
    FIGURES.map(([name, title]) => [title, value(name, 'value'), value(name, 'low'), value(name, 'high')]));
}

function showTables(now) {
  const numbers = ['count', ...PERCENTILES].map((name) => [name === 'count' ? 'Count' : name + ', ms', true]);
  table('watch-requests', [['API'], ['Method'], ['Code'], ...numbers],
    now.requests.map((one) => [one.api, one.method, one.code, one.count, one.p50, one.p95, one.p99]));
  table('watch-meters', [['Meter'], ['Of'], ['Count', true], ['p50', true], ['p95', true], ['p99', true]], [
    ...now.answers.map((one) => ['answers, ms', one.signature + ', ' + one.answer, one.count, one.p50, one.p95, one.p99]),
    ...now.batches.map((one) => ['rows of a batch', '', one.count, one.p50, one.p95, one.p99]),
    ...now.rows.map((one) => ['best answers', one.cluster, one.count]),
    ...now.cache.map((one) => ['cache', one.result, one.count])].map((row) => [...row, null, null, null].slice(0, 6)));
}

/** Only when something has changed: who reads one is not to lose it. */
function showVersions(now) {
  const text = JSON.stringify([now.model, models[now.model], now.versions]);
  if (text === shownVersions) return;
  shownVersions = text;
  const states = models[now.model]?.versions ?? [];
  const labels = Object.entries(models[now.model]?.labels ?? {});
  const numbers = [...new Set([...states.map((one) => one.version), ...Object.keys(now.versions)])];
  byId('watch-versions').replaceChildren(...numbers.map((number) => version(
    number,
    states.find((one) => one.version === number),
    labels.filter(([, of]) => String(of) === number).map(([label]) => label),
    now.versions[number])));
}

function version(number, state, labels, facts) {
  const made = element('div', undefined, 'version');
  const line = element('p', undefined, 'line');
  line.append(element('strong', 'Version ' + number), element('span', (state?.state ?? 'AVAILABLE').toLowerCase(), 'quiet'));
  if (labels.length > 0) line.append(element('span', 'labels: ' + labels.join(', '), 'quiet'));
  if (state?.message) line.append(element('span', state.message));
  made.append(line);
  if (!facts) return made;
  made.append(element('p', lineage(facts.ancestors), 'quiet'));
  const details = element('details');
  const list = element('dl');
  for (const [key, value] of Object.entries(facts.provenance)) list.append(element('dt', key), element('dd', value));
  details.append(element('summary', 'Provenance of version ' + number), list);
  made.append(details);
  return made;
}

function lineage(ancestors) {
  return ancestors.length === 0
    ? 'Trained anew.'
    : 'Made from ' + ancestors.map((one) => one.model + ', version ' + one.version
      + (one.weights_sha256 ? ' (' + one.weights_sha256.slice(0, 8) + ')' : '')).join(', from ') + '.';
}

export function prepare(refreshModels) {
  const isShown = () => !byId('watch').hidden && !document.hidden;
  byId('watch-model').addEventListener('change', watch);
  // The next question waits for the answer to the last.
  const poll = async () => {
    if (isShown()) {
      await refreshModels();
      await watch();
    }
    setTimeout(poll, EVERY_MS);
  };
  setTimeout(poll, EVERY_MS);
  return watch;
}
