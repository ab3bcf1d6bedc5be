import { clusterClass, clusterName, isSpecial, largest, plainLabel, showAnswers, shownLabel, tag } from './answers.js';
import { bar, button, byId, element, options, percent } from './dom.js';
import { askModel, kind, models, told, versions } from './server.js';

/** By label: what is added to its logit, null for a ban. */
const biases = new Map();
let lastAsked = 0;
let continued = '';

const model = () => byId('try-model').value;
const version = () => byId('try-version').value;
const bias = () => [...biases].map(([label, value]) => ({ label, value }));

/** What was chosen stays so. */
export function offerModels() {
  options('try-model', Object.keys(models).map((name) => [name, name]));
  options('try-version', versions(model()).map((number, i) => [number, number + (i === 0 ? ' (newest)' : '')]));
  fitToKind();
}

function chooseModel() {
  byId('try-version').replaceChildren();
  biases.clear();
  offerModels();
}

function fitToKind() {
  const of = kind(model(), version());
  byId('try-text-label').textContent = of.vectors ? 'Vector of ' + of.width + ' numbers' : 'Text';
  byId('try-random').hidden = !of.vectors;
  byId('bias').hidden = !of.whole;
  byId('sample-form').hidden = !(of.words && of.whole);
  byId('try-answers-title').textContent = of.words ? 'Next word' : 'Classes';
  byId('bias').querySelector('label').textContent = of.words ? 'Word' : 'Class';
  showBiases();
}

async function answer() {
  const asked = ++lastAsked;
  const start = performance.now();
  const found = await told(() => askModel(model(), version(), 'try', byId('try-text').value, { bias: bias() }));
  if (!found || asked !== lastAsked) return;
  showResult(found, performance.now() - start);
}

function showResult(found, millis) {
  const of = kind(model(), version());
  const best = found.answers[0];
  byId('try-summary').textContent = best && best.log_prob !== null
    ? found.answers.length + ' best of version ' + found.version + ': first “' + shownLabel(best.label) + '”, ' + percent(Math.exp(best.log_prob)) + '.'
    : 'This input has no answer.';
  byId('try-hint').hidden = !of.words;
  showAnswers('try-answers', found.answers, largest(found.answers), {
    label: (one) => (of.words && !isSpecial(one.label) ? wordButton(one.label) : plainLabel(one)),
    actions: of.whole ? biasButtons : undefined,
  });
  showClusters(found.clusters ?? [], found.answers.length);
  showTimes(found, millis);
}

function wordButton(word) {
  return button(word, 'Go on with ' + word, async () => {
    const text = byId('try-text');
    text.value = (text.value.trimEnd() + ' ' + word).trimStart();
    await answer();
    byId('try-answers').querySelector('button')?.focus();
  });
}

function biasButtons({ label }) {
  return [
    button('Favour', 'Favour ' + shownLabel(label), () => setBias(label, (biases.get(label) ?? 0) + 1)),
    button('Ban', 'Ban ' + shownLabel(label), () => setBias(label, null)),
  ];
}

function setBias(label, value) {
  biases.set(label, value);
  showBiases();
  answer();
}

function showBiases() {
  byId('bias-clear').hidden = biases.size === 0;
  byId('bias-list').replaceChildren(...[...biases].map(([label, value]) => {
    const item = element('li');
    const text = shownLabel(label) + (value === null ? ': banned' : ': ' + (value > 0 ? '+' : '') + String(value).replace('-', '−'));
    item.append(button(text + ' ✕', 'Remove the bias of ' + text, () => {
      biases.delete(label);
      showBiases();
      byId('bias-label').focus();
      answer();
    }));
    return item;
  }));
}

function addBias(value) {
  const input = byId('bias-label');
  const label = input.value.trim();
  if (label === '' || Number.isNaN(value)) {
    input.focus();
    return;
  }
  input.value = '';
  setBias(label, value);
}

/** What the exact search for the k best had to look at. */
function showClusters(clusters, k) {
  byId('try-look').hidden = clusters.length === 0;
  byId('try-clusters').replaceChildren(...clusters.map((one, cluster) => {
    const item = element('li');
    const size = one.to - one.from;
    item.append(
      tag(cluster),
      bar(one.probability, clusterClass(cluster)),
      element('span', percent(one.probability), 'number'),
      element('span', (one.scored ? 'scored' : 'skipped') + ', ' + size.toLocaleString('en') + ' classes', one.scored ? 'state' : 'state skipped'));
    return item;
  }));
  const skipped = clusters.flatMap((one, cluster) => (one.scored ? [] : [clusterName(cluster)]));
  byId('try-bound').textContent = clusters.length === 1
    ? 'All classes are in the head.'
    : 'No class is more probable than its whole cluster: a cluster below the last of the ' + k + ' best cannot hold one of them, and is skipped without making the answer inexact. '
      + (skipped.length ? 'Here that spared ' + skipped.join(' and ') + '.' : 'Here all clusters had to be scored.');
}

function showTimes(found, millis) {
  const times = [
    ['In the graph', found.graph_ms],
    ['In the server, graph included', found.server_ms],
    ['For the look inside', found.look_ms],
    ['Until the browser had it', millis]];
  byId('try-times').replaceChildren(...times.map(([name, time]) => {
    const pair = element('div');
    pair.append(element('dt', name), element('dd', time.toFixed(2) + ' ms'));
    return pair;
  }));
}

async function draw() {
  const number = (id) => (byId(id).value === '' ? undefined : Number(byId(id).value));
  const text = byId('try-text').value;
  const found = await told(() => askModel(model(), version(), 'sample', text, {
    bias: bias(),
    temperature: number('sample-temperature'),
    top_k: number('sample-top-k'),
    top_p: number('sample-top-p'),
    words: number('sample-words'),
    seed: number('sample-seed'),
  }));
  if (!found) return;
  continued = [text.trimEnd(), ...found.words.map((word) => word.label)].join(' ').trimStart();
  byId('sample-text').replaceChildren(
    element('span', text.trimEnd() + ' ', 'given'),
    ...found.words.flatMap((word) => [element('span', word.label, 'word ' + clusterClass(word.cluster)), ' ']),
    element('span', found.ended ? '(end of the text)' : '…', 'quiet'));
  byId('sample-use').hidden = false;
  // The same settings draw the same words: the next draw shall be another.
  byId('sample-seed').value = (number('sample-seed') ?? 0) + 1;
}

function randomVector() {
  const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  const vector = Array.from({ length: kind(model(), version()).width }, () => normal().toFixed(3));
  byId('try-text').value = vector.join(', ');
}

export function prepare() {
  const submit = (id, action) => byId(id).addEventListener('submit', (event) => {
    event.preventDefault();
    action();
  });
  submit('try-form', answer);
  submit('sample-form', draw);
  byId('try-model').addEventListener('change', chooseModel);
  byId('try-version').addEventListener('change', fitToKind);
  byId('try-random').addEventListener('click', randomVector);
  byId('bias-add').addEventListener('click', () => addBias(byId('bias-value').valueAsNumber));
  byId('bias-ban').addEventListener('click', () => addBias(null));
  byId('bias-label').addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    addBias(byId('bias-value').valueAsNumber);
  });
  byId('bias-clear').addEventListener('click', () => {
    biases.clear();
    showBiases();
    byId('bias-label').focus();
    answer();
  });
  byId('sample-use').addEventListener('click', () => {
    byId('try-text').value = continued;
    answer();
  });
}
