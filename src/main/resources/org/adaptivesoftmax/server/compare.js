import { isSpecial, largest, showAnswers, shownLabel } from './answers.js';
import { byId, element, options } from './dom.js';
import { askModel, models, told, versions } from './server.js';

const SIDES = ['left', 'right'];

export function offerVersions() {
  const all = Object.keys(models).flatMap((name) => versions(name)
    .map((version) => [JSON.stringify([name, version]), name + ', version ' + version]));
  const first = byId('compare-right').options.length === 0;
  SIDES.forEach((side) => options('compare-' + side, all));
  if (first && all.length > 1) byId('compare-right').selectedIndex = 1;
}

async function compare() {
  const text = byId('compare-text').value;
  const found = await told(() => Promise.all(SIDES.map((side) => {
    const [name, version] = JSON.parse(byId('compare-' + side).value);
    return askModel(name, version, 'try', text, {});
  })));
  if (!found) return;
  const [left, right] = found.map((side) => side.answers);
  const scale = largest(left, right);
  SIDES.forEach((side, i) => {
    const select = byId('compare-' + side);
    byId('compare-' + side + '-title').textContent = select.selectedOptions[0].textContent;
    const others = new Set(found[1 - i].answers.map((answer) => answer.label));
    showAnswers('compare-' + side + '-answers', found[i].answers, scale, {
      label: (answer) => labelled(answer, others.has(answer.label)),
    });
  });
  const labels = new Set(right.map((answer) => answer.label));
  const common = left.filter((answer) => labels.has(answer.label)).length;
  byId('compare-summary').textContent = common + ' of ' + Math.max(left.length, right.length)
    + ' answers are on both sides, and the first ' + (left[0]?.label === right[0]?.label ? 'is the same.' : 'differs.');
}

function labelled(answer, isCommon) {
  const label = element('span', shownLabel(answer.label), isSpecial(answer.label) ? 'special' : '');
  if (!isCommon) label.append(' ', element('span', 'only here', 'only'));
  return label;
}

export function prepare() {
  byId('compare-form').addEventListener('submit', (event) => {
    event.preventDefault();
    compare();
  });
}
